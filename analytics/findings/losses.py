"""Who loses more than the others, at what time of day or week, and which fields lack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pandas as pd

from analytics import words
from analytics.findings.finding import Finding, Group, loses_more
from analytics.look import SMALL_N
from analytics.statistics import wilson

MISSING_TOLERATED = 0.1
"""A required field that lacks in more attempts than this share is worth saying."""
MOST_FIELDS = 2
WINDOW_H = 3
WEEKDAYS = tuple(f"{day}days" for day in ["Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun"])
TIMES = 24 - WINDOW_H + 1 + len(WEEKDAYS)
"""Times of day and week looked at per group."""
Sentence = Callable[[Group, float, str], Finding]


def findings(
    queues: pd.DataFrame, intents: pd.DataFrame, fields: pd.DataFrame, *, most: int = 4
) -> list[Finding]:
    """The biggest losses, most customers first, then fields that lack.

    `queues` and `intents` have a row per group and hour: `key, label, moment` (local time of the
    center), `tried, lost`. `fields` has a row per queue and field: `queue, field, required,
    present`.
    """
    losses = [*_losses(queues, _queue_finding), *_losses(intents, _intent_finding)]
    ranked = sorted(losses, key=lambda found: -found.customers)
    lacking = sorted(_field_findings(fields), key=lambda found: -found.customers)
    return [*_distinct(ranked), *lacking[:MOST_FIELDS]][:most]


def _distinct(ranked: Sequence[Finding]) -> Iterable[Finding]:
    """Without what says again what a bigger one said: a queue and its only intent lose the same."""
    names: set[str] = set()
    counts: set[tuple[int, int] | None] = set()
    for found in ranked:
        if found.about.casefold() not in names and found.counts not in counts:
            yield found
        names.add(found.about.casefold())
        counts.add(found.counts)


def groups(frame: pd.DataFrame) -> list[Group]:
    """One Group per key of a frame of `key, label, tried, lost`."""
    counted = frame.groupby("key", sort=False).agg({"label": "last", "tried": "sum", "lost": "sum"})
    columns = [counted.index.tolist(), *(counted[name].tolist() for name in counted)]
    return [
        Group(str(key), str(label), int(tried), int(lost))
        for key, label, tried, lost in zip(*columns, strict=True)
    ]


def _losses(frame: pd.DataFrame, say: Sentence) -> Iterable[Finding]:
    """One finding per group: at its worst time when that explains most of it, else in all."""
    found = groups(frame)
    level = 1 - 0.05 / max(1, len(found) * (TIMES + 1))
    for group in found:
        whole = _against(group, found, level, say)
        timed = _worst_time(frame[frame["key"] == group.key], group, level, say)
        if timed and (whole is None or timed.customers >= whole.customers / 2):
            yield timed
        elif whole:
            yield whole


def _against(
    group: Group, everyone: Sequence[Group], level: float, say: Sentence
) -> Finding | None:
    tried = sum(each.tried for each in everyone) - group.tried
    lost = sum(each.lost for each in everyone) - group.lost
    rest = loses_more(group, tried, lost, level)
    return None if rest is None else say(group, rest, "")


def _worst_time(rows: pd.DataFrame, group: Group, level: float, say: Sentence) -> Finding | None:
    """The hours, or the weekday, at which the group loses most beyond its other times."""
    found = []
    for when, part in _times(rows):
        at_that_time = Group(group.key, group.label, *part)
        others = group.tried - at_that_time.tried, group.lost - at_that_time.lost
        rest = loses_more(at_that_time, *others, level)
        if rest is not None:
            found.append(say(at_that_time, rest, when))
    return max(found, key=lambda finding: finding.customers, default=None)


def _times(rows: pd.DataFrame) -> Iterable[tuple[str, tuple[int, int]]]:
    """Times of day, and weekdays, that came at least twice: once is no habit."""
    moments = pd.DatetimeIndex(rows["moment"])
    counts = rows[["tried", "lost"]].astype("int64")
    days = {moment.date() for moment in moments}
    if len(days) >= 2:
        hours = counts.groupby(moments.hour).sum().reindex(range(24), fill_value=0)
        for first in range(24 - WINDOW_H + 1):
            tried, lost = hours.iloc[first : first + WINDOW_H].sum().tolist()
            yield f"between {first:02}:00 and {first + WINDOW_H:02}:00", (tried, lost)
    weekdays = counts.groupby(moments.day_of_week).sum().reindex(range(7), fill_value=0)
    for day, name in enumerate(WEEKDAYS):
        if sum(each.weekday() == day for each in days) >= 2:
            tried, lost = weekdays.iloc[day : day + 1].sum().tolist()
            yield f"on {name}", (tried, lost)


def _queue_finding(group: Group, rest: float, when: str) -> Finding:
    compared = f"{100 * rest:.0f} otherwise" if when else f"the other queues lose {100 * rest:.0f}"
    return Finding(
        group.label,
        f"**{words.plain(group.label)}** loses **{words.of_hundred(group.share)}** customers "
        f"offered to it{f' {when}, ' if when else '; '}{compared}.",
        f"{group.lost:,} of {words.these(group.tried, 'offer')} did not reach an agent there.",
        (group.share - rest) * group.tried,
        ("queue", group.key),
        (group.lost, group.tried),
    )


def _intent_finding(group: Group, rest: float, when: str) -> Finding:
    compared = f"{100 * rest:.0f} otherwise" if when else f"the other intents in {100 * rest:.0f}"
    return Finding(
        group.label,
        f"**{words.plain(group.label)}** reaches nobody in **{words.of_hundred(group.share)}** "
        f"escalations{f' {when}, ' if when else '; '}{compared}.",
        f"{group.lost:,} of {words.these(group.tried, 'escalation')} reached no agent.",
        (group.share - rest) * group.tried,
        ("intent", group.key),
        (group.lost, group.tried),
    )


def _field_findings(fields: pd.DataFrame) -> Iterable[Finding]:
    for name, rows in fields.groupby("field", sort=False):
        required, present = int(rows["required"].sum()), int(rows["present"].sum())
        lacking = required - present
        interval = wilson(lacking, required)
        if required < SMALL_N or interval is None or interval.low <= MISSING_TOLERATED:
            continue
        yield Finding(
            str(name),
            f"**{words.plain(str(name))}** is missing in "
            f"**{words.of_hundred(lacking / required)}** escalations that require it.",
            f"{lacking:,} of {words.these(required, 'escalation')}{_where(rows, lacking)}.",
            float(lacking),
        )


def _where(rows: pd.DataFrame, lacking: int) -> str:
    """The queue that has most of the escalations which lack a field, when there are others."""
    if len(rows) < 2:
        return ""
    by_queue = rows.assign(lacking=rows["required"] - rows["present"])
    most = by_queue.nlargest(1, "lacking").iloc[0]
    number, queue = int(most["lacking"]), words.plain(str(most["queue"]))
    if 2 * number > lacking:
        return f"; most of them, {number:,}, go to {queue}"
    return f"; {number:,} go to {queue}, more than to any other queue"
