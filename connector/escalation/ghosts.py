"""Conversations nobody waits for any more that 8x8 could not be told to end."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from connector.errors import EightError, Refused

if TYPE_CHECKING:
    from connector.eight import Eight

REMEMBER_MOST = 50_000


class Ghosts:
    """Ends them once 8x8 answers again: an agent who took one would find nobody."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def add(self, conversation_id: str) -> None:
        self._left[conversation_id] = None
        if len(self._left) > REMEMBER_MOST:
            self._left.popitem(last=False)

    def discard(self, conversation_id: str) -> None:
        """An agent has it after all."""
        self._left.pop(conversation_id, None)

    async def end(self, eight: Eight) -> None:
        """Try each once; while 8x8 does not answer the first, the others wait too."""
        for conversation_id in list(self._left):
            try:
                await eight.end(conversation_id)
            except Refused:
                pass
            except EightError:
                return
            self._left.pop(conversation_id, None)
