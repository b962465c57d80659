"""What every part of a policy is: immutable, and strict about what it does not know."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def mistake(
    message: str, *, at: tuple[int | str, ...] = (), fix: str | None = None
) -> PydanticCustomError:
    """An error for a validator to raise; `at` is where in the part, `fix` what to do."""
    # Braces in the text are data, so it travels as a value of the template.
    return PydanticCustomError("mistake", "{message}", {"message": message, "at": at, "fix": fix})
