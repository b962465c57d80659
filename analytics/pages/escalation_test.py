"""Test escalation: choose what a bot would hand over, see the decision, send it and watch."""

from __future__ import annotations

import streamlit as st

from analytics import words
from analytics.metrics import Filters
from analytics.pages.escalating import asking, deciding, form, sending, watching
from analytics.pages.parts import boxes, reading
from connector.errors import BadHandoff, HandoffError
from connector.escalation_tests import read_samples
from connector.policy import Policy
from connector.settings import Settings


def page() -> None:
    st.title("Test escalation", anchor=False)
    try:
        settings = reading.settings()
        with boxes.opening():
            policy, seen = reading.policy(), _seen()
    except HandoffError as error:
        boxes.unreadable(error)
        return
    st.markdown(_lead(settings))
    st.space("xxsmall")
    _choosing(settings, policy, seen)
    st.space("small")
    watching.section(settings)


def _choosing(settings: Settings, policy: Policy, seen: dict[str, list[str]]) -> None:
    left, right = st.columns([5, 6], gap="large")
    try:
        with left:
            boxes.heading("What the bot hands over")
            samples = {sample.name: sample for sample in read_samples()}
            asked = form.fields(policy, samples, seen)
        with right:
            decided = asking.decision(settings, policy, asked.handoff)
            payload = asking.payload(policy, asked.handoff, decided)
            deciding.section(policy, asked.handoff, decided, payload)
            sending.section(settings, asked.handoff, decided, asked.sample.name)
    except BadHandoff as error:
        right.error(words.plain(str(error)))
    except HandoffError as error:
        right.error(f"No decision. {words.plain(str(error))}")


def _lead(settings: Settings) -> str:
    if settings.lacking:
        return "See what the policy does with a handoff. Without a tenant nothing can be sent."
    if settings.is_loopback:
        return (
            "Send a handoff as a bot would, play the agent, and watch both sides. It goes to the "
            "**sandbox**; nothing reaches 8x8."
        )
    tenant = words.plain(settings.tenant_id or settings.api_base)
    return (
        f"Send a handoff as a bot would, and watch it live. It goes to the tenant **{tenant}**, "
        "after you confirm."
    )


def _seen() -> dict[str, list[str]]:
    """Intents and channels of the log."""
    found = reading.choices(Filters())
    return {name: [str(value) for value in found[name] if value] for name in ("intent", "channel")}


page()
