"""Which calls are made again after a failure, how often, and how long they wait before."""

import asyncio
import time

import httpx
import pytest

from connector.eight import Repeating, counting
from connector.errors import AnswerLost, EightError, NotSent, RateLimited, ServerFault
from tests.connector.eight.answering import Script, ask, client

NOT_SENT = httpx.ConnectError("refused")
LOST = httpx.ReadError("reset")
BUSY = (429, {"message": "slow down"})
DOWN = (503, {"message": "down"})
BROKEN = (500, {"message": "broken"})
GOOD = (200, {"id": "c1", "conversationId": "c1"})

CALLS = {
    "read": lambda eight: eight.conversation("c1"),
    "reassign": lambda eight: eight.reassign("c1", "101"),
    "end": lambda eight: eight.end("c1"),
    "update user": lambda eight: eight.update_user("c1", {}),
    "create": lambda eight: eight.create_conversation(
        channel_id="1", user={}, history=[], queue_id=None
    ),
    "message": lambda eight: eight.send_message("c1", "hello"),
    "typing": lambda eight: eight.typing("c1"),
    "webhook": lambda eight: eight.create_webhook("Bot", "https://bot.example"),
}
IDEMPOTENT = ("read", "reassign", "end", "update user")
AGAIN = {
    **{name: {"not sent", "lost", "busy", "down", "broken"} for name in IDEMPOTENT},
    "create": {"not sent", "busy"},
    "webhook": {"not sent", "busy"},
    "message": {"not sent", "busy", "down"},
    "typing": set(),
}
FAULTS = {"not sent": NOT_SENT, "lost": LOST, "busy": BUSY, "down": DOWN, "broken": BROKEN}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_made_again_only_where_that_cannot_do_the_work_twice(name, fault):
    server = Script(FAULTS[fault], GOOD)
    if fault in AGAIN[name]:
        ask(server, CALLS[name])
        assert len(server.asked) == 2
    else:
        with pytest.raises(EightError):
            ask(server, CALLS[name])
        assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_is_never_repeated(status):
    server = Script((status, {}))
    with pytest.raises(EightError):
        ask(server, CALLS["read"])
    assert len(server.asked) == 1


def test_repeats_end_and_the_last_error_is_the_answer():
    server = Script(NOT_SENT, BROKEN)
    with pytest.raises(ServerFault):
        ask(server, CALLS["read"])
    assert len(server.asked) == 4


def test_a_create_whose_second_try_is_lost_is_not_tried_a_third_time():
    server = Script(NOT_SENT, LOST)
    with pytest.raises(AnswerLost):
        ask(server, CALLS["create"])
    assert len(server.asked) == 2


def test_the_wait_8x8_asks_for_is_kept_and_not_much_more():
    server = Script((429, {}, {"Retry-After": "1"}), GOOD)
    start = time.monotonic()
    ask(server, CALLS["create"])
    assert 1.0 <= time.monotonic() - start < 6


def test_a_longer_wait_than_anyone_waits_is_left_to_the_caller():
    server = Script((429, {}, {"Retry-After": "3600"}))
    with pytest.raises(RateLimited) as caught:
        ask(server, CALLS["read"])
    assert caught.value.retry_after_s == 3600
    assert len(server.asked) == 1


def test_503_may_say_how_long_too():
    server = Script((503, {}, {"Retry-After": "0"}), GOOD)
    ask(server, CALLS["message"])
    assert len(server.asked) == 2


def test_waits_grow():
    server = Script(NOT_SENT)
    start = time.monotonic()
    with pytest.raises(NotSent):
        ask(server, CALLS["read"], repeating=Repeating(first_wait_s=0.1, longest_wait_s=1))
    assert 0.1 + 0.2 + 0.4 <= time.monotonic() - start < 6


def test_one_attempt_means_no_repeat():
    server = Script(NOT_SENT)
    with pytest.raises(NotSent):
        ask(server, CALLS["read"], repeating=Repeating(attempts=1))
    assert len(server.asked) == 1


def test_calls_are_counted_for_whoever_asked_also_in_tasks_begun_inside():
    server = Script(NOT_SENT, GOOD)

    async def working():
        async with client(server) as eight:
            await eight.conversation("outside")
            with counting() as mine:
                await eight.conversation("c1")
                await asyncio.gather(*(eight.conversation("c1") for _ in range(3)))
                with counting() as inner:
                    await eight.conversation("c1")
            await eight.conversation("outside")
        return mine, inner

    mine, inner = asyncio.run(working())
    assert (mine.requests, mine.retries) == (4, 0)
    assert (inner.requests, inner.retries) == (1, 0)


def test_repeats_are_counted():
    async def working():
        async with client(Script(BROKEN, BUSY, GOOD)) as eight:
            with counting() as calls:
                await eight.conversation("c1")
        return calls

    calls = asyncio.run(working())
    assert (calls.requests, calls.retries) == (3, 2)


def test_two_pieces_of_work_at_once_are_counted_apart():
    async def work(eight, times):
        with counting() as calls:
            for _ in range(times):
                await eight.conversation("c1")
                await asyncio.sleep(0)
        return calls.requests

    async def both():
        async with client(Script(GOOD)) as eight:
            return await asyncio.gather(work(eight, 2), work(eight, 5))

    assert asyncio.run(both()) == [2, 5]


def test_a_call_made_again_is_logged_with_its_reason_and_without_ids(caplog):
    caplog.set_level("INFO")
    server = Script(DOWN, GOOD)
    ask(server, lambda eight: eight.reassign("CHSec3f9", "101"))
    (line,) = [record for record in caplog.records if "once more" in record.getMessage()]
    assert (line.levelname, line.name) == ("INFO", "connector.eight.repeating")
    assert line.getMessage().startswith(
        "PATCH /chat-gateway/v1/conversations/… failed (server_error, 503), attempt 1; once more in"
    )
