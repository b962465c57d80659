"""Queues that are closed when the customers of a rule come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from connector.lint.editing import add, fix
from connector.lint.facts import QUARTER_MIN, TenantFacts
from connector.lint.finding import Fix, LintFinding
from connector.lint.spots import Spot, label, ways
from connector.lint.traffic import Share, moment
from connector.policy import Policy, is_open
from connector.policy.hours import DAYS
from connector.queues import QueueBook, QueueState, split_queue
from connector.routing import default_queue, schedules_of
from connector.routing.prepared import prepared

LEAST_SHARE = 0.01
_A_DAY = 24 * 60 // QUARTER_MIN
IsClosed = Callable[[int], bool]


def closed(
    policy: Policy, shares: Sequence[Share], tenant: TenantFacts | None
) -> Iterator[LintFinding]:
    """Steps whose queue is closed for at least one in a hundred of the handoffs that would come.

    By the policy's opening hours, and where the tenant is known by 8x8's schedules; a week without
    holidays is looked at.
    """
    hours = _Hours(policy, tenant)
    for way in ways(policy):
        share = shares[way[0].number]
        shut = [hours.of(spot) for spot in way]
        for spot, is_closed in zip(way, shut, strict=True):
            missed = {q: n for q, n in share.quarters.items() if is_closed(q)}
            if missed and sum(missed.values()) >= LEAST_SHARE * share.attempts:
                nobody = {q: n for q, n in missed.items() if all(one(q) for one in shut)}
                yield _finding(spot, way, share, missed, nobody, hours)


class _Hours:
    """When the queues of a policy are closed, by quarter of the week in its zone."""

    def __init__(self, policy: Policy, tenant: TenantFacts | None) -> None:
        self.policy, self._tenant = policy, tenant
        self.book = tenant.book if tenant else QueueBook()
        self._schedules = schedules_of(policy, self.book)
        self._known: dict[str, frozenset[int]] = {}

    def of(self, spot: Spot) -> IsClosed:
        wanted = spot.wanted(self.policy)
        state = spot.state(self.policy, self.book)
        return self.closed(wanted, state)

    def closed(self, wanted: str, state: QueueState | None) -> IsClosed:
        name, queue_id = split_queue(wanted)
        queue = state or QueueState(queue_id or "", name)
        key = f"{queue.id}/{wanted}"
        if key not in self._known:
            self._known[key] = self._quarters(wanted, queue)
        return self._known[key].__contains__

    def _quarters(self, wanted: str, queue: QueueState) -> frozenset[int]:
        own = prepared(self.policy).opening_hours(wanted, queue)
        found: set[int] = set()
        if own is not None:
            usual = own.model_copy(update={"holidays": (), "closed_on": (), "open_on": {}})
            found |= {
                q for q in range(7 * _A_DAY) if not is_open(usual, moment(q, self.policy.zone))
            }
        schedules = (self._tenant.schedules if self._tenant else None) or {}
        weekly = schedules.get(self._schedules.get(queue.id, ""))
        if weekly is not None:
            spans = [span for period in weekly for span in period.weekly]
            minutes = {q: QUARTER_MIN * q for q in range(7 * _A_DAY)}
            found |= {q for q, at in minutes.items() if not any(a <= at < b for a, b in spans)}
        return frozenset(found)

    def default(self) -> tuple[QueueState | None, IsClosed]:
        state = default_queue(self.policy, self.book)
        return state, self.closed(self.policy.default_queue, state)


def _finding(
    spot: Spot,
    way: Sequence[Spot],
    share: Share,
    missed: Mapping[int, int],
    nobody: Mapping[int, int],
    hours: _Hours,
) -> LintFinding:
    state = spot.state(hours.policy, hours.book)
    queue = label(state) if state else spot.wanted(hours.policy)
    count, lost = sum(missed.values()), sum(nobody.values())
    after = (
        f"{lost:,} of them find no other queue of the rule open. Add one that is, or open it."
        if lost
        else "Another queue of the rule is open then; make sure that this is what you want."
    )
    text = (
        f"`{queue}` is closed when {count:,} of the rule's {share.attempts:,} handoffs in the log "
        f"came ({count / share.attempts:.0%}), most of them {_busiest(missed)}. {after}"
    )
    mending = _overflow(spot, way, nobody, hours)
    return LintFinding("warning", "closed_queue", spot.place, spot.rule, text, mending)


def _overflow(
    spot: Spot, way: Sequence[Spot], nobody: Mapping[int, int], hours: _Hours
) -> Fix | None:
    """The default queue as one more step, where it is open and not there already."""
    if not nobody:
        return None
    state, is_closed = hours.default()
    queue = label(state) if state else hours.policy.default_queue
    there = [one.state(hours.policy, hours.book) for one in way]
    names = [one.wanted(hours.policy) for one in way]
    if state in there or hours.policy.default_queue in names or any(map(is_closed, nobody)):
        return None
    return fix(f"Add `{queue}` as the last step", add(spot.way, {"queue": queue}))


def _busiest(missed: Mapping[int, int]) -> str:
    """The hour of the day, and of the week, in which most of them came."""
    by_hour: dict[tuple[int, int], int] = {}
    for quarter, count in missed.items():
        day, place = divmod(quarter, _A_DAY)
        hour = (day, place * QUARTER_MIN // 60)
        by_hour[hour] = by_hour.get(hour, 0) + count
    day, hour_of_day = max(by_hour, key=lambda key: by_hour[key])
    return f"on {DAYS[day].capitalize()} from {hour_of_day:02}:00"
