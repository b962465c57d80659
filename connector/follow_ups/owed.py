"""Whether an attempt leaves a follow-up owed, and what the lake keeps of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from connector.follow_ups.due import due_at
from connector.handoff import Customer, Outcome
from connector.policy import Policy
from connector.settings import Settings

KINDS = ("callback", "email")
# Who was reached needs nothing; who left of themselves was promised nothing.
SETTLED = (Outcome.ACCEPTED, Outcome.ABANDONED)
ContactState = Literal["sealed", "no_key", "none", "lost"]
"""Kept under seal; not kept for want of a key; not given by the bot; gone with its process."""
LEAST_DIGITS, MOST_DIGITS = 5, 7


def is_owed(attempt: Mapping[str, Any]) -> bool:
    """Whether an ended attempt, as a row of `attempts`, leaves a follow-up."""
    return attempt.get("failure_path") in KINDS and attempt["outcome"] not in SETTLED


def follow_up_row(
    attempt: Mapping[str, Any],
    *,
    policy: Policy,
    settings: Settings,
    contact: ContactState,
    conversation_id: str | None,
) -> dict[str, Any]:
    """The row of `follow_ups` for an attempt that leaves one.

    It has the attempt's id, so that an attempt cannot leave two. `conversation_id` is the bot's
    own, without anything that tells who the customer is.
    """
    ended_at: datetime = attempt["ended_at"]
    queue, queue_id = attempt.get("queue"), attempt.get("queue_id")
    return {
        "follow_up_id": attempt["attempt_id"],
        "attempt_id": attempt["attempt_id"],
        "started_at": attempt["started_at"],
        "created_at": ended_at,
        "kind": attempt["failure_path"],
        "bot": attempt.get("bot"),
        "conversation_id": conversation_id,
        "link": _link(attempt, settings.conversation_url, conversation_id),
        "due_at": due_at(policy, queue, queue_id, ended_at, hours=settings.follow_up_due_h),
        "source": attempt.get("source"),
        "intent": attempt.get("intent"),
        "queue_id": queue_id,
        "queue": queue,
        "contact": contact,
    }


def impersonal(conversation_id: str | None, customer: Customer) -> str | None:
    """A bot's conversation id, unless the bot made it of an address or a number."""
    if conversation_id is None or "@" in conversation_id or conversation_id.startswith("+"):
        return None
    # Its last digits: how a number begins depends on who writes it.
    phone = re.sub(r"\D", "", customer.phone or "")[-MOST_DIGITS:]
    if len(phone) >= LEAST_DIGITS and phone in re.sub(r"\D", "", conversation_id):
        return None
    return conversation_id


def _link(
    attempt: Mapping[str, Any], template: str | None, conversation_id: str | None
) -> str | None:
    """Where the bot's conversation is to be seen; None when something of the address is unknown."""
    if template is None:
        return None
    known = {
        "conversation_id": conversation_id,
        "handoff_id": attempt.get("handoff_id"),
        "bot": attempt.get("bot"),
    }
    for place, value in known.items():
        if f"{{{place}}}" not in template:
            continue
        if not value:
            return None
        template = template.replace(f"{{{place}}}", quote(str(value), safe=""))
    return template
