"""Looking at contacts, each look audited, and wiping them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar

from connector import audit
from connector.access import Actor, Role
from connector.errors import ContactUnreadable, LogError
from connector.follow_ups.contact import Contact, Seal
from connector.follow_ups.follow_up import FollowUp
from connector.log import Home, contacts
from connector.log.extensions import quoted
from connector.log.ledger_file import LedgerFile

T = TypeVar("T")
KEPT_S = 14 * 86_400.0
_WHY = {
    "no_key": "It was never kept: HANDOFF_CONTACT_KEY was not set when the handoff failed. "
    "{way} `handoff follow-ups key` makes a key for the next ones.",
    "none": "The bot gave neither name, phone nor e-mail. {way}",
    "lost": "The process that served the handoff died, and the contact with it. {way}",
}


def look_at_contact(home: Home, follow_up: FollowUp, *, actor: Actor) -> Contact:
    """How to reach the customer; the look is audited before anything is shown.

    Raises NotAllowed unless a manager looks, ContactUnreadable saying why there is none.
    """
    actor.must_be(Role.MANAGER, to="look at the contact of a follow-up")
    contact = _contact(home, follow_up)
    _audit(home, actor, "look at contact", [follow_up])
    return contact


def look_at_contacts(
    home: Home, follow_ups: Sequence[FollowUp], *, actor: Actor
) -> dict[str, Contact]:
    """The contacts of many, by follow-up id, for taking them along; those without are left out.

    Audited as one look that lists them all. Raises NotAllowed, and ContactUnreadable without a key.
    """
    actor.must_be(Role.MANAGER, to="take along the contacts of follow-ups")
    found: dict[str, Contact] = {}
    for follow_up in follow_ups:
        if (contact := known_contact(home, follow_up)) is not None:
            found[follow_up.follow_up_id] = contact
    if found:
        _audit(home, actor, "export contacts", [one for one in follow_ups if _id(one) in found])
    return found


def known_contact(home: Home, follow_up: FollowUp) -> Contact | None:
    """For comparing alone, never to be shown: the contact, or None when it cannot be read."""
    try:
        return _contact(home, follow_up)
    except ContactUnreadable:
        return None


def wipe(home: Home, follow_up_ids: Sequence[str]) -> None:
    """Nobody needs these contacts any more. Raises LogError."""
    _at_ledger(home, lambda file: file.write(lambda con: contacts.wipe(con, follow_up_ids)))


def wipe_needless(home: Home) -> None:
    """Wipe contacts older than 14 days, and those of follow-ups that are done. Raises LogError."""
    _at_ledger(
        home,
        lambda file: file.write(lambda con: contacts.wipe_old(con, older_than_s=KEPT_S)),
    )
    kept = _at_ledger(home, lambda file: file.read(contacts.kept))
    if kept:
        names = ", ".join(quoted(name) for name in kept)
        done = home.lake.query(
            "SELECT follow_up_id FROM follow_up_events"
            f" WHERE event = 'done' AND follow_up_id IN ({names}) GROUP BY ALL"
        )
        wipe(home, [str(name) for (name,) in done])


def _contact(home: Home, follow_up: FollowUp) -> Contact:
    sealed = _at_ledger(home, lambda file: file.read(lambda con: _sealed(con, follow_up)))
    if sealed is None or not follow_up.is_open:
        raise ContactUnreadable(_why(follow_up))
    if (seal := Seal.of(home.settings)) is None:
        raise ContactUnreadable(
            "A contact is kept, but HANDOFF_CONTACT_KEY is not set here, so its seal does not open."
        )
    return seal.open(sealed, follow_up.follow_up_id)


def _sealed(con: sqlite3.Connection, follow_up: FollowUp) -> bytes | None:
    return contacts.sealed(con, follow_up.follow_up_id, younger_than_s=KEPT_S)


def _why(follow_up: FollowUp) -> str:
    way = "Look it up at the bot." if follow_up.link or follow_up.conversation_id else ""
    if follow_up.is_open and follow_up.contact in _WHY:
        return _WHY[follow_up.contact].format(way=way).strip()
    return f"It was wiped: contacts go when a follow-up is done, or after 14 days. {way}".strip()


def _audit(home: Home, actor: Actor, action: str, about: Sequence[FollowUp]) -> None:
    names = [_id(one) for one in about]
    subject = names[0] if len(names) == 1 else f"{len(names)} follow-ups"
    after = {} if len(names) == 1 else {"follow_ups": names}
    home.lake.transaction(
        lambda cursor: audit.record(cursor, actor, action, subject, before={}, after=after)
    )


def _id(follow_up: FollowUp) -> str:
    return follow_up.follow_up_id


def _at_ledger(home: Home, work: Callable[[LedgerFile], T]) -> T:
    try:
        with LedgerFile(home.ledger_path) as file:
            return work(file)
    except (sqlite3.Error, OSError) as error:
        raise LogError(f"The contacts cannot be read or written: {error}.") from error
