"""Charts over time: one point or bar per day or hour."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from analytics.charts.rows import by_size
from analytics.look import SMALL_N, Chart, Palette

LABELS = 40
"""Pixels kept free for the labels at the left."""
OUTCOMES = ("Timed out", "Abandoned", "No agents", "Failed or rejected", "Unknown")
"""Lost outcomes, in the order in which they are stacked, always."""


def reached_trend(frame: pd.DataFrame, unit: str, colours: Palette) -> Chart:
    """Share that reached an agent per day or hour, with its 95 % interval as a band.

    Columns: moment, attempts, reached, reached_low, reached_high; shares are null under 20
    attempts, which breaks the line. `unit` is `day` or `hour`.
    """
    rows = frame.assign(small=frame["attempts"] < SMALL_N)
    x = _moments(unit, frame["moment"])
    y = alt.Y(
        "reached:Q",
        title=None,
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(format=".0%", tickCount=5, minExtent=LABELS),
    )
    written = "%a %-d %b" if unit == "day" else "%a %-d %b %H:%M"
    base = alt.Chart(rows)
    tooltip = [
        alt.Tooltip("moment:T", title=unit.capitalize(), format=written),
        alt.Tooltip("reached:Q", title="Reached", format=".1%"),
        alt.Tooltip("reached_low:Q", title="from", format=".1%"),
        alt.Tooltip("reached_high:Q", title="to", format=".1%"),
        alt.Tooltip("attempts:Q", title="Attempts", format=","),
    ]
    breaking: Any = "break-paths-filter-domains"
    return alt.layer(
        base.mark_area(color=colours.soft, opacity=0.55, invalid=breaking).encode(
            x=x, y=alt.Y("reached_low:Q", title=None), y2="reached_high:Q"
        ),
        base.mark_line(color=colours.accent, strokeWidth=1.5, invalid=breaking).encode(x=x, y=y),
        base.transform_filter("isValid(datum.reached)")
        .mark_point(size=36, opacity=1)
        .encode(x=x, y=y, color=by_size(colours.faint, colours.accent), tooltip=tooltip),
    ).properties(height=324)


def lost_by_outcome(
    frame: pd.DataFrame, unit: str, colours: Palette, *, moments: pd.Series
) -> Chart:
    """Lost attempts per day or hour, stacked by outcome in one order.

    Columns: moment, outcome (one of OUTCOMES), attempts. `moments` are those of the trend, so that
    a moment stands at the same place in both.
    """
    hues = [colours.loss, colours.amber, colours.plum, colours.slate, colours.pale]
    used = [name for name in OUTCOMES if name in set(frame["outcome"])]
    scale = alt.Scale(domain=used, range=[hues[OUTCOMES.index(name)] for name in used])
    written = "%a %-d %b" if unit == "day" else "%a %-d %b %H:%M"
    bars: Chart = (
        alt.Chart(frame.assign(rank=[OUTCOMES.index(name) for name in frame["outcome"]]))
        .mark_bar(
            cornerRadiusEnd=0,
            stroke=colours.ground,
            strokeWidth=0.7,
            width=alt.expr(f"max(1, 0.84 * width / {max(1, len(moments))})"),
        )
        .encode(
            x=_moments(unit, moments),
            y=alt.Y(
                "attempts:Q",
                title=None,
                axis=alt.Axis(tickCount=4, tickMinStep=1, format=",d", minExtent=LABELS),
            ),
            color=alt.Color(
                "outcome:N",
                scale=scale,
                sort=used,
                legend=alt.Legend(columns=alt.expr("width < 420 ? 2 : 5")),
            ),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("moment:T", title=unit.capitalize(), format=written),
                alt.Tooltip("outcome:N", title="Outcome"),
                alt.Tooltip("attempts:Q", title="Attempts", format=","),
            ],
        )
        .properties(height=270)
    )
    return bars


def _moments(unit: str, moments: pd.Series) -> alt.X:
    """From the first to the last moment with half a bar beside them, in every chart of a period."""
    x = alt.X("moment:T", title=None, axis=_time_axis(unit))
    if moments.empty:
        return x
    half = pd.Timedelta(hours=12 if unit == "day" else 0.5)
    ends = [moment.isoformat() for moment in (moments.min() - half, moments.max() + half)]
    placed: alt.X = x.scale(domain=ends, nice=False)
    return placed


def _time_axis(unit: str) -> alt.Axis:
    if unit == "day":
        return alt.Axis(format="%-d %b", tickCount=6, grid=False)
    label = (
        "hours(datum.value) ? timeFormat(datum.value, '%H:%M') : timeFormat(datum.value, '%-d %b')"
    )
    return alt.Axis(labelExpr=label, tickCount=8, grid=False, labelOverlap=True)
