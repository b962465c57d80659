"""What the connector costs: `python -m tests.bench.connector --json`.

A bare loop and the connector make the same four calls per handoff (create, look, cancel, look who
was there: a step that times out at once) to the same sandbox with the same client, pool and
semaphore, in turns. What the connector does besides (claims, policy, context, journal, lake) is
the difference.

`throughput_ratio`: handoffs per second, connector / bare, both with 100 in flight (medians).
`added_ms_p50`, `added_ms_p99`: latency of one handoff at a time, connector less bare, less the
time spent waiting for the synced journal; `journal_ms_p50`: one such wait. `waiting`: handoffs
that waited at once, `rss_mb` the process's memory then, `lost` how many of them ended with no
outcome, or with none or two in the lake.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import analytics
from connector import context
from connector.clock import Clock
from connector.eight.http import Http
from connector.escalation import Connector
from connector.handoff import Customer, Handoff, Message, Outcome
from connector.log import open_home
from connector.publishing import current
from connector.queues import QueueBook
from connector.routing import decide
from connector.settings import Settings
from tests.bench.tenant import API_KEY, QUEUE_ID, TENANT_ID, tenant

IN_FLIGHT, ROUNDS, A_ROUND = 100, 10, 200
PAIRS, WAITING = 200, 2_000
CONVERSATIONS = "/chat-gateway/v1/conversations"


def handoff(**given: Any) -> Handoff:
    """A handoff of ordinary size."""
    turns = [("user", "hi, my card is gone"), ("bot", "I am sorry. Your name?"), ("user", "Ana")]
    return Handoff(
        intent="getroutingnumber",
        category="getroutingnumber",
        customer=Customer(name="Ana Gil", email="ana@example.com"),
        variables={"card_number": "4711 0815", "address": "1 Main Street"},
        marked=frozenset({"card_number", "address"}),
        transcript=tuple(Message(author=author, text=text) for author, text in turns),
        **given,
    )


class Bare:
    """The same calls and nothing else."""

    def __init__(self, http: Http, channel_id: str, body: dict[str, Any]) -> None:
        self._http, self._body = http, json.dumps({"channelId": channel_id, **body}).encode()

    async def perform(self) -> None:
        created = await self._call("POST", CONVERSATIONS, self._body)
        path = f"{CONVERSATIONS}/{created['conversationId']}"
        await self._call("GET", path)
        await self._call("PATCH", f"{path}/participants/user", b'{"removed": true}')
        await self._call("GET", f"{path}/participants?page=0&size=100")

    async def _call(self, method: str, path: str, body: bytes | None = None) -> Any:
        answer = await self._http.send(method, path, body)
        assert answer.status < 300, (method, path, answer.body)
        return json.loads(answer.body) if answer.body else None


async def through(connector: Connector) -> None:
    result = await connector.hand_off(handoff(timeout_s=0.001))
    assert result.outcome is Outcome.TIMED_OUT, result


async def rate(perform: Callable[[], Awaitable[None]]) -> float:
    """Handoffs per second with IN_FLIGHT at once."""
    left = iter(range(A_ROUND))

    async def worker() -> None:
        for _ in left:
            await perform()

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    return A_ROUND / (time.perf_counter() - began)


async def throughput(connector: Connector, bare: Bare) -> dict[str, float]:
    """Rounds by turns, each pair beginning with the other; medians of rates and of paired ratios.

    What else the machine does comes and goes; within a pair it is nearly the same.
    """
    ways = {"bare": bare.perform, "connector": lambda: through(connector)}
    pairs: list[dict[str, float]] = []
    for number in range(ROUNDS + 1):
        order = sorted(ways, reverse=number % 2 == 0)
        pairs.append({name: await rate(ways[name]) for name in order})
        note(", ".join(f"{name} {value:.0f}/s" for name, value in sorted(pairs[-1].items())))
    del pairs[0]  # it warmed up
    return {
        "bare_per_s": round(statistics.median(pair["bare"] for pair in pairs), 1),
        "connector_per_s": round(statistics.median(pair["connector"] for pair in pairs), 1),
        "throughput_ratio": round(
            statistics.median(pair["connector"] / pair["bare"] for pair in pairs), 3
        ),
    }


async def latency(connector: Connector, bare: Bare) -> dict[str, float]:
    journal: list[float] = []
    append = connector.outbox.append

    async def timed(entry: Any) -> None:
        began = time.perf_counter()
        await append(entry)
        journal.append(time.perf_counter() - began)

    connector.outbox.append = timed  # type: ignore[method-assign]
    alone, whole = [], []
    for _ in range(PAIRS):
        alone.append(await seconds(bare.perform()))
        before = len(journal)
        took = await seconds(through(connector))
        whole.append(took - sum(journal[before:]))
    connector.outbox.append = append  # type: ignore[method-assign]
    return {
        "added_ms_p50": added(whole, alone, 50),
        "added_ms_p99": added(whole, alone, 99),
        "journal_ms_p50": round(1000 * statistics.median(journal), 2),
    }


async def seconds(work: Awaitable[None]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def added(whole: list[float], alone: list[float], percent: int) -> float:
    cut = [statistics.quantiles(values, n=100)[percent - 1] for values in (whole, alone)]
    return round(1000 * (cut[0] - cut[1]), 2)


async def crowd(settings: Settings) -> dict[str, float]:
    """WAITING handoffs wait at once in one process that receives their events itself."""
    asked = [handoff(timeout_s=3600.0) for _ in range(WAITING)]
    async with Connector(settings, listen=("127.0.0.1", 0)) as connector:
        await asyncio.gather(*(connector.begin(one) for one in asked))
        while not all([await _is_waiting(connector, one) for one in asked]):
            await connector.clock.sleep(0.2)
        memory = rss_mb()
        ended = await asyncio.gather(*(connector.abandon(one.handoff_id) for one in asked))
        good = sum(result.outcome is Outcome.ABANDONED for result in ended)
    logged = await asyncio.to_thread(_logged, settings, [one.handoff_id for one in asked])
    return {"waiting": WAITING, "rss_mb": memory, "lost": WAITING - min(good, logged)}


async def _is_waiting(connector: Connector, one: Handoff) -> bool:
    result = await connector.read(one.handoff_id)
    assert result.outcome is None, result
    return result.conversation_id is not None


def _logged(settings: Settings, handoff_ids: list[str]) -> int:
    """How many of them have exactly one attempt in the lake."""
    with analytics.connect(settings.home) as con:
        found = con.execute(
            "SELECT handoff_id FROM attempts WHERE outcome = 'abandoned' GROUP BY handoff_id"
            " HAVING count(*) = 1"
        ).fetchall()
    return len({handoff_id for (handoff_id,) in found} & set(handoff_ids))


def rss_mb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def body(settings: Settings) -> dict[str, Any]:
    """What the connector would send for such a handoff."""
    home = open_home(settings)
    policy = current(home.lake)
    home.lake.close()
    asked = handoff()
    decision = decide(policy, asked, QueueBook(known=False), Clock().now())
    payload = context.build(policy, asked, decision, "0" * 24)
    return {
        "user": payload.user,
        "history": {"messages": list(payload.history)},
        "assignment": {"type": "queue", "id": QUEUE_ID},
    }


async def measure() -> dict[str, Any]:
    # The crowd first, so that its memory is its own; each with a tenant of its own.
    waited = await _with_tenant(crowd)
    note(json.dumps(waited))
    figures = await _with_tenant(compare)
    names = ("throughput_ratio", "added_ms_p50", "added_ms_p99", "journal_ms_p50")
    return {name: figures.pop(name) for name in names} | waited | figures


async def _with_tenant(
    measured: Callable[[Settings], Awaitable[dict[str, float]]],
) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        async with tenant() as address:
            connection = {"api_key": API_KEY, "tenant_url": address, "tenant_id": TENANT_ID}
            return await measured(Settings.load(Path(folder), source="test", **connection))


async def compare(settings: Settings) -> dict[str, float]:
    http = Http(settings.api_base, settings.api_key, settings.tenant_id)
    async with Connector(settings) as connector:
        channel_id = await connector.station.tenant.channel(connector.policy, "web")
        bare = Bare(http, channel_id, await asyncio.to_thread(body, settings))
        try:
            return await throughput(connector, bare) | await latency(connector, bare)
        finally:
            await http.aclose()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    as_json = parser.parse_args().json
    logging.basicConfig(level=logging.ERROR)
    figures = asyncio.run(measure())
    if as_json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:18} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
