"""A bar on stderr: how many attempts have ended, and how."""

from __future__ import annotations

from collections import Counter
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from connector.handoff import Result


class Progress:
    """Counts results while its block runs."""

    def __init__(self, total: int) -> None:
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
        )
        self._bar = Bar(*columns, console=Console(stderr=True))
        self._task = self._bar.add_task("", total=total)
        self._counted: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def count(self, result: Result) -> None:
        if result.outcome is not None:
            self._counted[result.outcome.value] += 1
        text = ", ".join(f"{number} {name}" for name, number in self._counted.most_common())
        self._bar.update(self._task, advance=1, description=text)
