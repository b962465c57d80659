"""The simulated floor against queues whose waits are known exactly."""

from collections import defaultdict
from math import factorial
from random import Random

import numpy as np
import pytest
from scipy.integrate import quad

from analytics.history.demo.attempts import Handoffs
from analytics.history.demo.floor import Floor, Visit
from connector.handoff import Handoff
from connector.policy import Policy, Route, Step
from connector.sandbox.customers import Person
from connector.sandbox.parts import (
    Agent,
    Arrivals,
    HandleTimes,
    Hours,
    Lognormal,
    Patience,
    Queue,
    Weibull,
)
from connector.sandbox.world import World
from tests.analytics.bank import UNTIL, Kept

pytestmark = pytest.mark.full

SERVICE_S = 300.0


def erlang_c(n, a):
    """P(wait > 0) in M/M/n with offered load a (Erlang 1917)."""
    busy = a**n / factorial(n) * n / (n - a)
    return busy / (sum(a**i / factorial(i) for i in range(n)) + busy)


def lost_with_timeout(n, a, impatience, timeout):
    """P(not answered) and E[wait] in M/M/n+G when a customer leaves at min(Exp, timeout).

    Baccelli and Hebuterne 1981; time in units of the mean service.
    """

    def mean_patience_until(x):
        x = min(x, timeout)
        return x if impatience == 0 else (1 - np.exp(-impatience * x)) / impatience

    def integrand(x):
        return np.exp(a * mean_patience_until(x) - n * x)

    beyond = timeout + 60 / n
    j = quad(integrand, 0, timeout)[0] + quad(integrand, timeout, beyond)[0]
    jh = sum(
        quad(lambda x: mean_patience_until(x) * integrand(x), low, high)[0]
        for low, high in ((0, timeout), (timeout, beyond))
    )
    e = sum(a**i / factorial(i) for i in range(n)) / (a ** (n - 1) / factorial(n - 1))
    return (1 + (a - n) * j) / (e + a * j), a * jh / (e + a * j)


def center(agents, *queues):
    """A world of equal agents who are always there and take everybody at once."""
    return World(
        queues=queues,
        agents=tuple(
            Agent(f"agent-{n}", f"Agent {n}", {queue.id: 100 for queue in queues}, ("always",))
            for n in range(agents)
        ),
        shifts={"always": (Hours(),)},
        arrivals=Arrivals(1.0, (1.0,) * 24, (1.0,) * 7, {"web": 1.0}, {"en": 1.0}),
        intents=(),
        handle=HandleTimes(Lognormal(SERVICE_S)),
        patience=Patience(Weibull(1.0)),
        answer_s=(1e-6, 2e-6),
    )


def waits_on(world, loads, customers, seed):
    """Waits (s) per queue of customers who never leave, arriving as Poisson streams."""
    random = Random(seed)
    floor, waits = Floor(world, UNTIL, Random(seed + 1)), defaultdict(list)
    rates = {queue.id: load / SERVICE_S for queue, load in zip(world.queues, loads, strict=True)}
    at, total = 0.0, sum(rates.values())
    for number in range(customers):
        at += random.expovariate(total)
        queue_id = random.choices(list(rates), list(rates.values()))[0]

        def joined(_, queue_id=queue_id, came=at):
            waits[queue_id].append(floor.now - came)
            return random.expovariate(1 / SERVICE_S)

        visit = Visit(str(number), "en", joined, lambda: None)
        floor.plan(at, floor.enter, visit, queue_id)
    floor.run(at + 100 * SERVICE_S)
    assert sum(map(len, waits.values())) == customers
    return waits


def test_waits_in_one_queue_are_those_of_erlang_c():
    n, a = 5, 3.5
    waits = np.array(waits_on(center(n, Queue("1", "One")), [a], 30_000, seed=8)["1"])
    assert np.mean(waits > 0.001) == pytest.approx(erlang_c(n, a), abs=0.02)
    expected = erlang_c(n, a) * SERVICE_S / (n - a)
    assert np.mean(waits) == pytest.approx(expected, rel=0.1)


def test_waits_of_two_priorities_are_those_of_cobham():
    n, high, low = 5, 1.5, 2.0
    world = center(n, Queue("1", "High", level=9), Queue("2", "Low", level=4))
    waits = waits_on(world, [high, low], 20_000, seed=9)
    first = erlang_c(n, high + low) * SERVICE_S / (n * (1 - high / n))
    assert np.mean(waits["1"]) == pytest.approx(first, rel=0.08)
    second = first / (1 - (high + low) / n)
    assert np.mean(waits["2"]) == pytest.approx(second, rel=0.1)


class Crowd:
    """Customers with exponential patience and handle time."""

    def __init__(self, patience_s, seed):
        self._patience_s, self._random = patience_s, Random(seed)

    def draw(self, at):
        random = self._random
        return Person(
            handoff=Handoff(handoff_id=str(random.getrandbits(64))),
            patience_s=random.expovariate(1 / self._patience_s),
            handle_s=random.expovariate(1 / SERVICE_S),
            gone=False,
            ends_first=False,
            transfer_draw=1.0,
            retry_after_s=None,
        )


@pytest.mark.parametrize(("n", "a", "impatience", "timeout"), [(5, 5, 0.5, 1), (20, 22, 0.5, 0.25)])
def test_handoffs_with_a_timeout_are_lost_as_queueing_theory_says(n, a, impatience, timeout):
    step = Step(queue="One", timeout_s=timeout * SERVICE_S)
    policy = Policy(default_queue="One", default=Route(steps=(step,)))
    floor, random = Floor(center(n, Queue("1", "One")), UNTIL, Random(1)), Random(2)
    log = Kept()
    handoffs = Handoffs(floor, Crowd(SERVICE_S / impatience, seed=3), policy, Random(4), log)
    at, customers = 0.0, 8_000
    for _ in range(customers):
        at += random.expovariate(a / SERVICE_S)
        floor.plan(at, handoffs.arrive, floor.at(at))
    floor.run(at + 100 * SERVICE_S)
    lost = sum(not attempt.ending.accepted for attempt in log.attempts) / customers
    waited = [(it.ending.at - floor.at(it.started)).total_seconds() for it in log.attempts]
    share, wait = lost_with_timeout(n, a, impatience, timeout)
    assert lost == pytest.approx(share, abs=0.02)
    assert np.mean(waited) / SERVICE_S == pytest.approx(wait, rel=0.1)
