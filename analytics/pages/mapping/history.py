"""The history dialog: every version, what differs between two of them, and the way back."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics import words
from analytics.pages.mapping import checks, desk
from analytics.pages.mapping.desk import Desk
from analytics.pages.mapping.publishing import changes_box
from analytics.pages.parts import boxes, reading
from connector import publishing
from connector.errors import HandoffError
from connector.publishing import Finding, Published

_FAILED, _NOTE, _DONE = "rolling back failed", "note of going back", "rolled back"


@st.dialog("History", width="large")
def history_dialog(now: Desk) -> None:
    """Look at versions; rolling back publishes an old one as the next."""
    if st.session_state.pop(_DONE, False):
        st.rerun()
    # Before the table: what hovers above a table's end would cover the dialog's own ✕.
    st.caption("Every version that was published, newest first.")
    try:
        versions = publishing.history(reading.home().lake)
        _timeline(versions)
        before, after = _two(versions)
        changes = publishing.difference(reading.version(before), reading.version(after))
        st.caption(f"From version {before} to version {after}:")
        changes_box(changes)
        _way_back(now, [one.version for one in versions if one.version != now.published.version])
    except HandoffError as error:
        st.error(words.plain(str(error)))


def _timeline(versions: list[Published]) -> None:
    zone, now = reading.viewer_zone(), reading.clock().now()
    frame = pd.DataFrame(
        {
            "version": [one.version for one in versions],
            "published": [words.clock(one.published_at, zone, now=now) for one in versions],
            "by": [one.published_by for one in versions],
            "note": [one.note for one in versions],
            "based on": [_origin(one) for one in versions],
        }
    )
    column = st.column_config
    st.dataframe(
        frame,
        hide_index=True,
        width="stretch",
        height="content" if len(frame) <= 8 else 300,
        key="versions",
        alt="Published versions, newest first",
        column_config={
            "version": column.NumberColumn("Version", width=66, pinned=True),
            "published": column.TextColumn(f"Published ({zone})", width=150),
            "by": column.TextColumn("By", width=100),
            "note": column.TextColumn("Note", width=300),
            "based on": column.TextColumn("Came from", width=120),
        },
    )


def _origin(one: Published) -> str:
    if one.restored is not None:
        return f"back to {one.restored}"
    return f"version {one.based_on}" if one.based_on is not None else "first"


def _two(versions: list[Published]) -> tuple[int, int]:
    numbers = [one.version for one in versions]
    left, right = st.columns(2)
    second = numbers[1] if len(numbers) > 1 else numbers[0]
    before = left.selectbox("Compare version", numbers, index=numbers.index(second))
    after = right.selectbox("with version", numbers, index=0)
    return before, after


def _way_back(now: Desk, numbers: list[int]) -> None:
    if not numbers:
        st.caption("Nothing to go back to yet: this is the first version.")
        return
    st.markdown("**Roll back**")
    left, right = st.columns([1, 3])
    number = left.selectbox("To version", numbers, help="Its content becomes the next version.")
    right.text_input("Why", placeholder="Shown in History.", key=_NOTE)
    findings = checks.of_version(now, reading.version(number))
    for finding in findings:
        st.markdown(f":orange[:material/warning:] {words.plain(str(finding))}")
    if failed := st.session_state.get(_FAILED):
        st.error(failed)
    st.button(
        f"Roll back to version {number}",
        icon=":material/history:",
        disabled=not now.may_edit,
        on_click=_roll_back,
        args=(now, number, tuple(findings)),
    )


def begin() -> None:
    """Forget what a dialog before said."""
    st.session_state.pop(_FAILED, None)
    st.session_state.pop(_DONE, None)


def _roll_back(now: Desk, number: int, findings: Sequence[Finding]) -> None:
    """As on the command line: an error of the checks is in the way, warnings are told and pass."""
    begin()
    try:
        note = st.session_state[_NOTE]
        back = publishing.roll_back(
            reading.home().lake, number, actor=now.actor, note=note, findings=findings
        )
    except HandoffError as error:
        st.session_state[_FAILED] = f"Not rolled back. {words.plain(str(error))}"
        return
    st.session_state.pop(_NOTE, None)
    st.session_state[_DONE] = True
    desk.redraw_grid()
    boxes.tell(f"Version {back.version} is in force: what version {number} said.")
