"""How much of a plan the policy's limits leave."""

from __future__ import annotations

from dataclasses import dataclass, replace

from connector.policy import Limits
from connector.routing.decision import PlannedStep


@dataclass
class Allowance:
    """What is left of the limits as steps are planned in order.

    A step that is skipped now takes nothing of it: customers do not wait for it.
    """

    limits: Limits
    planned_s: float = 0.0
    tried: int = 0

    def grant(self, number: int, step: PlannedStep, trace: list[str]) -> PlannedStep | None:
        """The step within the limits; None when they leave nothing of it."""
        most, longest = self.limits.reassignments, self.limits.total_wait_s
        if most is not None and self.tried > most:
            trace.append(f"step {number} {step.queue} left out: at most {_times(most)}")
            return None
        if longest is not None and step.timeout_s > longest - self.planned_s:
            left = longest - self.planned_s
            if left <= 0:
                trace.append(f"step {number} {step.queue} left out: at most {longest:g} s in all")
                return None
            trace.append(
                f"step {number} {step.queue} shortened from {step.timeout_s:g} s: "
                f"at most {longest:g} s in all"
            )
            step = replace(step, timeout_s=left)
        if step.skipped is None:
            self.planned_s += step.timeout_s
            self.tried += 1
        return step


def _times(count: int) -> str:
    return f"{count} re-assignment" + ("" if count == 1 else "s")
