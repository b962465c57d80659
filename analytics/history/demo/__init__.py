"""The demonstration: weeks of history from a simulated bank, marked `demo`."""

from analytics.history.demo.removal import delete_demo, has_demo, hide, is_hidden, show
from analytics.history.demo.write import simulate, write_history

__all__ = ["delete_demo", "has_demo", "hide", "is_hidden", "show", "simulate", "write_history"]
