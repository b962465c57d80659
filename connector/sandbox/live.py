"""A live stream of invented customers: the bot's side of the demonstration, over the service's API.

They ask for an agent, lose patience, write once somebody took them, come back when nobody did.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import Coroutine
from random import Random
from typing import Any

from connector.clock import Clock
from connector.eight.http import Http
from connector.errors import EightError
from connector.handoff import Outcome
from connector.sandbox import lines
from connector.sandbox.customers import Customers, Person
from connector.sandbox.world import World

logger = logging.getLogger(__name__)
PATH = "/v1/handoffs"
LOOK_S, LEAST_WALL_S = 1.0, 0.2
WRITES_AFTER_S, WRITES_AGAIN_S, WRITES_AGAIN = (1.0, 5.0), (4.0, 12.0), 0.5
MOST_AT_ONCE = 500


class Live:
    """Customers of `world` on their way through the service at `service_url`.

    `counts` holds `sent`, each outcome, `wrote`, `left_out` (too many at once) and `failed` (the
    service did not take it). The service must be on this machine, where it asks for no token.
    """

    def __init__(
        self,
        service_url: str,
        world: World,
        *,
        seed: int | None = None,
        clock: Clock | None = None,
        most_at_once: int = MOST_AT_ONCE,
    ) -> None:
        seed = time.time_ns() if seed is None else seed
        self.counts: Counter[str] = Counter()
        self._clock, self._random = clock or Clock(), Random(seed)
        self._customers = Customers(world, seed, fresh_ids=True)
        self._http = Http(service_url, None, None)
        self._most = most_at_once
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def open(self) -> int:
        """How many customers are under way."""
        return len(self._tasks)

    async def run(self, per_minute: float, limit: int | None = None) -> None:
        """Send customers, `per_minute` in world time, until cancelled or `limit` are through.

        However it ends, nothing of it goes on in the background.
        """
        try:
            begun = 0
            while limit is None or begun < limit:
                self._begin(self._serve(self._customers.draw(self._clock.now())))
                begun += 1
                await self._clock.sleep(self._random.expovariate(per_minute / 60))
            while self._tasks:
                await asyncio.wait(list(self._tasks))
        finally:
            await self._stop()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        if len(self._tasks) >= self._most:
            self.counts["left_out"] += 1
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.aclose()

    async def _serve(self, person: Person) -> None:
        try:
            outcome = await self._hand_off(person)
        except (EightError, _NotTaken) as error:
            self.counts["failed"] += 1
            logger.warning("a customer of the live stream was not served: %s", error)
            return
        if outcome is not Outcome.ACCEPTED and person.retry_after_s is not None:
            await self._clock.sleep(person.retry_after_s)
            self._begin(self._serve(self._customers.again(person, self._clock.now())))

    async def _hand_off(self, person: Person) -> Outcome:
        begun = self._clock.now()
        body = person.handoff.model_dump_json(exclude_defaults=True)
        state = await self._ask("POST", PATH, body)
        self.counts["sent"] += 1
        one = f"{PATH}/{person.handoff.handoff_id}"
        while state["outcome"] is None:
            left = person.patience_s - self._clock.seconds_since(begun)
            if left <= 0:
                state = await self._ask("POST", f"{one}/abandon")
                break
            await asyncio.sleep(max(self._clock.wall_seconds(min(left, LOOK_S)), LEAST_WALL_S))
            state = await self._ask("GET", one)
        outcome = Outcome(state["outcome"])
        self.counts[outcome.value] += 1
        if outcome is Outcome.ACCEPTED and not person.gone:
            await self._talk(person, one)
        return outcome

    async def _talk(self, person: Person, one: str) -> None:
        """Write to the agent, and some close the chat themselves; the agent may be faster."""
        begun, choice = self._clock.now(), self._random
        said = lines.AFTER_JOINING_SPANISH if _is_spanish(person) else lines.AFTER_JOINING
        await self._clock.sleep(choice.uniform(*WRITES_AFTER_S))
        await self._say(one, choice.choice(said))
        if choice.random() < WRITES_AGAIN:
            await self._clock.sleep(choice.uniform(*WRITES_AGAIN_S))
            await self._say(one, choice.choice(said))
        if person.ends_first:
            await self._clock.sleep(person.handle_s - self._clock.seconds_since(begun))
            await self._http.send("POST", f"{one}/abandon")

    async def _say(self, one: str, text: str) -> None:
        body = json.dumps({"text": text}).encode()
        answer = await self._http.send("POST", f"{one}/messages", body)
        self.counts["wrote"] += answer.status < 300

    async def _ask(self, method: str, path: str, body: str | None = None) -> dict[str, Any]:
        answer = await self._http.send(method, path, body.encode() if body else None)
        if answer.status >= 300:
            raise _NotTaken(f"{method} {path.removeprefix('/')} was answered {answer.status}")
        found: dict[str, Any] = json.loads(answer.body)
        return found


class _NotTaken(Exception):
    """The service answered with an error."""


def _is_spanish(person: Person) -> bool:
    return person.handoff.language == "es"


async def stream(
    service_url: str,
    world: World,
    *,
    per_minute: float | None = None,
    seed: int | None = None,
    clock: Clock | None = None,
    limit: int | None = None,
) -> Counter[str]:
    """Send customers of `world` through the service until cancelled, or until `limit` are through.

    `per_minute` is in world time, by default the world's. Without a seed every run brings other
    customers. Returns the counts of `Live`.
    """
    live = Live(service_url, world, seed=seed, clock=clock)
    await live.run(per_minute or world.live.per_minute, limit)
    return live.counts
