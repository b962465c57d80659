"""The preview dialog: which attempts of the last 28 days would go elsewhere under the draft."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import streamlit as st
from duckdb import DuckDBPyConnection

from analytics import words
from analytics.metrics import Filters
from analytics.pages.mapping import desk
from analytics.pages.mapping.desk import Desk
from analytics.pages.parts import boxes, reading, tables
from analytics.preview import Preview, preview, recorded_book
from connector.errors import HandoffError
from connector.queues import QueueBook

MOST_LISTED = 500
_FOUND = "preview worked out"


@st.dialog("Preview", width="large")
def preview_dialog(now: Desk) -> None:
    """Decide past attempts again, by the draft and by the version it was made from."""
    try:
        with st.spinner("Deciding the attempts of the last 28 days again"):
            found = worked_out(now)
    except HandoffError as error:
        st.error(f"No preview. Your draft is kept. {words.plain(str(error))}")
        return
    if not found.attempts:
        boxes.empty("No attempts to try it on", "The log holds none of the last 28 days.")
        return
    st.markdown(sentence(found))
    st.caption(_support(found))
    moves, load, attempts, undecided = st.tabs(
        ["What moves", "Queues, hour by hour", "Attempts that move", "Not decided"]
    )
    with moves:
        _moves(found)
    with load:
        _load(found)
    with attempts:
        _attempts(found)
    with undecided:
        _undecided(found)


def known(now: Desk) -> Preview | None:
    """The preview of this very draft, if it was asked for."""
    kept = st.session_state.get(_FOUND)
    if kept is None or kept[0] is not now.draft.policy or kept[1] != now.base.version:
        return None
    found: Preview = kept[2]
    return found


def worked_out(now: Desk) -> Preview:
    """The preview of this draft, worked out once. Raises LogError."""
    if (kept := known(now)) is not None:
        return kept
    until = reading.clock().now()
    book = desk.book(now.draft.policy)
    found = reading.read(lambda con: _read(con, now, until, book))
    st.session_state[_FOUND] = now.draft.policy, now.base.version, found
    return found


def sentence(found: Preview) -> str:
    """What would be otherwise, in words."""
    total = words.these(found.attempts, "attempt")
    if not found.decided:
        return f"Of {total} of the last 28 days **none can be decided** again; see why below."
    if not found.moved:
        return f"None of {total} of the last 28 days would have been routed otherwise."
    told = (
        f"**{words.count(found.moved)} of {total}** of the last 28 days would have been routed "
        f"otherwise"
    )
    if not found.redirected:
        return f"{told}; each to the same first queue."
    return f"{told}, **{words.count(found.redirected)}** of them to another first queue."


def _read(con: DuckDBPyConnection, now: Desk, until: datetime, book: QueueBook | None) -> Preview:
    chosen = Filters(since=until - timedelta(days=desk.DAYS), until=until)
    queues = book or recorded_book(con, chosen, mapping=reading.settings().queue_map)
    return preview(con, now.base, now.draft.policy, filters=chosen, book=queues)


def _support(found: Preview) -> str:
    parts = [
        f"{words.count(found.unmoved)} as before",
        f"{words.count(found.undecided)} cannot be decided",
        f"{words.count(found.overridden)} were told their queue by the bot or an emergency",
    ]
    if found.agreement is not None:
        share = words.percent(found.agreement)
        parts.append(f"version check: {share} of {words.count(found.checked)} went as decided here")
    return f"{'; '.join(parts)}. Counting {found.source}."


def _moves(found: Preview) -> None:
    matrix = found.matrix
    frame = pd.DataFrame(
        {
            "from": matrix["from_queue"].fillna("none open"),
            "to": matrix["to_queue"].fillna("none open"),
            "attempts": matrix["attempts"],
            "moves": matrix["from_queue_id"].fillna("") != matrix["to_queue_id"].fillna(""),
        }
    ).sort_values(["moves", "attempts"], ascending=False, ignore_index=True)
    st.caption("The queue tried first: in force, and under the draft. What moves comes first.")
    st.dataframe(
        frame,
        hide_index=True,
        key="preview moves",
        width="stretch",
        column_config={
            "from": "Now first in",
            "to": "Then first in",
            "attempts": st.column_config.NumberColumn("Attempts", format="localized"),
            "moves": st.column_config.CheckboxColumn("Moves"),
        },
    )
    tables.download(frame, "preview-moves")


def _load(found: Preview) -> None:
    load = found.load.assign(change=found.load["after"] - found.load["before"])
    changed = load[load["change"].abs() > 1e-9].sort_values(["queue", "hour"], ignore_index=True)
    if changed.empty:
        st.markdown("No queue would get more or fewer attempts at any hour.")
        return
    st.caption(
        f"Attempts per hour that try the queue first, by the hour of the day ({found.zone})."
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        changed[["queue", "hour", "before", "after", "change"]],
        hide_index=True,
        key="preview load",
        width="stretch",
        height=320,
        column_config={
            "queue": "Queue",
            "hour": number("Hour", format="%02d:00"),
            "before": number("Now", format="%.1f"),
            "after": number("Then", format="%.1f"),
            "change": number("Change", format="%+.1f"),
        },
    )
    tables.download(changed, "preview-load")


def _attempts(found: Preview) -> None:
    moved = found.moved_attempts(MOST_LISTED)
    if moved.empty:
        st.markdown("None would move.")
        return
    shown = moved.assign(
        changes=[_joined(parts) for parts in moved["changes"]],
        why_before=[_joined(parts) for parts in moved["trace_before"]],
        why_after=[_joined(parts) for parts in moved["trace_after"]],
        started_at=[words.local(at, found.zone) for at in moved["started_at"]],
    )
    st.caption(f"The newest {words.count(len(shown))} of {words.count(found.moved)}.")
    names = {
        "started_at": f"Started ({found.zone})",
        "intent": "Intent",
        "from_queue": "Now first in",
        "to_queue": "Then first in",
        "from_rule": "Rule now",
        "to_rule": "Rule then",
        "changes": "What changes",
        "why_before": "Why now",
        "why_after": "Why then",
        "attempt_id": "Attempt",
    }
    st.dataframe(
        shown[list(names)],
        hide_index=True,
        key="preview attempts",
        width="stretch",
        height=320,
        column_config=names,
    )
    tables.download(shown[list(names)], "preview-attempts")


def _undecided(found: Preview) -> None:
    if not found.undecided:
        st.markdown("Every attempt could be decided.")
        return
    st.caption("Something that one of the two policies reads was not recorded at the time.")
    st.dataframe(
        found.undecided_reasons,
        hide_index=True,
        key="preview undecided",
        width="stretch",
        column_config={"reason": "What lacks", "attempts": "Attempts"},
    )


def _joined(parts: str | list[str]) -> str:
    return parts if isinstance(parts, str) else "; ".join(parts)
