"""The whole client against the sandbox, every exchange and event judged by 8x8's own documents."""

import asyncio
import contextlib
import json

import httpx
import pytest
from pydantic import SecretStr

from connector.clock import Clock
from connector.eight import Channel, Eight, Repeating, SignatureCheck, Webhook
from connector.errors import (
    AnswerLost,
    InvalidQueue,
    KeyRefused,
    NotFound,
    RateLimited,
    Refused,
    ServerFault,
    SignatureRefused,
    TenantRefused,
)
from connector.sandbox import Sandbox, load_world
from tests.contract.conformance import assert_conforms, assert_event_conforms
from tests.contract.exchange import RecordingTransport
from tests.contract.receiving import receiver

ONCE = Repeating(attempts=1)
USER = {
    "name": "Zoë Ünal",
    "email": "zoe@customer.example",
    "phone": "+49 30 1",
    "language": "es",
    "additionalProperties": [{"key": "attempt_id", "value": "a1"}, {"key": "Emoji", "value": "💳"}],
}
HISTORY = [
    {"authorType": "user", "text": "¿hola? مرحبا"},
    {"authorType": "bot", "text": "one moment"},
]


class Stage:
    """A sandbox whose agents the test plays, a client that is recorded, and a webhook receiver."""

    def __init__(self, sandbox, eight, recording, inbox, desk):
        self.sandbox, self.eight, self.recording = sandbox, eight, recording
        self.inbox, self.desk = inbox, desk

    async def set_up(self):
        webhook = await self.eight.create_webhook("Bot", f"{self.inbox.url}/hook")
        return await self.eight.create_channel("Bot", webhook_id=webhook.id, queue_id="101")

    async def create(self, channel, queue_id="107"):
        return await self.eight.create_conversation(
            channel_id=channel.id, user=USER, history=HISTORY, queue_id=queue_id
        )

    async def agent(self, conversation_id, act, **wish):
        path = f"/sandbox/agent/conversations/{conversation_id}/{act}"
        answer = await self.desk.post(path, json=wish)
        assert answer.is_success, answer.text

    async def fault(self, **fault):
        assert (await self.desk.post("/sandbox/faults", json=fault)).is_success

    async def an_agent_of(self, queue_id, language="en"):
        world = self.sandbox.world
        return next(
            agent.id
            for agent in world.agents
            if queue_id in agent.queues and language in agent.languages
        )


@contextlib.asynccontextmanager
async def stage(**client):
    world = load_world().around_the_clock()
    recording = RecordingTransport()
    async with (
        receiver() as inbox,
        Sandbox(world, auto_agents=False) as sandbox,
        httpx.AsyncClient(base_url=sandbox.base_url) as desk,
        Eight(
            sandbox.base_url,
            SecretStr(client.get("key", sandbox.api_key)),
            client.get("tenant", sandbox.tenant_id),
            transport=recording,
            repeating=client.get("repeating", ONCE),
        ) as eight,
    ):
        yield Stage(sandbox, eight, recording, inbox, desk)


def play(scene, reference, **client):
    """Run a scene, then judge all that was said."""

    async def playing():
        async with stage(**client) as on:
            await scene(on)
            return on

    on = asyncio.run(playing())
    assert_conforms(on.recording.exchanges, reference)
    for body, headers in on.inbox.received:
        assert_event_conforms(body, headers)
    return on


def test_connecting_a_tenant_conforms(shared_reference):
    async def scene(on):
        channel = await on.set_up()
        await on.eight.probe()
        webhook = (await on.eight.webhooks())[0]
        assert webhook == Webhook(
            channel.webhook_id, "Bot", f"{on.inbox.url}/hook", webhook.version
        )
        await on.eight.verify_webhook(webhook.uri)
        moved = await on.eight.update_webhook(
            Webhook(webhook.id, "Bot 2", f"{on.inbox.url}/other", webhook.version)
        )
        assert moved.uri.endswith("/other")
        changed = Channel(channel.id, "Bot 2", "ChatAPI", channel.webhook_id, "102")
        assert await on.eight.update_channel(changed) == changed
        assert await on.eight.channels() == [changed]
        await on.eight.delete_webhook(webhook.id)
        await on.eight.delete_webhook(webhook.id)
        assert await on.eight.webhooks() == []
        assert [event.is_verify for event in on.inbox.events] == [True] * 3

    play(scene, shared_reference)


