"""The demonstration's bank, run in memory, as the tests of it look at it."""

from datetime import datetime, timedelta

from analytics.history import demo
from analytics.history.demo.canary import with_canaries
from connector.policy import load_policy
from connector.publishing import SHIPPED
from connector.sandbox.world import load_world

UNTIL = datetime(2026, 11, 24, 4, 30, 12, 250_000)


def shipped_with_canaries():
    return with_canaries(load_policy(SHIPPED)).model_copy(update={"version": 2})


class Kept:
    """A log that keeps the attempts themselves."""

    def __init__(self):
        self.attempts, self.engagements = [], []

    def ended(self, attempt):
        self.attempts.append(attempt)

    def parted(self, attempt):
        self.engagements.append(attempt)


class Story:
    """A stretch of the bank's life."""

    def __init__(self, days, seed=1):
        self.world, self.policy, self.log = load_world(), shipped_with_canaries(), Kept()
        self.since = UNTIL - timedelta(days=days)
        self.handoffs, _ = demo.simulate(
            self.world, self.policy, self.log, since=self.since, until=UNTIL, seed=seed
        )

    @property
    def attempts(self):
        return self.log.attempts

    def at(self, seconds):
        return self.since + timedelta(seconds=seconds)
