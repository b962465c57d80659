"""Whole handoffs of the connector against the sandbox, judged by 8x8's own documents."""

import asyncio

import pytest

from connector.clock import Clock
from connector.eight import Eight, Repeating
from connector.escalation import Connector
from connector.handoff import Outcome
from connector.sandbox import Sandbox, load_world
from connector.settings import Settings
from tests.connector.escalation.floor import POLICY, T0, Floor, lost_card
from tests.contract.conformance import assert_conforms, assert_event_conforms
from tests.contract.exchange import RecordingTransport

pytestmark = pytest.mark.slow


class Recorded:
    """A connector whose every exchange with 8x8 is kept, on both sides."""

    def __init__(self):
        self.transports, self.events = [], []

    def client(self, settings):
        self.transports.append(RecordingTransport())
        return Eight(
            settings.api_base,
            settings.api_key,
            settings.tenant_id,
            transport=self.transports[-1],
            repeating=Repeating(first_wait_s=0.01),
        )

    def listen_in(self, connector):
        receive = connector.receive

        async def receive_and_keep(body, headers):
            self.events.append((body, dict(headers)))
            await receive(body, headers)

        connector.receive = receive_and_keep

    @property
    def exchanges(self):
        return [one for transport in self.transports for one in transport.exchanges]

    def assert_conforms(self, reference):
        assert_conforms(self.exchanges, reference)
        assert self.events
        for body, headers in self.events:
            assert_event_conforms(body, headers)

    def was_asked(self, method, end):
        return any(one.method == method and one.path.endswith(end) for one in self.exchanges)


def play(home, scene):
    recorded = Recorded()

    async def playing():
        (home / "policy.yaml").write_text(POLICY.replace("timeout_s: 60", "timeout_s: 20"))
        clock = Clock.at_speed(20, T0)
        world = load_world().around_the_clock()
        async with Sandbox(world, clock=clock, auto_agents=False) as sandbox:
            settings = Settings.load(home, **sandbox.connection)
            connector = Connector(
                settings, clock=clock, listen=("127.0.0.1", 0), client=recorded.client
            )
            recorded.listen_in(connector)
            async with connector:
                floor = Floor(sandbox, connector)
                try:
                    return await scene(floor)
                finally:
                    await floor.close()

    result = asyncio.run(asyncio.wait_for(playing(), 60))
    return result, recorded


def test_a_handoff_with_overflow_and_a_talk_conforms(tmp_path, shared_reference):
    async def scene(f):
        task = asyncio.create_task(f.connector.hand_off(lost_card()))
        await f.waiting_in("Cards")
        second = await f.waiting_in("General")
        await f.act(second, "accept")
        result = await task
        await f.connector.say(result.handoff_id, "thank you 🙂")
        await f.connector.typing(result.handoff_id)
        await f.act(second, "write", text="bitte sehr")
        await f.connector.end(result.handoff_id)
        await f.seen(lambda one: one["state"] == "idle")
        return result

    result, recorded = play(tmp_path, scene)
    assert result.outcome is Outcome.ACCEPTED
    recorded.assert_conforms(shared_reference)
    for method, end in (
        ("POST", "/webhooks"),
        ("POST", "/channels"),
        ("GET", "/stats/rt/queues"),
        ("POST", "/conversations"),
        ("PATCH", result.conversation_id),
        ("POST", "/messages"),
        ("POST", "/typing"),
        ("PATCH", "/participants/user"),
        ("GET", "/public"),
    ):
        assert recorded.was_asked(method, end), (method, end)


def test_leaving_timing_out_and_faults_conform(tmp_path, shared_reference):
    async def scene(f):
        begun = await f.connector.begin(lost_card(handoff_id="leaves"))
        await f.waiting_in("Cards")
        left = await f.connector.abandon(begun.handoff_id)
        timed_out = await f.connector.hand_off(lost_card(timeout_s=2))
        await f.post("faults", kind="rate_limited", on="create", times=1, retry_after=0)
        await f.post("faults", kind="unavailable", on="queues", times=2)
        unknown = await f.connector.hand_off(lost_card(intent="ghost", timeout_s=2))
        await f.post("faults", kind="key", on="create")
        refused = await f.connector.hand_off(lost_card(timeout_s=2))
        return [left.outcome, timed_out.outcome, unknown.outcome, refused.outcome]

    outcomes, recorded = play(tmp_path, scene)
    assert outcomes == [
        Outcome.ABANDONED,
        Outcome.TIMED_OUT,
        Outcome.TIMED_OUT,
        Outcome.REJECTED,
    ]
    recorded.assert_conforms(shared_reference)
