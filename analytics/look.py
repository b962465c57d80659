"""The visual language: two palettes, one chart configuration, and when a number is too small.

Blue is reached, orange is lost, everything else is grey. The same values stand in
`.streamlit/config.toml`, which a test compares with these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt

Chart = alt.Chart | alt.LayerChart | alt.FacetChart
FONT = "Inter, sans-serif"
SMALL_N = 300
"""Under this many attempts a rate is drawn grey and never put into a sentence."""
FEW_N = 20
"""Under this many attempts there is no rate at all."""


@dataclass(frozen=True)
class Palette:
    """Colours of one theme. `loss` and `faint` are for marks, never for text."""

    ink: str
    muted: str
    faint: str
    grid: str
    rule: str
    ground: str
    accent: str
    soft: str
    loss: str
    loss_soft: str
    amber: str
    plum: str
    slate: str
    pale: str


LIGHT = Palette(
    ink="#111822",
    muted="#5B6573",
    faint="#98A1AE",
    grid="#ECEEF2",
    rule="#C9CFD8",
    ground="#FFFFFF",
    accent="#2A62C8",
    soft="#C7D8F5",
    loss="#D4541A",
    loss_soft="#F6CDB8",
    amber="#E3A12F",
    plum="#B4699A",
    slate="#6B7482",
    pale="#B8BFC9",
)
DARK = Palette(
    ink="#E4E8EE",
    muted="#98A2B0",
    faint="#66707E",
    grid="#222933",
    rule="#3A4452",
    ground="#11151B",
    accent="#5B93F0",
    soft="#27406B",
    loss="#F0814A",
    loss_soft="#5A3220",
    amber="#E8B04B",
    plum="#D08DBB",
    slate="#8A94A3",
    pale="#4A5462",
)


def palette(theme: str | None) -> Palette:
    """The palette of a theme type, `light` or `dark`."""
    return DARK if theme == "dark" else LIGHT


def configuration(colours: Palette) -> dict[str, Any]:
    """What every chart shares, as keywords of Altair's `configure`."""
    words = {"labelFont": FONT, "titleFont": FONT, "labelFontSize": 12, "titleFontSize": 12}
    axis = {
        **words,
        "titleFontWeight": 400,
        "labelColor": colours.muted,
        "titleColor": colours.muted,
        "labelPadding": 6,
        "grid": False,
        "domain": False,
        "ticks": False,
        "gridColor": colours.grid,
        "gridWidth": 1,
    }
    legend = {
        "orient": "top",
        "title": None,
        "labelFont": FONT,
        "labelFontSize": 12,
        "labelColor": colours.muted,
        "symbolType": "circle",
        "symbolSize": 70,
        "offset": 4,
        "padding": 0,
        "columnPadding": 14,
    }
    return {
        "background": "transparent",
        "font": FONT,
        "padding": {"left": 0, "right": 4, "top": 4, "bottom": 0},
        "view": {"stroke": None},
        "axis": axis,
        "axisQuantitative": {"grid": True, "tickCount": 5},
        "axisX": {"titleAnchor": "start", "titlePadding": 8},
        "legend": legend,
        "text": {"font": FONT, "fontSize": 12, "fill": colours.ink},
        "rule": {"stroke": colours.rule},
        "point": {"filled": True, "size": 70},
        "line": {"strokeWidth": 2},
        "bar": {"cornerRadiusEnd": 2},
    }
