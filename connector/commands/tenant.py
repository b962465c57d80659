"""The tenant a command works with: the configured one, the sandbox that runs, or one of its own."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pydantic import SecretStr

from connector.clock import Clock
from connector.commands.output import note
from connector.escalation import Connector
from connector.sandbox import Sandbox
from connector.sandbox.world import World
from connector.service.server import LOOPBACK, own_receiver
from connector.settings import Settings, sandbox_of


@dataclass(frozen=True)
class Place:
    """Where a command performs handoffs; `sandbox` is set when it is the command's own."""

    settings: Settings
    clock: Clock | None = None
    listen: tuple[str, int] | None = None
    sandbox: Sandbox | None = None

    def connector(self) -> Connector:
        kind = Connector if self.sandbox is None else _Settled
        return kind(self.settings, clock=self.clock, listen=self.listen)


class _Settled(Connector):
    """A connector of an own sandbox: what is saved in the home meanwhile concerns others."""

    def follow(self, settings: Settings) -> None:
        pass


@contextlib.asynccontextmanager
async def tenant(
    settings: Settings,
    *,
    own: bool = False,
    world: World | None = None,
    clock: Clock | None = None,
    seed: int = 1,
) -> AsyncIterator[Place]:
    """The place to work; with no tenant, or when `own` is asked for, a sandbox that ends with it.

    `world`, `clock` and `seed` are those of an own sandbox.
    """
    if settings.configured and not own:
        yield Place(settings, listen=own_receiver(settings))
        return
    if not settings.configured:
        note("No tenant is configured and no sandbox runs: using a sandbox of its own.")
    async with Sandbox(world, clock=clock, seed=seed) as sandbox:
        found = sandbox.connection
        reached = settings.model_copy(update={**found, "api_key": SecretStr(found["api_key"])})
        yield Place(reached, sandbox.clock, LOOPBACK, sandbox)


def is_running_sandbox(settings: Settings) -> bool:
    """Whether the tenant is the sandbox that runs on this home."""
    return sandbox_of(settings) is not None
