"""What lint says: how bad it is, where it is, and a change that mends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from connector.policy import Policy

Severity = Literal["error", "warning"]
Place = tuple[int | str, ...]
# How an entry of a mapping is called.
_ENTRIES = {
    "channels": "channel",
    "opening_hours": "opening hours of",
    "priority_twins": "priority twins of",
    "schedules": "schedule of",
    "service_level_s": "service level of",
    "skills": "skill",
}


@dataclass(frozen=True)
class Fix:
    """A change a page can apply; `label` is what its button says.

    `apply` gives the mended draft, in which other mistakes stay as they are. Raises PolicyError
    when the draft has changed so much since that it no longer fits.
    """

    label: str
    apply: Callable[[Policy], Policy]


@dataclass(frozen=True)
class LintFinding:
    """One finding. An `error` blocks publishing, a `warning` asks.

    `place` is where in the policy, such as `("rules", 3, "steps", 0, "queue")`; empty for the whole
    of it. `rule` is the name of the rule concerned, `default` for the default rule, None otherwise.
    """

    severity: Severity
    check: str
    place: Place
    rule: str | None
    text: str
    fix: Fix | None = None

    def __str__(self) -> str:
        return ": ".join(part for part in (self.severity, self.where, self.text) if part)

    @property
    def where(self) -> str:
        """The place in words."""
        if self.rule is not None:
            rule = "default rule" if self.rule == "default" else f"rule `{self.rule}`"
            return ", ".join(part for part in (rule, _within_rule(self.place)) if part)
        first, *rest = self.place or ("",)
        names = [f"`{part}`" for part in rest if isinstance(part, str)]
        entry = _ENTRIES.get(str(first)) if names else None
        return " ".join([entry or _plain(first), *names[:1]]).strip()


def _within_rule(place: Place) -> str:
    rest = place[1:] if place[:1] == ("default",) else place[2:]
    if "steps" not in rest:
        return _plain(rest[0]) if rest else ""
    number = rest[rest.index("steps") + 1 : rest.index("steps") + 2]
    step = f"step {int(number[0]) + 1}" if number else "steps"
    return f"canary {step}" if rest[0] == "canary" else step


def _plain(part: int | str) -> str:
    return str(part).replace("_", " ")
