"""Faults of requests on demand: refusals, slow and lost answers, dropped connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from pydantic import Field

from connector.sandbox import problems
from connector.sandbox.problems import Problem

FaultKind = Literal[
    "invalid_queue",
    "key",
    "tenant",
    "product",
    "not_found",
    "rate_limited",
    "server_error",
    "unavailable",
    "status",
    "slow",
    "dropped",
    "answer_lost",
]
RequestKind = Literal[
    "create",
    "conversation",
    "reassign",
    "end",
    "message",
    "queues",
    "schedules",
    "channels",
    "webhooks",
    "jwk",
    "any",
]
FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)


@dataclass
class Fault:
    """What goes wrong with the next requests of a kind, `times` of them, or all until cleared.

    `status` gives any other status, with `code`; `retry_after` is seconds for the header of that
    name. `slow` answers after `seconds` of wall time. `dropped` closes the connection without an
    answer, `answer_lost` does so after the work was done. With `after_work` any fault lets the
    work be done first.
    """

    kind: FaultKind
    on: RequestKind = "any"
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    code: str | None = None
    retry_after: Annotated[float, Field(ge=0)] | None = None
    seconds: Annotated[float, Field(ge=0, le=3600)] = 5.0
    times: Annotated[int, Field(ge=1)] | None = None
    after_work: bool = False

    @property
    def drops(self) -> bool:
        return self.kind in ("dropped", "answer_lost")

    @property
    def works_first(self) -> bool:
        return self.after_work or self.kind == "answer_lost"

    def problem(self, customer: str, product: str) -> Problem:
        """The refusal this fault answers with."""
        found = self._problem(customer, product)
        if self.status is not None:
            found.status = self.status
        if self.code is not None:
            found.code = self.code
        if self.retry_after is not None:
            found.headers = {"retry-after": f"{self.retry_after:g}"}
        return found

    def _problem(self, customer: str, product: str) -> Problem:
        made: dict[FaultKind, Problem] = {
            "invalid_queue": problems.invalid_queue("0"),
            "key": problems.key_refused(),
            "tenant": problems.wrong_tenant(customer),
            "product": problems.product_missing(product),
            "not_found": problems.not_found("Resource", "0"),
            "rate_limited": problems.rate_limited(None),
            "unavailable": problems.unavailable(),
        }
        return made.get(self.kind) or problems.server_error()


class Faults:
    """The faults in force, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def take(self, kind: RequestKind) -> Fault | None:
        """The fault that befalls a request of this kind now."""
        for fault in self._faults:
            if fault.on in ("any", kind):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self._faults.remove(fault)
                return fault
        return None
