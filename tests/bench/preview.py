"""What a preview costs: `python -m tests.bench.preview --json`.

A home holds 28 days: 100,000 attempts over 500 rules, of which every second has a canary and every
third reads confidence, hours or a variable, and the states of 41 queues each minute (1.7 million).
The draft sends every tenth rule to another queue.

`preview_s`: seconds for a preview (median of the rounds), `cpu_s`: the same in seconds of
computing, over all threads; whatever else runs on the machine does not count there. `list_s`: its
1,000 newest moved attempts with both traces. `plain_s`: a plain loop that decides each attempt
twice, measured over `plain_sample` attempts and extrapolated to all, in seconds of computing.
`moved`, `undecided`: what the preview counts, `differences`: attempts of the sample on which the
loop disagrees.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import analytics
from analytics.metrics import Filters
from analytics.preview import Preview, preview, recorded_book
from connector.handoff import Handoff
from connector.log import open_home
from connector.policy import Policy, Step
from connector.queues import QueueBook, QueueState
from connector.routing import decide
from connector.settings import Settings
from tests.bench.routing import QUEUES, RULES, policy_of

T = TypeVar("T")
ATTEMPTS, DAYS, ROUNDS, SAMPLE = 100_000, 28, 5, 1_000
SINCE = datetime(2026, 10, 26)
UNTIL = SINCE + timedelta(days=DAYS)

FILL = [
    f"""
    INSERT INTO attempts BY NAME
    SELECT 'a' || n AS attempt_id, 'h' || n AS handoff_id, 'live' AS source,
        TIMESTAMP '{SINCE}' + to_milliseconds(n * {DAYS * 86_400_000 // ATTEMPTS}) AS started_at,
        'web' AS channel, 'en' AS language, 'intent ' || (hash(n) % {RULES + 20}) AS intent,
        (hash(n + 1) % 100) / 100 AS confidence,
        CASE hash(n + 2) % 3 WHEN 0 THEN '{{"tier": "gold"}}' ELSE '{{}}' END AS inputs,
        1 AS policy_version, if(n % 50 = 0, 'override', 'rule') AS decided_by,
        'accepted' AS outcome
    FROM range({ATTEMPTS}) AS numbers(n)
    """,
    """
    INSERT INTO attempt_steps BY NAME
    SELECT attempt_id, started_at, 1 AS step, '999' AS queue_id, 'accepted' AS result FROM attempts
    """,
    f"""
    INSERT INTO queue_states BY NAME
    SELECT TIMESTAMP '{SINCE}' + to_minutes(minute) AS recorded_at, 'live' AS source,
        if(q = {QUEUES}, '999', q::VARCHAR) AS queue_id,
        if(q = {QUEUES}, 'General', 'Queue ' || q) AS queue,
        hash(q, minute // 20) % 4 AS available, hash(q, minute // 50) % 3 AS busy, 0 AS on_break,
        0 AS post_process, 9 AS enabled, hash(q, minute) % 7 AS waiting
    FROM range({DAYS * 24 * 60}) AS minutes(minute), range({QUEUES + 1}) AS queues(q)
    WHERE minute % 1000 > 10
    ORDER BY recorded_at, q
    """,
]


def draft_of(base: Policy) -> Policy:
    moved = tuple(
        one.model_copy(update={"steps": (Step(queue="Queue 7"), *one.steps)})
        if n % 10 == 0
        else one
        for n, one in enumerate(base.rules)
    )
    return base.model_copy(update={"version": 0, "rules": moved})


def measure(home: Path) -> dict[str, Any]:
    fill(home)
    base = policy_of(RULES)
    draft, filters = draft_of(base), Filters(since=SINCE, until=UNTIL)
    with analytics.connect(home) as con:
        book = recorded_book(con, filters)
        rounds = [
            timed(lambda: preview(con, base, draft, filters=filters, book=book))
            for _ in range(ROUNDS)
        ]
        found = rounds[-1][0]
        _, list_s, _ = timed(found.moved_attempts)
        plain_s, differences = plainly(con, base, draft, book, found)
    return {
        "preview_s": round(statistics.median(wall for _, wall, _ in rounds), 2),
        "cpu_s": round(statistics.median(cpu for _, _, cpu in rounds), 2),
        "list_s": round(list_s, 2),
        "plain_s": round(plain_s, 1),
        "plain_sample": SAMPLE,
        "attempts": found.attempts,
        "rules": RULES,
        "moved": found.moved,
        "undecided": found.undecided,
        "differences": differences,
    }


def fill(home: Path) -> None:
    lake = open_home(Settings(home=home)).lake
    for statement in FILL:
        lake.transaction(lambda cursor, sql=statement: cursor.execute(sql))
    lake.close()


def plainly(
    con: Any, base: Policy, draft: Policy, book: QueueBook, found: Preview
) -> tuple[float, int]:
    """Seconds for all attempts, and how many of the sample the preview decides differently."""
    draft = draft.model_copy(update={"version": base.version})
    rows = con.execute(
        f"""
        SELECT attempt_id, handoff_id, started_at, intent, channel, language, confidence, inputs
        FROM attempts WHERE decided_by = 'rule' ORDER BY hash(attempt_id) LIMIT {SAMPLE}
        """
    ).fetchall()
    moved = set(found.moved_attempts(ATTEMPTS)["attempt_id"])
    undecided = set(found.undecided_attempts(ATTEMPTS)["attempt_id"])
    states = {row[0]: states_at(con, row[2]) for row in rows}
    began, differences = time.process_time(), 0
    for attempt_id, handoff_id, at, intent, channel, language, confidence, inputs in rows:
        handoff = Handoff(
            handoff_id=handoff_id,
            intent=intent,
            channel=channel,
            language=language,
            confidence=confidence,
            variables=json.loads(inputs),
        )
        then = QueueBook.of(states[attempt_id])
        was, will = (decide(policy, handoff, then, at) for policy in (base, draft))
        if attempt_id not in undecided:
            differences += (was.steps != will.steps) != (attempt_id in moved)
    return (time.process_time() - began) / SAMPLE * ATTEMPTS, differences


def states_at(con: Any, at: datetime) -> list[QueueState]:
    rows = con.execute(
        """
        SELECT queue_id, arg_max(queue, recorded_at), arg_max(available, recorded_at),
            arg_max(busy, recorded_at), arg_max(waiting, recorded_at)
        FROM queue_states WHERE recorded_at BETWEEN $at - INTERVAL 5 MINUTE AND $at
        GROUP BY queue_id
        """,
        {"at": at},
    ).fetchall()
    return [
        QueueState(queue_id, name, available=available, busy=busy, waiting=waiting)
        for queue_id, name, available, busy, waiting in rows
    ]


def timed(work: Callable[[], T]) -> tuple[T, float, float]:
    """What comes of it, seconds, and seconds of computing."""
    wall, cpu = time.perf_counter(), time.process_time()
    return work(), time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    as_json = parser.parse_args().json
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder))
    if as_json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:14} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
