"""The Overview of one session, read before anything is drawn.

While a run takes long, what the run before drew fades. So a fragment that draws nothing reads ahead
every few seconds, and only when the log has changed the page is drawn again, from what was read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from analytics.look import Palette
from analytics.metrics import LogSpan
from analytics.pages.parts import boxes, filters, reading
from analytics.pages.parts.filters import Chosen
from analytics.pages.parts.numbers import Overview
from analytics.pages.parts.pictures import Pictures, pictures
from connector.errors import HandoffError

REFRESH_S = 10.0
_AHEAD, _DRAWN, _NEW = "read ahead", "snapshot drawn", "page just drawn"


@dataclass(frozen=True)
class Fresh:
    """What was read, for which question and look, and of which snapshot."""

    chosen: Chosen
    hidden: bool
    look: Palette
    snapshot: int
    found: Overview
    span: LogSpan
    pictures: Pictures | None


def begin() -> None:
    """At the beginning of a page: read it all of the snapshot that was read ahead, if any was."""
    st.session_state[_NEW] = True
    st.session_state.pop(_DRAWN, None)
    ahead: Fresh | None = st.session_state.get(_AHEAD)
    reading.pin(ahead.snapshot if ahead else None)


def read(chosen: Chosen, zone: str) -> Fresh:
    """What was read ahead when it answers this question, else read now. Raises LogError."""
    ahead: Fresh | None = st.session_state.pop(_AHEAD, None)
    reading.pin(None)
    now = _question(chosen, reading.hides_demo(), boxes.colours())
    if ahead is None or _question(ahead.chosen, ahead.hidden, ahead.look) != now:
        ahead = _read(chosen, zone)
    st.session_state[_DRAWN] = ahead.snapshot
    return ahead


@st.fragment(run_every=REFRESH_S)
def read_ahead() -> None:
    """Read what the log holds by now, and have the page drawn again when that is new."""
    if st.session_state.pop(_NEW, False):
        return
    drawn = st.session_state.get(_DRAWN)
    try:
        if drawn == reading.snapshot():
            return
        zone = reading.policy().zone
        ahead = _read(filters.chosen(zone), zone)
        if ahead.pictures:
            ahead.pictures.finish()
        reading.pin(ahead.snapshot)
        filters.warm(zone)
        st.session_state[_AHEAD] = ahead
    except HandoffError:
        if drawn is None:  # the page says so already
            return
    finally:
        reading.pin(None)
    st.rerun()


def _read(chosen: Chosen, zone: str) -> Fresh:
    snapshot, look = reading.snapshot(), boxes.colours()
    reading.pin(snapshot)
    try:
        found = reading.overview(chosen.filters, unit=chosen.unit, zone=zone)
        span = reading.span()
    finally:
        reading.pin(None)
    drawn = pictures(chosen, found, zone, look)
    return Fresh(chosen, reading.hides_demo(), look, snapshot, found, span, drawn)


def _question(chosen: Chosen, hidden: bool, look: Palette) -> object:
    """What was asked but for the minute: the end of a period moves with the clock."""
    if not chosen.dates:
        chosen = replace(chosen, filters=replace(chosen.filters, since=None, until=None))
    return chosen, hidden, look
