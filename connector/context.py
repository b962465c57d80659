"""What the agent gets: the payload of a handoff within 8x8's limits, and what of it is present.

8x8 Chat Gateway v1 takes at most 30 properties and 200 messages; its agent desktop shows 5,000
characters a message. Names in `required` that are no variables: `transcript`, `customer_name`,
`customer_email`, `customer_phone`, `category`, `intent`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connector.handoff import Handoff, Message
from connector.policy import Policy
from connector.routing import Decision, PlannedStep

ATTEMPT_ID, SKILL = "attempt_id", "Skill"
RESERVED = (ATTEMPT_ID, "Case Category", "Media Type", "Priority", SKILL)
MAX_CUSTOM_FIELDS, MAX_KEY, MAX_VALUE = 25, 100, 500
MAX_MESSAGES, MAX_TEXT = 200, 5_000
# What a handoff carries of itself: a variable of such a name does not stand in for it.
STANDARD = frozenset(
    {"transcript", "customer_name", "customer_email", "customer_phone", "category", "intent"}
)
LANGUAGES = frozenset(
    "en ru de ja es fr pt it pl hr nl ar da ko no sv vi cy th zh-CN zh-TW".split()
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Payload:
    """`user` and `history` of the create call; `present`, `required` and `cut` are field names."""

    user: dict[str, Any]
    history: tuple[dict[str, str], ...]
    required: tuple[str, ...]
    present: tuple[str, ...]
    cut: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.required if name not in self.present)

    @property
    def completeness(self) -> float | None:
        """Share (0-1) of required fields that are present; None when nothing is required."""
        if not self.required:
            return None
        return 1 - len(self.missing) / len(self.required)


def build(policy: Policy, handoff: Handoff, decision: Decision, attempt_id: str) -> Payload:
    """The payload of one handoff: reserved properties first, then custom fields, required first."""
    cut: list[str] = []
    history = _history(handoff.transcript, cut)
    reserved = _reserved(handoff, decision, attempt_id)
    fields = _custom_fields(policy, handoff, decision.required, frozenset(reserved), cut)
    user = _user(handoff, decision, cut)
    user["additionalProperties"] = [
        {"key": key, "value": value}
        for key, value in (*reserved.items(), *(pair for pair in fields.values()))
    ]
    present = [name for name, there in _standard(handoff, user, bool(history)) if there]
    return Payload(
        user=user,
        history=tuple(history),
        required=decision.required,
        present=tuple(dict.fromkeys((*present, *fields))),
        cut=tuple(cut),
    )


def aim(payload: Payload, handoff: Handoff, step: PlannedStep) -> bool:
    """Put language and skill of the step into the payload; whether the language changed by it."""
    user, before = payload.user, payload.user.get("language")
    user["language"] = language(step.language or handoff.language)
    others = [pair for pair in user["additionalProperties"] if pair["key"] != SKILL]
    skill = [{"key": SKILL, "value": clean(step.skill)[:MAX_VALUE]}] if step.skill else []
    place = sum(pair["key"] in RESERVED for pair in others)
    user["additionalProperties"] = [*others[:place], *skill, *others[place:]]
    return bool(user["language"] != before)


def clean(text: str | None) -> str:
    """Text without control characters (line ends and tabs stay) and outer blanks."""
    return _CONTROL.sub("", text).strip() if text else ""


def _standard(handoff: Handoff, user: dict[str, Any], history: bool) -> Iterator[tuple[str, bool]]:
    yield "transcript", history
    yield "customer_name", "name" in user
    yield "customer_email", "email" in user
    yield "customer_phone", "phone" in user
    yield "category", bool(clean(handoff.category))
    yield "intent", bool(clean(handoff.intent))


def _user(handoff: Handoff, decision: Decision, cut: list[str]) -> dict[str, Any]:
    customer = handoff.customer
    name, email, phone = clean(customer.name), clean(customer.email), clean(customer.phone)
    if len(name) > MAX_VALUE:
        cut.append("customer_name")
    if len(phone) > MAX_KEY:
        cut.append("customer_phone")
    user = {
        "name": name[:MAX_VALUE],
        "email": email if re.fullmatch(r"[^@\s]+@[^@\s]+", email) else "",
        "phone": phone[:MAX_KEY],
        "language": language(decision.language),
    }
    return {key: value for key, value in user.items() if value}


def language(code: str) -> str:
    """The language as 8x8 names it; `en`, its default, for one it does not know."""
    known = {name.casefold(): name for name in LANGUAGES}
    code = code.replace("_", "-").casefold()
    return known.get(code) or known.get(code.split("-")[0]) or "en"


def _reserved(handoff: Handoff, decision: Decision, attempt_id: str) -> dict[str, str]:
    pairs = {
        ATTEMPT_ID: attempt_id,
        "Case Category": clean(handoff.category)[:MAX_VALUE],
        "Media Type": clean(handoff.channel)[:MAX_VALUE],
        "Priority": decision.priority,
        SKILL: clean(decision.skill)[:MAX_VALUE],
    }
    return {key: value for key, value in pairs.items() if value}


def _custom_fields(
    policy: Policy,
    handoff: Handoff,
    required: tuple[str, ...],
    reserved: frozenset[str],
    cut: list[str],
) -> dict[str, tuple[str, str]]:
    """Variable name -> (key, value) of what is passed on and fits."""
    taken: dict[str, tuple[str, str]] = {}
    labels = {*reserved, *RESERVED}
    for name in sorted(_passed(policy, handoff), key=lambda name: name not in required):
        field = policy.context_field(name)
        label, value = clean(field.label if field else name), clean(handoff.variables[name])
        if not label or not value or name in STANDARD:
            continue
        key = label[:MAX_KEY]
        if len(taken) == MAX_CUSTOM_FIELDS or key in labels:
            cut.append(name)
            continue
        if len(label) > MAX_KEY or len(value) > MAX_VALUE:
            cut.append(name)
        labels.add(key)
        taken[name] = (key, value[:MAX_VALUE])
    return taken


def _passed(policy: Policy, handoff: Handoff) -> list[str]:
    """Variables to pass on: those the policy marks, in its order, then those only the bot marks."""
    rulings = {field.name: field.passed for field in policy.context_fields}
    by_policy = [name for name, ruling in rulings.items() if ruling == "marked"]
    by_bot = [
        name
        for name in handoff.variables
        if name in handoff.marked and rulings.get(name, "bot") == "bot"
    ]
    return [name for name in (*by_policy, *by_bot) if name in handoff.variables]


def unmarked(policy: Policy, handoff: Handoff) -> tuple[str, ...]:
    """Variables the bot sent that nobody marked for handoff, so the agent never sees them."""
    passed = set(_passed(policy, handoff))
    return tuple(name for name in handoff.variables if name not in passed)


def _history(transcript: tuple[Message, ...], cut: list[str]) -> list[dict[str, str]]:
    """The newest messages that fit; long ones are split, nothing is an error."""
    newest: list[dict[str, str]] = []
    for message in reversed(transcript):
        for piece in reversed(pieces(message.text)):
            if len(newest) == MAX_MESSAGES:
                cut.append("transcript")
                return newest[::-1]
            newest.append({"authorType": message.author, "text": piece})
    if len(newest) > len(transcript):
        cut.append("transcript")
    return newest[::-1]


def pieces(text: str) -> list[str]:
    """Cleaned text in parts an agent's window can hold; none when nothing is left."""
    text = clean(text)
    return [text[start : start + MAX_TEXT] for start in range(0, len(text), MAX_TEXT)]
