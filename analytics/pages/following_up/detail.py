"""One follow-up: what is known, whom to reach, what was tried, and buttons to go on."""

from __future__ import annotations

import time
from datetime import datetime
from typing import get_args

import streamlit as st

from analytics import words
from analytics.pages.following_up import wording
from analytics.pages.parts import boxes, reading
from analytics.pages.parts.who import actor
from connector import follow_ups
from connector.access import Role
from connector.errors import ContactUnreadable, HandoffError
from connector.follow_ups import Contact, FollowUp
from connector.follow_ups.follow_up import Result

SHOWN_S = 600.0
_SHOWN, _PROBLEM = "contact shown", "follow-up problem"
_TOLD = {"reached": "Reached: the follow-up is done.", "no_answer": "No answer is noted."}


def detail(one: FollowUp, now: datetime, zone: str) -> None:
    """Draw it. Everything written goes through functions that check the role and audit."""
    with st.container(border=True):
        about = words.plain(one.intent or "no intent")
        where = f" in {words.plain(one.queue)}" if one.queue else ""
        st.markdown(f"**{words.failure_path(one.kind)}**: {about}{where}")
        st.markdown(wording.facts(one, now, zone))
        works = actor().role.includes(Role.MANAGER)
        with st.container(horizontal=True, gap="small"):
            _buttons(one, works)
        _problem(one)
        _contact(one)
        if one.is_open:
            _form(one, works)
        if not works:
            st.caption("Managers work on follow-ups and see contacts. Ask an admin for the role.")
        _history(one, zone)


def _buttons(one: FollowUp, works: bool) -> None:
    show, again = "Every look is written into the audit.", "Its contact stays wiped."
    if one.is_open and one.owner != actor().name:
        st.button("Take it", on_click=_take, args=(one,), disabled=not works)
    if one.is_open:
        st.button("Show contact", on_click=_show, args=(one,), disabled=not works, help=show)
    if one.link:
        st.link_button("Open the conversation", one.link)
    if not one.is_open:
        st.button("Reopen", on_click=_reopen, args=(one,), disabled=not works, help=again)


def _form(one: FollowUp, works: bool) -> None:
    with st.form(f"record {one.follow_up_id}", border=False):
        st.text_area(
            "Note",
            key=_note_key(one),
            max_chars=500,
            height=80,
            placeholder="What to remember; never who the customer is",
            help="Notes stay in the log, so names, addresses and numbers are refused.",
        )
        with st.container(horizontal=True, gap="small"):
            for result in get_args(Result):
                st.form_submit_button(
                    wording.RESULTS[result],
                    on_click=_record,
                    args=(one, result),
                    type="primary" if result == "reached" else "secondary",
                    disabled=not works,
                )


def _contact(one: FollowUp) -> None:
    shown: tuple[str, Contact | str, float] | None = st.session_state.get(_SHOWN)
    of_this = shown is not None and shown[0] == one.follow_up_id and one.is_open
    if shown is None or not of_this or time.monotonic() - shown[2] > SHOWN_S:
        st.session_state.pop(_SHOWN, None)  # whoever wants to see it asks again, and is audited
        return
    if isinstance(contact := shown[1], str):
        st.markdown(words.emphasised(contact))
        return
    for name, value in (
        ("Name", contact.name),
        ("Phone", contact.phone),
        ("E-mail", contact.email),
        ("Best time", contact.best_time),
    ):
        if value:
            st.markdown(f"{name}: **{words.plain(value)}**")


def _history(one: FollowUp, zone: str) -> None:
    events = follow_ups.read_events(reading.home().lake.query, one.follow_up_id)
    for event in events:
        result = wording.RESULTS.get(event.result or "", "")
        what = {
            "assigned": f"given to {words.plain(event.owner or '')}",
            "tried": f"tried: {result}",
            "done": f"done: {result}",
            "reopened": "reopened",
        }.get(event.event, event.event)
        note = f" “{words.plain(event.note)}”" if event.note else ""
        at = words.local(event.happened_at, zone)
        st.caption(f"{at.day} {at:%b %H:%M} · {what} · by {words.plain(event.actor)}{note}")


def _problem(one: FollowUp) -> None:
    problem: tuple[str, str] | None = st.session_state.pop(_PROBLEM, None)
    if problem is not None and problem[0] == one.follow_up_id:
        st.markdown(f":red[**Nothing was written.**] {words.emphasised(problem[1])}")


def _take(one: FollowUp) -> None:
    who = actor()
    try:
        follow_ups.assign(
            reading.home(),
            one.follow_up_id,
            who.name,
            actor=who,
            at=reading.clock().now(),
            seen=one.events,
        )
    except HandoffError as error:
        st.session_state[_PROBLEM] = one.follow_up_id, str(error)
    else:
        boxes.tell("It is yours.")


def _show(one: FollowUp) -> None:
    shown: Contact | str
    try:
        shown = follow_ups.look_at_contact(reading.home(), one, actor=actor())
    except ContactUnreadable as error:
        shown = str(error)
    except HandoffError as error:
        st.session_state[_PROBLEM] = one.follow_up_id, str(error)
        return
    st.session_state[_SHOWN] = one.follow_up_id, shown, time.monotonic()


def _record(one: FollowUp, result: Result) -> None:
    try:
        follow_ups.record(
            reading.home(),
            one.follow_up_id,
            result,
            actor=actor(),
            at=reading.clock().now(),
            note=st.session_state.get(_note_key(one)),
            seen=one.events,
        )
    except HandoffError as error:
        st.session_state[_PROBLEM] = one.follow_up_id, str(error)
    else:
        boxes.tell(_TOLD.get(result, "Given up: the follow-up is done."))


def _reopen(one: FollowUp) -> None:
    try:
        follow_ups.reopen(reading.home(), one.follow_up_id, actor=actor(), at=reading.clock().now())
    except HandoffError as error:
        st.session_state[_PROBLEM] = one.follow_up_id, str(error)
    else:
        boxes.tell("It is owed again.")


def _note_key(one: FollowUp) -> str:
    """Another one after each event, so that a note that was kept is not offered again."""
    return f"note {one.follow_up_id} {one.events}"
