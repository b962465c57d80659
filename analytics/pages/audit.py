"""Audit: who changed what, when, with the values before and after. For admins."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import streamlit as st

from analytics import words
from analytics.pages.parts import audit_rows, boxes, reading, tables, who
from connector.audit import AuditEntry
from connector.clock import utc_now
from connector.errors import HandoffError
from connector.roles import load_roles

PERIODS = {"24 hours": 1, "7 days": 7, "28 days": 28, "90 days": 90}
ALL = "All"


def page() -> None:
    st.title("Audit", anchor=False)
    boxes.told()
    try:
        with boxes.opening():
            entries = reading.audit(who.actor())
        rows = _frame(reading.settings().home, len(entries), entries)
    except HandoffError as error:
        boxes.unreadable(error)
        return
    if entries:
        _entries(entries, rows)
    else:
        boxes.empty(
            "Nothing has been changed yet",
            "Whoever publishes a policy, changes the connection, gives a role or declares an "
            "emergency is listed here, with what was and what is.",
        )
    st.space("small")
    _roles()


def _entries(entries: list[AuditEntry], rows: pd.DataFrame) -> None:
    place = st.container()
    shown = _filtered(rows)
    zone = reading.viewer_zone()
    with place:
        st.markdown(_sentence(shown, rows, zone))
    if shown.empty:
        boxes.empty(
            "No entries match these filters",
            f"The audit holds {words.these(len(rows), 'change')}.",
            button="Clear filters",
            on_click=_clear,
        )
        return
    picked = _table(shown, zone)
    tables.download(shown.assign(happened_at=shown["happened_at"].dt.tz_localize("UTC")), "audit")
    if picked is not None:
        _details(entries[picked], zone)


def _sentence(shown: pd.DataFrame, rows: pd.DataFrame, zone: str) -> str:
    if shown.empty:
        return f"None of {words.these(len(rows), 'change')}."
    newest = shown.iloc[0]
    when = words.clock(newest["happened_at"].to_pydatetime(), zone, now=utc_now())
    number = shown["actor"].nunique()
    people = "1 person" if number == 1 else f"{number} people"
    return (
        f"**{words.these(len(shown), 'change')}** by {people}. The newest: "
        f"{words.plain(newest['actor'])}, *{words.plain(newest['action'])}*, {when} ({zone})."
    )


def _filtered(rows: pd.DataFrame) -> pd.DataFrame:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = st.segmented_control(
            "Period",
            [*PERIODS, ALL],
            default=ALL,
            key="audit_period",
            bind="query-params",
            required=True,
        )
        actors = _many("Who", "audit_who", rows["actor"])
        actions = _many("Action", "audit_action", rows["action"])
        text = st.text_input(
            "Text", key="audit_text", bind="query-params", placeholder="In any column", width=220
        )
    return audit_rows.narrowed(
        rows, since=_since(period), actors=actors, actions=actions, text=text
    )


def _many(label: str, key: str, column: pd.Series) -> list[str]:
    options = sorted({*column, *st.session_state.get(key, st.query_params.get_all(key))})
    return st.multiselect(label, options, key=key, bind="query-params", width=220)


def _since(period: str) -> datetime | None:
    return utc_now() - timedelta(days=PERIODS[period]) if period in PERIODS else None


def _clear() -> None:
    st.session_state.update(audit_period=ALL, audit_who=[], audit_action=[], audit_text="")


def _table(shown: pd.DataFrame, zone: str) -> int | None:
    """The table; gives the number of the entry whose cell was chosen."""
    local = shown["happened_at"].dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
    text = st.column_config.TextColumn
    event = st.dataframe(
        shown.assign(happened_at=local),
        hide_index=True,
        row_height=36,
        height="content" if len(shown) <= tables.MOST_ROWS else "auto",
        on_select="rerun",
        selection_mode="single-cell",
        key="audit table",
        alt="Who changed what, newest first",
        column_config={
            "happened_at": st.column_config.DatetimeColumn(
                f"When ({zone})", format="D MMM YYYY, HH:mm:ss", width=168
            ),
            "actor": text("Who", width=130),
            "action": text("Action", width=150),
            "subject": text("What", width=170),
            "change": text("Before → after", width=430),
            "note": text("Note", width=180),
        },
    )
    st.caption("Choose a cell, by mouse or with the arrow keys, to see its change in full.")
    cells = event.selection.cells
    if not cells or not 0 <= cells[0][0] < len(shown):
        return None
    return int(shown.index[cells[0][0]])


def _details(entry: AuditEntry, zone: str) -> None:
    when = words.clock(entry.happened_at, zone, now=utc_now())
    note = f" “{words.plain(entry.note)}”" if entry.note else ""
    with st.container(border=True):
        boxes.heading(f"{entry.action[:1].upper()}{entry.action[1:]}: {words.plain(entry.subject)}")
        st.caption(f"{words.plain(entry.actor)}, {when} ({zone}).{note}")
        if beside := audit_rows.beside(entry):
            st.table([{name: words.plain(cell) for name, cell in row.items()} for row in beside])
        else:
            st.caption("Nothing of its values was kept.")


def _roles() -> None:
    """Who has which role; `handoff roles` changes it."""
    with st.expander("Who may do what"):
        if not who.has_log_in():
            st.markdown(
                "No log-in is configured: whoever sits at this machine is **admin**, everybody "
                "else only looks. README, *Roles*, says how to set one up."
            )
        try:
            roles = load_roles(reading.settings())
        except HandoffError as error:
            st.error(words.plain(str(error)))
            return
        kinds = {"person": roles.people, "group": roles.groups}
        listed = [
            (name, kind, str(role))
            for kind, found in kinds.items()
            for name, role in sorted(found.items())
        ]
        listed.append(("everybody else who logs in", "", roles.default or "none"))
        st.table([{"Who": words.plain(a), "Kind": b, "Role": str(c)} for a, b, c in listed])
        st.caption("Change it with the command: handoff roles set ann@example.com manager")


@st.cache_data(max_entries=2, show_spinner=False)
def _frame(home: Path, number: int, _entries: list[AuditEntry]) -> pd.DataFrame:
    # Entries are only ever added, so their number tells whether these are they.
    return audit_rows.frame(_entries)


page()
