"""The steps about queues: are they listed, is the default one there, can anyone take a handoff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.connection.check import WHERE_KEYS, Check, failed, good, warning
from connector.errors import AnswerLost, EightError, KeyRefused, NotSent, TenantRefused
from connector.policy import Policy
from connector.queues import QueueBook, QueueState
from connector.routing import default_queue, schedules_of
from connector.settings import Settings

ANALYTICS = "Analytics for Contact Center"


@dataclass(frozen=True)
class Targets:
    """The queues a policy sends handoffs to, as this tenant has them."""

    policy: Policy
    settings: Settings
    book: QueueBook
    default: QueueState | None
    queues: tuple[QueueState, ...]
    unmapped: tuple[str, ...]
    closed: frozenset[str]

    @classmethod
    def of(
        cls,
        settings: Settings,
        policy: Policy,
        states: list[QueueState],
        closed: frozenset[str],
    ) -> Targets:
        book = QueueBook.of_tenant(states, settings)
        default = default_queue(policy, book)
        names = list(dict.fromkeys(_queue_names(policy)))
        found = {name: book.resolve(name) for name in names}
        queues = [state for state in (default, *found.values()) if state is not None]
        return cls(
            policy,
            settings,
            book,
            default,
            tuple({state.id: state for state in queues}.values()),
            tuple(name for name in names if found[name] is None),
            closed,
        )

    def is_closed(self, state: QueueState) -> bool:
        return schedules_of(self.policy, self.book).get(state.id) in self.closed


def _queue_names(policy: Policy) -> Iterator[str]:
    """Every queue the rules name, directly, through a skill, or as a twin for a priority."""
    for route in policy.routes:
        for step in route.all_steps:
            if (name := policy.queue_of(step)) != policy.default_queue:
                yield name
    for twins in policy.priority_twins.values():
        yield from twins.values()


def check_queues(states: list[QueueState] | EightError) -> Check:
    """Trouble: queues not loading."""
    if isinstance(states, TenantRefused | KeyRefused):
        return failed(
            "queues",
            f"Queues do not load: this API key may not read queue statistics ({states.status}).",
            f"{WHERE_KEYS} add the product {ANALYTICS} to the app (it works a few minutes later), "
            "and give the key's owner contact-center permission for queues.",
        )
    if isinstance(states, NotSent | AnswerLost):
        return failed(
            "queues",
            "Queues do not load: 8x8 cannot be reached.",
            "Look at the Tenant URL and at the network of this machine, then try again.",
        )
    if isinstance(states, EightError):
        return failed(
            "queues", f"Queues do not load. {states}", "Test again; if it stays, ask 8x8."
        )
    if not states:
        return failed(
            "queues",
            "This tenant lists no chat queue. Only chat queues can take a handoff.",
            "In Configuration Manager > Queues/Skills create a chat queue and give it members, "
            "or use a key that may see the queues there are.",
        )
    return good("queues", f"{len(states)} chat queue{'s' if len(states) > 1 else ''}.")


def check_default_queue(targets: Targets) -> Check:
    policy, names = targets.policy, ", ".join(sorted(state.name for state in targets.book))
    chosen = targets.settings.default_queue
    if targets.default is None:
        return failed(
            "default_queue",
            f"The default queue `{chosen or policy.default_queue}` is not in this tenant.",
            f"Choose one of its chat queues: {names}.",
        )
    label = f"{targets.default.name} ({targets.default.id})"
    if chosen and targets.book.state(chosen) is None and targets.default.name != chosen:
        return warning(
            "default_queue",
            f"The chosen default queue `{chosen}` is gone; {label} of the policy stands in.",
            f"Choose one of its chat queues: {names}.",
        )
    if targets.unmapped:
        return warning(
            "default_queue",
            f"{label} takes what the policy sends to {', '.join(targets.unmapped)}: "
            "this tenant has no such queue.",
            f"Map these names to queues of the tenant, or correct them in the policy. "
            f"The tenant's chat queues: {names}.",
        )
    return good("default_queue", f"{label} takes what no rule places.")


def check_agents(targets: Targets) -> Check:
    """Trouble: escalation not arriving, because no agent is in an available state."""
    queues = targets.queues
    if not queues:
        return failed("agents", "There is no target queue.", "Mend `default_queue` first.")
    opened = [state for state in queues if not targets.is_closed(state)]
    if not opened:
        return warning(
            "agents",
            "All target queues are outside their opening hours now.",
            "Nothing to mend: handoffs get the failure path until opening.",
        )
    empty = [state for state in opened if state.available == 0]
    if not empty:
        fewest = min(opened, key=lambda state: state.available)
        return good(
            "agents",
            f"Every target queue has an available agent; fewest: {fewest.name}, "
            f"{fewest.available}.",
        )
    detail = "; ".join(_presence(state) for state in empty)
    fix = (
        "Have an agent of the queue go to Available in Agent Workspace, or add members to the "
        "queue in Configuration Manager > Queues/Skills."
    )
    unreachable = [state for state in empty if state.busy + state.post_process == 0]
    if len(unreachable) == len(opened) or targets.default in unreachable:
        return failed("agents", f"Escalations do not arrive. No agent is available: {detail}.", fix)
    return warning("agents", f"No agent is available: {detail}.", fix)


def _presence(state: QueueState) -> str:
    if state.logged_in == 0:
        return f"{state.name} (nobody logged in)"
    parts = {
        "busy": state.busy + state.post_process,
        "on break": state.on_break,
        "working offline": state.work_offline,
    }
    return f"{state.name} ({', '.join(f'{n} {word}' for word, n in parts.items() if n)})"
