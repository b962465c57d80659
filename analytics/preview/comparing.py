"""A draft beside its base, over the attempts of a period."""

from __future__ import annotations

import numpy as np
from duckdb import DuckDBPyConnection

from analytics.metrics.filters import Filters
from analytics.preview import tables
from analytics.preview.alike import Flags
from analytics.preview.attempts import Attempts
from analytics.preview.compared import Compared
from analytics.preview.listing import Listing
from analytics.preview.reading import one_source, read_attempts, read_availability
from analytics.preview.result import Preview
from analytics.preview.side import Deciding
from connector.policy import Policy
from connector.queues import QueueBook

# Who decided an attempt that no policy decides.
APART = ("override", "emergency")


def preview(
    con: DuckDBPyConnection, base: Policy, draft: Policy, *, filters: Filters, book: QueueBook
) -> Preview:
    """How the attempts that `filters` choose would route under `draft` instead of `base`.

    `base` is the published policy the draft was made from, whatever decided an attempt at the time.
    `book` holds the tenant's queues, as they are now or as `recorded_book` finds them; only names
    and ids count. Availability is that of the newest record at or before an attempt, at most five
    minutes old. Of several sources the one with most attempts is counted. A confidence the bot did
    not give lies in no range, so it can be decided.
    """
    chosen = one_source(con, filters)
    attempts = read_attempts(con, chosen, base, draft)
    told = attempts.is_one_of("decided_by", APART)
    ours = attempts.at(np.flatnonzero(~told))
    before, after = (Deciding(policy, ours, book, base=base) for policy in (base, draft))
    availability = read_availability(con, chosen, ours.started, before.queues | after.queues)
    compared = Compared(before.side(availability), after.side(availability), ours)
    checked, agreeing = _checked(compared, ours, base.version)
    undecided = np.flatnonzero(~compared.decided)
    return Preview(
        attempts=len(attempts),
        moved=_count(compared.moved),
        unmoved=_count(compared.decided & ~compared.moved),
        undecided=len(undecided),
        overridden=_count(told),
        redirected=_count(compared.redirected),
        emergency=_count(attempts.is_one_of("decided_by", ["emergency"])),
        agreeing=_count(agreeing),
        checked=_count(checked),
        source=(chosen.source or (None,))[0] if len(attempts) else None,
        since=chosen.since,
        until=chosen.until,
        zone=base.zone,
        matrix=tables.matrix(compared),
        intents=tables.intents(compared, ours),
        load=tables.load(compared, ours.started, base.zone, chosen.since, chosen.until),
        undecided_reasons=tables.undecided_reasons(compared),
        listing=Listing(
            base=base,
            draft=draft,
            tenant=book,
            availability=availability,
            moved=ours.at(np.flatnonzero(compared.moved)),
            undecided=ours.at(undecided),
            reasons=[compared.reasons[place] for place in compared.reason[undecided]],
        ),
    )


def _checked(compared: Compared, attempts: Attempts, version: int) -> tuple[Flags, Flags]:
    """Attempts whose real first queue can be compared with the base's, and where both agree."""
    rows = attempts.table.select(["policy_version", "tried", "offered_to"]).to_pandas()
    by_base = (rows["policy_version"] == version) & rows["tried"].notna()
    keys = np.array([queue_id or name or "" for queue_id, name in compared.queues] + [""])
    went = rows["offered_to"].fillna("").to_numpy()
    checked = compared.decided & by_base.to_numpy(dtype=bool)
    return checked, checked & (keys[compared.first] == went)


def _count(flags: Flags) -> int:
    return int(flags.sum())
