"""Charts: each takes a frame and the palette and returns an Altair chart, without reading anything.

Shares are 0-1, durations seconds, moments naive in the center's zone. Scales are chosen from a few
fixed domains, so that a filter does not rescale what one compares.
"""

from __future__ import annotations

from analytics.charts.matrix import missing_matrix
from analytics.charts.rows import missing_fields, queue_losses, waits
from analytics.charts.time import OUTCOMES, lost_by_outcome, reached_trend
from analytics.look import Chart, Palette, configuration


def finished(chart: Chart, colours: Palette) -> Chart:
    """The chart with the configuration all charts share."""
    configured: Chart = chart.configure(**configuration(colours))
    return configured


__all__ = [
    "OUTCOMES",
    "Chart",
    "finished",
    "lost_by_outcome",
    "missing_fields",
    "missing_matrix",
    "queue_losses",
    "reached_trend",
    "waits",
]
