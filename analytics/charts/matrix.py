"""Charts of two groups crossed, one cell for each pair."""

from __future__ import annotations

import altair as alt
import pandas as pd

from analytics.look import Chart, Palette

CELL = 34
"""Pixels a row is high."""
NAME_PX = 6.8
"""Pixels a letter of a group's name takes."""
MOST_MISSING = 0.5
"""The share at which a cell is darkest, whatever is chosen."""


def missing_matrix(frame: pd.DataFrame, group: str, colours: Palette) -> Chart:
    """Share of attempts that lack a required field, per field and `group` (a word for the axis).

    Columns: field, group, required, missing, share, share_low, share_high. Rows of few attempts
    are left out by the caller; fields and groups keep the order in which they first come.
    """
    rows = frame.assign(
        value=[f"{100 * share:.0f}%" for share in frame["share"]],
        strong=frame["share"] > 0.8 * MOST_MISSING,
    )
    slanted = f"width < {_room(rows['group'])}"
    y_axis = alt.Axis(labelColor=colours.ink, labelFontSize=13, labelPadding=10, labelLimit=150)
    x_axis = alt.Axis(
        orient="top",
        labelAngle=alt.ExprRef(f"{slanted} ? -55 : 0"),
        labelAlign=alt.ExprRef(f"{slanted} ? 'left' : 'center'"),
        labelBaseline=alt.ExprRef(f"{slanted} ? 'middle' : 'bottom'"),
        labelLimit=90,
    )
    base = alt.Chart(rows).encode(
        x=alt.X("group:N", sort=_order(rows["group"]), title=None, axis=x_axis),
        y=alt.Y("field:N", sort=_order(rows["field"]), title=None, axis=y_axis),
        tooltip=[
            alt.Tooltip("field:N", title="Field"),
            alt.Tooltip("group:N", title=group),
            alt.Tooltip("share:Q", title="Missing", format=".1%"),
            alt.Tooltip("share_low:Q", title="from", format=".1%"),
            alt.Tooltip("share_high:Q", title="to", format=".1%"),
            alt.Tooltip("required:Q", title="Required in", format=","),
        ],
    )
    shade = alt.Scale(
        domain=[0, MOST_MISSING / 2, MOST_MISSING],
        range=[colours.grid, colours.loss_soft, colours.loss],
        interpolate="rgb",
        clamp=True,
    )
    # On full orange only dark words can be read: ink in the light theme, ground in the dark one.
    darkest = min(colours.ink, colours.ground)
    ink = alt.when("datum.strong").then(alt.value(darkest)).otherwise(alt.value(colours.ink))
    return alt.layer(
        base.mark_rect(stroke=colours.ground, strokeWidth=2, cornerRadius=3).encode(
            color=alt.Color("share:Q", scale=shade, legend=None)
        ),
        base.mark_text(fontSize=11, fontWeight=600).encode(
            text=alt.condition("width < 420", alt.value(""), "value:N"),
            color=ink,
        ),
    ).properties(height=CELL * rows["field"].nunique() + 20)


def _room(groups: pd.Series) -> int:
    """Pixels the names of all groups need beside each other."""
    return int(groups.nunique() * (groups.str.len().max() * NAME_PX + 8))


def _order(column: pd.Series) -> list[str]:
    return list(dict.fromkeys(column.astype(str)))
