"""A running sandbox with a webhook receiver and a client, as the sandbox's tests use it."""

from __future__ import annotations

import asyncio
import functools
import json
from contextlib import asynccontextmanager
from datetime import datetime

import httpx

from connector.clock import Clock
from connector.sandbox import Sandbox

# A Tuesday: agents of the shifts early and day are at work, nobody is on a break before 11:00.
MORNING = datetime(2026, 11, 24, 9, 15)
GATEWAY = "/chat-gateway/v1"
CONVERSATIONS = GATEWAY + "/conversations"


class Receiver:
    """A webhook: keeps what arrives, answers 204, or what `answers` holds first."""

    def __init__(self):
        self.arrived, self.answers, self._serving = [], [], set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.uri = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hook"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        # The sandbox has left, so each of them reads the end of its connection.
        await asyncio.gather(*self._serving)

    async def _serve(self, reader, writer):
        self._serving.add(asyncio.current_task())
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                # The signature is the one header whose case matters.
                for line in head:
                    if line.startswith("x-8x8-signature"):
                        headers["x-8x8-signature"] = line.split(": ", 1)[1]
                body = await reader.readexactly(int(headers["content-length"]))
                self.arrived.append((headers, body, json.loads(body)))
                status = self.answers.pop(0) if self.answers else 204
                writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        except (EOFError, OSError):
            writer.close()

    def events(self, conversation_id):
        return [
            event for _, _, event in self.arrived if event.get("conversationId") == conversation_id
        ]

    def story(self, conversation_id):
        """The events of a conversation as short words."""
        return [_word(event) for event in self.events(conversation_id)]


def _word(event):
    data = event.get("data", {})
    match event["eventType"]:
        case "CONVERSATION_UPDATE":
            return f"{data['state']} {data['assignment']['type']} {data['assignment']['id']}"
        case "MEMBERS_CHANGED":
            return f"{data['memberType']} {data['change']} {data['id']}"
        case "QUEUED":
            return f"queued {data['queueId']}"
        case other:
            return other.lower()


class Tenancy:
    """A sandbox with one channel whose events arrive at `receiver`."""

    def __init__(self, sandbox, http, receiver, webhook, channel):
        self.sandbox, self.http, self.receiver = sandbox, http, receiver
        self.webhook, self.channel = webhook, channel

    async def create(self, queue="102", *, properties=None, history=(), **user):
        answer = await self.http.post(
            CONVERSATIONS,
            json={
                "channelId": self.channel["id"],
                "user": {
                    **user,
                    "additionalProperties": [
                        {"key": key, "value": value} for key, value in (properties or {}).items()
                    ],
                },
                "assignment": {"type": "queue", "id": queue},
                "history": {"messages": list(history)},
            },
        )
        assert answer.status_code == 202, answer.text
        return answer.json()["conversationId"]

    async def read(self, conversation_id):
        return (await self.http.get(f"{CONVERSATIONS}/{conversation_id}")).json()

    async def remove(self, conversation_id):
        path = f"{CONVERSATIONS}/{conversation_id}/participants/user"
        return (await self.http.patch(path, json={"removed": True})).status_code

    async def desk(self, everything=False):
        path = "/sandbox/agent/conversations" + ("?state=all" if everything else "")
        found = (await self.http.get(path)).json()["conversations"]
        return {item["id"]: item for item in found}

    async def play(self, conversation_id, action, **wish):
        path = f"/sandbox/agent/conversations/{conversation_id}/{action}"
        return await self.http.post(path, json=wish)

    async def tell(self, agent, status):
        answer = await self.http.put(f"/sandbox/agents/{agent}", json={"status": status})
        assert answer.status_code == 200, answer.text

    async def fault(self, kind, on="any", **fault):
        answer = await self.http.post("/sandbox/faults", json={"kind": kind, "on": on, **fault})
        assert answer.status_code == 204, answer.text

    async def webhook_fault(self, kind, **fault):
        answer = await self.http.post("/sandbox/webhook-faults", json={"kind": kind, **fault})
        assert answer.status_code == 204, answer.text

    async def queue(self, queue_id):
        return (await self.http.get(f"/cc/v1/stats/rt/queue/{queue_id}")).json()["queue"]

    def story(self, conversation_id):
        return self.receiver.story(conversation_id)

    async def told(self, conversation_id, word):
        """Until the webhook was told of `word`; gives the whole story."""
        await until(lambda: word in self.story(conversation_id))
        return self.story(conversation_id)

    async def ended(self, conversation_id):
        """Until the webhook was told of the end; gives the whole story."""
        await until(lambda: any(word.startswith("idle") for word in self.story(conversation_id)))
        return self.story(conversation_id)

    async def taken(self, conversation_id):
        """Until an agent joined; gives the agent's id."""

        def joined():
            words = (word.split() for word in self.story(conversation_id))
            return [found[2] for found in words if found[:2] == ["agent", "joined"]]

        await until(joined)
        return joined()[-1]


async def until(condition, seconds=5.0):
    """Until `condition()` holds, at most `seconds` of wall time."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


@asynccontextmanager
async def tenancy(*, speed=1000, t0=MORNING, clock=None, **options):
    clock = clock or Clock.at_speed(speed, t0)
    async with Receiver() as receiver, Sandbox(clock=clock, **options) as sandbox:
        headers = {"x-api-key": sandbox.api_key, "x-8x8-tenant": sandbox.tenant_id}
        async with httpx.AsyncClient(base_url=sandbox.base_url, headers=headers) as http:
            sent = {"name": "hook", "uri": receiver.uri, "version": "Chat Gateway v1.0"}
            webhook = (await http.post(GATEWAY + "/webhooks", json=sent)).json()
            routing = {"type": "queue", "id": "101"}
            sent = {"name": "bot", "webHookId": webhook["id"], "routingOptions": routing}
            channel = (await http.post(GATEWAY + "/channels", json=sent)).json()
            yield Tenancy(sandbox, http, receiver, webhook, channel)


def played(**options):
    """A tenancy whose agents do nothing by themselves."""
    return tenancy(auto_agents=False, **options)


def live(test):
    """Run an async test to its end."""

    @functools.wraps(test)
    def run(*args, **kwargs):
        return asyncio.run(test(*args, **kwargs))

    return run
