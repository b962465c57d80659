"""Faults of webhook delivery on demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

WebhookFaultKind = Literal["late", "twice", "out_of_order", "unsigned", "wrongly_signed", "never"]


@dataclass
class WebhookFault:
    """What goes wrong with the next events, `times` of them, or all until cleared.

    `late` by `seconds` of world time, overtaken by what follows; `out_of_order` lets the
    conversation's next event go first; the signature faults stay with an event when it is sent
    again. `event_type` limits a fault to one type of event.
    """

    kind: WebhookFaultKind
    seconds: Annotated[float, Field(ge=0)] = 5.0
    times: Annotated[int, Field(ge=1)] | None = None
    event_type: str | None = None


class WebhookFaults:
    """The faults in force, oldest first."""

    def __init__(self) -> None:
        self._faults: list[WebhookFault] = []

    def add(self, fault: WebhookFault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def take(self, event_type: str) -> WebhookFault | None:
        """The fault that befalls an event of this type now."""
        for fault in self._faults:
            if fault.event_type in (None, event_type):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self._faults.remove(fault)
                return fault
        return None
