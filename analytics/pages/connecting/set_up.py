"""Set up in 8x8: first what would be done, then doing it."""

from __future__ import annotations

import streamlit as st

from analytics import words
from analytics.pages.connecting import asking
from analytics.pages.parts import boxes, reading, who
from connector.connection import SetupStep, change_connection
from connector.errors import HandoffError
from connector.settings import Settings

_SAID = {"create": "Create", "update": "Change", "reuse": "Keep", "blocked": "Cannot yet"}
_COLOURS = {"create": "blue", "update": "yellow", "reuse": "gray", "blocked": "red"}


def section(settings: Settings, *, stands_in: bool) -> None:
    """What is set up, and the button that shows the plan."""
    boxes.heading(
        "Set up in 8x8", "One webhook for our address, and one Chat API channel that uses it."
    )
    with st.container(border=True):
        if stands_in:
            st.markdown("Nothing to set up: the sandbox on this machine is ready as it is.")
            return
        st.markdown(_state(settings))
        if failed := st.session_state.get("set-up failed"):
            st.error(f"Not set up. {words.plain(failed)}")
        if st.button("Set up in 8x8…", icon=":material/build:", disabled=not settings.configured):
            _dialog(settings)


def _state(settings: Settings) -> str:
    if not settings.configured:
        return "Save key and Tenant URL first."
    parts = {"webhook": settings.webhook_id, "channel": settings.channel_id}
    done = [f"{name} **{words.plain(found)}**" for name, found in parts.items() if found]
    return f"Set up: {words.listing(done)}." if done else "Not set up yet."


@st.dialog("Set up in 8x8", width="medium")
def _dialog(settings: Settings) -> None:
    try:
        with st.spinner("Looking at what is there"):
            steps = asking.plan(settings, reading.policy())
    except HandoffError as error:
        st.error(words.plain(str(error)))
        return
    for step in steps:
        _step(step)
    if settings.webhook_id and settings.channel_id and all(it.action == "reuse" for it in steps):
        st.caption("Nothing to do: webhook and channel are there, and their ids are saved.")
        return
    st.caption(
        "8x8 tests the address before it takes the webhook, so the service must run there. "
        "Doing this again changes nothing."
    )
    blocked = any(step.action == "blocked" for step in steps)
    # The callback may draw nothing: what it drew would have no place in the dialog.
    if st.button("Set up", type="primary", disabled=blocked, on_click=_apply, args=(settings,)):
        st.rerun()


def _step(step: SetupStep) -> None:
    action, what = st.columns([1, 5], wrap=False, gap="small")
    action.badge(_SAID[step.action], color=_COLOURS[step.action])  # type: ignore[arg-type]
    what.markdown(f"{step.thing} **{words.plain(step.name)}**: {words.plain(step.detail)}")


def _apply(settings: Settings) -> None:
    try:
        done = asking.apply(settings, reading.policy(), who.actor())
        fixed = settings.set_by_environment()
        changes = {name: value for name, value in done.items() if name not in fixed}
        change_connection(reading.home(), changes, actor=who.actor())
    except (HandoffError, OSError) as error:
        st.session_state["set-up failed"] = str(error)
        return
    st.session_state.pop("set-up failed", None)
    boxes.tell("Webhook and channel are set up and saved.")
