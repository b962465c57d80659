"""What is written on follow-ups stays in the lake for ever: it may not tell who a customer is."""

from __future__ import annotations

import re

from connector.errors import FollowUpRefused
from connector.follow_ups.contact import Contact

LONGEST, LONGEST_OWNER, LEAST_NAME = 500, 200, 3
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


def checked_owner(owner: str, contact: Contact | None) -> str:
    """Who takes a follow-up. A colleague may be named by an e-mail address, and like a customer.

    Raises FollowUpRefused for a blank or too long one, a number, and the customer themselves.
    """
    name = owner.strip()
    if not 0 < len(name) <= LONGEST_OWNER:
        raise FollowUpRefused(f"Say who takes it: a name of at most {LONGEST_OWNER} characters.")
    if _NUMBER.search(name) or _is_customer(name, contact):
        raise FollowUpRefused(
            "That is the customer's or a number, not a colleague: say who of you takes it."
        )
    return name


def _is_customer(name: str, contact: Contact | None) -> bool:
    """Their address, or first and last name; a first name alone tells nobody who they are."""
    if contact is None:
        return False
    email, parts = (contact.email or "").casefold(), (contact.name or "").casefold().split()
    return name.casefold() == email or (len(parts) > 1 and name.casefold().split() == parts)


def _name_in(text: str, contact: Contact | None) -> bool:
    name = contact.name if contact else None
    parts = [part for part in re.split(r"[\s,]+", name or "") if len(part) >= LEAST_NAME]
    return any(re.search(rf"\b{re.escape(part)}\b", text, re.IGNORECASE) for part in parts)
