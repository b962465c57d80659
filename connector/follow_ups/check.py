"""What `handoff check` and the status line say of contacts and notifications."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from connector.connection.check import Check, good, warning
from connector.follow_ups.owed import KINDS
from connector.log import contacts
from connector.log.contacts import Notified
from connector.log.home import ledger_path
from connector.log.ledger_file import LedgerFile
from connector.policy import Policy
from connector.settings import Settings

SET_KEY = (
    "Make a key with `handoff follow-ups key` and set it as HANDOFF_CONTACT_KEY where connectors "
    "and dashboard run."
)


def check_follow_ups(settings: Settings, policy: Policy) -> list[Check]:
    """A step for contacts when the policy owes any, and one for notifications when they are set."""
    found = []
    owes = any(route.failure_path.kind in KINDS for route in policy.routes)
    if owes and settings.contact_key is None:
        text = "The policy promises callbacks or e-mails, and contacts are not kept without a key."
        found.append(warning("contacts", text, SET_KEY))
    elif owes:
        found.append(good("contacts", "Contacts for follow-ups are kept under seal for 14 days."))
    if settings.notify:
        found.append(_notifications(settings, notified(settings)))
    return found


def notified(settings: Settings) -> list[Notified]:
    """What became of messages to each address that is set; those never tried are left out."""
    path = ledger_path(settings.home.resolve())
    if not settings.notify or not path.exists():
        return []
    try:
        with LedgerFile(path, busy_s=1.0) as file:
            found = file.read(contacts.notifications)
    except (sqlite3.Error, OSError):
        return []
    return [one for one in found if one.place <= len(settings.notify)]


def _notifications(settings: Settings, found: list[Notified]) -> Check:
    sent, failed = sum(one.sent for one in found), sum(one.failed for one in found)
    counted = f"{sent:,} sent, {failed:,} failed"
    failing = [one for one in found if one.failing_since is not None]
    if not failing:
        return good("notifications", f"{len(settings.notify)} of HANDOFF_NOTIFY: {counted}.")
    since = min(one.failing_since or 0.0 for one in failing)
    which = ", ".join(str(one.place) for one in failing)
    return warning(
        "notifications",
        f"Number {which} of HANDOFF_NOTIFY does not take messages since "
        f"{datetime.fromtimestamp(since, UTC):%d %b %Y %H:%M} UTC: {counted}.",
        "Correct that address, or let this machine reach it.",
    )
