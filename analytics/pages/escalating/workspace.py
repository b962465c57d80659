"""The agent's workspace in the sandbox: what a live agent would see, and what they can do."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from analytics import words
from analytics.pages.parts import boxes
from connector.errors import HandoffError
from connector.sandbox.player import Floor, Interaction, Player

ANYONE = "Whoever is free"
_STATES = {"waiting": "Waiting", "offered": "Offered to an agent", "active": "With", "idle": "Over"}
_AUTHORS = {"user": "Customer", "bot": "Bot", "agent": "Agent", "system": "8x8"}
_AGENT, _QUEUE, _TEXT = "workspace agent", "workspace queue", "workspace text"
_REFUSED = "what the sandbox refused"


def column(player: Player, conversation_id: str | None, *, held: bool) -> None:
    """The waiting or served interaction with its five rows of context, and the buttons."""
    boxes.heading(
        "Agent's workspace",
        "What an agent sees, in the sandbox. You play the agent.",
        definition="In a real tenant the agent has this on the 8x8 desktop.",
    )
    if conversation_id is None:
        with st.container(border=True):
            st.markdown(":gray[Nothing arrived yet]")
        return
    try:
        seen, floor = player.look(conversation_id), player.floor()
    except HandoffError as error:
        st.error(f"The sandbox does not show it. {words.plain(str(error))}")
        return
    with st.container(border=True):
        _head(seen, floor, held)
        _rows(seen)
        _notes(seen)
        if refused := st.session_state.get(_REFUSED):
            st.error(words.plain(refused))
        if seen.waits:
            _waiting(player, seen, floor)
        elif seen.is_served:
            _served(player, seen, floor)


def _head(seen: Interaction, floor: Floor, held: bool) -> None:
    name = words.plain(seen.contact_name or "No name")
    state = _STATES.get(seen.state, seen.state)
    who = f" {words.plain(floor.name_of(seen.agent))}" if seen.is_served else ""
    st.markdown(f"**{name}** · {state}{who} · {words.plain(seen.queue)}")
    if seen.waits and held:
        st.caption("Kept for you: the sandbox's own agents are not offered it.")


def _rows(seen: Interaction) -> None:
    rows = {
        "Contact name": seen.contact_name,
        "Case category": seen.case_category,
        "Media type": seen.media_type,
        "Language": seen.language,
        "Priority": seen.priority,
        "Skill": seen.skill,
        **seen.custom_fields,
    }
    lines = [
        f"| {_cell(label)} | {_cell(value)} |" for label, value in rows.items() if value is not None
    ]
    st.markdown("\n".join(["| Field | Value |", "|---|---|", *lines]))


def _cell(text: str) -> str:
    return words.plain(" ".join(text.split())).replace("|", "\\|")


def _notes(seen: Interaction) -> None:
    st.markdown("**Case notes**")
    with st.container(height=180, border=False, gap="xsmall", autoscroll=True, key="case notes"):
        for note in seen.case_notes:
            author = _AUTHORS.get(note.author, note.author)
            st.markdown(f":gray[{words.plain(author)}] {words.plain(note.text)}")


def _waiting(player: Player, seen: Interaction, floor: Floor) -> None:
    members = {agent.id: agent for agent in floor.eligible(seen)}
    st.selectbox(
        "Agent",
        [ANYONE, *members],
        format_func=lambda key: (
            ANYONE
            if key not in members
            else f"{members[key].name} ({members[key].status.replace('_', ' ')})"
        ),
        key=_AGENT,
        help="Members of the queue who are logged in. Whoever is free is whom 8x8 would ask.",
    )
    with st.container(horizontal=True):
        _button("Accept", lambda: player.accept(seen.id, _agent()), "check")
        _button("Reject", lambda: player.reject(seen.id, _agent()), "close")
    free = sum(agent.status == "available" for agent in members.values())
    st.caption(
        f"{free} of {words.these(len(members), 'member')} of {words.plain(seen.queue)} free."
    )


def _served(player: Player, seen: Interaction, floor: Floor) -> None:
    # A form hands over what is typed as it is, and Enter sends it.
    with st.form("workspace answer", clear_on_submit=True, border=False):
        st.text_input("Answer", placeholder="Hello, how can I help?", key=_TEXT)
        st.form_submit_button("Send answer", on_click=_answer, args=(player, seen.id))
    others = [queue for queue in floor.queues if queue != seen.queue_id]
    st.selectbox("Transfer to", others, format_func=lambda key: floor.queues[key], key=_QUEUE)
    with st.container(horizontal=True):
        _button(
            "Transfer", lambda: player.transfer(seen.id, st.session_state[_QUEUE]), "arrow_forward"
        )
        _button("End", lambda: player.end(seen.id), "call_end")


def _agent() -> str | None:
    """As chosen when the button is pressed, which may be after the page was drawn."""
    chosen = st.session_state.get(_AGENT)
    return None if chosen == ANYONE else chosen


def _queue() -> str:
    return str(st.session_state[_QUEUE])


def _answer(player: Player, conversation_id: str) -> None:
    text = str(st.session_state.get(_TEXT) or "").strip()
    if text:
        _try(lambda: player.write(conversation_id, text))


def _button(label: str, act: Callable[[], None], icon: str) -> None:
    st.button(
        label,
        key=f"workspace {label}",
        icon=f":material/{icon}:",
        on_click=_try,
        args=(act,),
    )


def _try(act: Callable[[], None]) -> None:
    st.session_state.pop(_REFUSED, None)
    try:
        act()
    except HandoffError as error:
        st.session_state[_REFUSED] = str(error)
