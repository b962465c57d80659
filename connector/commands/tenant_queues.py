"""The tenant's queues, for commands that check the names they are given."""

from __future__ import annotations

from connector.commands.output import note
from connector.eight import Eight
from connector.errors import EightError
from connector.queues import QueueBook
from connector.settings import Settings


async def queue_book(settings: Settings, *, otherwise: str) -> QueueBook | None:
    """The queues as routing finds them; None, noting what is done `otherwise`, when unreachable."""
    if not settings.configured:
        return None
    try:
        async with Eight(settings.api_base, settings.api_key, settings.tenant_id) as eight:
            states = await eight.queue_states()
    except EightError as error:
        note(f"{otherwise}: {error}")
        return None
    return QueueBook.of_tenant(states, settings)
