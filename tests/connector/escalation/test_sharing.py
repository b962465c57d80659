"""What processes on one home leave to each other: events, results, attempts of the dead."""

import asyncio
import time

import httpx
import pytest

from connector.errors import ConnectorClosed
from connector.escalation import Connector
from connector.handoff import Outcome
from connector.log import OpenAttempt
from connector.log.locks import locked
from connector.sandbox import Sandbox
from connector.settings import Settings

from .floor import POLICY, brisk, eventually, floor, lost_card, run

pytestmark = pytest.mark.full


def test_an_event_for_another_process_that_cannot_be_kept_is_asked_for_again(tmp_path):
    """Kept by nobody and answered 2xx it would be lost: 8x8 repeats what is not answered 2xx."""

    async def scene():
        async with (
            floor(tmp_path) as f,
            Connector(f.connector.settings, clock=f.connector.clock, client=brisk) as other,
        ):
            task = asyncio.create_task(other.hand_off(lost_card(handoff_id="h1", timeout_s=600)))
            conversation = await f.waiting_in("Cards")
            assert await eventually(lambda: other.switchboard.of_handoff("h1").conversation.id)
            holding = asyncio.create_task(asyncio.to_thread(hold_the_ledger, tmp_path, 1.5))
            await asyncio.sleep(0.2)
            await f.act(conversation, "accept")
            await f.act(conversation, "write", text="words in the gap")
            await holding
            result = await task
            words = await anext(
                event.data["text"] async for event in other.events("h1") if event.kind == "message"
            )
            return result.outcome, words

    assert run(scene()) == (Outcome.ACCEPTED, "words in the gap")


def hold_the_ledger(home, seconds):
    with locked(home / "lake" / "ledger.lock", wait_s=5):
        time.sleep(seconds)


def test_a_result_the_claims_did_not_take_is_told_as_soon_as_they_do(tmp_path):
    async def scene():
        async with (
            floor(tmp_path) as f,
            Connector(f.connector.settings, clock=f.connector.clock, client=brisk) as other,
        ):
            await f.connector.begin(lost_card(handoff_id="h1"))
            conversation = await f.waiting_in("Cards")
            task = asyncio.create_task(other.hand_off(lost_card(handoff_id="h1")))
            await asyncio.sleep(0.5)
            holding = asyncio.create_task(asyncio.to_thread(hold_the_ledger, tmp_path, 2.0))
            await asyncio.sleep(0.2)
            await f.act(conversation, "accept")
            own = await f.connector.wait("h1")
            await holding
            return own.attempt_id == (await task).attempt_id

    assert run(scene())


@pytest.mark.full
def test_who_waits_for_a_connector_that_closes_hears_so_and_the_next_one_resolves_it(tmp_path):
    async def scene():
        (tmp_path / "policy.yaml").write_text(POLICY)
        async with Sandbox(auto_agents=False) as sandbox:
            settings = Settings.load(tmp_path, **sandbox.connection)
            connector = Connector(settings, listen=("127.0.0.1", 0))
            await connector.__aenter__()
            task = asyncio.create_task(connector.hand_off(lost_card(handoff_id="h1")))
            assert await eventually(lambda: len(sandbox.tenant.conversations) == 1)
            await asyncio.sleep(0.3)
            fault = {"on": "any", "kind": "slow", "seconds": 30}
            async with httpx.AsyncClient(base_url=sandbox.base_url) as http:
                await http.post("/sandbox/faults", json=fault)
                closing = asyncio.create_task(connector.__aexit__(None, None, None))
                with pytest.raises(ConnectorClosed):
                    await task
                with pytest.raises(ConnectorClosed):
                    await connector.begin(lost_card(handoff_id="h2"))
                await closing
                await http.delete("/sandbox/faults")
            async with Connector(settings, listen=("127.0.0.1", 0)) as heir:
                result = await heir.hand_off(lost_card(handoff_id="h1"))
                return result.outcome, len(sandbox.tenant.conversations)

    assert run(scene()) == (Outcome.FAILED, 1)


def test_attempts_of_the_dead_are_asked_about_again_when_8x8_is_down(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            recovery = f.connector._background._recovery
            await f.connector.begin(lost_card(handoff_id="h1", timeout_s=600))
            await f.waiting_in("Cards")
            attempt = f.connector.switchboard.of_handoff("h1")
            left = left_open(attempt)
            await f.post("faults", on="any", kind="unavailable")
            recovery._open[left.attempt_id] = (left, asyncio.get_running_loop().time() + 1e6)
            await recovery.recover()
            still_open = len(recovery._open)
            await f.clear_faults()
            await recovery.recover()
            return still_open, len(recovery._open)

    assert run(scene()) == (1, 0)


def left_open(attempt):
    started = attempt.beginning.row() | {"queue": "Cards", "queue_id": "102"}
    return OpenAttempt(attempt.attempt_id, "h1", "somebody-dead", started)


@pytest.mark.full
def test_feedback_is_noted_with_the_start_of_its_attempt_whoever_is_told(tmp_path):
    async def scene():
        async with floor(tmp_path, speed=60) as f:
            await f.connector.hand_off(lost_card(handoff_id="h1", timeout_s=2, queue="Escalations"))
            settings, clock = f.connector.settings, f.connector.clock
            async with Connector(settings, clock=clock, client=brisk) as other:
                await other.feedback("h1", resolved=True)
            await asyncio.to_thread(f.connector.flusher.flush_now)
            return f.connector.home.lake.query(
                "SELECT DISTINCT event, e.started_at = a.started_at FROM attempt_events e"
                " JOIN attempts a USING (attempt_id) WHERE event = 'feedback'"
            )

    assert run(scene()) == [("feedback", True)]


def test_words_of_customers_are_for_the_owner_of_the_home_alone(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            await f.connector.hand_off(lost_card(timeout_s=1))

    run(scene())
    ledger = tmp_path / "lake" / "ledger.sqlite"
    assert ledger.stat().st_mode & 0o777 == 0o600


@pytest.mark.full
def test_two_bots_that_both_count_from_one_do_not_retry_each_other(tmp_path):
    async def scene():
        async with floor(tmp_path) as f:
            for bot, conversation in (("a", "1"), ("b", "1"), ("c", ""), ("d", "")):
                given = {"bot": bot, "conversation_id": conversation, "handoff_id": bot}
                await f.connector.hand_off(lost_card(timeout_s=0.5, queue="Escalations", **given))
            again = {"bot": "b", "conversation_id": "1", "handoff_id": "again"}
            await f.connector.hand_off(lost_card(timeout_s=0.5, queue="Escalations", **again))
            await asyncio.to_thread(f.connector.flusher.flush_now)
            return dict(f.connector.home.lake.query("SELECT handoff_id, retry_of FROM attempts"))

    assert run(scene()) == {"a": None, "b": None, "c": None, "d": None, "again": "b"}
