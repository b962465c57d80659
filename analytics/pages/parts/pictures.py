"""What of the Overview takes time: findings and charts, each worked out when it is asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import pandas as pd
from altair.utils.schemapi import debug_mode

from analytics import charts, words
from analytics.findings import Finding, findings
from analytics.look import Chart, Palette
from analytics.pages.parts import reading, shapes
from analytics.pages.parts.filters import Chosen
from analytics.pages.parts.numbers import Overview


@dataclass(frozen=True)
class Pictures:
    """The trend with its ends in local time of the center; findings and charts as they are asked.

    A first view shows its sentence and tiles while the charts are still worked out; whoever reads
    ahead asks for all of them before anything is drawn.
    """

    chosen: Chosen
    found: Overview
    look: Palette
    first: datetime
    last: datetime
    course: pd.DataFrame

    @cached_property
    def findings(self) -> list[Finding]:
        return findings(
            shapes.queue_hours(self.found.queue_hours),
            shapes.intent_hours(self.found.intent_hours),
            self.found.missing,
        )

    @cached_property
    def charts(self) -> dict[str, str]:
        """Each chart by its name, as JSON."""
        drawn = _charts(self.chosen, self.found, self.course, self.look)
        return {name: written(chart, self.look) for name, chart in drawn.items()}

    def finish(self) -> None:
        """Work all of it out now."""
        _ = self.findings, self.charts


def pictures(chosen: Chosen, found: Overview, zone: str, look: Palette) -> Pictures | None:
    """None when there is nothing to draw."""
    if int(found.now["attempts"]) == int(found.everyone["offered"]) == 0:
        return None
    first, last = _bounds(chosen, found, zone)
    trend = found.trend
    if chosen.filters.queue:
        trend = shapes.step_trend(found.steps_trend, trend, chosen.unit)
    course = shapes.course(trend, chosen.unit, first, last)
    return Pictures(chosen, found, look, first, last, course)


def overall(found: Overview) -> float | None:
    """Share of all offers that did not reach an agent."""
    reached = found.everyone["reached"]
    return None if pd.isna(reached) else 1 - float(reached)


def written(chart: Chart, look: Palette) -> str:
    """The finished chart as JSON, as `boxes.draw` takes it."""
    # Altair holds every part against its schema, which takes seconds; the tests do that.
    with debug_mode(False):
        return _text(charts.finished(chart, look).to_dict(validate=False))


def _text(spec: dict[str, Any]) -> str:
    """With names for the data that stay when the data change: a chart then keeps its place."""
    text = json.dumps(spec)
    for number, name in enumerate(spec.get("datasets", {})):
        text = text.replace(name, f"data {number}")
    return text


def _charts(
    chosen: Chosen, found: Overview, course: pd.DataFrame, look: Palette
) -> dict[str, Chart]:
    losses = shapes.most_lost(shapes.losses(found.queues))
    fields = shapes.most_lacking(shapes.fields(found.fields))
    lost = shapes.lost(found.trend, chosen.unit)
    return {
        "losses": charts.queue_losses(losses, overall(found), look),
        "course": charts.reached_trend(course, chosen.unit, look),
        "waits": charts.waits(shapes.waits(found.queues, losses["queue"]), look),
        "lost": charts.lost_by_outcome(lost, chosen.unit, look, moments=course["moment"]),
        "fields": charts.missing_fields(fields, look),
    }


def _bounds(chosen: Chosen, found: Overview, zone: str) -> tuple[datetime, datetime]:
    """First and last moment of the trend in local time of the center."""
    moments = pd.concat([found.trend[chosen.unit], found.steps_trend[chosen.unit]]).sort_values()
    since, until = chosen.filters.since, chosen.filters.until
    first = words.local(since, zone) if since else moments.iloc[0].to_pydatetime()
    end = words.local(until, zone) - pd.Timedelta(minutes=1) if until else moments.iloc[-1]
    now = words.local(reading.clock().now(), zone)
    return first, min(pd.Timestamp(end), pd.Timestamp(now)).to_pydatetime()
