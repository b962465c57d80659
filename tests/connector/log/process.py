"""A process to be killed: `python -m tests.connector.log.process HOME NAME produce|flush`.

A producer prints the number of each attempt whose start, and whose end, it was told is safe.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from connector.log import Flusher, Ledger, Outbox, maintain, open_home
from connector.settings import Settings

from .writing import ended, noted, started


async def produce(home, name):
    outbox, ledger = Outbox(home.outbox_path, name), Ledger(home.ledger_path)
    flusher = Flusher(home, instance=name)
    flusher.start()
    print("ready", flush=True)

    async def serve(first):
        number = first
        while True:
            entry = started(number)
            attempt_id = f"{name}-{number}"
            await ledger.claim(attempt_id, attempt_id, name, at=entry.at)
            row = dict(entry.data["attempt"]) | {"handoff_id": attempt_id}
            await outbox.append(_as(entry, attempt_id, {"attempt": row}))
            print("started", attempt_id, flush=True)
            outbox.put(_as(noted(number), attempt_id))
            end = ended(number)
            row = dict(end.data["attempt"]) | {"handoff_id": attempt_id}
            await outbox.append(_as(end, attempt_id, {"attempt": row, "steps": []}))
            print("ended", attempt_id, flush=True)
            await asyncio.sleep(0.005)
            number += 10

    await asyncio.gather(*(serve(first) for first in range(10)))


def _as(entry, attempt_id, data=None):
    return type(entry)(entry.kind, attempt_id, entry.at, entry.data if data is None else data)


def flush(home, name):
    flusher = Flusher(home, instance=name)
    print("ready", flush=True)
    for turn in range(1_000_000):
        flusher.flush_now()
        flusher.open_attempts_of_the_dead()
        if turn % 5 == 4:
            maintain(home)


def main() -> None:
    folder, name, task = sys.argv[1:]
    home = open_home(Settings.load(Path(folder)))
    if task == "produce":
        asyncio.run(produce(home, name))
    else:
        flush(home, name)


if __name__ == "__main__":
    main()
