"""How long the grid of Mappings takes to open: `python -m tests.bench.grid --json`.

A home holds ten million attempts of the last 28 days and a policy of 500 rules; a dashboard that
was started as the product starts it shows them to headless chromium.

Seconds until the grid is drawn: `first_s` for the first viewer, in a browser that has loaded
nothing before, `again_s` in one that has (median of the rounds); `small_...` the same with 1,000
attempts in the lake. `empty_s`: how long the same browser takes for a page without a grid.
`numbers_s`: counting attempts per rule alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

import analytics
from analytics.metrics import Filters
from analytics.metrics.rules import rule_numbers
from connector.access import local_actor
from connector.clock import utc_now
from connector.log import open_home
from connector.publishing import newest_number, publish
from connector.settings import Settings
from tests.bench.routing import RULES, policy_of
from tests.browser.conftest import CHROMIUM, FLAGS, WIDE, free_port, serving

MANY, FEW, DAYS, ROUNDS = 10_000_000, 1_000, 28, range(5)
WARM_S, LONGEST_MS = 8.0, 120_000
GRID, TITLE = "[data-testid=stDataFrame] canvas", "h1:has-text('Audit')"


def measure(home: Path, attempts: int) -> dict[str, Any]:
    fill(home, attempts)
    with serving(home, free_port(), run=["connector.commands.dashboard"]) as address:
        time.sleep(WARM_S)  # as whoever reads the address and turns to the browser
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_context(viewport=WIDE).new_page()
            page.set_default_timeout(LONGEST_MS)
            first = timed(lambda: opened(page, f"{address}/mappings", GRID))
            again = [timed(lambda: opened(page, f"{address}/mappings", GRID)) for _ in ROUNDS]
            empty = [timed(lambda: opened(page, f"{address}/audit", TITLE)) for _ in ROUNDS]
            browser.close()
    return {
        "first_s": first,
        "again_s": statistics.median(again),
        "empty_s": statistics.median(empty),
    }


def timed(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return round(time.monotonic() - began, 2)


def opened(page: Page, address: str, shown: str) -> None:
    page.goto(address)
    page.locator(shown).first.wait_for()


def fill(home: Path, attempts: int) -> None:
    """So many attempts of the last 28 days, spread over the rules of a published policy."""
    opened_home = open_home(Settings(home=home))
    lake, since = opened_home.lake, utc_now() - timedelta(days=DAYS)
    policy = policy_of(RULES)
    publish(
        lake, policy, actor=local_actor(), note="500 rules", base=newest_number(lake), findings=()
    )
    lake.transaction(
        lambda cursor: cursor.execute(
            f"""
            INSERT INTO attempts BY NAME
            SELECT 'a' || n AS attempt_id, 'h' || n AS handoff_id, 'live' AS source,
                TIMESTAMP '{since}'
                    + to_milliseconds(n * {DAYS * 86_400_000 // attempts}) AS started_at,
                started_at + INTERVAL 30 SECOND AS ended_at, 'web' AS channel, 'en' AS language,
                'intent ' || (hash(n) % {RULES}) AS intent,
                names[1 + (hash(n) % {RULES})::BIGINT] AS rule,
                2 AS policy_version, 'rule' AS decided_by, 30.0 AS wait_s,
                if(hash(n + 1) % 4 = 0, 'timed_out', 'accepted') AS outcome,
                1 - (hash(n + 2) % 4) / 4 AS completeness
            FROM range({attempts}) AS numbers(n),
                (SELECT {[rule.name for rule in policy.rules]} AS names)
            """
        )
    )
    opened_home.close()


def counting(home: Path) -> float:
    with analytics.connect(home) as con:
        began = time.monotonic()
        rule_numbers(con, Filters(since=utc_now() - timedelta(days=DAYS)))
        return round(time.monotonic() - began, 2)


def main() -> None:
    options = argparse.ArgumentParser(description="How long the grid of Mappings takes to open.")
    options.add_argument("--json", action="store_true", help="print one JSON object alone")
    options.add_argument("--attempts", type=int, default=MANY)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large", Path(folder) / "small"
        many, few = measure(large, given.attempts), measure(small, FEW)
        compared = {f"small_{name}": seconds for name, seconds in few.items()}
        figures = many | compared | {"numbers_s": counting(large)}
    print(json.dumps(figures | {"attempts": given.attempts, "rules": RULES}))


if __name__ == "__main__":
    main()
