"""Small tables to type into, as dialogs have them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analytics.mappings.cells import Choices
from analytics.pages.mapping import words_for


def steps_editor(frame: pd.DataFrame, choices: Choices, *, key: str) -> pd.DataFrame:
    """Steps in order (see `parts.steps_frame`), with rows to add and to remove."""
    column = st.column_config
    return rows_editor(
        frame,
        key=key,
        columns={
            "queue": column.SelectboxColumn(
                "Queue", options=list(choices.queues), width=150, pinned=True
            ),
            "skill": column.SelectboxColumn(
                "Skill", options=list(choices.skills), width=120, help=words_for.SKILL
            ),
            "timeout_s": column.NumberColumn(
                "Wait", format="%g s", default=60, min_value=1, max_value=86_400, width=70
            ),
            "closed": column.CheckboxColumn("Skip closed", default=True, width=86),
            "no_agents": column.CheckboxColumn(
                "Skip empty", default=True, width=86, help="Skip it when nobody is logged in."
            ),
            "all_busy": column.CheckboxColumn("Skip busy", default=False, width=86),
            "expected_wait_over_s": column.NumberColumn(
                "Skip if wait over",
                format="%g s",
                min_value=0,
                max_value=86_400,
                width=116,
                help="Skip it when the expected wait is longer.",
            ),
            "waiting_over": column.NumberColumn(
                "Skip if waiting over",
                min_value=0,
                step=1,
                width=128,
                help="Skip it when more customers than this wait there.",
            ),
        },
    )


def rows_editor(frame: pd.DataFrame, *, key: str, columns: dict[str, Any]) -> pd.DataFrame:
    """A table whose rows can be added, changed and removed; returns it as it is by now."""
    return st.data_editor(
        frame,
        key=key,
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        height="content",
        placeholder="",
        column_config=columns,
    )
