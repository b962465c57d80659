"""Follow-ups as a CSV file; with contacts only when a manager chooses so, and then audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from analytics import words
from analytics.pages.parts import reading
from analytics.pages.parts.who import actor
from connector import follow_ups
from connector.access import Role
from connector.errors import HandoffError
from connector.follow_ups import FollowUp
from connector.follow_ups.export import as_csv

_READY = "export with contacts"


def export(found: Sequence[FollowUp], now: datetime) -> None:
    """A box with the file of what is listed, and the way to one with contacts."""
    with st.popover("Export", icon=":material/download:"):
        _download("CSV without contacts", as_csv(found, now), "handoff-follow-ups.csv")
        if not actor().role.includes(Role.MANAGER):
            st.caption("With contacts for managers only.")
            return
        st.button(
            "Prepare one with contacts",
            on_click=_prepare,
            args=(list(found), now),
            help="The audit will say who took along whose contact.",
        )
        ready: str | HandoffError | None = st.session_state.pop(_READY, None)
        if isinstance(ready, HandoffError):
            st.markdown(f":red[**No file.**] {words.emphasised(str(ready))}")
        elif ready is not None:
            _download("CSV with contacts", ready, "handoff-follow-ups-contacts.csv")


def _prepare(found: list[FollowUp], now: datetime) -> None:
    try:
        told = follow_ups.look_at_contacts(reading.home(), found, actor=actor())
    except HandoffError as error:
        st.session_state[_READY] = error
    else:
        st.session_state[_READY] = as_csv(found, now, told)


def _download(label: str, text: str, name: str) -> None:
    st.download_button(
        label, text.encode(), file_name=name, mime="text/csv", key=name, on_click="ignore"
    )
