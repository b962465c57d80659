"""Follow-ups: callbacks and e-mails owed after failed handoffs, and the work of paying them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from analytics import words
from analytics.metrics.filters import usual_sources
from analytics.pages.following_up import detail, taking_along, wording
from analytics.pages.parts import boxes, reading
from analytics.pages.parts.who import actor
from connector.errors import HandoffError
from connector.follow_ups import FollowUp

REFRESH_S, MOST_ROWS = 5.0, 1_000
VIEWS = ("Open", "Overdue", "Mine", "Done")
_VIEW, _CHOSEN, _TABLE, _DRAWN = "state", "follow-up", "follow-ups table", "follow-ups drawn"
_NONE = {
    "Open": "Nothing is owed",
    "Overdue": "Nothing is overdue",
    "Mine": "You have taken none",
    "Done": "None is done yet",
}


def page() -> None:
    boxes.told()
    title, choice = st.columns([1, 1], vertical_alignment="bottom")
    title.title("Follow-ups", anchor=False, help=wording.DEFINITION)
    with choice, st.container(horizontal=True, horizontal_alignment="right"):
        st.segmented_control(
            "Which",
            VIEWS,
            default=VIEWS[0],
            key=_VIEW,
            bind="query-params",
            required=True,
            label_visibility="collapsed",
        )
    try:
        with boxes.opening():
            st.session_state[_DRAWN] = reading.follow_up_mark()
            sources = usual_sources(set(reading.span().by_source), hidden=reading.hides_demo())
            found = reading.follow_ups(sources)
        _content(found, sorted(sources))
    except HandoffError as error:
        st.session_state.pop(_DRAWN, None)
        boxes.unreadable(error)
    _look_again()


def _content(found: list[FollowUp], sources: list[str]) -> None:
    now, zone = reading.clock().now(), reading.viewer_zone()
    if not found:
        boxes.empty(
            "No follow-up was ever owed",
            "When a handoff whose failure path is **callback** or **email** reaches nobody, it "
            "appears here within seconds.",
        )
        _without_key()
        return
    st.markdown(wording.lead(found, now, zone))
    st.caption(
        f"{words.these(len(found), 'follow-up')}, done ones of the last 90 days · "
        f"counting {words.listing(sources)}"
    )
    _without_key()
    listed = _of_view(found, str(st.session_state.get(_VIEW) or VIEWS[0]), now)
    if not listed:
        _empty_view(found)
        return
    left, right = st.columns([7, 5], gap="large")
    with left:
        shown = listed[:MOST_ROWS]
        _table(shown, now, zone)
        with st.container(horizontal=True):
            taking_along.export(listed, now)
        if len(listed) > MOST_ROWS:
            st.caption(f"The first {MOST_ROWS:,} of {len(listed):,}; the file has them all.")
    with right:
        detail.detail(_chosen(shown, now, zone), now, zone)


def _of_view(found: Sequence[FollowUp], view: str, now: datetime) -> list[FollowUp]:
    me = actor().name
    return [
        one
        for one in found
        if {
            "Open": one.is_open,
            "Overdue": one.is_overdue(now),
            "Mine": one.is_open and one.owner == me,
            "Done": not one.is_open,
        }.get(view, True)
    ]


def _table(shown: Sequence[FollowUp], now: datetime, zone: str) -> None:
    config = st.column_config
    ids = [one.follow_up_id for one in shown]
    st.dataframe(
        wording.table(shown, now, zone),
        hide_index=True,
        width="stretch",
        height="content" if len(shown) <= 15 else "auto",
        row_height=36,
        key=_TABLE,
        on_select=lambda: _pick(ids),
        selection_mode="single-row",
        alt="Follow-ups with due time, queue, intent, owner, attempts and last result",
        column_config={
            "mark": config.TextColumn("", width=26, pinned=True, help="● is overdue"),
            "kind": config.TextColumn("Kind", width=86, pinned=True),
            "due": config.DatetimeColumn(
                "Due", format="D MMM HH:mm", width=104, help=f"In your time zone, {zone}."
            ),
            "queue": config.TextColumn("Queue", width=100),
            "intent": config.TextColumn("Intent", width=130),
            "owner": config.TextColumn("Owner", width=90),
            "tries": config.NumberColumn("Tries", width=56, help="Attempts to reach the customer."),
            "last": config.TextColumn("Last", width=90, help="What came of the last attempt."),
        },
    )


def _pick(ids: list[str]) -> None:
    """The row pressed becomes the one looked at."""
    rows = st.session_state[_TABLE]["selection"]["rows"]
    if rows and rows[0] < len(ids):
        st.session_state[_CHOSEN] = ids[rows[0]]


def _chosen(shown: Sequence[FollowUp], now: datetime, zone: str) -> FollowUp:
    by_id = {one.follow_up_id: one for one in shown}
    if st.session_state.get(_CHOSEN) not in by_id:
        st.session_state[_CHOSEN] = shown[0].follow_up_id
    chosen = st.selectbox(
        "Follow-up",
        list(by_id),
        key=_CHOSEN,
        format_func=lambda name: wording.label(by_id[name], now, zone),
        help="Or press a row of the table.",
    )
    return by_id[chosen]


def _empty_view(found: Sequence[FollowUp]) -> None:
    view = str(st.session_state.get(_VIEW) or VIEWS[0])
    owed = sum(one.is_open for one in found)
    other = "Open" if owed and view != "Open" else "Done"
    counted = f"{words.these(owed, 'follow-up')} open, {len(found) - owed:,} done."
    if other == view:
        boxes.empty(_NONE[view], counted)
    else:
        boxes.empty(
            _NONE[view], counted, button=f"Show {other.lower()} ones", on_click=_show, args=(other,)
        )


def _show(view: str) -> None:
    st.session_state[_VIEW] = view


def _without_key() -> None:
    """What it costs to have no key, and how to set one."""
    if reading.settings().contact_key is not None:
        return
    with st.container(border=True, gap="xxsmall"):
        st.markdown(
            "**Contacts are not kept.** A follow-up names the bot and its conversation, "
            "and somebody has to look up there whom to call."
        )
        st.caption(
            "Run **./run handoff follow-ups key** and set what it prints as HANDOFF_CONTACT_KEY "
            "where connectors and dashboard run: name, phone, e-mail and best time are then kept "
            "under seal, outside the log, until the follow-up is done or 14 days are over. "
            "HANDOFF_CONVERSATION_URL makes links to the conversation."
        )


@st.fragment(run_every=REFRESH_S)
def _look_again() -> None:
    """Draw the page anew when a follow-up came up or others worked on one."""
    drawn = st.session_state.get(_DRAWN)
    try:
        if drawn is None or drawn == reading.follow_up_mark():
            return
    except HandoffError:
        return
    st.rerun()


page()
