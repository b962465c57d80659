"""8x8 Contact Center over HTTP: its calls, its events and their signatures."""

from connector.eight.client import Eight
from connector.eight.counting import CallCount, counting
from connector.eight.events import NAMELESS, Event, is_test_event, parse_event
from connector.eight.http import Timeouts, Transport
from connector.eight.records import (
    Channel,
    Conversation,
    EightMessage,
    Participant,
    Schedule,
    Webhook,
)
from connector.eight.repeating import Repeating
from connector.eight.signatures import SignatureCheck, sign

__all__ = [
    "NAMELESS",
    "CallCount",
    "Channel",
    "Conversation",
    "Eight",
    "EightMessage",
    "Event",
    "Participant",
    "Repeating",
    "Schedule",
    "SignatureCheck",
    "Timeouts",
    "Transport",
    "Webhook",
    "counting",
    "is_test_event",
    "parse_event",
    "sign",
]
