"""The sandbox tenant: webhooks, channels, conversations, and the center that serves them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from connector.clock import Clock
from connector.sandbox.acting import Acting
from connector.sandbox.agenda import Agenda
from connector.sandbox.bodies import Message
from connector.sandbox.center import Center
from connector.sandbox.conversation import AuthorType, Conversation, Line, new_id
from connector.sandbox.courier import Courier, Event
from connector.sandbox.problems import invalid, invalid_queue, not_found
from connector.sandbox.world import World

EPOCH = datetime(1970, 1, 1)
# 8x8 says that work goes on after a 202; how long is not published.
PROCESSING_S = 0.1
MOST_KEPT = 20_000


@dataclass
class Webhook:
    id: str
    name: str
    uri: str
    version: str

    def view(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "uri": self.uri, "version": self.version}


@dataclass
class Channel:
    id: str
    name: str
    type: str
    webhook_id: str
    queue_id: str

    def view(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "webHookId": self.webhook_id,
            "routingOptions": {"type": "queue", "id": self.queue_id},
        }


class Tenant:
    """Everything in memory; of ended conversations the newest `MOST_KEPT` stay readable."""

    def __init__(
        self,
        world: World,
        clock: Clock,
        agenda: Agenda,
        courier: Courier,
        *,
        seed: int,
        auto_agents: bool,
    ) -> None:
        self.world, self.clock, self.agenda, self.courier = world, clock, agenda, courier
        self.webhooks: dict[str, Webhook] = {}
        self.channels: dict[str, Channel] = {}
        self.conversations: dict[str, Conversation] = {}
        self._made = 0
        self.center = Center(
            world,
            clock,
            agenda,
            self.notify,
            self.conversations,
            seed=seed,
            auto_agents=auto_agents,
        )
        self.acting = Acting(self)

    def find(self, conversation_id: str) -> Conversation:
        """Raises Problem 404."""
        found = self.conversations.get(conversation_id)
        if found is None:
            raise not_found("Conversation", conversation_id)
        return found

    def next_number(self) -> int:
        self._made += 1
        return self._made

    def check_queue(self, queue_id: str, field: str = "assignment.id") -> None:
        """Raises Problem 400 `invalid_queue` for all but the tenant's chat queues."""
        if queue_id not in self.center.names:
            raise invalid_queue(queue_id, field)

    def create(
        self,
        channel_id: str,
        user: dict[str, Any],
        assignment: tuple[str, str] | None,
        history: Sequence[Message],
    ) -> Conversation:
        """A new conversation; `assignment` is (type, id). Raises Problem 400."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise invalid("channelId", channel_id, "is not a Chat API channel.", "invalid_channel")
        kind, target = assignment or ("queue", channel.queue_id)
        queue_id = target if kind == "queue" else channel.queue_id
        self.check_queue(queue_id)
        conversation = Conversation(
            id=new_id(),
            number=self.next_number(),
            channel_id=channel_id,
            created_at=self.clock.now(),
            user=user,
            queue_id=queue_id,
            script_id=target if kind == "script" else None,
        )
        for message in history:
            self.add_line(conversation, message.authorType, message)
        self._keep(conversation)
        self.center.counts.created(queue_id)
        self.tell_state(conversation)
        self._process(partial(self._activate, conversation))
        return conversation

    def assign(self, conversation: Conversation, kind: str, target: str) -> None:
        """Re-queue after the time 8x8 takes for it. Raises Problem 400."""
        if kind == "queue":
            self.check_queue(target)
            self._process(partial(self.center.move, conversation, target))

    def change_user(self, conversation: Conversation, user: Mapping[str, Any]) -> None:
        conversation.user = {**conversation.user, **user}
        self.center.change_language(conversation)
        self.tell_state(conversation)

    def write(self, conversation: Conversation, message: Message) -> Line:
        """A message of customer or bot; to an ended conversation it starts a new interaction."""
        line = self.add_line(conversation, message.authorType, message)
        self._tell_line(conversation, line, echo=True)
        if conversation.state == "idle":
            conversation.member("user", "user").removed = False
            self.center.enter(conversation, conversation.queue_id)
        elif conversation.is_served:
            self.acting.hear(conversation)
        return line

    def agent_writes(self, conversation: Conversation, text: str) -> None:
        member = conversation.member(conversation.agent_id or "", "agent")
        line = Line(new_id(), member, self.clock.now(), text)
        conversation.lines.append(line)
        self._tell_line(conversation, line, echo=False)

    def agent_types(self, conversation: Conversation, *, typing: bool = True) -> None:
        users = [{"type": "agent", "id": conversation.agent_id}] if typing else []
        activity = {"name": "typing", "value": {"users": users}}
        self.notify(conversation, "ACTIVITY", activity)

    def add_line(self, conversation: Conversation, author: AuthorType, message: Message) -> Line:
        provider = message.externalProvider
        line = Line(
            id=new_id(),
            author=conversation.member(author, author),
            created_at=self.clock.now(),
            text=message.text or "",
            attachments=tuple(found.id for found in message.attachments or ()),
            cards=tuple(message.cards or ()),
            provider=provider.model_dump() if provider else None,
        )
        conversation.lines.append(line)
        return line

    def notify(
        self, conversation: Conversation, event_type: str, data: dict[str, Any] | None
    ) -> None:
        """Send an event to the webhook of the conversation's channel."""
        channel = self.channels.get(conversation.channel_id)
        webhook = self.webhooks.get(channel.webhook_id) if channel else None
        if webhook is None:
            return
        envelope = {
            "eventType": event_type,
            "conversationId": conversation.id,
            "timestamp": self.now_ms(),
            **({} if data is None else {"data": data}),
        }
        body = json.dumps(envelope, separators=(",", ":")).encode()
        self.courier.send(Event(event_type, conversation.id, webhook.uri, body))

    def tell_state(self, conversation: Conversation) -> None:
        self.center.tell_state(conversation)

    def now_ms(self) -> int:
        return int(self.clock.seconds_since(EPOCH) * 1000)

    def _tell_line(self, conversation: Conversation, line: Line, *, echo: bool) -> None:
        files = [conversation.attachments.get(found) for found in line.attachments]
        data = {
            "isEcho": echo,
            "sender": {"id": line.author.id, "type": line.author.type},
            "text": line.text,
            "attachments": [
                {"id": file.id, "type": "file", "fileName": file.filename} for file in files if file
            ],
            "cards": list(line.cards),
        }
        self.notify(conversation, "MESSAGE", data)

    def _activate(self, conversation: Conversation) -> None:
        if conversation.state == "created":
            self.center.enter(conversation, conversation.queue_id)

    def _process(self, action: partial[Any]) -> None:
        self.agenda.after(PROCESSING_S, action)

    def _keep(self, conversation: Conversation) -> None:
        self.conversations[conversation.id] = conversation
        excess = len(self.conversations) - MOST_KEPT
        if excess > MOST_KEPT // 10:
            ended = [kept.id for kept in self.conversations.values() if kept.state == "idle"]
            for conversation_id in ended[:excess]:
                del self.conversations[conversation_id]
