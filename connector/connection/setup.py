"""Set-up in 8x8: one webhook for our address and one Chat API channel that uses it.

First the plan, then the doing; doing it again changes nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from connector.access import Actor, Role
from connector.connection.delivery import shown_uri, webhook_uri
from connector.eight import Channel, Eight, Webhook
from connector.eight.records import CHAT_API
from connector.errors import SettingsError
from connector.policy import Policy
from connector.queues import QueueBook
from connector.routing import default_queue
from connector.settings import Settings

WEBHOOK_NAME = CHANNEL_NAME = "Handoff Tuner"
DEFAULT_PATH = Settings.model_fields["webhook_path"].default
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class SetupStep:
    """What would be done to one thing in 8x8, and why. `blocked` says what is lacking first."""

    action: Literal["create", "update", "reuse", "blocked"]
    thing: Literal["webhook", "channel"]
    name: str
    detail: str

    def __str__(self) -> str:
        return f"{self.action} {self.thing} {self.name}: {self.detail}"


@dataclass(frozen=True)
class _Plan:
    """What is there, and what it should be."""

    path: str
    uri: str | None
    webhook: Webhook | None
    channel: Channel | None
    queue_id: str | None


async def plan_setup(eight: Eight, settings: Settings, policy: Policy) -> list[SetupStep]:
    """What apply_setup would do, webhook first; changes nothing. Raises EightError."""
    plan = await _plan(eight, settings, policy)
    return [_webhook_step(plan), _channel_step(plan)]


async def apply_setup(
    eight: Eight, settings: Settings, policy: Policy, *, actor: Actor
) -> dict[str, Any]:
    """Do it. Returns `webhook_id`, `channel_id` and `webhook_path`, for change_connection.

    8x8 tests the address before it takes a webhook, so something must answer there. Raises
    NotAllowed, SettingsError when an address or a default queue is lacking, else EightError.
    """
    actor.must_be(Role.ADMIN, to="set up 8x8")
    plan = await _plan(eight, settings, policy)
    for step in (_webhook_step(plan), _channel_step(plan)):
        if step.action == "blocked":
            raise SettingsError(f"The {step.thing} cannot be set up: {step.detail}")
    webhook_id = await _apply_webhook(eight, plan)
    channel = await _apply_channel(eight, plan, webhook_id)
    return {"webhook_id": webhook_id, "channel_id": channel.id, "webhook_path": plan.path}


async def _plan(eight: Eight, settings: Settings, policy: Policy) -> _Plan:
    webhooks, channels = await eight.webhooks(), await eight.channels()
    webhook, path = _our_webhook(settings, webhooks)
    book = QueueBook.of_tenant(await eight.queue_states(), settings)
    queue = default_queue(policy, book)
    return _Plan(
        path,
        webhook_uri(settings.model_copy(update={"webhook_path": path})),
        webhook,
        _our_channel(settings, channels, webhook),
        queue.id if queue else None,
    )


def _our_webhook(settings: Settings, webhooks: list[Webhook]) -> tuple[Webhook | None, str]:
    """The webhook to use again, and the path events are to come in on.

    Re-used by id, by address, then by name. A path nobody chose is made unguessable on a public
    address; one that 8x8 knows already is kept.
    """
    uri = webhook_uri(settings)
    found = (
        next((item for item in webhooks if item.id == settings.webhook_id), None)
        or next((item for item in webhooks if uri is not None and item.uri == uri), None)
        or next((item for item in webhooks if item.name == WEBHOOK_NAME), None)
    )
    if settings.webhook_path != DEFAULT_PATH or not settings.public_url:
        return found, settings.webhook_path
    public = settings.public_url.rstrip("/") + "/"
    if found is not None and found.uri.startswith(public):
        return found, found.uri.removeprefix(public)
    if (urlsplit(settings.public_url).hostname or "") in _LOOPBACK:
        return found, DEFAULT_PATH
    return found, f"{DEFAULT_PATH}/{secrets.token_urlsafe(16)}"


def _our_channel(
    settings: Settings, channels: list[Channel], webhook: Webhook | None
) -> Channel | None:
    """The channel to use again: by id, by name, then the one that uses our webhook."""
    chat = [channel for channel in channels if channel.type == CHAT_API]
    return (
        next((item for item in chat if item.id == settings.channel_id), None)
        or next((item for item in chat if item.name == CHANNEL_NAME), None)
        or next((item for item in chat if webhook and item.webhook_id == webhook.id), None)
    )


def _webhook_step(plan: _Plan) -> SetupStep:
    found, name = plan.webhook, plan.webhook.name if plan.webhook else WEBHOOK_NAME
    if plan.uri is None:
        if plan.channel is not None:
            return SetupStep("reuse", "webhook", name, "no public address, so events are polled")
        return SetupStep("blocked", "webhook", name, "enter a public webhook address first")
    address = shown_uri(plan.uri)
    if found is None:
        return SetupStep("create", "webhook", name, f"events come to {address}")
    if found.uri != plan.uri:
        return SetupStep("update", "webhook", name, f"{shown_uri(found.uri)} becomes {address}")
    return SetupStep("reuse", "webhook", name, f"it points to {address} already")


def _channel_step(plan: _Plan) -> SetupStep:
    found = plan.channel
    name = found.name if found else CHANNEL_NAME
    if plan.uri is None and found is None:
        detail = "8x8 makes no channel without a webhook: enter a public webhook address first"
        return SetupStep("blocked", "channel", name, detail)
    if plan.queue_id is None:
        return SetupStep("blocked", "channel", name, "choose a default queue of this tenant first")
    if found is None:
        return SetupStep("create", "channel", name, f"Chat API channel on queue {plan.queue_id}")
    changes = _channel_changes(plan, plan.webhook.id if plan.webhook else None)
    if changes:
        return SetupStep("update", "channel", name, "; ".join(changes))
    return SetupStep("reuse", "channel", name, f"on queue {plan.queue_id} already")


def _channel_changes(plan: _Plan, webhook_id: str | None) -> list[str]:
    found = plan.channel
    assert found is not None
    changes = []
    if found.queue_id != plan.queue_id:
        changes.append(f"queue {found.queue_id} becomes {plan.queue_id}")
    if plan.uri is not None and found.webhook_id != webhook_id:
        changes.append("its events come to our webhook")
    return changes


async def _apply_webhook(eight: Eight, plan: _Plan) -> str | None:
    if plan.uri is None:
        return plan.channel.webhook_id if plan.channel else None
    if plan.webhook is None:
        return (await eight.create_webhook(WEBHOOK_NAME, plan.uri)).id
    if plan.webhook.uri != plan.uri:
        await eight.update_webhook(replace(plan.webhook, uri=plan.uri))
    return plan.webhook.id


async def _apply_channel(eight: Eight, plan: _Plan, webhook_id: str | None) -> Channel:
    queue_id = plan.queue_id
    assert queue_id is not None
    if plan.channel is None:
        assert webhook_id is not None
        return await eight.create_channel(CHANNEL_NAME, webhook_id=webhook_id, queue_id=queue_id)
    if _channel_changes(plan, webhook_id):
        wanted = replace(plan.channel, webhook_id=webhook_id, queue_id=queue_id)
        await eight.update_channel(wanted)
    return plan.channel
