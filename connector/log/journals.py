"""Journals as their readers see them: whole lines from an offset, and whether the owner lives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connector.log.locks import try_lock


@dataclass(frozen=True)
class Chunk:
    """Whole lines of a journal, each with the offset it begins at.

    `end` is after the last of them; `more` when reading stopped before the end of the file.
    """

    lines: list[tuple[int, bytes]]
    end: int
    more: bool


@dataclass(frozen=True)
class Journal:
    """One journal file; its name is its owner's instance."""

    path: Path

    @property
    def instance(self) -> str:
        return self.path.name.removesuffix(".jsonl")

    def size(self) -> int:
        """Bytes, 0 when the file is gone."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def owner_lives(self) -> bool:
        """Whether a process still writes to it."""
        try:
            file = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            return not try_lock(file, shared=True)
        finally:
            os.close(file)

    def read(self, offset: int, most: int) -> Chunk:
        """Whole lines from `offset`, about `most` bytes; always at least one if there is one."""
        try:
            with self.path.open("rb") as file:
                file.seek(offset)
                text = file.read(most)
                while text and b"\n" not in text and (rest := file.read(most)):
                    text += rest
        except FileNotFoundError:
            text = b""
        whole = text[: text.rfind(b"\n") + 1]
        more = bool(whole) and len(text) >= most
        return Chunk(list(_with_offsets(whole, offset)), offset + len(whole), more)


def journals(folder: Path) -> list[Journal]:
    """All journals of a home, oldest name first."""
    found = (path for path in folder.glob("*.jsonl") if not path.name.startswith("."))
    return [Journal(path) for path in sorted(found)]


def _with_offsets(text: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    for line in text.split(b"\n")[:-1]:
        yield offset, line
        offset += len(line) + 1
