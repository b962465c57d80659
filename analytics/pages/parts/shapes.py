"""Frames of the metrics in the form charts and tables want: small counts blanked, gaps shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from analytics.charts import OUTCOMES
from analytics.findings import Difference, Group, difference, mean_difference
from analytics.look import FEW_N, SMALL_N
from analytics.metrics.definitions import SHARES

MOST_ROWS = 12
"""Rows a chart of queues shows; the table has them all."""
_WORDS = {
    "timed_out": "Timed out",
    "abandoned": "Abandoned",
    "no_agents": "No agents",
    "failed": "Failed or rejected",
    "rejected": "Failed or rejected",
    "unknown": "Unknown",
}


def losses(queues: pd.DataFrame) -> pd.DataFrame:
    """Rows of `charts.queue_losses`, most lost first; few offers give no rate and stand last.

    `queues` has `queue, offered, reached, reached_low, reached_high`.
    """
    offered = queues[queues["offered"] > 0]
    frame = pd.DataFrame(
        {
            "queue": offered["queue"].astype(object),
            "offered": offered["offered"].astype("int64"),
            "lost": 1 - _plain(offered["reached"]),
            "lost_low": 1 - _plain(offered["reached_high"]),
            "lost_high": 1 - _plain(offered["reached_low"]),
        }
    )
    frame = _without_few(frame, "offered", ["lost", "lost_low", "lost_high"])
    return frame.sort_values("lost", ascending=False, na_position="last", ignore_index=True)


def known(queues: pd.DataFrame) -> pd.DataFrame:
    """The table of queues without any rate or time of fewer than 20."""
    shown = queues.copy()
    for count, names in {
        "offered": ("reached", "step_timeout"),
        "attempts": ("success",),
        "measured": ("completeness",),
        "waits": ("wait_p",),
    }.items():
        columns = [str(name) for name in shown.columns if str(name).startswith(names)]
        rates = [name for name in columns if shown[name].dtype == "Float64"]
        shown.loc[shown[count] < FEW_N, rates] = pd.NA
    return shown


def most_lost(frame: pd.DataFrame) -> pd.DataFrame:
    """Of `losses`, the rows that fit a chart: those that lose most customers, in their order."""
    number = (frame["lost"] * frame["offered"]).rank(ascending=False, method="first")
    kept = (number <= MOST_ROWS) | (len(frame) <= MOST_ROWS)
    return frame[kept].reset_index(drop=True)


def most_lacking(frame: pd.DataFrame) -> pd.DataFrame:
    """Of `fields`, the rows that fit a chart: those that lack most often, in their order."""
    number = ((1 - frame["share"]) * frame["required"]).rank(ascending=False, method="first")
    kept = (number <= MOST_ROWS) | (len(frame) <= MOST_ROWS)
    return frame[kept].reset_index(drop=True)


def waits(queues: pd.DataFrame, order: Iterable[str]) -> pd.DataFrame:
    """Rows of `charts.waits` in the order of `order`; queues where nothing ended are left out."""
    ended = queues[queues["attempts"] > 0].set_index("queue")
    ended = ended.loc[[queue for queue in order if queue in ended.index]].reset_index()
    frame = pd.DataFrame(
        {
            "queue": ended["queue"].astype(object),
            "attempts": ended["attempts"].astype("int64"),
            "wait_p50_s": _plain(ended["wait_p50_s"]),
            "wait_p95_s": _plain(ended["wait_p95_s"]),
        }
    )
    return _without_few(frame, "attempts", ["wait_p50_s", "wait_p95_s"])


def step_trend(steps: pd.DataFrame, attempts: pd.DataFrame, unit: str) -> pd.DataFrame:
    """A trend for `course` whose shares are those of steps; waits and context are of attempts."""
    names = {
        "offered": "attempts",
        "reached": "success_rate",
        "reached_low": "success_low",
        "reached_high": "success_high",
        "step_timeout_rate": "timeout_rate",
    }
    ended = attempts[[unit, "complete_share", "wait_mean_s"]]
    return steps[[unit, *names]].rename(columns=names).merge(ended, on=unit, how="left")


def course(trend: pd.DataFrame, unit: str, first: datetime, last: datetime) -> pd.DataFrame:
    """Rows of `charts.reached_trend`: one per `unit` from `first` to `last`, gaps without a rate.

    Also carries `timeout_rate`, `complete_share` and `wait_mean_s` for the tiles.
    """
    freq = "D" if unit == "day" else "h"
    moments = pd.date_range(pd.Timestamp(first).floor(freq), last, freq=freq)
    found = trend.set_index(unit).reindex(moments)
    frame = pd.DataFrame(
        {
            "moment": moments,
            "attempts": found["attempts"].fillna(0).to_numpy("int64"),
            "reached": _plain(found["success_rate"]),
            "reached_low": _plain(found["success_low"]),
            "reached_high": _plain(found["success_high"]),
            **{name: _plain(found[name]) for name in ("timeout_rate", "complete_share")},
            "wait_mean_s": _plain(found["wait_mean_s"]),
        }
    ).reset_index(drop=True)
    return _without_few(frame, "attempts", list(frame.columns[2:]))


def lost(trend: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Rows of `charts.lost_by_outcome`."""
    rows = trend[[unit, *_WORDS]].rename(columns=_WORDS | {unit: "moment"})
    long = rows.melt("moment", var_name="outcome", value_name="attempts")
    counted = long.groupby(["moment", "outcome"], as_index=False)["attempts"].sum()
    counted = counted[counted["attempts"] > 0].astype({"attempts": "int64", "outcome": object})
    place = counted["outcome"].map(OUTCOMES.index)
    ordered = counted.assign(place=place).sort_values(["moment", "place"])
    return pd.DataFrame(ordered[["moment", "outcome", "attempts"]]).reset_index(drop=True)


