"""Charts with one row per queue or field, and a column of counts at the right."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from analytics import words
from analytics.look import SMALL_N, Chart, Palette

ROW, WAIT_ROW, FIELD_ROW = 44, 36, 34
"""Pixels a row of each chart is high."""
MEDIAN_FROM_RIGHT = 58
LEAST_ROWS = 3
"""A chart of one row is as high as one of three: its head and axis need the room."""
# Long names that begin alike differ at their end.
_SHORT = (
    "length(datum.label) > 22"
    " ? slice(datum.label, 0, 12) + '…' + slice(datum.label, -8) : datum.label"
)


def queue_losses(frame: pd.DataFrame, overall: float | None, colours: Palette) -> Chart:
    """Share lost per queue with its interval, most lost first; a dashed rule marks all queues.

    Columns: queue (unique label), offered, lost, lost_low, lost_high; lost is null without a rate.
    """
    rows = frame.assign(
        small=frame["offered"] < SMALL_N,
        value=[_whole(share) for share in frame["lost"]],
        number=[f"{offered:,.0f}" for offered in frame["offered"]],
    )
    x = alt.X(
        "lost:Q",
        title=None,
        axis=alt.Axis(format=".0%", values=[part / 5 for part in range(6)], labelOverlap=False),
        scale=alt.Scale(domain=[0, 1], nice=False, rangeMax=alt.expr("width - 112")),
    )
    base = _rows(rows, "queue", colours)
    layers: list[alt.Chart] = []
    if overall is not None:
        layers += _everyone(overall, colours)
    layers += [
        base.transform_filter("isValid(datum.lost)")
        .mark_rule(strokeWidth=5, strokeCap="round")
        .encode(
            x=alt.X("lost_low:Q"), x2="lost_high:Q", color=by_size(colours.rule, colours.loss_soft)
        ),
        base.transform_filter("isValid(datum.lost)")
        .mark_point(size=95, opacity=1)
        .encode(x=x, color=by_size(colours.faint, colours.loss), tooltip=_loss_tooltip()),
        base.transform_filter("isValid(datum.lost)")
        .mark_text(align="left", dx=9, fontWeight=600)
        .encode(x="lost_high:Q", text="value:N", color=by_size(colours.muted, colours.ink)),
        base.transform_filter("!isValid(datum.lost)")
        .mark_text(align="left", color=colours.muted)
        .encode(x=alt.value(2), text=alt.value("–")),
        _column_head("offered", colours),
        base.mark_text(align="right", color=colours.muted).encode(
            x=alt.value("width"), text="number:N"
        ),
    ]
    return alt.layer(*layers).properties(height=ROW * max(LEAST_ROWS, len(rows)))


def waits(frame: pd.DataFrame, colours: Palette) -> Chart:
    """Time spent waiting per queue: dot at the median, bar to what 95 of 100 stayed under.

    Columns: queue (unique label), attempts, wait_p50_s, wait_p95_s (seconds, null under 20).
    """
    rows = frame.assign(
        value=[words.seconds(wait) for wait in frame["wait_p50_s"]],
        most=[words.seconds(wait) for wait in frame["wait_p95_s"]],
        number=[f"{attempts:,.0f}" for attempts in frame["attempts"]],
        small=frame["attempts"] < SMALL_N,
    )
    longest = rows["wait_p95_s"].max()
    x = alt.X(
        "wait_p50_s:Q",
        title="seconds",
        axis=alt.Axis(tickCount=5, format="d"),
        scale=alt.Scale(
            domain=[0, _round_up(0.0 if pd.isna(longest) else float(longest))],
            nice=False,
            rangeMax=alt.expr("width - 190"),
        ),
    )
    tooltip = [
        alt.Tooltip("queue:N", title="Queue"),
        alt.Tooltip("value:N", title="Half waited at most"),
        alt.Tooltip("most:N", title="95 of 100 at most"),
        alt.Tooltip("attempts:Q", title="Attempts", format=","),
    ]
    base = _rows(rows, "queue", colours)
    known = base.transform_filter("isValid(datum.wait_p50_s)")
    return alt.layer(
        known.mark_rule(strokeWidth=5, strokeCap="round").encode(
            x=x, x2="wait_p95_s:Q", color=by_size(colours.rule, colours.soft), tooltip=tooltip
        ),
        known.mark_point(size=95, opacity=1).encode(
            x=x, color=by_size(colours.faint, colours.accent), tooltip=tooltip
        ),
        known.mark_text(align="left", dx=9, color=colours.muted).encode(
            x="wait_p95_s:Q", text="most:N"
        ),
        _column_head("median", colours, dx=-MEDIAN_FROM_RIGHT),
        base.mark_text(align="right", dx=-MEDIAN_FROM_RIGHT, fontWeight=600).encode(
            x=alt.value("width"), text="value:N", color=by_size(colours.muted, colours.ink)
        ),
        _column_head("attempts", colours),
        base.mark_text(align="right", color=colours.muted).encode(
            x=alt.value("width"), text="number:N"
        ),
    ).properties(height=WAIT_ROW * max(LEAST_ROWS, len(rows)))


def missing_fields(frame: pd.DataFrame, colours: Palette) -> Chart:
    """Share of attempts whose payload carried a required field, worst first.

    Columns: field, required (attempts that needed it), share, share_low, share_high.
    """
    rows = frame.assign(
        one=1.0,
        low=frame["share"].round(2) < 0.9,  # as it is written
        value=[_whole(share) for share in frame["share"]],
        number=[f"{required:,.0f}" for required in frame["required"]],
        small=frame["required"] < SMALL_N,
    )
    scale = alt.Scale(domain=[0, 1], nice=False, rangeMax=alt.expr("width - 112"))
    base = _rows(rows, "field", colours)
    bar = alt.X("share:Q", title=None, axis=None, scale=scale)
    tooltip = [
        alt.Tooltip("field:N", title="Field"),
        alt.Tooltip("share:Q", title="Present", format=".1%"),
        alt.Tooltip("share_low:Q", title="from", format=".1%"),
        alt.Tooltip("share_high:Q", title="to", format=".1%"),
        alt.Tooltip("required:Q", title="Required in", format=","),
    ]
    filled = alt.when("datum.small").then(alt.value(colours.faint))
    filled = filled.when("datum.low").then(alt.value(colours.loss))
    return alt.layer(
        base.mark_bar(height=8, cornerRadius=4, color=colours.grid).encode(
            x=alt.X("one:Q", title=None, axis=None, scale=scale), tooltip=tooltip
        ),
        base.mark_bar(height=8, cornerRadius=4).encode(
            x=bar, color=filled.otherwise(alt.value(colours.accent)), tooltip=tooltip
        ),
        base.mark_text(align="right", dx=-62, fontWeight=600).encode(
            x=alt.value("width"), text="value:N", color=by_size(colours.muted, colours.ink)
        ),
        _column_head("attempts", colours),
        base.mark_text(align="right", color=colours.muted).encode(
            x=alt.value("width"), text="number:N"
        ),
    ).properties(height=FIELD_ROW * max(LEAST_ROWS, len(rows)))


def _rows(rows: pd.DataFrame, name: str, colours: Palette) -> alt.Chart:
    """One row per name, in the frame's order, with room for the names."""
    axis = alt.Axis(
        labelColor=colours.ink,
        labelFontSize=13,
        labelPadding=10,
        labelLimit=170,
        labelExpr=_SHORT,
    )
    y = alt.Y(f"{name}:N", sort=rows[name].tolist(), title=None, axis=axis)
    return alt.Chart(rows).encode(y=y)


