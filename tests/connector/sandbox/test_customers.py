from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from scipy.stats import binomtest, poisson

from connector.sandbox.customers import Customers, arrivals
from connector.sandbox.world import load_world

MONDAY = datetime(2026, 11, 23)
NOON = MONDAY.replace(hour=12)
EVENING = MONDAY.replace(hour=18)


@pytest.fixture(scope="module")
def world():
    return load_world()


@pytest.fixture(scope="module")
def people(world):
    customers = Customers(world, seed=3)
    return [customers.draw(NOON) for _ in range(6_000)]


def expected_share(part, whole, share):
    """Whether `part` of `whole` can be a share of `share`; wrong once in 10,000 worlds."""
    return binomtest(part, whole, share).pvalue > 1e-4


def test_the_same_seed_brings_the_same_people(world):
    first, second = Customers(world, seed=5), Customers(world, seed=5)
    assert [first.draw(NOON) for _ in range(50)] == [second.draw(NOON) for _ in range(50)]
    assert Customers(world, seed=6).draw(NOON) != Customers(world, seed=5).draw(NOON)


def test_fresh_ids_are_new_with_the_same_seed(world):
    first, second = (Customers(world, seed=5, fresh_ids=True) for _ in range(2))
    assert first.draw(NOON).handoff.handoff_id != second.draw(NOON).handoff.handoff_id


def test_every_handoff_has_an_id_of_its_own(people):
    assert len({person.handoff.handoff_id for person in people}) == len(people)


def test_intents_come_in_the_proportions_of_the_world(world, people):
    counts = Counter(person.handoff.intent for person in people)
    without = world.arrivals.no_intent
    total = sum(intent.weight for intent in world.intents)
    assert expected_share(counts[None], len(people), without)
    for intent in world.intents:
        share = (1 - without) * intent.weight / total
        assert expected_share(counts[intent.name], len(people), share), intent.name


def test_a_rush_makes_its_intent_more_frequent_in_its_hours(world, people):
    customers = Customers(world, seed=4)
    evening = [customers.draw(EVENING).handoff.intent for _ in range(3_000)]
    noon = [person.handoff.intent for person in people]
    share = noon.count("reportlostcard") / len(noon)
    assert evening.count("reportlostcard") / len(evening) > 1.5 * share


def test_channels_and_vips_come_in_the_proportions_of_the_world(world, people):
    channels = Counter(person.handoff.channel for person in people)
    for channel, share in world.arrivals.channels.items():
        assert expected_share(channels[channel], len(people), share)
    vips = sum(person.handoff.queue == "VIP" for person in people)
    assert expected_share(vips, len(people), world.arrivals.vip)


def test_spanish_support_speaks_spanish(people):
    spanish = [it.handoff for it in people if it.handoff.intent == "spanish_support"]
    assert spanish
    assert {handoff.language for handoff in spanish} == {"es"}


def test_variables_are_there_as_often_as_the_channel_has_them(world, people):
    for channel in ("web", "whatsapp"):
        cards = [
            it.handoff
            for it in people
            if it.handoff.channel == channel and it.handoff.intent == "reportlostcard"
        ]
        there = sum("card_number" in handoff.variables for handoff in cards)
        assert expected_share(there, len(cards), world.presence_of("card_number", channel))


def test_all_variables_are_marked_and_belong_to_the_intent(world, people):
    for person in people:
        handoff = person.handoff
        intent = world.intent(handoff.intent)
        assert set(handoff.variables) <= set(intent.variables if intent else ())
        assert handoff.marked == set(handoff.variables)


def test_what_the_customer_says_holds_what_the_bot_collected(people):
    for person in people:
        number = person.handoff.variables.get("account_number")
        if number and person.handoff.transcript:
            said = " ".join(line.text for line in person.handoff.transcript)
            assert number in said
            assert "{" not in said
            return
    pytest.fail("nobody asked for a balance")


def test_patience_and_handle_time_have_the_means_of_the_world(world, people):
    lost = [person for person in people if person.handoff.intent == "reportlostcard"]
    patience = sum(person.patience_s for person in lost) / len(lost)
    assert patience == pytest.approx(world.patience_of("reportlostcard").mean_s, rel=0.1)
    handled = sum(person.handle_s for person in lost) / len(lost)
    assert handled == pytest.approx(world.handle_time("102", "reportlostcard").mean_s, rel=0.1)


def test_who_comes_back_is_the_same_customer_with_a_new_handoff(world):
    for fresh in (False, True):
        customers = Customers(world, seed=5, fresh_ids=fresh)
        person = customers.draw(NOON)
        again = customers.again(person, NOON + timedelta(minutes=5))
        assert again.handoff.retry_of == person.handoff.handoff_id
        assert again.handoff.handoff_id != person.handoff.handoff_id
        assert again.handoff.customer == person.handoff.customer
        assert again.handoff.variables == person.handoff.variables


def test_a_week_has_as_many_arrivals_as_the_world_says(world):
    steady = replace(
        world,
        arrivals=replace(world.arrivals, busyness=0.0),
        intents=tuple(replace(intent, rushes=()) for intent in world.intents),
    )
    found = list(arrivals(steady, MONDAY, MONDAY + timedelta(days=7), seed=2, per_day=1_000))
    low, high = poisson.interval(0.9999, 7_000)
    assert low <= len(found) <= high


def test_arrivals_follow_the_hours_of_the_world_and_stay_in_bounds(world):
    since, until = MONDAY.replace(hour=3, minute=20), MONDAY + timedelta(days=20)
    found = list(arrivals(world, since, until, seed=2))
    assert found == sorted(found)
    assert since <= found[0] < found[-1] < until
    hours = Counter(at.hour for at in found)
    assert hours[10] > 5 * hours[3]
    assert found == list(arrivals(world, since, until, seed=2))
