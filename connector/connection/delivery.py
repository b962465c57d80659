"""The steps about the way in and back: the Chat API channel, and the webhook of its events."""

from __future__ import annotations

from connector.connection.check import Check, failed, good, warning
from connector.eight import Channel, Eight, Webhook
from connector.eight.records import CHAT_API
from connector.errors import EightError
from connector.policy import Policy
from connector.settings import Settings

SET_UP = "Use Set up in 8x8 (`handoff connect --apply`)"


def webhook_uri(settings: Settings) -> str | None:
    """Where 8x8 is to send events; None without a public address."""
    if not settings.public_url:
        return None
    return f"{settings.public_url.rstrip('/')}/{settings.webhook_path.strip('/')}"


def check_channel(
    settings: Settings,
    policy: Policy,
    channels: list[Channel] | EightError,
    queue_ids: frozenset[str] | None,
) -> Check:
    """Trouble: channel mismatch. Looks at our channel and at every one the policy maps."""
    if isinstance(channels, EightError):
        return failed("channel", f"Channels do not load. {channels}", "Test again.")
    by_id = {channel.id: channel for channel in channels}
    wanted = {f"`{name}`": channel_id for name, channel_id in policy.channels.items()}
    if settings.channel_id:
        wanted = {"the connector": settings.channel_id, **wanted}
    elif not wanted:
        return _no_channel(channels)
    wrong = [
        fault
        for user, channel_id in wanted.items()
        if (fault := _mismatch(user, channel_id, by_id, channels))
    ]
    if wrong:
        return failed(
            "channel",
            f"Channel mismatch: {'; '.join(wrong)}.",
            f"{SET_UP}, or correct the policy's channel map to ids of Chat API channels: "
            f"{_names(channels) or 'there is none yet'}.",
        )
    used = [by_id[channel_id] for channel_id in dict.fromkeys(wanted.values())]
    return _queue_mismatch(settings, used, queue_ids) or good(
        "channel", f"Handoffs go through {_names(used)}."
    )


def _no_channel(channels: list[Channel]) -> Check:
    there = [channel for channel in channels if channel.type == CHAT_API]
    if len(there) == 1:
        return warning(
            "channel",
            f"No channel is chosen; the only Chat API channel, {_names(there)}, is used.",
            f"{SET_UP} to have one that is the connector's own.",
        )
    return failed("channel", "No Chat API channel is chosen for handoffs.", f"{SET_UP}.")


def _mismatch(
    user: str, channel_id: str, by_id: dict[str, Channel], channels: list[Channel]
) -> str | None:
    channel = by_id.get(channel_id)
    if channel is None:
        named = next((item for item in channels if item.name == channel_id), None)
        hint = f" (that is the name of channel {named.id})" if named else ""
        return f"{user} is mapped to channel {channel_id}, which 8x8 does not have{hint}"
    if channel.type != CHAT_API:
        return f"{user} is mapped to {channel.name} ({channel.id}) of type {channel.type}"
    return None


def _queue_mismatch(
    settings: Settings, used: list[Channel], queue_ids: frozenset[str] | None
) -> Check | None:
    lost = [
        channel
        for channel in used
        if queue_ids is not None and channel.queue_id is not None
        if channel.queue_id not in queue_ids
    ]
    if lost:
        return warning(
            "channel",
            f"Channel mismatch: {_names(lost)} points at a queue that is no chat queue here. "
            "Handoffs name their queue, so they arrive; other chats on the channel do not.",
            f"{SET_UP}, or change the channel's queue in Configuration Manager > Channels.",
        )
    default = settings.default_queue
    other = [channel for channel in used if default and channel.queue_id not in (None, default)]
    if other:
        return warning(
            "channel",
            f"Channel mismatch: {_names(other)} has another default queue than {default}.",
            f"{SET_UP} to give it the same.",
        )
    return None


def _names(channels: list[Channel]) -> str:
    chat = [channel for channel in channels if channel.type == CHAT_API]
    return ", ".join(f"{channel.name} ({channel.id})" for channel in chat)


async def check_webhook(
    eight: Eight,
    settings: Settings,
    channels: list[Channel] | EightError,
    webhooks: list[Webhook] | EightError,
) -> Check:
    """Whether 8x8's events come back: the webhook exists, is ours, is used, and is reachable."""
    uri = webhook_uri(settings)
    if uri is None:
        return warning(
            "webhook",
            "Without a public address 8x8 cannot send events, so the connector polls: agents are "
            "noticed up to some seconds late, and at most 5 conversations a second are looked at.",
            "Enter a public webhook address that 8x8 can reach, then set up in 8x8.",
        )
    if isinstance(webhooks, EightError):
        return failed("webhook", f"Webhooks do not load. {webhooks}", "Test again.")
    ours = next((item for item in webhooks if item.id == settings.webhook_id), None)
    ours = ours or next((item for item in webhooks if item.uri == uri), None)
    if ours is None:
        return failed("webhook", f"8x8 has no webhook for {shown_uri(uri)}.", f"{SET_UP}.")
    if ours.uri != uri:
        detail = f"8x8's webhook {ours.name} points elsewhere than {shown_uri(uri)}."
        return failed("webhook", detail, f"{SET_UP} to change it.")
    own = next((item for item in _listed(channels) if item.id == settings.channel_id), None)
    if own is not None and own.webhook_id != ours.id:
        detail = f"Channel {own.name} sends its events to another webhook than {ours.name}."
        return failed("webhook", detail, f"{SET_UP} to change it.")
    return await _reachable(eight, uri)


async def _reachable(eight: Eight, uri: str) -> Check:
    try:
        await eight.verify_webhook(uri)
    except EightError as error:
        return failed(
            "webhook",
            f"8x8 gets no answer at {shown_uri(uri)}. {error}",
            "Start the service (`handoff serve`) and let 8x8 reach that address from outside.",
        )
    return good("webhook", f"8x8 reaches {shown_uri(uri)}.")


def _listed(channels: list[Channel] | EightError) -> list[Channel]:
    return [] if isinstance(channels, EightError) else channels


def shown_uri(uri: str) -> str:
    """The address without its last part, which nobody should learn from a screen or a log."""
    start, _, secret = uri.rpartition("/")
    return f"{start}/…" if len(secret) > 12 else uri
