"""Performs chatbot-to-agent handoffs in 8x8 Contact Center and logs every attempt.

from connector import Connector, Handoff, Settings

async with Connector(Settings.load()) as connector:
    result = await connector.hand_off(Handoff(intent="reportlostcard"))
"""

from typing import Any

from connector.clock import Clock
from connector.errors import HandoffError
from connector.handoff import Customer, Handoff, Message, Outcome, Result, Waiting
from connector.settings import Settings

__all__ = [
    "BlockingConnector",
    "Clock",
    "Connector",
    "Customer",
    "Handoff",
    "HandoffError",
    "Message",
    "Outcome",
    "Result",
    "Settings",
    "Waiting",
]


def __getattr__(name: str) -> Any:
    """Load the connector with its storage only when somebody wants it."""
    if name in {"Connector", "BlockingConnector"}:
        from connector import escalation

        return getattr(escalation, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
