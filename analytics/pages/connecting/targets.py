"""Which of the tenant's queues handoffs go to: the default, and one for each name of the policy."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analytics import words
from analytics.pages.connecting import asking, mapping
from analytics.pages.connecting.mapping import MappedName
from analytics.pages.parts import boxes, reading, who
from connector.connection import Check, change_connection
from connector.errors import HandoffError
from connector.policy import Policy
from connector.queues import QueueBook, QueueState
from connector.settings import Settings

BY_NAME = ""


def queues(settings: Settings) -> None:
    """The choice of the default queue and the mapping, from the queues 8x8 lists."""
    boxes.heading("Queues", "Chat queues of the tenant, with who is there now.")
    if not settings.configured:
        with st.container(border=True):
            st.markdown("Save key and Tenant URL first: then the tenant's queues are listed here.")
        return
    fetched = asking.queues(settings)
    if not fetched.check.ok:
        _none(fetched.check)
        return
    policy, book = reading.policy(), fetched.book(settings)
    names = mapping.mapped_names(policy, book)
    with st.container(border=True):
        st.markdown(mapping.mapping_sentence(names, policy, book))
        with st.grid(3, min_column_width=220, gap="small"):
            default = _default(policy, book, settings)
            chosen = _mapping(names, book, settings)
        if doubled := mapping.doubled(names, chosen, book):
            st.caption(doubled)
        if st.button("Save queues"):
            _save(settings, default, chosen)
    with st.expander(words.these(len(fetched.states), "queue") + " of this tenant"):
        _listed(fetched.states)


def _none(check: Check) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":red[**{words.plain(check.detail)}**]")
        st.caption(f"{words.emphasised(check.fix)} Test Connection looks at every step.")
        st.button("Try again", on_click=asking.forget, icon=":material/refresh:")


def _default(policy: Policy, book: QueueBook, settings: Settings) -> str | None:
    ids = [state.id for state in book]
    now = mapping.default_choice(policy, book)
    return st.selectbox(
        "Default queue",
        ids,
        index=ids.index(now) if now in ids else None,
        format_func=lambda queue_id: _named(book.states[queue_id]),
        placeholder="Choose one",
        key="default queue",
        disabled="default_queue" in settings.set_by_environment(),
        help="Takes every handoff that no rule places, and those whose queue is not here.",
    )


def _mapping(names: list[MappedName], book: QueueBook, settings: Settings) -> dict[str, str]:
    """The tenant's queue per name of the policy, where one was chosen by hand."""
    fixed = "queue_map" in settings.set_by_environment()
    unmapped = QueueBook.of(book, default_queue=book.default_queue)
    ids = [BY_NAME, *(state.id for state in book)]
    chosen: dict[str, str] = {}
    for found in names:
        by_name = unmapped.resolve(found.name)
        now = settings.queue_map.get(found.name, BY_NAME)
        if now not in ids:
            now = BY_NAME
        picked = st.selectbox(
            words.plain(found.name),
            ids,
            index=ids.index(now),
            format_func=partial(_choice, book=book, by_name=by_name),
            key=f"queue of {found.name}",
            disabled=fixed,
            help=f"Used by {words.listing(list(found.used_by), most=6)}.",
        )
        if picked:
            chosen[found.name] = picked
    return chosen


def _choice(queue_id: str, *, book: QueueBook, by_name: QueueState | None) -> str:
    if queue_id != BY_NAME:
        return _named(book.states[queue_id])
    return f"By name: {by_name.name} ({by_name.id})" if by_name else "None"


def _named(state: QueueState) -> str:
    return f"{state.name} ({state.id})"


def _save(settings: Settings, default: str | None, chosen: dict[str, str]) -> None:
    fields = {"default_queue": default, "queue_map": chosen or None}
    fixed = settings.set_by_environment()
    try:
        changes = {name: value for name, value in fields.items() if name not in fixed}
        change_connection(reading.home(), changes, actor=who.actor())
    except (HandoffError, OSError) as error:
        st.error(f"Not saved. {words.plain(str(error))}")
        return
    boxes.tell("Queues are saved. Running connectors take them over within 5 s.")
    st.rerun()


def _listed(states: tuple[QueueState, ...]) -> None:
    number = st.column_config.NumberColumn
    rows = [
        {
            "queue": state.name,
            "id": state.id,
            "available": state.available,
            "busy": state.busy + state.post_process,
            "on_break": state.on_break,
            "waiting": state.waiting,
        }
        for state in states
    ]
    st.dataframe(
        rows,
        hide_index=True,
        key="tenant queues",
        column_config={
            "queue": st.column_config.TextColumn("Queue", pinned=True),
            "id": st.column_config.TextColumn("Id"),
            "available": number("Available", help="Agents who could take a handoff now."),
            "busy": number("Busy"),
            "on_break": number("On break"),
            "waiting": number("Waiting", help="Customers in the queue now."),
        },
    )
