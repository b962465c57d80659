"""The whole routing configuration: immutable, and numbered once published."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from connector.handoff import Priority
from connector.policy import checks
from connector.policy.fields import ContextField, Limits, Skill
from connector.policy.hours import Zone
from connector.policy.opening import OpeningHours
from connector.policy.part import Part
from connector.policy.rules import Route, Rule
from connector.policy.steps import Step

SERVICE_LEVEL_S = 60.0
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Policy(Part):
    """Ordered rules, a default rule, and what they refer to. `version` is 0 for a draft.

    `opening_hours` goes from a queue, or a group that lists its queues, to its hours;
    `service_level_s` from a queue to the seconds within which its customers should have an agent.
    """

    version: int = 0
    zone: Zone = "UTC"
    default_queue: str = Field(min_length=1)
    waiting_message: str = "I am connecting you with a colleague."
    required: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    default: Route
    context_fields: tuple[ContextField, ...] = ()
    channels: dict[str, str] = Field(default_factory=dict)
    skills: dict[str, Skill] = Field(default_factory=dict)
    priority_twins: dict[str, dict[Priority, str]] = Field(default_factory=dict)
    opening_hours: dict[str, OpeningHours] = Field(default_factory=dict)
    schedules: dict[str, str] = Field(default_factory=dict)
    schedule: str | None = None
    service_level_s: dict[str, Seconds] = Field(default_factory=dict)
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _holds_together(self) -> Policy:
        checks.names_differ(self.rules)
        for place, route in self.placed_routes:
            checks.skills_are_listed(place, route, self.skills)
        checks.conditions_are_impersonal(self.rules, self.context_fields)
        checks.queues_open_once(self.opening_hours)
        return self

    @property
    def routes(self) -> tuple[Route, ...]:
        """The rules in order, then the default."""
        return (*self.rules, self.default)

    @property
    def placed_routes(self) -> list[tuple[checks.Place, Route]]:
        """Each route with its place in a policy file."""
        placed: list[tuple[checks.Place, Route]] = [
            (("rules", index), rule) for index, rule in enumerate(self.rules)
        ]
        return [*placed, (("default",), self.default)]

    @property
    def condition_variables(self) -> tuple[str, ...]:
        """Variables that the conditions of the rules read, each once."""
        return tuple(dict.fromkeys(name for rule in self.rules for name in rule.variables))

    def context_field(self, name: str) -> ContextField | None:
        return next((field for field in self.context_fields if field.name == name), None)

    def required_for(self, route: Route) -> tuple[str, ...]:
        """Required context fields: those of all, then those of the route, each once."""
        return tuple(dict.fromkeys((*self.required, *route.required)))

    def queue_of(self, step: Step) -> str:
        """The queue a step means, as the policy writes it; a skill without one is the default."""
        skill = self.skills.get(step.skill) if step.skill else None
        return (skill.queue if skill else step.queue) or self.default_queue

    def allowed_queues(self, route: Route) -> tuple[str, ...]:
        """Where advice may send the route: what it lists, else its own steps and the default."""
        if route.allowed_queues is not None:
            return route.allowed_queues
        own = (self.queue_of(step) for step in route.all_steps)
        return tuple(dict.fromkeys((*own, self.default_queue)))

    def service_level_of(self, queue: str) -> float:
        """Seconds for a queue as the policy writes it."""
        return self.service_level_s.get(queue, SERVICE_LEVEL_S)