def test_a_list_of_many_pages_conforms(shared_reference):
    async def scene(on):
        first = await on.set_up()
        names = [f"Bot {number}" for number in range(120)]
        for name in names:
            await on.eight.create_channel(name, webhook_id=first.webhook_id, queue_id="101")
        assert {channel.name for channel in await on.eight.channels()} == {"Bot", *names}

    play(scene, shared_reference)


def test_a_handoff_from_creation_to_end_conforms(shared_reference):
    async def scene(on):
        eight, inbox = on.eight, on.inbox
        made = await on.create(await on.set_up(), "102")
        await inbox.until(lambda event: event.queued == ("102", "Cards"))
        assert (await eight.conversation(made)).properties["attempt_id"] == "a1"
        await eight.reassign(made, "107")
        await inbox.until(lambda event: event.queued == ("107", "Spanish"))
        await eight.update_user(made, {"name": "Zoë", "additionalProperties": []})
        await eight.send_message(made, "are you there? 🙂")
        agent = await on.an_agent_of("107", "es")
        await on.agent(made, "accept", agent=agent)
        await inbox.until(lambda event: event.agent_joined == agent)
        await inbox.until(lambda event: event.assigned_agent == agent)
        assert (await eight.conversation(made)).agent == agent
        await eight.typing(made)
        await on.agent(made, "typing")
        await inbox.until(lambda event: event.typing is True)
        await on.agent(made, "write", text="¡Hola!")
        await inbox.until(lambda event: event.agent_text == "¡Hola!")
        people = {person.type: person for person in await eight.participants(made)}
        assert (people["agent"].id, people["agent"].removed) == (agent, False)
        said = [message.text for message in await eight.messages(made)]
        assert said == ["¿hola? مرحبا", "one moment", "are you there? 🙂", "¡Hola!"]
        assert await eight.end(made) is True
        await inbox.until(lambda event: event.idle)
        assert await eight.end(made) is False

    on = play(scene, shared_reference)
    attempts = {event.attempt_id for event in on.inbox.events} - {None}
    assert attempts == {"a1"}


def test_a_transfer_conforms(shared_reference):
    async def scene(on):
        made = await on.create(await on.set_up(), "102")
        await on.inbox.until(lambda event: event.queued)
        await on.agent(made, "accept", agent=await on.an_agent_of("102"))
        await on.agent(made, "transfer", queue="104")
        await on.inbox.until(lambda event: event.transfer)
        await on.inbox.until(lambda event: event.agent_left)
        await on.inbox.until(lambda event: event.queued == ("104", "Payments"))
        await on.agent(made, "accept", agent=await on.an_agent_of("104"))
        await on.agent(made, "end")
        await on.inbox.until(lambda event: event.idle)

    play(scene, shared_reference)


def test_the_newest_conversations_come_first_and_conform(shared_reference):
    async def scene(on):
        channel = await on.set_up()
        made = [await on.create(channel) for _ in range(5)]
        found = [each.id for each in await on.eight.newest_conversations(3)]
        assert found == made[:1:-1]

    play(scene, shared_reference)


def test_queues_schedules_and_keys_conform(shared_reference):
    async def scene(on):
        states = await on.eight.queue_states()
        assert {state.name for state in states} >= {"General", "Cards", "Spanish", "Escalations"}
        assert await on.eight.queue_state("102") == next(s for s in states if s.id == "102")
        with pytest.raises(NotFound):
            await on.eight.queue_state("999")
        schedules = await on.eight.schedules()
        assert await on.eight.schedule_status(schedules[0].id) == 0
        await on.create(await on.set_up())
        await on.inbox.until(lambda event: event.queued)
        body, headers = on.inbox.received[-1]
        check = SignatureCheck(on.eight.jwk, tenant_id=on.sandbox.tenant_id, clock=Clock())
        await check.verify(body, headers)
        with pytest.raises(SignatureRefused):
            await check.verify(body + b" ", headers)

    play(scene, shared_reference)