def _everyone(overall: float, colours: Palette) -> list[alt.Chart]:
    line = pd.DataFrame({"everyone": [overall], "text": [f"all {100 * overall:.0f}%"]})
    base = alt.Chart(line).encode(x=alt.X("everyone:Q"))
    return [
        base.mark_rule(strokeDash=[3, 3], color=colours.rule),
        base.mark_text(dy=-8, fontSize=11, color=colours.muted, baseline="bottom").encode(
            y=alt.value(0), text="text:N"
        ),
    ]


def _column_head(text: str, colours: Palette, *, dx: int = 0) -> alt.Chart:
    head = alt.Chart(pd.DataFrame({"text": [text]})).mark_text(
        align="right", dx=dx, dy=-8, fontSize=11, baseline="bottom", color=colours.muted
    )
    placed: alt.Chart = head.encode(x=alt.value("width"), y=alt.value(0), text="text:N")
    return placed


def by_size(small: str, other: str) -> Any:
    """One colour for rows of few attempts, another for the rest."""
    return alt.when("datum.small").then(alt.value(small)).otherwise(alt.value(other))


def _loss_tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("queue:N", title="Queue"),
        alt.Tooltip("lost:Q", title="Lost", format=".1%"),
        alt.Tooltip("lost_low:Q", title="from", format=".1%"),
        alt.Tooltip("lost_high:Q", title="to", format=".1%"),
        alt.Tooltip("offered:Q", title="Offered", format=","),
    ]


def _whole(share: float) -> str:
    return "–" if pd.isna(share) else f"{100 * share:.0f}%"


def _round_up(longest: float) -> float:
    return next((top for top in (60, 120, 180, 300, 600, 1800) if longest <= top), longest)