def fields(found: pd.DataFrame) -> pd.DataFrame:
    """Rows of `charts.missing_fields`, worst first; fields few attempts required are left out."""
    known = found[found["required"] >= FEW_N]
    return pd.DataFrame(
        {
            "field": known["field"].astype(object),
            "required": known["required"].astype("int64"),
            "share": _plain(known["present_share"]),
            "share_low": _plain(known["present_low"]),
            "share_high": _plain(known["present_high"]),
        }
    ).sort_values("share", ignore_index=True)


def queue_hours(steps: pd.DataFrame) -> pd.DataFrame:
    """Offers per queue and hour that did not reach an agent there, as `findings` wants them."""
    return _counts(steps, "queue_id", "queue", "offered")


def intent_hours(attempts: pd.DataFrame) -> pd.DataFrame:
    """Attempts per intent and hour that reached no agent, as `findings` wants them."""
    return _counts(attempts, "intent", "intent", "attempts")


def timeouts(queues: pd.DataFrame) -> list[Group]:
    """Offers of each queue, of which `lost` ran out of time."""
    known = queues.dropna(subset=["queue_id"])
    columns = [known[name].tolist() for name in ("queue_id", "queue", "offered", "step_timeout")]
    return [
        Group(str(queue_id), str(queue), int(offered), int(timed_out))
        for queue_id, queue, offered, timed_out in zip(*columns, strict=True)
    ]


def share_change(now: pd.Series, before: pd.Series | None, name: str) -> Difference | None:
    """Change of one of the shares of `definitions.SHARES` since the period before."""
    successes, trials = SHARES[name]
    if before is None or min(int(now[trials]), int(before[trials])) < SMALL_N:
        return None
    return difference(*(int(row[part]) for row in (now, before) for part in (successes, trials)))


def wait_change(now: pd.Series, before: pd.Series | None) -> Difference | None:
    """Change of the mean wait since the period before, in seconds."""
    if before is None or min(int(now["waits"]), int(before["waits"])) < SMALL_N:
        return None
    parts = ("wait_mean_s", "wait_deviation_s", "waits")
    return mean_difference(*(float(row[part]) for row in (now, before) for part in parts))


def _counts(frame: pd.DataFrame, key: str, label: str, count: str) -> pd.DataFrame:
    known = frame.dropna(subset=[key])
    return pd.DataFrame(
        {
            "key": known[key].astype(object),
            "label": known[label].astype(object),
            "moment": known["hour"],
            "tried": known[count].astype("int64"),
            "lost": (known[count] - known["accepted"]).astype("int64"),
        }
    )


def _without_few(frame: pd.DataFrame, count: str, rates: list[str]) -> pd.DataFrame:
    frame.loc[frame[count] < FEW_N, rates] = float("nan")
    return frame


def _plain(column: pd.Series) -> pd.Series:
    """With NaN for what is missing: charts know no other."""
    return pd.Series(column.to_numpy("float64", na_value=float("nan")), index=column.index)
