"""Attempts that a dead process left open, and whoever adopts them."""

import asyncio
import json
from datetime import timedelta

from connector.log import Entry, Flusher, Ledger, Outbox

from .writing import NOON, attempt_row, ended, left_behind, started


def adopt(home, name, attempts):
    """What a connector does with attempts of the dead; returns those it got."""

    async def scenario():
        outbox, ledger = Outbox(home.outbox_path, name), Ledger(home.ledger_path)
        got = []
        for attempt in attempts:
            entry = Entry("adopted", attempt.attempt_id, NOON, {"attempt": attempt.started})
            await outbox.append(entry)
            if await ledger.take_over(
                attempt.attempt_id, from_instance=attempt.instance, to_instance=name
            ):
                got.append(attempt)
        await ledger.close()
        await outbox.close()
        return got

    return asyncio.run(scenario())


def claim(home, number, instance):
    async def scenario():
        ledger = Ledger(home.ledger_path)
        await ledger.claim(f"h{number}", f"a{number}", instance, at=NOON)
        await ledger.close()

    asyncio.run(scenario())


def test_an_attempt_a_dead_process_left_open_is_found_with_what_is_known_of_it(home):
    claim(home, 1, "p-1")
    journal = left_behind(home, "p-1", started(1, first_queue="Cards"), started(2), ended(2))
    flusher = Flusher(home, instance="f")
    flusher.flush_now()
    [left] = flusher.open_attempts_of_the_dead()
    assert (left.attempt_id, left.handoff_id, left.instance) == ("a1", "h1", "p-1")
    assert left.started["first_queue"] == "Cards"
    assert left.started["started_at"] == NOON + timedelta(seconds=1)
    assert journal.exists()


def test_of_two_that_adopt_an_attempt_one_gets_it_and_the_journal_goes(home):
    claim(home, 1, "p-1")
    journal = left_behind(home, "p-1", started(1))
    flusher = Flusher(home, instance="f")
    left = flusher.open_attempts_of_the_dead()
    assert len(adopt(home, "p-2", left)) == 1
    assert adopt(home, "p-3", left) == []
    flusher.flush_now()
    assert not journal.exists()
    [again] = flusher.open_attempts_of_the_dead()
    assert (again.attempt_id, again.instance) == ("a1", "p-2")
    assert again.started["handoff_id"] == "h1"


def test_an_attempt_made_without_a_claim_is_adopted_once_as_well(home):
    claim(home, 1, "somebody-else")
    entry = Entry("started", "a9", NOON, {"attempt": attempt_row(1)})
    left_behind(home, "p-1", entry)
    flusher = Flusher(home, instance="f")
    left = flusher.open_attempts_of_the_dead()
    assert [attempt.attempt_id for attempt in left] == ["a9"]
    assert len(adopt(home, "p-2", left)) == 1
    assert adopt(home, "p-3", left) == []
    assert [attempt.instance for attempt in flusher.open_attempts_of_the_dead()] == ["p-2"]


def test_claims_a_power_cut_took_are_made_again_from_the_journal(home):
    left_behind(home, "p-1", started(1))
    Flusher(home, instance="f").open_attempts_of_the_dead()

    async def scenario():
        ledger = Ledger(home.ledger_path)
        found = await ledger.claim_of("h1")
        await ledger.close()
        return found

    found = asyncio.run(scenario())
    assert (found.attempt_id, found.instance) == ("a1", "p-1")


def test_a_result_the_dead_process_did_not_tell_is_told_from_its_journal(home):
    claim(home, 1, "p-1")
    end = ended(
        1,
        outcome="timed_out",
        queue="Cards",
        failure_path="callback",
        delivered=True,
        context_required=["transcript", "card_number"],
        context_present=["transcript"],
    )
    left_behind(home, "p-1", started(1), end)
    flusher = Flusher(home, instance="f")
    flusher.flush_now()
    assert flusher.open_attempts_of_the_dead() == []

    async def scenario():
        ledger = Ledger(home.ledger_path)
        found = await ledger.claim_of("h1")
        await ledger.close()
        return json.loads(found.result)

    result = asyncio.run(scenario())
    assert result["outcome"] == "timed_out"
    assert result["attempt_id"] == "a1"
    assert result["failure_path"] == "callback"
    assert result["context_delivered"] == ["transcript"]
    assert result["context_missing"] == ["card_number"]
