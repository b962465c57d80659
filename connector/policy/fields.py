"""What rules refer to: skills, context fields, and the limits all of them keep."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from connector.policy.part import Part, mistake


class Skill(Part):
    """An alias an admin maps to a queue, a language, or both: 8x8 has no skill catalogue."""

    queue: str | None = None
    language: str | None = None

    @model_validator(mode="after")
    def _some_target(self) -> Skill:
        if self.queue is None and self.language is None:
            raise mistake("a skill needs a queue, a language or both", fix="Add one.")
        return self


class ContextField(Part):
    """A variable: its name in 8x8, and whether it is passed always, never, or as the bot says."""

    name: str
    field: str | None = None
    passed: Literal["marked", "never", "bot"] = "marked"
    personal: bool = True

    @property
    def label(self) -> str:
        return self.field or self.name


class Limits(Part):
    """What no handoff goes beyond; None is no limit.

    `total_wait_s`: seconds over all steps. `reassignments`: steps after the first one tried.
    """

    total_wait_s: float | None = Field(default=None, gt=0, le=86_400)
    reassignments: int | None = Field(default=None, ge=0, le=100)
