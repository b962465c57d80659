"""The tables of the Context page, and its finding in words."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analytics import words
from analytics.metrics import MEANINGS
from analytics.pages.parts.tables import download

_PASSED = (
    "Always: the policy marks it for handoff. Never: the policy keeps it back. Else it reaches "
    "the agent only when the bot marks it."
)


def mapping_table(mapping: pd.DataFrame) -> None:
    """Each field with its mapping and how often it got through."""
    config = st.column_config
    shown = pd.DataFrame(
        {
            "field": mapping["field"].astype(object),
            "missing": (100 * mapping["missing_share"].astype("Float64")).round(),
            "missing_95": _interval(mapping),
            **{name: mapping[name] for name in ("required", "carried", "taken", "shortened")},
            **{name: mapping[name].astype(object) for name in ("label", "passed", "rules")},
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        height="content" if len(shown) <= 15 else "auto",
        row_height=36,
        key="field table",
        alt="Per context field: how often it is missing, carried, delivered and cut, its name in "
        "8x8, and which rules require it",
        column_config={
            "field": config.TextColumn("Field", pinned=True, width=164),
            "missing": config.ProgressColumn(
                "Missing",
                format="%.0f%%",
                min_value=0,
                max_value=100,
                width=112,
                color="orange",
                help=MEANINGS["missing_share"],
            ),
            "missing_95": config.TextColumn("95%", width=98),
            "required": _count("Required", MEANINGS["required"]),
            "carried": _count("Present", f"{MEANINGS['present']} Required or not."),
            "taken": _count("Delivered", MEANINGS["delivered"]),
            "shortened": _count("Cut", MEANINGS["cut"]),
            "label": config.TextColumn("In 8x8", help="Where the agent finds it.", width=140),
            "passed": config.TextColumn("Passed on", help=_PASSED, width=150),
            "rules": config.TextColumn("Required by", help="Rules of the policy in force."),
        },
    )
    download(mapping, "context")


def group_table(found: pd.DataFrame, group: str) -> None:
    """The numbers behind the matrix."""
    share = st.column_config.NumberColumn(format="%.0f%%")
    columns = [group, "field", "required", "present", "delivered", "cut", "missing"]
    shown = found[columns].assign(
        share=(100 * found["missing_share"].astype("Float64")).round(),
        interval=_interval(found),
    )
    names = {name: name.capitalize() for name in columns}
    shown = shown.rename(columns=names | {"share": "Missing %", "interval": "95%"})
    with st.expander(f"The numbers per {group}", key=f"numbers {group}"):
        st.dataframe(shown, hide_index=True, width="stretch", column_config={"Missing %": share})
        download(found, f"context-by-{group}")


def matrix_in_words(frame: pd.DataFrame, group: str) -> str:
    """What the matrix shows, as a sentence."""
    worst = frame.sort_values("share", ascending=False).iloc[0]
    return (
        f"Share of attempts that lack a required field, per field and {group}. Most: "
        f"{worst['field']} in {worst['group']}, {words.percent(worst['share'])} of "
        f"{words.these(int(worst['required']), 'attempt')}."
    )


def _count(label: str, help: str) -> Any:
    return st.column_config.NumberColumn(label, format="localized", width=82, help=help)


def _interval(frame: pd.DataFrame) -> list[str]:
    bounds = zip(frame["missing_low"], frame["missing_high"], strict=True)
    return [words.percent_range(low, high) for low, high in bounds]
