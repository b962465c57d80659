"""Rules: what they match, where they send it, and what happens when nobody comes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from connector.handoff import FailurePathKind, Priority
from connector.policy.hours import Periods
from connector.policy.part import Part, mistake
from connector.policy.steps import Step

# The attempt log keeps a condition's variables up to a length, so a value has to be shorter.
Value = Annotated[str, StringConstraints(max_length=200)]
# The fields of a rule that say what it matches.
CONDITIONS = (
    "intents",
    "categories",
    "channels",
    "languages",
    "confidence",
    "hours",
    "variables",
)
Share = Annotated[float, Field(ge=0, le=1)]


def _as_texts(given: object) -> object:
    """One value or several, as text: the same text a handoff makes of a number or a truth."""
    plain = (str, int, float, bool)
    values = [given] if isinstance(given, plain) else given
    if not isinstance(values, list | tuple):
        return values
    return [str(value) if isinstance(value, plain) else value for value in values]


Values = Annotated[tuple[Value, ...], BeforeValidator(_as_texts), Field(min_length=1)]


class FailurePath(Part):
    """What the bot does, and says, when nobody took the customer.

    `external` leads out of 8x8, to `target`: a phone number, an address, a page.
    """

    kind: FailurePathKind = "message"
    text: str = "All our agents are busy right now. Please try again later."
    target: str | None = Field(default=None, min_length=1, max_length=2_000)

    @model_validator(mode="after")
    def _target_when_external(self) -> FailurePath:
        if self.kind == "external" and self.target is None:
            raise mistake(
                "an external failure path has no target",
                fix="Add target: a phone number or the address of a page.",
            )
        if self.kind != "external" and self.target is not None:
            raise mistake(
                f"a failure path of the kind `{self.kind}` has no target",
                at=("target",),
                fix="Remove it, or write kind: external.",
            )
        return self


class Canary(Part):
    """A small random share (0-1) of a rule's traffic that goes to other steps."""

    share: float = Field(gt=0, le=0.5)
    steps: tuple[Step, ...] = Field(min_length=1)


class Confidence(Part):
    """How sure the bot is of the intent, a share; both ends belong to the range."""

    min: Share = 0.0
    max: Share = 1.0

    @property
    def bounds(self) -> tuple[float, float]:
        return self.min, self.max

    @model_validator(mode="after")
    def _in_order(self) -> Confidence:
        if self.min > self.max:
            raise mistake("`min` is more than `max`", at=("min",), fix="Swap them.")
        return self


class Route(Part):
    """Where a handoff goes: steps in order, with priority, failure path and required context.

    `allowed_queues` is where advice may send it (None: see `Policy.allowed_queues`); advice leaves
    a `locked` one alone.
    """

    steps: tuple[Step, ...] = Field(min_length=1)
    priority: Priority = "normal"
    failure_path: FailurePath = FailurePath()
    required: tuple[str, ...] = ()
    canary: Canary | None = None
    allowed_queues: tuple[str, ...] | None = None
    locked: bool = False

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Its steps, then the canary's."""
        return self.steps + (self.canary.steps if self.canary else ())


class Rule(Route):
    """Conditions and the route of what they match; a condition left out matches everything.

    `hours` are in the policy's zone. An unknown confidence is in no range. A variable matches when
    its value is one of those listed.
    """

    name: str = Field(min_length=1, max_length=200)
    intents: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    confidence: Confidence | None = None
    hours: Periods = ()
    variables: dict[str, Values] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _not_default(cls, name: str) -> str:
        if name == "default":
            raise mistake("`default` is the name of the default rule", fix="Choose another name.")
        return name
