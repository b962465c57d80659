"""Processes are killed at random: nothing they were told is safe is lost, nothing is doubled."""

import collections
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from connector.log import Flusher
from connector.log.journals import journals

from .test_adoption import adopt

pytestmark = pytest.mark.alone
PROJECT = Path(__file__).parents[3]


class Victim:
    """A process, and what it said before it was killed."""

    def __init__(self, home, name, task):
        command = [sys.executable, "-m", "tests.connector.log.process", str(home), name, task]
        self.process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        self.said, self.ready = [], threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            if line.endswith("\n"):
                self.said.append(tuple(line.split()))
                self.ready.set()
        self.ready.set()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stdout.close()


def test_killed_producers_and_flushers_lose_and_double_nothing(home, settings, full):
    chance, said = random.Random(7), []
    tasks = ["produce", "produce", "flush"]
    victims = [Victim(settings.home, f"v{slot}-0", task) for slot, task in enumerate(tasks)]
    for kills in range(40 if full else 4):
        slot = chance.randrange(len(victims))
        victims[slot].ready.wait(20)
        time.sleep(chance.uniform(0.05, 0.8))
        victims[slot].kill()
        said += victims[slot].said
        victims[slot] = Victim(settings.home, f"v{slot}-{kills + 1}", tasks[slot])
    for victim in victims:
        victim.kill()
        said += victim.said

    flusher = Flusher(home, instance="last")
    flusher.flush_now()
    told = collections.defaultdict(set)
    for what, *names in said:
        told[what].update(names)
    assert len(told["ended"]) > 10

    ends = collections.Counter(
        attempt_id for (attempt_id,) in home.lake.query("SELECT attempt_id FROM attempts")
    )
    assert told["ended"] - ends.keys() == set(), "acknowledged ends are lost"
    assert [attempt_id for attempt_id, count in ends.items() if count > 1] == []
    events = collections.Counter(
        home.lake.query("SELECT attempt_id, event FROM attempt_events WHERE event <> 'adopted'")
    )
    assert [event for event, count in events.items() if count > 1] == []
    starts = {attempt_id for attempt_id, event in events if event == "started"}
    assert told["started"] - starts == set(), "acknowledged starts are lost"

    # Every attempt that began either ended or is found, once, by whoever looks after the dead.
    left = flusher.open_attempts_of_the_dead()
    assert sorted(attempt.attempt_id for attempt in left) == sorted(starts - ends.keys())
    assert len(adopt(home, "heir", left)) == len(left)
    flusher.flush_now()
    assert {journal.instance for journal in journals(home.outbox_path)} <= {"heir"}
