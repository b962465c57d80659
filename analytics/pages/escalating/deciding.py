"""The decision for what is chosen, in words, with its trace and the context the agent would get."""

from __future__ import annotations

import streamlit as st

from analytics import words
from analytics.pages.parts import boxes
from connector import context
from connector.context import Payload
from connector.handoff import Handoff
from connector.policy import Policy
from connector.routing import Decision, PlannedStep

_SKIPPED = {
    "closed": "closed",
    "nobody_logged_in": "nobody logged in",
    "all_busy": "all busy",
}
_PATHS = {
    "callback": "the bot offers a callback",
    "email": "the bot asks for an e-mail",
    "message": "the bot says",
    "external": "the bot leads on to",
}


def section(policy: Policy, handoff: Handoff, decided: Decision, payload: Payload) -> None:
    """Sentence first, then steps, context and trace."""
    boxes.heading(
        "Decision",
        f"What policy version {decided.policy_version} does with it now.",
        definition="Nothing is sent yet. Availability is at most ten seconds old.",
    )
    st.markdown(sentence(decided))
    with st.container(border=True, gap="xsmall"):
        for number, step in enumerate(decided.steps, 1):
            st.markdown(f"**{number}.** {_step(step)}")
        st.caption(_otherwise(decided))
    _context(policy, handoff, decided, payload)
    with st.expander("Why: the trace", expanded=False):
        for line in decided.trace:
            st.markdown(f"- {words.plain(line)}")


def sentence(decided: Decision) -> str:
    """Which rule takes it where."""
    rule = words.plain(decided.rule)
    by = "The **default rule**" if decided.rule == "default" else f"Rule **{rule}**"
    tried = [step for step in decided.steps if step.skipped is None]
    if not tried:
        return f"{by} takes it, and every queue would be skipped now: nobody is asked."
    names = " then ".join(f"**{words.plain(step.queue)}**" for step in tried)
    return f"{by} takes it to {names}, priority {decided.priority}, language {decided.language}."


def _step(step: PlannedStep) -> str:
    queue = words.plain(step.queue)
    where = f"{queue} ({step.queue_id})" if step.queue_id else f"{queue}, as the channel routes"
    if step.skipped is not None:
        return f"{where}: :orange[skipped, {_SKIPPED[step.skipped]}]"
    free = step.agents_available
    said = "" if free is None else f", {words.these(free, 'agent')} available"
    skill = f", skill {words.plain(step.skill)}" if step.skill else ""
    return f"{where}: up to {words.seconds(step.timeout_s)}{said}{skill}"


def _otherwise(decided: Decision) -> str:
    target = f" {words.plain(decided.failure_target)}:" if decided.failure_target else ""
    path = _PATHS[decided.failure_path]
    return f"If nobody takes it, {path}{target} “{words.plain(decided.failure_text)}”"


def _context(policy: Policy, handoff: Handoff, decided: Decision, payload: Payload) -> None:
    got = [f"**{words.plain(name)}**" for name in payload.present]
    st.markdown(f"The agent gets {words.listing(got, most=12)}.")
    lines = {
        "Required and missing": payload.missing,
        "Cut to what 8x8 takes": payload.cut,
        "Sent and marked by nobody, so the agent never sees it": context.unmarked(policy, handoff),
    }
    for said, names in lines.items():
        if names:
            listed = words.listing([words.plain(name) for name in names], most=12)
            st.markdown(f":orange[{said}: **{listed}**.]")
