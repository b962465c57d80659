"""Follow-ups in words and as rows of a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from analytics import words
from connector.follow_ups import FollowUp

RESULTS = {"reached": "Reached", "no_answer": "No answer", "gave_up": "Gave up"}
DEFINITION = (
    "A handoff whose failure path is callback or email, and that reached no agent, is owed to its "
    "customer. Whoever left while they waited is owed nothing."
)


def lead(found: Sequence[FollowUp], now: datetime, zone: str) -> str:
    """How many are owed and how many of these are overdue; `zone` is the viewer's."""
    owed = [one for one in found if one.is_open]
    if not owed:
        return "Nothing is owed: every follow-up is done."
    late = [one for one in owed if one.is_overdue(now)]
    say = "customer is" if len(owed) == 1 else "customers are"
    opening = f"**{words.count(len(owed))}** {say} owed a callback or an e-mail"
    if not late:
        first = min(one.due_at for one in owed)
        return f"{opening}; none is overdue. The next is due {_moment(first, zone, now)} ({zone})."
    first = min(one.due_at for one in late)
    return (
        f"{opening}; :red[**{words.count(len(late))} overdue**], the first since "
        f"{_moment(first, zone, now)} ({zone})."
    )


def table(found: Sequence[FollowUp], now: datetime, zone: str) -> pd.DataFrame:
    """A row for each: overdue, kind, due (in `zone`), queue, intent, owner, tries, last."""
    return pd.DataFrame(
        {
            "mark": ["●" if one.is_overdue(now) else "" for one in found],
            "kind": [words.failure_path(one.kind) for one in found],
            "due": pd.to_datetime([words.local(one.due_at, zone) for one in found]),
            "queue": [one.queue or words.NOTHING for one in found],
            "intent": [one.intent or words.NOTHING for one in found],
            "owner": [one.owner or words.NOTHING for one in found],
            "tries": [one.tries for one in found],
            "last": [RESULTS.get(one.last_result or "", words.NOTHING) for one in found],
        }
    )


def label(one: FollowUp, now: datetime, zone: str) -> str:
    """One follow-up in a list to choose from."""
    about = ", ".join(filter(None, (one.intent, one.queue))) or "no intent"
    due = _moment(one.done_at or one.due_at, zone, now)
    return f"{words.failure_path(one.kind)}, {about}, {'due' if one.is_open else 'done'} {due}"


def facts(one: FollowUp, now: datetime, zone: str) -> str:
    """What is known of it but for the customer, as a line of Markdown."""
    late = ":red[**overdue**], " if one.is_overdue(now) else ""  # which a caption would fade
    parts = [
        f"{late}due {_moment(one.due_at, zone, now)} ({zone})" if one.is_open else "done",
        f"owed since {_moment(one.created_at, zone, now)}",
        f"owner **{words.plain(one.owner)}**" if one.owner else "nobody has taken it",
        f"{words.these(one.tries, 'attempt')} to reach the customer",
    ]
    if one.bot:
        parts.append(f"bot {words.plain(one.bot)}")
    if one.conversation_id:
        parts.append(f"conversation {words.plain(one.conversation_id)}")
    return f":small[{' · '.join(parts)}]"


def _moment(at: datetime, zone: str, now: datetime) -> str:
    """`14:05`, with its day when that is not today."""
    there = words.local(at, zone)
    today = words.local(now, zone).date() == there.date()
    return f"{there:%H:%M}" if today else f"{there.day} {there:%b %H:%M}"
