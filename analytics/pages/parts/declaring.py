"""The button of managers on every page, and the dialog in which they declare an emergency."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from analytics import words
from analytics.pages.connecting import asking, mapping
from analytics.pages.parts import emergencies, reading, who
from connector.access import Role
from connector.emergency import LONGEST, Emergency, declare, known_intents, sentence
from connector.emergency.model import TIMEOUT_S
from connector.errors import HandoffError
from connector.policy import FailurePath
from connector.queues import QueueBook

OPEN = "declaring an emergency"
ALL, QUEUES, INTENTS = "All handoffs", "Some queues", "Some intents"
QUEUE, PATH = "Another queue", "Failure path"
MINUTES = {"30 min": 30, "1 h": 60, "2 h": 120, "4 h": 240}
UNTIL = "Until…"
PATHS = ("message", "callback", "email", "external")


def button() -> None:
    """A quiet button for managers; while its dialog is open every run of the page draws it too."""
    if not who.may(Role.MANAGER):
        _close()
        return
    st.button(
        "Emergency…",
        key="open emergency",
        type="tertiary",
        icon=":material/emergency_home:",
        on_click=_open,
        help="Send all or some handoffs to another queue, or to a failure path, for a while.",
    )
    if st.session_state.get(OPEN):
        _dialog()


def _open() -> None:
    st.session_state[OPEN] = True


def _close() -> None:
    st.session_state.pop(OPEN, None)


@st.dialog("Declare an emergency", width="medium", on_dismiss=_close)
def _dialog() -> None:
    try:
        book, names = _queues()
        whom, what, until = _whom(names), _instead(names), _until()
    except HandoffError as error:
        st.error(words.plain(str(error)))
        return
    wish = Emergency(until=until, note=st.text_input("Why", key="e why"), **whom, **what)
    zone = reading.viewer_zone()
    shown = words.clock(until, zone, now=reading.clock().now())
    if wish.queue or wish.failure_path:
        said = words.plain(sentence(wish))
        st.caption(f"{said}, until {shown} ({zone}). Whoever waits already stays where they are.")
    if st.button("Declare", type="primary", key="declare emergency"):
        _declare(wish, book)


def _declare(wish: Emergency, book: QueueBook | None) -> None:
    lake = reading.home().lake
    try:
        if st.session_state.get("e whom") == QUEUES and not wish.queues:
            st.error("Choose the queues it concerns.")
            return
        if st.session_state.get("e whom") == INTENTS and not wish.intents:
            st.error("Choose the intents it concerns.")
            return
        clock = reading.clock()
        intents = known_intents(lake, reading.policy(), clock.now())
        declare(lake, wish, actor=who.actor(), clock=clock, book=book, intents=intents)
    except HandoffError as error:
        st.error(words.plain(str(error)))
        return
    _close()
    emergencies.say("The emergency is in force. Running connectors follow within 2 s.")
    st.rerun()


def _queues() -> tuple[QueueBook | None, list[str]]:
    """The tenant's queues to check against, and what one can choose; else the policy's names."""
    settings = reading.settings()
    fetched = asking.queues(settings) if settings.configured else None
    if fetched is not None and fetched.check.ok:
        return fetched.book(settings), [f"{one.name} ({one.id})" for one in fetched.states]
    policy = reading.policy()
    used = mapping.mapped_names(policy, QueueBook(known=False))
    return None, list(dict.fromkeys([policy.default_queue, *(one.name for one in used)]))


def _whom(names: list[str]) -> dict[str, Any]:
    whom = st.segmented_control(
        "Whom it concerns", [ALL, QUEUES, INTENTS], default=ALL, required=True, key="e whom"
    )
    if whom == QUEUES:
        return {"queues": tuple(st.multiselect("Handoffs that begin in", names, key="e queues"))}
    if whom == INTENTS:
        known = dict.fromkeys(name for rule in reading.policy().rules for name in rule.intents)
        chosen = st.multiselect("Intents", sorted(known), key="e intents", accept_new_options=True)
        return {"intents": tuple(chosen)}
    return {}


def _instead(names: list[str]) -> dict[str, Any]:
    what = st.segmented_control(
        "What happens instead", [QUEUE, PATH], default=QUEUE, required=True, key="e instead"
    )
    if what == QUEUE:
        left, right = st.columns([2, 1])
        queue = left.selectbox(
            "Queue", names, index=None, key="e queue", placeholder="Choose a queue"
        )
        timeout = right.number_input(
            "Seconds to wait",
            min_value=1,
            max_value=86_400,
            value=int(TIMEOUT_S),
            key="e seconds",
            help="Whoever is not taken in time gets the failure path of the rule.",
        )
        return {"queue": queue, "timeout_s": float(timeout)}
    kind = st.segmented_control(
        "Failure path",
        PATHS,
        default="message",
        required=True,
        key="e kind",
        format_func=words.failure_path,
        label_visibility="collapsed",
    )
    text = st.text_area("What customers are told", key="e text", max_chars=2_000, height=90)
    target = None
    if kind == "external":
        target = st.text_input("Phone number or address it leads to", key="e target").strip()
        if not target:
            return {}
    return {"failure_path": FailurePath(kind=kind, text=text, target=target)}


def _until() -> datetime:
    """The end in naive UTC, as chosen in the viewer's zone."""
    now, zone = reading.clock().now(), reading.viewer_zone()
    chosen = st.segmented_control(
        "How long", [*MINUTES, UNTIL], default="1 h", required=True, key="e long"
    )
    if chosen != UNTIL:
        return now + timedelta(minutes=MINUTES[chosen])
    here = words.local(now, zone).replace(second=0, microsecond=0)
    there = st.datetime_input(
        f"Until ({zone})",
        value=here + timedelta(hours=8),
        min_value=here,
        max_value=here + LONGEST,
        key="e until",
    )
    return there.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
