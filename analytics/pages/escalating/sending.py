"""Sends what is chosen: at once in a sandbox, after a confirmation in a real tenant."""

from __future__ import annotations

import streamlit as st

from analytics import words
from analytics.pages.escalating import asking
from analytics.pages.escalating.form import NEXT
from analytics.pages.parts import boxes
from analytics.pages.parts.who import actor
from connector.access import Role
from connector.errors import HandoffError
from connector.handoff import Handoff
from connector.routing import Decision
from connector.settings import Settings

SENT, HOLDS = "test sent", "test holds"
_REFUSED, _ROUND = "test refused", "test round"


def section(settings: Settings, handoff: Handoff, decided: Decision, sample: str) -> None:
    """The button, and what must be said before it works."""
    if settings.lacking:
        pressed = boxes.empty(
            "No tenant is connected",
            "The decision shows all the same. To send, connect a tenant or start the sandbox with "
            "**./run**.",
            button="Connect a tenant",
        )
        if pressed:
            st.switch_page("analytics/pages/connection.py")
        return
    if not actor().role.includes(Role.MANAGER):
        st.caption("Only managers and admins send test escalations.")
        return
    confirmed = _sandboxed() if settings.is_loopback else _confirmed(settings, decided)
    if refused := st.session_state.pop(_REFUSED, None):
        st.error(f"Not sent. {words.plain(refused)}")
    st.button(
        "Send test escalation",
        type="primary",
        disabled=not confirmed,
        on_click=_send,
        args=(settings, handoff, confirmed, sample),
        help="A real handoff through the connector, marked test: it is in the log, and counts "
        "only where test is asked for.",
    )


def _sandboxed() -> bool:
    st.checkbox(
        "I play the agent",
        value=True,
        key="test-play",
        help="The sandbox's own agents leave it to you. Otherwise one of them takes it soon.",
    )
    return True


def _confirmed(settings: Settings, decided: Decision) -> bool:
    """What is confirmed is this tenant and queue, once: another choice asks again."""
    tenant = words.plain(settings.tenant_id or settings.api_base)
    queue = next((step.queue for step in decided.steps if step.skipped is None), None)
    where = f"queue **{words.plain(queue)}**" if queue else "no queue, all are skipped now"
    key = f"confirm {tenant} {queue} {st.session_state.get(_ROUND, 0)}"
    st.markdown(f"This goes to the real tenant **{tenant}**, {where}. A live agent will be asked.")
    return st.checkbox(f"Yes, send a test to {tenant}", key=key)


def _send(settings: Settings, handoff: Handoff, confirmed: bool, sample: str) -> None:
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    try:
        sent = asking.tests(settings).send(actor(), handoff, confirmed=confirmed, note=sample)
    except HandoffError as error:
        st.session_state[_REFUSED] = str(error)
        return
    st.session_state[SENT] = sent
    st.session_state.pop(NEXT, None)
    st.session_state[HOLDS] = bool(st.session_state.get("test-play")) and settings.is_loopback
