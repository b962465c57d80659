"""Emergencies on every page: a banner while one is in force, and for managers a way to end it."""

from __future__ import annotations

import streamlit as st

from analytics import words
from analytics.pages.parts import reading, who
from connector.access import Role
from connector.emergency import Declared, end, sentence
from connector.errors import HandoffError

EVERY_S = 2.0
MOST, LONGEST_TEXT = 3, 160
_SAID, _FAILED, _LOOKED = "emergency said", "emergency failed", "looked for emergencies"


@st.fragment(run_every=EVERY_S)
def banner() -> None:
    """What is in force now: what happens, until when, by whom, and a button that ends it."""
    if text := st.session_state.pop(_SAID, None):
        st.toast(text, icon=":material/check:")
    if failed := st.session_state.get(_FAILED):
        st.error(words.plain(failed))
    found = _in_force()
    for declared in found[:MOST]:
        _one(declared)
    if len(found) > MOST:
        st.caption(f"And {len(found) - MOST} older ones, which concern whom these do not.")


def say(text: str) -> None:
    """Tell it with the next look of the banner."""
    st.session_state[_SAID] = text


def _in_force() -> list[Declared]:
    # The first view of all waits for the log to open; the page says so, and the next look is soon.
    try:
        if not reading.is_open() and not st.session_state.get(_LOOKED):
            st.session_state[_LOOKED] = True
            return []
        return reading.emergencies()
    except HandoffError:
        return []  # the status line and the page say that the log does not answer


def _one(declared: Declared) -> None:
    number = declared.emergency_id
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key=f"emergency {number}"
    ):
        st.markdown(_words(declared), width="stretch")
        if who.may(Role.MANAGER):
            st.button("End", key=f"end {number}", on_click=_end, args=(number,))


def _words(declared: Declared) -> str:
    emergency, zone, now = declared.emergency, reading.viewer_zone(), reading.clock().now()
    until, since = (
        words.clock(moment, zone, now=now) for moment in (emergency.until, declared.declared_at)
    )
    said = sentence(emergency)
    if len(said) > LONGEST_TEXT:
        said = f"{said[:LONGEST_TEXT]}…"
    why = f": {words.plain(emergency.note)}" if emergency.note else ""
    return (
        f":red[**Emergency until {until}**] ({zone}). **{words.plain(said)}**. "
        f":gray[Declared by {words.plain(declared.declared_by)} at {since}{why}.]"
    )


def _end(emergency_id: str) -> None:
    # A callback may draw nothing: the banner tells.
    try:
        lake = reading.home().lake
        end(lake, emergency_id, actor=who.actor(), clock=reading.clock())
    except HandoffError as error:
        st.session_state[_FAILED] = f"Not ended. {error}"
        return
    st.session_state.pop(_FAILED, None)
    say("The emergency is over. Running connectors follow within 2 s.")
