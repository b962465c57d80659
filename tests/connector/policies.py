"""Policies and handoffs of every shape, for properties that must hold for all of them."""

from datetime import date, datetime

from hypothesis import strategies as st

from connector.handoff import Handoff
from connector.policy import (
    Canary,
    Confidence,
    ContextField,
    FailurePath,
    Limits,
    OpeningHours,
    Period,
    Policy,
    Route,
    Rule,
    Skill,
    SkipIf,
    Span,
    Step,
)
from connector.queues import QueueBook, QueueState

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
QUEUES = ("General", "Cards", "Cards (103)", "Payments", "Nowhere")
INTENTS = ("lost", "stolen", "balance", "other")
LEVELS = ("gold", "silver", "")
words = st.text(max_size=12)
names = st.sampled_from(QUEUES)
shares = st.sampled_from([0.0, 0.2, 0.25, 0.5, 0.9, 1.0])
seconds = st.floats(0.5, 86_400)
priorities = st.sampled_from(["low", "normal", "high", "urgent"])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31))
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def some(values, most=3):
    return st.lists(values, max_size=most, unique=True).map(tuple)


def times(kind, **fields):
    return (
        st.tuples(st.integers(0, 1439), st.integers(1, 1440))
        .filter(lambda span: span[0] != span[1])
        .flatmap(
            lambda span: st.builds(kind, opens=st.just(span[0]), closes=st.just(span[1]), **fields)
        )
    )


weekdays = st.lists(st.integers(0, 6), min_size=1, max_size=7).map(tuple)
periods = times(Period, days=weekdays)
skips = st.builds(
    SkipIf,
    closed=st.booleans(),
    no_agents=st.booleans(),
    all_busy=st.booleans(),
    expected_wait_over_s=st.none() | st.floats(0, 900),
    waiting_over=st.none() | st.integers(0, 20),
)
steps = st.builds(Step, queue=names, timeout_s=seconds, skip_if=skips) | st.builds(
    Step, skill=st.sampled_from(["spanish", "cards"]), timeout_s=seconds
)
many_steps = st.lists(steps, min_size=1, max_size=3).map(tuple)
failure_paths = st.builds(
    FailurePath, kind=st.sampled_from(["callback", "email", "message"]), text=words
) | st.builds(
    FailurePath, kind=st.just("external"), text=words, target=st.text(min_size=1, max_size=20)
)
route_fields = {
    "steps": many_steps,
    "priority": priorities,
    "failure_path": failure_paths,
    "required": some(words),
    "canary": st.none() | st.builds(Canary, share=st.floats(0.01, 0.5), steps=many_steps),
    "allowed_queues": st.none() | some(names),
    "locked": st.booleans(),
}
confidences = st.lists(shares, min_size=2, max_size=2).map(
    lambda pair: Confidence(min=min(pair), max=max(pair))
)
variables = st.dictionaries(
    st.sampled_from(["tier", "area"]), some(st.sampled_from(LEVELS)).filter(bool), max_size=2
)
condition_fields = {
    "intents": some(st.sampled_from(INTENTS)),
    "categories": some(st.sampled_from(["card", "money"])),
    "channels": some(st.sampled_from(["web", "mobile"])),
    "languages": some(st.sampled_from(["en", "es"])),
    "confidence": st.none() | confidences,
    "hours": some(periods, 2),
    "variables": variables,
}
rules = st.builds(Rule, name=words.filter(bool), **route_fields, **condition_fields)


@st.composite
def opening(draw):
    own = draw(some(days, 4))
    return draw(
        st.builds(
            OpeningHours,
            week=st.lists(periods, min_size=1, max_size=3).map(tuple),
            zone=st.none() | st.sampled_from(ZONES),
            holidays=some(st.sampled_from(["DE", "DE-BY", "US"]), 2),
            closed_on=st.just(own[:2]),
            open_on=st.fixed_dictionaries({day: some(times(Span), 2) for day in own[2:]}),
        )
    )


policies = st.builds(
    Policy,
    version=st.integers(0, 9),
    zone=st.sampled_from(ZONES),
    default_queue=names,
    waiting_message=words,
    required=some(words),
    rules=st.lists(rules, max_size=4, unique_by=lambda rule: rule.name)
    .filter(lambda found: all(rule.name != "default" for rule in found))
    .map(tuple),
    default=st.builds(Route, **route_fields),
    context_fields=st.just(
        (ContextField(name="tier", personal=False), ContextField(name="area", personal=False))
    ),
    channels=st.dictionaries(words, words, max_size=2),
    skills=st.just({"spanish": Skill(language="es"), "cards": Skill(queue="Cards")}),
    priority_twins=st.dictionaries(names, st.dictionaries(priorities, names), max_size=2),
    opening_hours=st.dictionaries(names, opening(), max_size=2),
    service_level_s=st.dictionaries(names, seconds, max_size=2),
    limits=st.builds(
        Limits,
        total_wait_s=st.none() | seconds,
        reassignments=st.none() | st.integers(0, 3),
    ),
)

handoffs = st.builds(
    Handoff,
    handoff_id=st.text(min_size=1, max_size=8),
    intent=st.none() | st.sampled_from(INTENTS),
    category=st.none() | st.sampled_from(["card", "money", "odd"]),
    confidence=st.none() | shares | st.floats(0, 1),
    channel=st.sampled_from(["web", "mobile", "odd"]),
    language=st.sampled_from(["en", "es", "odd"]),
    variables=st.dictionaries(
        st.sampled_from(["tier", "area", "ssn"]), st.sampled_from([*LEVELS, "odd"])
    ),
    queue=st.none() | names,
    skill=st.none() | st.sampled_from(["spanish", "odd"]),
    priority=st.none() | priorities,
    timeout_s=st.none() | seconds,
)

counts = st.integers(0, 30)
queue_states = st.builds(
    QueueState,
    id=st.sampled_from(["101", "102", "103", "104"]),
    name=st.sampled_from(QUEUES),
    available=counts,
    busy=counts,
    waiting=counts,
    expected_wait_s=st.none() | st.floats(0, 900),
    is_open=st.none() | st.booleans(),
)
books = st.lists(queue_states, max_size=4, unique_by=lambda state: state.id).map(
    QueueBook.of
) | st.just(QueueBook(known=False))
