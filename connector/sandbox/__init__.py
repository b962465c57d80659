"""A local 8x8 tenant: a real HTTP server that behaves as 8x8 does, for trying out and for tests."""

from __future__ import annotations

from connector.sandbox.server import Sandbox
from connector.sandbox.world import World, load_world

__all__ = ["Sandbox", "World", "load_world"]
