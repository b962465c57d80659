"""Reads from 8x8 what lint needs to know of a tenant."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from connector.connection import CHANNEL_NAME
from connector.connection.checks import ONCE, PATIENCE
from connector.eight import Channel, Eight, Schedule
from connector.eight.records import CHAT_API
from connector.errors import EightError
from connector.lint.facts import TenantFacts
from connector.policy import Period, Policy
from connector.queues import QueueBook
from connector.settings import Settings


async def ask_tenant(settings: Settings, policy: Policy) -> TenantFacts:
    """Ask once and briefly: somebody waits for the answer. Raises EightError, SettingsError."""
    async with Eight(
        settings.api_base,
        settings.api_key,
        settings.tenant_id,
        timeouts=PATIENCE,
        repeating=ONCE,
    ) as eight:
        return await tenant_facts(eight, policy, settings)


async def tenant_facts(eight: Eight, policy: Policy, settings: Settings) -> TenantFacts:
    """Queues with the agents assigned to them, channels, and the schedules the policy names.

    Raises EightError when the queues cannot be read; what else cannot be is None.
    """
    states = await eight.queue_states()
    book = QueueBook.of_tenant(states, settings)
    channels = await _channels(eight)
    return TenantFacts(
        book, channels, _has_own(channels, settings), await _schedules(eight, policy)
    )


async def _channels(eight: Eight) -> tuple[Channel, ...] | None:
    try:
        return tuple(await eight.channels())
    except EightError:
        return None


async def _schedules(eight: Eight, policy: Policy) -> dict[str, tuple[Period, ...]] | None:
    if not policy.schedule and not policy.schedules:
        return {}
    try:
        found = await eight.schedules()
    except EightError:
        return None
    hours = {one: _hours(one) for one in found}
    return {key: week for one, week in hours.items() if week for key in (one.id, one.name)}


def _hours(schedule: Schedule) -> tuple[Period, ...]:
    """Its weekly hours; none when they are written in a way that is not known."""
    try:
        return tuple(Period.model_validate(text) for text in schedule.weekly)
    except ValidationError:
        return ()


def _has_own(channels: Sequence[Channel] | None, settings: Settings) -> bool:
    """Whether the connector finds a channel for handoffs that none is mapped for.

    In a sandbox it makes one when it starts.
    """
    if channels is None or settings.is_loopback:
        return True
    chat = [channel for channel in channels if channel.type == CHAT_API]
    if settings.channel_id:
        return any(channel.id == settings.channel_id for channel in chat)
    return len(chat) == 1 or any(channel.name == CHANNEL_NAME for channel in chat)
