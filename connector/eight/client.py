"""8x8's HTTP side: the Chat Gateway v1, queue statistics, schedules and signing keys of one tenant.

Every call raises the EightError its answer asks for (connector/errors.py). Calls are made again
only where that cannot do the work twice: reads and changes that end the same on any fault, what
makes something only when 8x8 surely did nothing.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Self
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from connector.eight.calls import Calls, embedded, record
from connector.eight.http import Http, Timeouts, Transport
from connector.eight.queues import read_queues
from connector.eight.records import (
    EVENT_VERSION,
    Channel,
    Conversation,
    EightMessage,
    Participant,
    Schedule,
    Webhook,
    channel_body,
    listed,
    part,
    webhook_body,
)
from connector.eight.repeating import (
    Repeating,
    any_fault,
    never,
    not_done,
    not_done_or_unavailable,
)
from connector.errors import AnswerLost, NotFound, Refused, ServerFault
from connector.queues import QueueState

GATEWAY = "/chat-gateway/v1"
CHANNELS, WEBHOOKS = f"{GATEWAY}/channels", f"{GATEWAY}/webhooks"
CONVERSATIONS = f"{GATEWAY}/conversations"
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
# How far back newest_conversations looks where a tenant does not sort by time.
UNSORTED_PAGES = 10


class Eight:
    """One tenant of 8x8. At most ten calls are under way at once; others wait their turn.

    An empty `base` is no tenant: every call is refused at once and nothing is sent.

    Raises SettingsError when address, key or tenant id cannot be put into a request.
    """

    def __init__(
        self,
        base: str,
        api_key: SecretStr | None,
        tenant_id: str | None,
        *,
        transport: Transport | None = None,
        timeouts: Timeouts | None = None,
        repeating: Repeating | None = None,
    ) -> None:
        http = Http(base, api_key, tenant_id, transport=transport, timeouts=timeouts)
        self._calls = Calls(http, repeating or Repeating(), keyed=api_key is not None)

    @property
    def base(self) -> str:
        return self._calls.http.base

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._calls.http.aclose()

    # Set-up: 8x8 Chat Gateway v1, webhooks and channels.

    async def probe(self) -> None:
        """The cheapest call that proves address, key, tenant and API product.

        The only one made without a key: it says whether the address is one of 8x8.
        """
        await self._calls.get(f"{CHANNELS}?size=1", keyless=True)

    async def channels(self) -> list[Channel]:
        return await self._calls.records(CHANNELS, "channels", Channel.read)

    async def create_channel(self, name: str, *, webhook_id: str, queue_id: str) -> Channel:
        sent = channel_body(name, webhook_id, queue_id)
        return record(await self._calls.create(CHANNELS, sent), Channel.read)

    async def update_channel(self, channel: Channel) -> Channel:
        sent = channel_body(channel.name, channel.webhook_id or "", channel.queue_id or "")
        return record(await self._calls.put(f"{CHANNELS}/{_id(channel.id)}", sent), Channel.read)

    async def webhooks(self) -> list[Webhook]:
        return await self._calls.records(WEBHOOKS, "webhooks", Webhook.read)

    async def create_webhook(self, name: str, uri: str) -> Webhook:
        """8x8 posts a test event to `uri` first, which must be answered 2xx."""
        return record(await self._calls.create(WEBHOOKS, webhook_body(name, uri)), Webhook.read)

    async def update_webhook(self, webhook: Webhook) -> Webhook:
        sent = webhook_body(webhook.name, webhook.uri)
        return record(await self._calls.put(f"{WEBHOOKS}/{_id(webhook.id)}", sent), Webhook.read)

    async def delete_webhook(self, webhook_id: str) -> None:
        """Remove it; one that is gone already is no error."""
        try:
            await self._calls.call("DELETE", f"{WEBHOOKS}/{_id(webhook_id)}", any_fault)
        except NotFound:
            return

    async def verify_webhook(self, uri: str) -> None:
        """Have 8x8 send a test event to `uri`; raises Refused when it could not deliver it."""
        sent = {"version": EVENT_VERSION, "uri": uri}
        await self._calls.call("POST", f"{WEBHOOKS}/verify", not_done, sent)

    # Handoffs: 8x8 Chat Gateway v1, conversations, participants and messages.

    async def create_conversation(
        self,
        *,
        channel_id: str,
        user: Mapping[str, Any],
        history: Sequence[Mapping[str, Any]],
        queue_id: str | None,
    ) -> str:
        """Hand a conversation to 8x8; returns its id there.

        Repeated only when it never left or 8x8 said 429. AnswerLost means that 8x8 may have it.
        """
        sent: dict[str, Any] = {"channelId": channel_id, "user": user}
        if queue_id is not None:
            sent["assignment"] = {"type": "queue", "id": queue_id}
        if history:
            sent["history"] = {"messages": history}
        found = await self._calls.create(CONVERSATIONS, sent, private=(user, history))
        if not found.get("conversationId"):
            raise AnswerLost(f"POST {CONVERSATIONS}: 8x8 did not name the conversation it made.")
        return str(found["conversationId"])

    async def conversation(self, conversation_id: str) -> Conversation:
        return record(await self._calls.get(_conversation(conversation_id)), Conversation.read)

    async def newest_conversations(self, size: int = 100) -> list[Conversation]:
        """The newest first. A tenant that does not sort by time gives up to ten pages unsorted."""
        query = urlencode({"page": 0, "size": size, "sort": "createdAt:desc"})
        try:
            page = await self._calls.get(f"{CONVERSATIONS}?{query}")
        except Refused as error:
            if error.status != 400:
                raise
            return await self._calls.records(
                CONVERSATIONS, "conversations", Conversation.read, pages=UNSORTED_PAGES
            )
        return [record(item, Conversation.read) for item in embedded(page, "conversations")]

    async def reassign(self, conversation_id: str, queue_id: str) -> None:
        """Move a waiting conversation to another queue."""
        sent = {"assignment": {"type": "queue", "id": queue_id}}
        await self._calls.call("PATCH", _conversation(conversation_id), any_fault, sent)

    async def update_user(self, conversation_id: str, user: Mapping[str, Any]) -> None:
        """Add context to a conversation that waits."""
        path = _conversation(conversation_id)
        await self._calls.call("PATCH", path, any_fault, {"user": user}, private=(user,))

    async def end(self, conversation_id: str) -> bool:
        """Cancel or end it for the customer; False when 8x8 does not have it any more."""
        path = f"{_conversation(conversation_id)}/participants/user"
        try:
            await self._calls.call("PATCH", path, any_fault, {"removed": True})
        except NotFound:
            return False
        return True

    async def participants(self, conversation_id: str) -> list[Participant]:
        found = await self._calls.get(f"{_conversation(conversation_id)}/participants")
        return [record(item, Participant.read) for item in embedded(found, "participants")]

    async def send_message(self, conversation_id: str, text: str, *, author: str = "user") -> None:
        """Say something for the customer (`user`) or the bot (`bot`)."""
        path = f"{_conversation(conversation_id)}/messages"
        sent = {"authorType": author, "text": text}
        await self._calls.call("POST", path, not_done_or_unavailable, sent, private=(text,))

    async def typing(self, conversation_id: str, *, author: str = "user") -> None:
        path = f"{_conversation(conversation_id)}/typing"
        await self._calls.call("POST", path, never, {"authorType": author})

    async def messages(self, conversation_id: str) -> list[EightMessage]:
        """All messages, oldest first."""
        path = f"{_conversation(conversation_id)}/messages"
        return await self._calls.records(path, "messages", EightMessage.read, sort="createdAt:asc")

    # Queues, schedules, signing keys. The first two are outside the Chat Gateway: `/cc/v1`.

    async def queue_states(self) -> list[QueueState]:
        """All chat queues of the tenant with their agents and waiting customers."""
        return read_queues(await self._calls.get("/cc/v1/stats/rt/queues"))

    async def queue_state(self, queue_id: str) -> QueueState:
        """One chat queue. Raises NotFound when the tenant has none with this id."""
        path = f"/cc/v1/stats/rt/queue/{_id(queue_id)}"
        found = read_queues(await self._calls.get(path))
        if not found:
            raise NotFound(f"GET {path}: 8x8 has no chat queue with this id.")
        return found[0]

    async def schedules(self) -> list[Schedule]:
        found = await self._calls.get("/cc/v1/schedules")
        outer = part(found, "schedules") if isinstance(found, dict) else {}
        return [record(item, Schedule.read) for item in listed(outer.get("schedule"))]

    async def schedule_status(self, schedule_id: str) -> int:
        """0 open, -1 closed, else the number of the choice (1-6) the schedule stands at."""
        path = f"/cc/v1/schedules/{_id(schedule_id)}/status"
        found = await self._calls.get(path)
        status = part(found, "schedule-status").get("status") if isinstance(found, dict) else None
        number = re.search(r"-?\d+\s*$", str(status))
        if number is None:
            raise ServerFault(f"GET {path}: the answer holds no status.")
        return int(number[0])

    async def jwk(self, kid: str) -> dict[str, Any]:
        """The public key `kid` as a JWK. Raises NotFound for an id that no key can have."""
        if not KEY_ID.fullmatch(kid):
            raise NotFound("The id of the signing key is not one that 8x8 gives.")
        found = await self._calls.get(f"{GATEWAY}/jwk/{kid}/public")
        # 8x8's API file types this answer as text, though it is an object.
        if isinstance(found, str):
            with contextlib.suppress(ValueError):
                found = json.loads(found)
        if not isinstance(found, dict):
            raise ServerFault("8x8 answered with something else than a signing key.")
        return found


def _conversation(conversation_id: str) -> str:
    return f"{CONVERSATIONS}/{_id(conversation_id)}"


def _id(value: str) -> str:
    return quote(value, safe="")
