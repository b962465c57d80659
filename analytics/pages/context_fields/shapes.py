"""Frames of the Context page in the form charts want."""

from __future__ import annotations

import pandas as pd

from analytics.look import FEW_N

MOST_FIELDS = 12
"""Rows of the matrix; the table has them all."""


def matrix(found: pd.DataFrame, group: str, labels: str) -> pd.DataFrame:
    """Rows of `charts.missing_matrix` from `fields_by` grouped by `group`, named by `labels`.

    Fields that lack most come first, within one groups of most attempts; pairs of under 20 are left
    out.
    """
    known = found[(found["required"] >= FEW_N) & found[group].notna()]
    lacking = _most_lacking(known)
    known = known[known["field"].isin(lacking)]
    groups = known.groupby(labels)["required"].sum().sort_values(ascending=False, kind="stable")
    frame = pd.DataFrame(
        {
            "field": known["field"].astype(object),
            "group": known[labels].astype(object),
            "required": known["required"].astype("int64"),
            "missing": known["missing"].astype("int64"),
            "share": known["missing_share"].astype("float64"),
            "share_low": known["missing_low"].astype("float64"),
            "share_high": known["missing_high"].astype("float64"),
        }
    )
    places = frame["field"].map(lacking.index), frame["group"].map(list(groups.index).index)
    ordered = frame.assign(row=places[0], column=places[1]).sort_values(["row", "column"])
    return ordered.drop(columns=["row", "column"]).reset_index(drop=True)


def _most_lacking(frame: pd.DataFrame) -> list[str]:
    totals = frame.groupby("field")[["missing", "required"]].sum()
    shares = (totals["missing"] / totals["required"]).sort_values(ascending=False, kind="stable")
    return [str(field) for field in shares.index[:MOST_FIELDS]]
