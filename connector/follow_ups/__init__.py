"""What is owed to a customer after a failed handoff, and the work of paying it."""

from connector.follow_ups.contact import Contact
from connector.follow_ups.contacts import look_at_contact, look_at_contacts, wipe_needless
from connector.follow_ups.follow_up import (
    FollowUp,
    FollowUpEvent,
    list_follow_ups,
    mark,
    read_events,
    read_follow_up,
)
from connector.follow_ups.working import assign, record, reopen

__all__ = [
    "Contact",
    "FollowUp",
    "FollowUpEvent",
    "assign",
    "list_follow_ups",
    "look_at_contact",
    "look_at_contacts",
    "mark",
    "read_events",
    "read_follow_up",
    "record",
    "reopen",
    "wipe_needless",
]
