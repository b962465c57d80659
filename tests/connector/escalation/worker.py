"""A connector process of its own: `python -m tests.connector.escalation.worker HOME --help`.

Prints one JSON line for each handoff whose outcome it heard: what a bot may rely on.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
from pathlib import Path

from connector.escalation import Connector
from connector.handoff import Customer, Handoff, Message
from connector.settings import Settings


async def work(args: argparse.Namespace) -> None:
    listen = ("127.0.0.1", 0) if args.listen else None
    async with Connector(Settings.load(args.home), listen=listen) as connector:
        print(json.dumps({"ready": connector.instance}), flush=True)
        turns = asyncio.Semaphore(args.in_flight)
        numbers = (
            range(args.first, args.first + args.count)
            if args.count
            else itertools.count(args.first)
        )
        tasks = set()
        for number in numbers:
            await turns.acquire()
            task = asyncio.create_task(hand_off(connector, f"{args.prefix}{number}"))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            task.add_done_callback(lambda _: turns.release())
        await asyncio.gather(*tasks)


async def hand_off(connector: Connector, handoff_id: str) -> None:
    handoff = Handoff(
        handoff_id=handoff_id,
        intent="reportlostcard",
        category="Lost card",
        customer=Customer(name="Ana"),
        transcript=(Message(text="my card is gone"),),
    )
    result = await connector.hand_off(handoff)
    heard = {
        "handoff_id": handoff_id,
        "attempt_id": result.attempt_id,
        "outcome": result.outcome,
        "conversation_id": result.conversation_id,
    }
    sys.stdout.write(json.dumps(heard) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--prefix", default="h")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=0, help="0 goes on until killed")
    parser.add_argument("--in-flight", type=int, default=100)
    parser.add_argument("--listen", action="store_true")
    asyncio.run(work(parser.parse_args()))


if __name__ == "__main__":
    main()