def test_the_limits_of_30_and_200_are_kept_by_the_tenant(shared_reference):
    async def scene(on):
        channel = await on.set_up()

        async def create(properties, messages):
            pairs = [{"key": f"k{n}", "value": "v"} for n in range(properties)]
            line = {"authorType": "user", "text": "x"}
            await on.eight.create_conversation(
                channel_id=channel.id,
                user={"additionalProperties": pairs},
                history=[line] * messages,
                queue_id=None,
            )

        await create(30, 200)
        for properties, messages in ((31, 0), (0, 201)):
            with pytest.raises(Refused) as caught:
                await create(properties, messages)
            assert caught.value.status == 400

    play(scene, shared_reference)


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ({"kind": "invalid_queue"}, InvalidQueue, "invalid_queue"),
        ({"kind": "key"}, KeyRefused, "access_denied"),
        ({"kind": "tenant"}, TenantRefused, None),
        ({"kind": "product"}, TenantRefused, None),
        ({"kind": "not_found"}, NotFound, None),
        ({"kind": "rate_limited", "retry_after": 7}, RateLimited, None),
        ({"kind": "server_error"}, ServerFault, None),
        ({"kind": "unavailable", "retry_after": 7}, ServerFault, None),
        ({"kind": "dropped"}, AnswerLost, None),
        ({"kind": "answer_lost"}, AnswerLost, None),
    ],
)
@pytest.mark.parametrize("on_what", ["create", "conversation", "end", "queues", "channels"])
def test_every_fault_conforms_and_is_named(fault, error, code, on_what, shared_reference):
    async def scene(on):
        channel = await on.set_up()
        made = await on.create(channel)
        calls = {
            "create": lambda: on.create(channel),
            "conversation": lambda: on.eight.conversation(made),
            "end": lambda: on.eight.end(made),
            "queues": lambda: on.eight.queue_states(),
            "channels": lambda: on.eight.channels(),
        }
        await on.fault(on=on_what, times=1, **fault)
        if (on_what, fault["kind"]) == ("end", "not_found"):
            assert await on.eight.end(made) is False
            return
        with pytest.raises(error) as caught:
            await calls[on_what]()
        assert type(caught.value) is error
        assert caught.value.retry_after_s == fault.get("retry_after")
        if code is not None:
            assert caught.value.code == code

    play(scene, shared_reference)


def test_a_wrong_key_and_a_wrong_tenant_are_named(shared_reference):
    async def scene(kind):
        async def refused(on):
            with pytest.raises(kind):
                await on.eight.probe()

        return refused

    for kind, client in ((KeyRefused, {"key": "other"}), (TenantRefused, {"tenant": "other"})):
        play(asyncio.run(scene(kind)), shared_reference, **client)


def test_repeats_reach_the_tenant_once_and_conform(shared_reference):
    async def scene(on):
        channel = await on.set_up()
        await on.fault(kind="rate_limited", on="create", times=2, retry_after=0)
        await on.create(channel)
        assert len(on.sandbox.tenant.conversations) == 1
        await on.fault(kind="answer_lost", on="create", times=1)
        with pytest.raises(AnswerLost):
            await on.create(channel)
        assert len(on.sandbox.tenant.conversations) == 2
        newest = (await on.eight.newest_conversations(1))[0]
        await on.fault(kind="answer_lost", on="reassign", times=1)
        await on.eight.reassign(newest.id, "104")

    play(scene, shared_reference, repeating=Repeating(first_wait_s=0.01))


def test_the_recording_is_of_what_was_really_sent(shared_reference):
    async def scene(on):
        await on.set_up()
        first = on.recording.exchanges[0]
        assert (first.method, first.path) == ("POST", "/chat-gateway/v1/webhooks")
        assert json.loads(first.request_body)["name"] == "Bot"
        assert first.answered["id"]

    play(scene, shared_reference)
