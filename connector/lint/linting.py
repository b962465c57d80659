"""Every check of a draft against the tenant and its log. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from connector.lint.channels import without_id
from connector.lint.context import never_sent, too_many_fields
from connector.lint.facts import LogFacts, TenantFacts
from connector.lint.finding import LintFinding
from connector.lint.form import mistakes
from connector.lint.matching import unmatchable
from connector.lint.opening import closed
from connector.lint.queues import misnamed, unstaffed
from connector.lint.timing import impatient, over_limit, tried_before
from connector.lint.traffic import shares, unplaced
from connector.policy import Policy


def lint(policy: Policy, *, tenant: TenantFacts | None, log: LogFacts | None) -> list[LintFinding]:
    """What there is to say against a draft: errors first, then in the order of its parts.

    Without `tenant` or `log` (they could not be read) what needs them is a warning `not_checked`.
    A log of fewer than 100 attempts says nothing about customers.
    """
    found = list(mistakes(policy)) or list(_findings(policy, tenant, log))
    return sorted(found, key=lambda one: (one.severity != "error", *_order(policy, one)))


def _findings(
    policy: Policy, tenant: TenantFacts | None, log: LogFacts | None
) -> Iterator[LintFinding]:
    if tenant is not None:
        yield from misnamed(policy, tenant.book)
        yield from unstaffed(policy, tenant.book)
    yield from unmatchable(policy)
    yield from tried_before(policy, tenant)
    yield from over_limit(policy)
    yield from too_many_fields(policy)
    yield from without_id(policy, tenant, log)
    if log is not None and log.is_enough:
        yield from _against_log(policy, tenant, log)
    yield from _unchecked(policy, tenant, log)


def _against_log(
    policy: Policy, tenant: TenantFacts | None, log: LogFacts
) -> Iterator[LintFinding]:
    routed = shares(policy, log)
    yield from unplaced(policy, routed[-1])
    yield from closed(policy, routed, tenant)
    yield from impatient(policy, routed, log)
    yield from never_sent(policy, log)


def _unchecked(
    policy: Policy, tenant: TenantFacts | None, log: LogFacts | None
) -> Iterator[LintFinding]:
    """One warning for each group of checks that could not be made."""
    why = "the tenant cannot be reached" if tenant is None else "8x8 does not list them"
    if tenant is None:
        yield _not_checked("Queues were not checked", why)
    if tenant is None or tenant.channels is None:
        yield _not_checked("Channels were not checked", why)
    if (tenant is None or tenant.schedules is None) and (policy.schedule or policy.schedules):
        yield _not_checked("8x8's schedules were not checked", why)
    if log is None:
        yield _not_checked(
            "Traffic, waits and fields of customers were not checked", "the log cannot be read"
        )


def _not_checked(what: str, why: str) -> LintFinding:
    text = f"{what}: {why}. `handoff check` says more."
    return LintFinding("warning", "not_checked", (), None, text)


def _order(policy: Policy, finding: LintFinding) -> tuple[int, tuple[str, ...]]:
    """Rules in their order, the default rule, what concerns all; then by place."""
    first, *rest = finding.place or ("",)
    place = tuple(f"{part:06}" if isinstance(part, int) else part for part in rest)
    if first == "rules" and rest:
        return 0, place
    return (1, place) if first == "default" else (2 if first else 3, (str(first), *place))
