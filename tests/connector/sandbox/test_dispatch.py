from datetime import datetime, timedelta

from connector.sandbox.dispatch import Lines, Seat, Ticket, best_seat
from connector.sandbox.parts import Agent

NOON = datetime(2026, 11, 24, 12)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def ticket(name, queue, since=0.0, language="en"):
    return Ticket(name, queue, language, at(since), int(since))


def seat(name, idle_since=0.0, languages=("en",), status="available", **levels):
    queues = {queue.removeprefix("q"): level for queue, level in levels.items()}
    return Seat(Agent(name, name, queues, (), languages), status, at(idle_since))


def taken_in_order(lines, agent):
    """Names of the waiting in the order one free agent gets them."""
    names = []
    while (found := lines.best_ticket(agent)) is not None:
        lines.take_turn(found.queue_id)
        lines.leave(found.conversation_id)
        names.append(found.conversation_id)
    return names


def standing(levels, *tickets):
    lines = Lines(levels)
    for one in tickets:
        lines.enter(one)
    return lines


def test_a_queue_of_a_higher_level_is_served_first_however_long_others_wait():
    lines = standing({"1": 6, "2": 9}, ticket("old", "1", 0), ticket("high", "2", 500))
    assert taken_in_order(lines, seat("a", q1=50, q2=10)) == ["high", "old"]


def test_within_a_queue_the_one_who_waits_longest_is_first():
    lines = standing({"1": 5}, ticket("second", "1", 20), ticket("first", "1", 10))
    assert taken_in_order(lines, seat("a", q1=50)) == ["first", "second"]


def test_queues_of_one_level_take_turns():
    lines = standing(
        {"1": 5, "2": 5},
        ticket("a1", "1", 0),
        ticket("a2", "1", 1),
        ticket("a3", "1", 2),
        ticket("b1", "2", 10),
        ticket("b2", "2", 11),
    )
    assert taken_in_order(lines, seat("a", q1=50, q2=50)) == ["a1", "b1", "a2", "b2", "a3"]


def test_queues_of_level_8_share_one_order_of_age():
    lines = standing(
        {"1": 8, "2": 8}, ticket("a1", "1", 0), ticket("a2", "1", 1), ticket("b1", "2", 10)
    )
    assert taken_in_order(lines, seat("a", q1=50, q2=50)) == ["a1", "a2", "b1"]


def test_an_agent_gets_nobody_from_queues_or_languages_that_are_not_theirs():
    lines = standing({"1": 5, "2": 5}, ticket("foreign", "2"), ticket("es", "1", language="es"))
    assert lines.best_ticket(seat("a", q1=100)) is None
    assert lines.best_ticket(seat("b", languages=("es",), q1=10)).conversation_id == "es"


def test_one_who_is_being_offered_is_passed_over_and_keeps_the_place():
    first, second = ticket("first", "1", 0), ticket("second", "1", 1)
    lines = standing({"1": 5}, first, second)
    first.offered = True
    assert lines.best_ticket(seat("a", q1=50)) is second
    first.offered = False
    assert lines.best_ticket(seat("a", q1=50)) is first


def test_the_highest_member_level_is_asked_before_the_longest_idle():
    seats = [seat("idle", 0, q1=40), seat("expert", 100, q1=90), seat("other", 200, q1=90)]
    assert best_seat(ticket("t", "1"), seats).agent.id == "expert"


def test_nobody_is_asked_who_is_busy_or_does_not_speak_the_language():
    seats = [
        seat("busy", status="busy", languages=("es",), q1=100),
        seat("mute", languages=("en",), q1=100),
    ]
    assert best_seat(ticket("t", "1", language="es"), seats) is None
