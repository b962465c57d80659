"""Who does something, and what they may do."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from enum import StrEnum

from connector.errors import NotAllowed


class Role(StrEnum):
    """What a person may do; each role includes the ones before it.

    A viewer reads. A manager publishes policies, works on follow-ups and sends tests. An admin
    connects the tenant, gives roles and reads the audit.
    """

    VIEWER = "viewer"
    MANAGER = "manager"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True)
class Actor:
    """Whoever asks for a change; every function that writes takes one."""

    name: str
    role: Role

    def must_be(self, role: Role, *, to: str) -> None:
        """Raises NotAllowed unless this actor has `role` or a higher one; `to` says for what."""
        if not self.role.includes(role):
            raise NotAllowed(
                f"{self.name} is {self.role}; to {to}, one must be {role}. Ask an admin."
            )


def local_actor() -> Actor:
    """Whoever works on this machine: admin, named after the system user."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # a container's user may have a number and no name
        name = f"user {os.getuid()}"
    return Actor(name, Role.ADMIN)
