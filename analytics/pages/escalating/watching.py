"""The test escalation that was sent, watched live: its timeline, and the agent's workspace."""

from __future__ import annotations

import streamlit as st

from analytics import words
from analytics.pages.escalating import asking, timeline, workspace
from analytics.pages.escalating.sending import HOLDS, SENT
from analytics.pages.parts import boxes, reading
from analytics.pages.parts.who import actor
from connector.errors import HandoffError, NoSuchAttempt
from connector.escalation_tests import EscalationTest, EscalationTests
from connector.sandbox.player import Player
from connector.settings import Settings

EVERY_S = 1.0
_HELD, _NOT_LEFT = "test held", "test not left"


def section(settings: Settings) -> None:
    """What became of the last one this session sent; drawn again each second while it lasts."""
    if SENT not in st.session_state:
        return
    try:
        over = _tests(settings).look(st.session_state[SENT]).over
    except NoSuchAttempt as error:
        st.session_state.pop(SENT)
        st.caption(str(error))
        return
    st.fragment(_watched, run_every=None if over else EVERY_S)(settings)


def _watched(settings: Settings) -> None:
    tests = _tests(settings)
    test, player = tests.look(st.session_state[SENT]), asking.player(settings)
    _hold(player, test)
    left, right = st.columns([5, 6], gap="large")
    with left:
        _timeline(tests, test, player)
    if player is not None:
        with right:
            held = bool(st.session_state.get(HOLDS))
            workspace.column(player, test.result.conversation_id, held=held)
    if test.over and not st.session_state.get(f"over {test.handoff.handoff_id}"):
        st.session_state[f"over {test.handoff.handoff_id}"] = True
        st.rerun()  # the whole page, so that nothing runs every second any more


def _timeline(tests: EscalationTests, test: EscalationTest, player: Player | None) -> None:
    zone = reading.viewer_zone()
    boxes.heading(
        "Timeline",
        f"Live, times in {zone}. The log counts the attempt as test.",
        definition="What the bot hears of its handoff, from the connector.",
    )
    agent = _agent(player, test.result.agent)
    with st.container(border=True, gap="xsmall"):
        timeline.standing(test, agent)
        st.space("xxsmall")
        timeline.happened(test, zone, agent)
        st.caption(f"Attempt {test.result.attempt_id}")
    if failed := st.session_state.pop(_NOT_LEFT, None):
        st.error(words.plain(failed))
    if not test.over:
        accepted = test.result.outcome is not None
        st.button(
            "Hang up" if accepted else "Cancel: the customer leaves",
            key="test leave",
            icon=":material/call_end:",
            on_click=_leave,
            args=(tests, test.handoff.handoff_id),
            help="Ends the conversation in 8x8.",
        )


def _hold(player: Player | None, test: EscalationTest) -> None:
    """Keep the sandbox's own agents from it, once, as soon as it is there."""
    conversation_id = test.result.conversation_id
    if player is None or conversation_id is None or not st.session_state.get(HOLDS):
        return
    if st.session_state.get(_HELD) == conversation_id or test.result.outcome is not None:
        return
    try:
        player.hold(conversation_id)
    except HandoffError:  # it is tried again with the next look
        return
    st.session_state[_HELD] = conversation_id


def _agent(player: Player | None, agent_id: str | None) -> str:
    if agent_id is None or player is None:
        return agent_id or ""
    try:
        return player.floor().name_of(agent_id)
    except HandoffError:
        return agent_id


def _leave(tests: EscalationTests, handoff_id: str) -> None:
    try:
        tests.leave(actor(), handoff_id)
    except HandoffError as error:
        st.session_state[_NOT_LEFT] = str(error)


def _tests(settings: Settings) -> EscalationTests:
    return asking.tests(settings)
