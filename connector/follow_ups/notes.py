"""Notes on follow-ups stay in the lake for ever, so nothing in them may tell who a customer is."""

from __future__ import annotations

import re

from connector.errors import FollowUpRefused
from connector.follow_ups.contact import Contact

LONGEST, LEAST_NAME = 500, 3
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# Six digits or more, whatever stands between them, are a number somebody has.
_NUMBER = re.compile(r"\d(?:[\s().\-/]{0,2}\d){5,}")


def checked_note(note: str | None, contact: Contact | None) -> str | None:
    """The note to keep, None for a blank one.

    Raises FollowUpRefused for one that is too long, holds an address or a number, or a part of
    the contact's name.
    """
    text = (note or "").strip()
    if len(text) > LONGEST:
        raise FollowUpRefused(f"The note has {len(text)} characters, {LONGEST} at most fit.")
    for found, what in (
        (_ADDRESS.search(text), "an e-mail address"),
        (_NUMBER.search(text), "a number of six digits or more"),
        (_name_in(text, contact), "the customer's name"),
    ):
        if found:
            raise FollowUpRefused(
                f"The note holds {what}. Notes stay in the log, where nothing may tell who a "
                "customer is: leave it out."
            )
    return text or None


def _name_in(text: str, contact: Contact | None) -> bool:
    name = contact.name if contact else None
    parts = [part for part in re.split(r"[\s,]+", name or "") if len(part) >= LEAST_NAME]
    return any(re.search(rf"\b{re.escape(part)}\b", text, re.IGNORECASE) for part in parts)
