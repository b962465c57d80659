"""What stands above the grid: actions of the page, search and filters, actions of one rule."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analytics.mappings import grid
from analytics.pages.mapping import checks, desk
from analytics.pages.mapping.desk import Desk
from analytics.pages.mapping.table import CHOSEN
from connector import drafts
from connector.errors import PolicyError
from connector.lint import LintFinding
from connector.policy import Policy

CHANGED, FOUND, LOSING = "Changed", "With findings", "Losing customers"
ONLY = "show only"


def actions(now: Desk) -> str | None:
    """Buttons of the page; returns the dialog that was asked for."""
    with st.container(
        horizontal=True, horizontal_alignment="right", vertical_alignment="bottom", gap="small"
    ):
        found = {
            "whole": st.button("Hours, fields, skills", icon=":material/tune:", type="tertiary"),
            "history": st.button("History", icon=":material/history:", type="tertiary"),
            "files": st.button("Import, export", icon=":material/swap_vert:", type="tertiary"),
            "new": st.button("Add rule", icon=":material/add:", disabled=not now.may_edit),
        }
    return next((name for name, pressed in found.items() if pressed), None)


def search() -> tuple[str, DeltaGenerator]:
    """The search, and the place for the filters beside it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        text = st.text_input(
            "Search rules",
            placeholder="Search rules",
            label_visibility="collapsed",
            icon=":material/search:",
            width=230,
            key="search",
            bind="query-params",
        )
        return text or "", st.container(width="content")


def filters(frame: pd.DataFrame, numbers: pd.DataFrame, found: Sequence[LintFinding]) -> None:
    """The filters, each with the number of rules it leaves."""
    kinds = _kinds(frame, numbers, found)
    st.pills(
        "Show only",
        list(kinds),
        format_func=lambda kind: f"{kind} {len(kinds[kind])}",
        label_visibility="collapsed",
        selection_mode="multi",
        width="content",
        key=ONLY,
    )


def needs_findings() -> bool:
    """Whether the rows depend on what the checks say."""
    return FOUND in (st.session_state.get(ONLY) or ())


def filtered(
    frame: pd.DataFrame, numbers: pd.DataFrame, found: Sequence[LintFinding], text: str
) -> pd.DataFrame:
    """The rows that search and filters leave."""
    kinds = _kinds(frame, numbers, found)
    chosen: list[str] = st.session_state.get(ONLY) or []
    only = set().union(*(kinds[kind] for kind in chosen)) if chosen else None
    return grid.shown(frame, search=text, only=only)


def _kinds(
    frame: pd.DataFrame, numbers: pd.DataFrame, found: Sequence[LintFinding]
) -> dict[str, set[str]]:
    rules = set(frame["rule"])
    return {
        CHANGED: set(frame.loc[frame["mark"] == grid.CHANGED, "rule"]),
        FOUND: checks.rules_with_findings(found) & rules,
        LOSING: grid.losing(numbers) & rules,
    }


def rule_actions(now: Desk, frame: pd.DataFrame) -> str | None:
    """Actions of the rule that is chosen here or ticked in the grid."""
    names = [str(name) for name in frame["rule"]]
    if st.session_state.get(CHOSEN) not in names:
        st.session_state[CHOSEN] = None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.selectbox(
            "Rule",
            names,
            key=CHOSEN,
            index=None,
            placeholder="Choose a rule to edit it",
            label_visibility="collapsed",
            width=230,
            on_change=desk.redraw_grid,
        )
        none, fixed = name is None, name in (None, drafts.DEFAULT) or not now.may_edit
        edit = st.button("Edit…", icon=":material/edit:", disabled=none)
        for label, icon, change in _CHANGES:
            st.button(
                label,
                icon=icon,
                type="tertiary",
                disabled=fixed,
                on_click=change,
                args=(name,),
            )
    return "edit" if edit else None


def _duplicate(name: str) -> None:
    now = desk.desk()
    try:
        _, copy = drafts.duplicated(now.draft.policy, name)
    except PolicyError:
        copy = name
    if desk.edit(lambda policy: drafts.duplicated(policy, name)[0], f"copying {name}"):
        st.session_state[CHOSEN] = copy


def _up(name: str) -> None:
    _move(name, -1)


def _down(name: str) -> None:
    _move(name, 1)


def _move(name: str, by: int) -> None:
    def change(policy: Policy) -> Policy:
        return drafts.moved(policy, name, (drafts.place_of(policy, name) or 0) + by)

    desk.edit(change, f"moving {name}")


def _delete(name: str) -> None:
    if desk.edit(lambda policy: drafts.removed(policy, [name]), f"deleting {name}"):
        st.session_state[CHOSEN] = None


_CHANGES = (
    ("Copy", ":material/content_copy:", _duplicate),
    ("Up", ":material/arrow_upward:", _up),
    ("Down", ":material/arrow_downward:", _down),
    ("Delete", ":material/delete:", _delete),
)
