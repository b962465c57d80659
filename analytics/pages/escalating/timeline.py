"""How a test escalation stands and what happened so far, in words."""

from __future__ import annotations

import streamlit as st

from analytics import words
from connector.escalation import BotEvent
from connector.escalation_tests import EscalationTest
from connector.handoff import Outcome, Result, Waiting

OUTCOMES = {
    Outcome.ACCEPTED: "An agent took it",
    Outcome.TIMED_OUT: "Timed out: nobody took it in time",
    Outcome.NO_AGENTS: "No agents: every queue was skipped",
    Outcome.ABANDONED: "Abandoned: the customer left",
    Outcome.REJECTED: "Rejected: 8x8 refused it",
    Outcome.FAILED: "Failed: 8x8 could not be asked, or a bug",
    Outcome.UNKNOWN: "Unknown: nobody can tell what became of it",
}


def standing(test: EscalationTest, agent: str) -> None:
    """Where it is now; `agent` is the name of whoever took it."""
    if test.result.outcome is None:
        _waiting(test.waiting)
    else:
        _outcome(test.result, agent)


def happened(test: EscalationTest, zone: str, agent: str) -> None:
    """Every event so far, oldest first; `zone` is the viewer's."""
    lines = [(event, text) for event in test.events if (text := _event(event, agent)) is not None]
    for event, text in lines:
        st.markdown(f":gray[{words.clock(event.at, zone)}] {text}")
    if not lines:
        st.markdown(":gray[Nothing yet]")


def _waiting(waiting: Waiting | None) -> None:
    if waiting is None or waiting.queue is None:
        st.markdown("**Asking 8x8** for an agent")
        return
    ahead = waiting.people_ahead
    people = "" if ahead is None else f", {'nobody' if ahead == 0 else ahead} ahead"
    st.markdown(
        f"**Waiting in {words.plain(waiting.queue)}** for {words.seconds(waiting.waited_s)}{people}"
    )
    st.caption(f"The bot says: “{words.plain(waiting.message)}”")


def _outcome(result: Result, agent: str) -> None:
    assert result.outcome is not None
    colour = "blue" if result.accepted else "orange"
    reason = f" ({words.plain(result.reason)})" if result.reason else ""
    wait = f" after {words.seconds(result.wait_s)}" if result.wait_s else ""
    where = f", {words.plain(agent)} in {words.plain(result.queue or '')}" if agent else ""
    st.markdown(f":{colour}[**{OUTCOMES[result.outcome]}**]{reason}{wait}{where}")
    if result.context_delivered:
        st.markdown(f"Context delivered: {_names(result.context_delivered)}.")
    if result.context_missing:
        st.markdown(f":orange[Context missing: {_names(result.context_missing)}.]")
    if result.failure_path:
        target = f" {words.plain(result.failure_target)}" if result.failure_target else ""
        said = words.plain(result.failure_text or "")
        st.markdown(f"{words.failure_path(result.failure_path)}{target}: “{said}”")


def _event(event: BotEvent, agent: str) -> str | None:
    """One line; None for what is told elsewhere."""
    data = event.data
    queue = f"**{words.plain(str(data.get('queue')))}**"
    match event.kind:
        case "created":
            return "8x8 has the conversation"
        case "step":
            return f"Offered to {queue} for up to {words.seconds(data['timeout_s'])}"
        case "accepted":
            return f"**{words.plain(agent or str(data.get('agent')))}** took it in {queue}"
        case "message":
            return f"Agent: {words.plain(str(data['text']))}"
        case "transferred":
            return "The agent transferred it to another queue"
        case "ended":
            return f"Ended by the {words.plain(str(data.get('by')))}"
        case "outcome" if data.get("outcome") != "accepted":
            return OUTCOMES[Outcome(data["outcome"])]
    return None


def _names(names: tuple[str, ...]) -> str:
    return words.listing([words.plain(name) for name in names], most=12)
