"""Invented customers of the bank: what they ask, what the bot knows of them, how long they wait.

One generator for the live stream and for the demonstration's history. The same seed gives the
same people.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from connector.handoff import Author, Customer, Handoff, Message
from connector.sandbox import lines
from connector.sandbox.parts import Intent
from connector.sandbox.world import World

POPULATION = 20_000
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Person:
    """A customer at the moment the bot gives up; seconds, and what they will do later.

    `gone` has left silently when an agent joins. `ends_first` closes the chat before the agent
    does. `transfer_draw` (0-1) is held against the world's share of transfers.
    `retry_after_s` is null for those who do not come back after nobody took them.
    """

    handoff: Handoff
    patience_s: float
    handle_s: float
    gone: bool
    ends_first: bool
    transfer_draw: float
    retry_after_s: float | None


class Customers:
    """Draws customers of `world`. With `fresh_ids` a second run makes new handoffs of them."""

    def __init__(self, world: World, seed: int, *, fresh_ids: bool = False) -> None:
        self._world, self._random, self._fresh = world, Random(seed), fresh_ids
        self._intents: dict[tuple[int, int], list[float]] = {}

    def draw(self, at: datetime) -> Person:
        """Whoever asks for an agent at `at` (UTC)."""
        arrivals, random = self._world.arrivals, self._random
        intent = None if random.random() < arrivals.no_intent else self._intent(at)
        channel = self._pick((intent and intent.channels) or arrivals.channels)
        language = self._pick((intent and intent.languages) or arrivals.languages)
        number = random.randrange(POPULATION)
        variables = self._variables(intent, channel)
        handoff = Handoff(
            **self._identity(),
            bot="harbour-bot",
            intent=intent.name if intent else None,
            category=intent.category if intent and self._has("category", channel) else None,
            confidence=round(1 - 0.6 * random.random() ** 2, 3) if intent else None,
            channel=channel,
            language=language,
            customer=self._customer(number, channel),
            variables=variables,
            marked=frozenset(variables),
            transcript=self._transcript(intent, channel, language, variables),
            queue=self._vip_queue(),
        )
        return self._person(handoff, intent)

    def again(self, person: Person, at: datetime) -> Person:
        """The same customer asking once more at `at`, because nobody took the first handoff."""
        handoff = person.handoff.model_copy(
            update={"retry_of": person.handoff.handoff_id, **self._identity()}
        )
        return self._person(handoff, self._world.intent(handoff.intent))

    def _person(self, handoff: Handoff, intent: Intent | None) -> Person:
        world, random, name = self._world, self._random, handoff.intent
        after = world.afterwards
        queue_id = intent.queue if intent else ""
        return Person(
            handoff=handoff,
            patience_s=world.patience_of(name).draw(random),
            handle_s=world.handle_time(queue_id, name).draw(random),
            gone=random.random() < after.gone,
            ends_first=random.random() < after.ended_by_customer,
            transfer_draw=random.random(),
            retry_after_s=(
                random.uniform(*after.retry_after_s) if random.random() < after.retry else None
            ),
        )

    def _identity(self) -> dict[str, str]:
        number = secrets.token_hex(12) if self._fresh else f"{self._random.getrandbits(96):024x}"
        return {"handoff_id": number, "conversation_id": f"chat-{number[:12]}"}

    def _intent(self, at: datetime) -> Intent:
        local, world = self._world.local(at), self._world
        key = (local.weekday(), local.hour)
        if key not in self._intents:
            weights = (intent.weight_at(local) for intent in world.intents)
            self._intents[key] = list(accumulate(weights))
        return self._random.choices(world.intents, cum_weights=self._intents[key])[0]

    def _pick(self, mix: Mapping[str, float]) -> str:
        if len(mix) == 1:
            return next(iter(mix))
        place = self._random.random() * sum(mix.values())
        for name, weight in mix.items():
            place -= weight
            if place < 0:
                return name
        return name

    def _has(self, name: str, channel: str) -> bool:
        return self._random.random() < self._world.presence_of(name, channel)

    def _vip_queue(self) -> str | None:
        arrivals = self._world.arrivals
        if arrivals.vip_queue is None or self._random.random() >= arrivals.vip:
            return None
        return self._world.queue(arrivals.vip_queue).name

    def _customer(self, number: int, channel: str) -> Customer:
        name = (
            f"{lines.GIVEN[number % len(lines.GIVEN)]} {lines.FAMILY[number % len(lines.FAMILY)]}"
        )
        return Customer(
            name=name if self._has("customer_name", channel) else None,
            email=f"customer{number}@example.com" if self._has("email", channel) else None,
            phone=f"+1555{number:07d}" if self._has("phone", channel) else None,
            reference=f"C-{number:05d}",
        )

    def _variables(self, intent: Intent | None, channel: str) -> dict[str, str]:
        names = intent.variables if intent else ()
        return {name: self._value(name) for name in names if self._has(name, channel)}

    def _value(self, name: str) -> str:
        random = self._random
        match name:
            case "card_number":
                return f"**** **** **** {random.randrange(10_000):04d}"
            case "account_number" | "target_account_number":
                return f"****{random.randrange(10_000):04d}"
            case "address":
                return f"{random.randint(1, 180)} {random.choice(lines.STREETS)}"
            case "charge_date":
                return f"{random.choice(('Monday', 'Tuesday', 'Thursday', 'Saturday'))} last week"
            case "charge_time":
                return f"{random.randint(0, 23):02d}:{random.randrange(60):02d}"
            case "replacement_reason":
                return random.choice(lines.REASONS)
            case _:
                return f"${random.lognormvariate(4.5, 1.0):.2f}"

    def _transcript(
        self, intent: Intent | None, channel: str, language: str, variables: Mapping[str, str]
    ) -> tuple[Message, ...]:
        if not self._has("transcript", channel):
            return ()
        pick = self._random.choice
        request = pick(lines.REQUESTS.get(intent.name if intent else "", lines.ANYTHING))
        said = Message(author="user", text=request.format_map(_Known(variables)))
        opening, *rest = pick(_TALKS["es" if language == "es" else "en"])
        return (opening, rest[0], said, *rest[1:])


def _talk(*texts: str) -> tuple[Message, ...]:
    """Customer and bot in turn, but for the request, which follows the bot's opening."""
    authors: tuple[Author, ...] = ("user", "bot", "bot", "user", "bot")
    return tuple(
        Message(author=author, text=text) for author, text in zip(authors, texts, strict=True)
    )


