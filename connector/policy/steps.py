"""A step: one queue to try, for how long, and when it is not worth trying."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_serializer, model_validator

from connector.policy.part import Part, mistake

# What the attempt log calls it; a queue that is too long counts as one whose agents are all busy.
SkipReason = Literal["nobody_logged_in", "closed", "all_busy"]

_WORDS = {
    "closed": "closed",
    "no_agents": "no_agents",
    "nobody_logged_in": "no_agents",
    "all_busy": "all_busy",
}
_LIMITS = ("expected_wait_over_s", "waiting_over")
_SKIP_FIX = (
    "Write some of closed, no_agents, all_busy, {expected_wait_over_s: 120}, {waiting_over: 10}."
)


class SkipIf(Part):
    """When a step is skipped. YAML lists it: `[closed, no_agents, {waiting_over: 10}]`.

    `no_agents` means that nobody is logged in; waits are in seconds, `waiting_over` counts people.
    """

    closed: bool = False
    no_agents: bool = False
    all_busy: bool = False
    expected_wait_over_s: float | None = Field(default=None, ge=0, le=86_400)
    waiting_over: int | None = Field(default=None, ge=0, le=100_000)

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, given: object) -> object:
        if isinstance(given, str):
            given = [given]
        if not isinstance(given, list | tuple):
            return given
        found: dict[str, Any] = {}
        for item in given:
            found |= _one(item)
        return found

    @model_serializer
    def _as_list(self) -> list[Any]:
        words: list[Any] = [word for word in ("closed", "no_agents", "all_busy") if word in self]
        return words + [
            {name: limit} for name in _LIMITS if (limit := getattr(self, name)) is not None
        ]

    def __contains__(self, word: str) -> bool:
        """Whether a word of the list form, old or new, is in it."""
        return word in _WORDS and bool(getattr(self, _WORDS[word]))


def _one(item: object) -> dict[str, Any]:
    if isinstance(item, str) and item in _WORDS:
        return {_WORDS[item]: True}
    if isinstance(item, dict) and len(item) == 1 and set(item) <= set(_LIMITS):
        return item
    raise mistake(f"`{item}` is no condition to skip a step", fix=_SKIP_FIX)


class Step(Part):
    """One queue to try, by name, `Name (id)` or skill alias; `timeout_s` in seconds."""

    queue: str | None = Field(default=None, min_length=1)
    skill: str | None = Field(default=None, min_length=1)
    timeout_s: float = Field(default=60.0, gt=0, le=86_400)
    skip_if: SkipIf = SkipIf(closed=True, no_agents=True)

    @model_validator(mode="before")
    @classmethod
    def _reachable(cls, given: object) -> object:
        if isinstance(given, dict) and "agent" in given:
            raise mistake(
                "a step cannot name an agent: 8x8 hands a chat to a queue, never to one agent",
                at=("agent",),
                fix="Name a queue or a skill that agent serves.",
            )
        if isinstance(given, dict) and "external" in given:
            raise mistake(
                "a step leads to a queue or a skill; whoever is outside 8x8 is a failure path",
                at=("external",),
                fix="Write failure_path: {kind: external, target: …}.",
            )
        return given

    @model_validator(mode="after")
    def _one_target(self) -> Step:
        if (self.queue is None) == (self.skill is None):
            raise mistake("a step names either a queue or a skill", fix="Leave one of them.")
        return self
