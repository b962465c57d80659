"""The grid: one row per rule, edited in place, with what the log says beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from analytics import words
from analytics.look import FEW_N
from analytics.mappings import grid
from analytics.mappings.cells import Choices
from analytics.metrics import MEANINGS
from analytics.pages.mapping import desk, overtaking, words_for
from analytics.pages.mapping.desk import Desk
from connector.drafts import Draft
from connector.policy import Policy

ROW, MOST_ROWS = 36, 18
PICK = "pick"
CHOSEN = "rule chosen"
_SEEN, DRAWN = "edits seen", "grid drawn"
_COLUMNS = (
    "mark",
    PICK,
    "rule",
    "intents",
    "queue",
    "wait",
    "then",
    "skill",
    "priority",
    "if_nobody",
    "attempts",
    "reached",
    "timed_out",
    "context",
    "place",
    "also",
)


@dataclass(frozen=True)
class Drawn:
    """What the editor was drawn from: edits come by row number, and mean what was seen there."""

    key: str
    names: tuple[str, ...]
    queues: tuple[str, ...]
    policy: Policy


def editor(now: Desk, frame: pd.DataFrame, queues: Sequence[str]) -> None:
    """Draw the rows of `frame` (see `mappings.grid`); every edit goes into the draft at once."""
    names = [str(name) for name in frame["rule"]]
    chosen = st.session_state.get(CHOSEN)
    shown = frame.assign(**{PICK: [name == chosen for name in names]})
    key = _key(names)
    st.session_state[DRAWN] = Drawn(key, tuple(names), tuple(queues), now.draft.policy)
    st.data_editor(
        shown[list(_COLUMNS)],
        key=key,
        hide_index=True,
        width="stretch",
        height="content" if len(shown) <= MOST_ROWS else ROW * (MOST_ROWS + 1),
        row_height=ROW,
        placeholder="",
        disabled=list(_COLUMNS) if not now.may_edit else [*grid.EVIDENCE, "mark", "also"],
        on_change=take_over,
        column_config=_config(now, frame, queues),
        alt="Rules in order: conditions, queue, wait, overflow, priority, failure path, and what "
        "the log says of the last 28 days",
    )


def _key(names: list[str]) -> str:
    """Another key for other rows: what was typed belongs to a row by its number."""
    rows = hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]
    return f"rules {desk.generation()} {rows}"


def take_over() -> None:
    """Take into the draft what was edited since the last time.

    The editor tells all edits since it was drawn, so what was seen before is left out.
    """
    drawn: Drawn | None = st.session_state.get(DRAWN)
    if drawn is None or drawn.key not in st.session_state:
        return
    told: dict[int, dict[str, Any]] = st.session_state[drawn.key]["edited_rows"]
    seen: dict[int, dict[str, Any]] = st.session_state.get(_SEEN, {}).get(drawn.key, {})
    new = {
        row: {name: value for name, value in columns.items() if _is_new(seen, row, name, value)}
        for row, columns in told.items()
    }
    st.session_state[_SEEN] = {drawn.key: {row: dict(columns) for row, columns in told.items()}}
    for row, columns in new.items():
        if PICK in columns:
            _pick(drawn.names[int(row)], bool(columns.pop(PICK)))
    edits = {row: columns for row, columns in new.items() if columns}
    if edits:
        _apply(drawn, edits)


def _apply(drawn: Drawn, edits: dict[int, dict[str, Any]]) -> None:
    taken: list[grid.Applied] = []

    def change(draft: Draft) -> Draft:
        overtaking.tell_of_cells(drawn.policy, draft.policy, drawn.names, edits)
        found = grid.applied(draft.policy, drawn.names, edits, drawn.queues)
        taken.append(found)
        return draft.edited(found.policy, words_for.edits(drawn.names, edits))

    desk.change_draft(change, redraw=False)
    moved = any({"place", "rule"} & set(columns) for columns in edits.values())
    if not taken or taken[-1].refused or moved:
        desk.redraw_grid()
    if taken:
        desk.refuse(*(f"Not taken: {text}" for text in taken[-1].refused))


def _pick(name: str, picked: bool) -> None:
    if picked and st.session_state.get(CHOSEN) not in (None, name):
        desk.redraw_grid()  # or the rule picked before would stay ticked
    st.session_state[CHOSEN] = name if picked else None


def _is_new(seen: dict[int, dict[str, Any]], row: int, name: str, value: Any) -> bool:
    before = seen.get(row, {})
    return name not in before or before[name] != value


def _config(now: Desk, frame: pd.DataFrame, queues: Sequence[str]) -> dict[str, Any]:
    column, choices = st.column_config, Choices.of(now.draft.policy, queues)
    intents = sorted({one for listed in frame["intents"] for one in listed})
    return {
        "mark": column.TextColumn(
            "", width=24, pinned=True, help=f"● changed since version {now.draft.base}"
        ),
        PICK: column.CheckboxColumn(
            "Edit", width=52, pinned=True, help="Tick to edit, copy, move or delete the rule."
        ),
        "rule": column.TextColumn(
            "Rule", width=96, pinned=True, required=True, max_chars=200, help=words_for.RULE
        ),
        "place": column.NumberColumn(
            "#", width=44, min_value=1, step=1, required=True, help=words_for.PLACE
        ),
        "intents": column.MultiselectColumn(
            "When intent is",
            options=intents,
            accept_new_options=True,
            color="gray",
            width=122,
            help=words_for.INTENTS,
        ),
        "also": column.TextColumn("Also when", width=150, help=words_for.ALSO),
        "queue": column.SelectboxColumn(
            "Queue", options=list(choices.queues), width=82, help=words_for.QUEUE
        ),
        "wait": column.NumberColumn(
            "Wait", format="%g s", min_value=1, max_value=86_400, width=56, help=words_for.WAIT
        ),
        "then": column.SelectboxColumn(
            "Then", options=list(choices.overflows), width=92, help=words_for.THEN
        ),
        "priority": column.SelectboxColumn(
            "Priority",
            options=list(words_for.PRIORITIES),
            format_func=words_for.priority,
            required=True,
            width=72,
            help=words_for.PRIORITY,
        ),
        "if_nobody": column.SelectboxColumn(
            "If nobody",
            options=list(words_for.FAILURE_PATHS),
            format_func=words.failure_path,
            required=True,
            width=82,
            help=words_for.IF_NOBODY,
        ),
        "skill": column.SelectboxColumn(
            "Skill", options=list(choices.skills), width=64, help=words_for.SKILL
        ),
        **_evidence(),
    }


def _evidence() -> dict[str, Any]:
    column = st.column_config
    share = column.ProgressColumn
    few = f"Nothing under {FEW_N} attempts."
    return {
        "attempts": column.NumberColumn(
            "Attempts", format="localized", width=66, help=words_for.ATTEMPTS
        ),
        "reached": share(
            "Reached",
            format="%.0f%%",
            min_value=0,
            max_value=100,
            width=70,
            color="blue",
            help=f"{MEANINGS['success_rate']} {few}",
        ),
        "timed_out": share(
            "Timed out",
            format="%.0f%%",
            min_value=0,
            max_value=50,
            width=70,
            color="orange",
            help=f"{MEANINGS['timeout_rate']} The bar is full at 50%. {few}",
        ),
        "context": share(
            "Context",
            format="%.0f%%",
            min_value=0,
            max_value=100,
            width=70,
            color="gray",
            help=f"{MEANINGS['completeness']} {few}",
        ),
    }