_TALKS = {
    "es": (_talk(*lines.SPANISH_TALK),),
    "en": tuple(
        _talk(opening, lines.BOT_OPENING, lines.BOT_ASKS, closing, lines.BOT_HANDS_OFF)
        for opening in lines.OPENING
        for closing in lines.CLOSING
    ),
}


class _Known(dict[str, str]):
    """What the bot has; the customer did not say the rest."""

    def __missing__(self, name: str) -> str:
        return "..."


def arrivals(
    world: World, since: datetime, until: datetime, *, seed: int, per_day: float | None = None
) -> Iterator[datetime]:
    """Moments (UTC) at which customers ask for an agent: Poisson, with a rate for each hour.

    `per_day` is the mean over a week before rushes. Each day has a lognormal factor of its own:
    real days are more uneven than Poisson.
    """
    random, shape = Random(seed), world.arrivals
    per_day = per_day or shape.per_day
    hour = since.replace(minute=0, second=0, microsecond=0)
    day, busy = None, 1.0
    while hour < until:
        local = world.local(hour)
        if local.date() != day:
            day, busy = (
                local.date(),
                random.lognormvariate(-(shape.busyness**2) / 2, shape.busyness),
            )
        yield from _in_hour(
            random, max(hour, since), min(hour + HOUR, until), _rate(world, local) * per_day * busy
        )
        hour += HOUR


def _in_hour(
    random: Random, since: datetime, until: datetime, per_hour: float
) -> Iterator[datetime]:
    at = since
    while per_hour > 0:
        at += timedelta(hours=random.expovariate(per_hour))
        if at >= until:
            return
        yield at


def _rate(world: World, local: datetime) -> float:
    """An hour's share of a mean day, times its weekday's weight and the rushes of its intents."""
    shape, intents = world.arrivals, world.intents
    hour = shape.hours[local.hour] / sum(shape.hours)
    weekday = 7 * shape.weekdays[local.weekday()] / sum(shape.weekdays)
    rushed = sum(intent.weight_at(local) for intent in intents)
    return hour * weekday * rushed / sum(intent.weight for intent in intents)
