"""Claims, inbox, presences and slots, also between processes."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from connector.errors import ClaimsUnreachable, LogError
from connector.log import Ledger, Presence
from connector.log.ledger_file import LedgerFile, prepare

from .writing import NOON


@pytest.fixture
def path(tmp_path):
    ledger = tmp_path / "ledger.sqlite"
    prepare(ledger)
    return ledger


def with_ledger(path, scenario):
    async def run():
        ledger = Ledger(path)
        try:
            return await scenario(ledger)
        finally:
            await ledger.close()

    return asyncio.run(run())


def test_the_first_claim_wins_and_the_second_gets_it(path):
    async def scenario(ledger):
        first = await ledger.claim("h1", "a1", "p1", at=NOON)
        return first, await ledger.claim("h1", "a2", "p2", at=NOON)

    first, second = with_ledger(path, scenario)
    assert (first.attempt_id, first.instance, first.claimed_at) == ("a1", "p1", NOON)
    assert second == first


def test_a_claim_is_found_by_handoff_attempt_and_conversation(path):
    async def scenario(ledger):
        await ledger.claim("h1", "a1", "p1", at=NOON)
        await ledger.set_conversation("a1", "c1")
        await ledger.finish("a1", '{"outcome": "accepted"}')
        return (
            await ledger.claim_of("h1"),
            await ledger.claim_by_attempt("a1"),
            await ledger.claim_by_conversation("c1"),
            await ledger.claim_by_conversation("c2"),
        )

    by_handoff, by_attempt, by_conversation, none = with_ledger(path, scenario)
    assert by_handoff == by_attempt == by_conversation
    assert by_handoff.conversation_id == "c1"
    assert json.loads(by_handoff.result) == {"outcome": "accepted"}
    assert none is None


def test_of_many_that_take_over_exactly_one_succeeds(path):
    async def scenario(ledger):
        await ledger.claim("h1", "a1", "dead", at=NOON)
        tries = (
            ledger.take_over("a1", from_instance="dead", to_instance=f"p{number}")
            for number in range(20)
        )
        won = await asyncio.gather(*tries)
        return won, await ledger.claim_of("h1")

    won, claim = with_ledger(path, scenario)
    assert sum(won) == 1
    assert claim.instance == f"p{won.index(True)}"


def test_an_attempt_without_a_claim_is_taken_over_once_too(path):
    async def scenario(ledger):
        first = await ledger.take_over("a1", from_instance="dead", to_instance="p1")
        second = await ledger.take_over("a1", from_instance="dead", to_instance="p2")
        third = await ledger.take_over("a1", from_instance="p1", to_instance="p3")
        return first, second, third

    assert with_ledger(path, scenario) == (True, False, True)


def test_an_earlier_handoff_of_customer_or_conversation_is_found(path):
    async def scenario(ledger):
        for minute, (customer, conversation) in enumerate(
            [("ana", None), ("ana", "talk"), ("bob", "talk"), (None, None)]
        ):
            at = NOON + timedelta(minutes=minute)
            await ledger.claim(
                f"h{minute}",
                f"a{minute}",
                "p",
                at=at,
                customer_ref=customer,
                bot_conversation=conversation,
            )

        async def earlier(customer, conversation, since=NOON):
            return await ledger.earlier(
                customer_ref=customer, bot_conversation=conversation, since=since
            )

        return (
            await earlier("ana", None),
            await earlier("ana", "talk"),
            await earlier("ana", None, NOON + timedelta(minutes=1, microseconds=1)),
            await earlier(None, None),
            await earlier("eve", "elsewhere"),
        )

    assert with_ledger(path, scenario) == ("h1", "h2", None, None, None)


def test_an_event_is_kept_once(path):
    async def scenario(ledger):
        assert await ledger.receive("e1", "c1", b"{}")
        assert not await ledger.receive("e1", "c1", b"{}")
        assert await ledger.receive("e2", None, b"two", '{"h": "1"}')
        return await ledger.events_after(0), await ledger.events_after(1), await ledger.last_seq()

    all_events, later, last = with_ledger(path, scenario)
    assert [(event.event_id, event.body) for event in all_events] == [("e1", b"{}"), ("e2", b"two")]
    assert [event.event_id for event in later] == ["e2"]
    assert last == all_events[-1].seq


def test_an_empty_inbox_begins_at_zero_and_events_come_in_portions(path):
    async def scenario(ledger):
        first = await ledger.last_seq()
        for number in range(7):
            await ledger.receive(f"e{number}", "c", b"")
        portion = await ledger.events_after(first, limit=5)
        return first, len(portion), len(await ledger.events_after(portion[-1].seq, limit=5))

    assert with_ledger(path, scenario) == (0, 5, 2)


def test_a_process_is_present_while_it_beats(path):
    async def scenario(ledger):
        await ledger.beat(Presence("p1", "service", True, 60.0, True, "fine"))
        await ledger.beat(Presence("p2", "connector"))
        await ledger.beat(Presence("p2", "connector", eight_ok=False, eight_detail="no route"))
        both = await ledger.presences()
        await asyncio.sleep(0.05)
        old = await ledger.presences(within_s=0.01)
        await ledger.gone("p2")
        return both, old, await ledger.presences()

    both, old, left = with_ledger(path, scenario)
    assert both == [
        Presence("p2", "connector", False, 1.0, False, "no route"),
        Presence("p1", "service", True, 60.0, True, "fine"),
    ]
    assert old == []
    assert [presence.instance for presence in left] == ["p1"]


def test_slots_keep_to_the_rate(path):
    async def scenario(ledger):
        return [await ledger.take_slot("polling", 5) for _ in range(6)]

    waits = with_ledger(path, scenario)
    assert waits[0] == 0
    assert waits == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0], abs=0.15)
    assert waits == sorted(waits)


def test_claims_that_do_not_answer_are_unreachable_after_a_fifth_of_a_second(path):
    async def scenario(ledger):
        await ledger.claim("h0", "a0", "p", at=NOON)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(ClaimsUnreachable):
            await ledger.claim("h1", "a1", "p", at=NOON)
        took_s = time.monotonic() - began
        found = await ledger.claim_of("h0")
        other.execute("ROLLBACK")
        other.close()
        return took_s, found, await ledger.claim("h1", "a2", "p", at=NOON)

    took_s, found, claim = with_ledger(path, scenario)
    assert 0.2 <= took_s < 1.5
    assert found.attempt_id == "a0"
    assert claim.attempt_id == "a2"


def test_operations_wait_for_another_process_and_then_all_succeed(path):
    async def scenario(ledger):
        other = LedgerFile(path)
        held = asyncio.Event()

        def hold(connection):
            asyncio.run_coroutine_threadsafe(_set(held), loop).result()
            time.sleep(0.1)

        loop = asyncio.get_running_loop()
        holding = asyncio.create_task(asyncio.to_thread(other.write, hold))
        await held.wait()
        claims = await asyncio.gather(
            *(ledger.claim(f"h{number}", f"a{number}", "p", at=NOON) for number in range(300))
        )
        await holding
        other.close()
        return claims

    claims = with_ledger(path, scenario)
    assert [claim.attempt_id for claim in claims] == [f"a{number}" for number in range(300)]


async def _set(event):
    event.set()


def test_a_refused_operation_among_many_does_not_harm_the_others(path):
    async def scenario(ledger):
        await ledger.claim("h0", "same", "p", at=NOON)
        with LedgerFile(path) as other:
            other._connection.execute("BEGIN IMMEDIATE")
            asking = asyncio.gather(
                ledger.claim("h1", "same", "p", at=NOON),
                ledger.claim("h2", "a2", "p", at=NOON),
                return_exceptions=True,
            )
            await asyncio.sleep(0.05)
            other._connection.execute("ROLLBACK")
            return await asking

    refused, claim = with_ledger(path, scenario)
    assert isinstance(refused, LogError)
    assert not isinstance(refused, ClaimsUnreachable)
    assert claim.attempt_id == "a2"


def test_a_closed_ledger_says_so(path):
    async def scenario(ledger):
        await ledger.close()
        with pytest.raises(LogError, match="closed"):
            await ledger.last_seq()

    with_ledger(path, scenario)


RACER = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from connector.log import Ledger
async def main(path, name):
    ledger = Ledger(Path(path))
    print("ready", flush=True)
    sys.stdin.readline()
    claims = await asyncio.gather(
        *(ledger.claim(f"h{n}", f"{name}-{n}", name, at=datetime(2026, 1, 1)) for n in range(500))
    )
    print(*(claim.attempt_id for claim in claims), flush=True)
    await ledger.close()
asyncio.run(main(*sys.argv[1:]))
"""


def test_of_four_processes_that_claim_the_same_each_handoff_goes_to_one(path):
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, str(path), f"p{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    told = [racer.communicate(timeout=60)[0].split() for racer in racers]
    assert all(len(claims) == 500 for claims in told)
    assert all(claims == told[0] for claims in told)


def test_a_long_log_of_writes_is_moved_into_the_database(path):
    async def scenario(ledger):
        for number in range(3_000):
            await ledger.receive(f"e{number}", "c", b"x" * 2_000)

    with_ledger(path, scenario)
    assert path.stat().st_size > 3_000_000
