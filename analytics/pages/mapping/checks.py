"""Lint beside the grid: what the draft would do wrong, and a button that mends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from analytics import words
from analytics.lint_facts import log_facts
from analytics.pages.mapping import desk, facts
from analytics.pages.mapping.desk import Desk
from analytics.pages.parts import boxes, reading
from connector.errors import HandoffError
from connector.lint import LintFinding, LogFacts, lint
from connector.policy import Policy

MOST_CARDS = 6
_FOUND = "findings worked out"
OPEN = "rule to open"


def findings(now: Desk) -> list[LintFinding]:
    """What there is to say against the draft; worked out anew only when something changed."""
    known = facts.tenant(now.draft.policy), _log_of(now, now.draft.policy)
    kept = st.session_state.get(_FOUND)
    if kept is None or kept[0] is not now.draft.policy or kept[1] != known:
        tenant, log = known
        kept = now.draft.policy, known, lint(now.draft.policy, tenant=tenant, log=log)
        st.session_state[_FOUND] = kept
    found: list[LintFinding] = kept[2]
    return found


def of_version(now: Desk, policy: Policy) -> list[LintFinding]:
    """What there is to say against a version that was in force once, in the tenant of today."""
    return lint(policy, tenant=facts.tenant(policy), log=_log_of(now, policy))


def panel(now: Desk, found: Sequence[LintFinding]) -> None:
    """One card per finding, errors first."""
    errors = sum(one.severity == "error" for one in found)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(
            "Checks",
            anchor=False,
            width="content",
            help="The draft against this tenant and the last 28 days. An error is in the way of "
            "publishing, a warning asks.",
        )
        st.badge(words.these(errors, "error"), color="red" if errors else "gray")
        rest = len(found) - errors
        st.badge(words.these(rest, "warning"), color="orange" if rest else "gray")
    if not found:
        st.caption("Nothing to say against this draft.")
    for number, one in enumerate(found[:MOST_CARDS]):
        with st.container(border=True, gap="xsmall"):
            _card(now, one, number)
    if len(found) > MOST_CARDS:
        with st.expander(f"{words.count(len(found) - MOST_CARDS)} more"):
            for number, one in enumerate(found[MOST_CARDS:], MOST_CARDS):
                _card(now, one, number)


def rules_with_findings(found: Sequence[LintFinding]) -> set[str]:
    """Names of the rules that a finding is about."""
    return {one.rule for one in found if one.rule is not None}


def _card(now: Desk, one: LintFinding, number: int) -> None:
    icon = "error" if one.severity == "error" else "warning"
    st.markdown(f":orange[:material/{icon}:] **{words.emphasised(_title(one))}**")
    st.caption(words.emphasised(one.text))
    with st.container(horizontal=True, gap="small"):
        if one.fix is not None:
            st.button(
                one.fix.label,
                key=f"fix {number} {one.check} {one.where}",
                disabled=not now.may_edit,
                on_click=_mend,
                args=(one,),
            )
        if one.rule is not None:
            st.button(
                "Open rule",
                key=f"open {number} {one.check} {one.where}",
                type="tertiary",
                on_click=_open,
                args=(one.rule,),
            )


def _title(one: LintFinding) -> str:
    # Bold text cannot hold the bold of a name.
    return (one.where or one.check.replace("_", " ")).replace("`", "").capitalize()


def _mend(one: LintFinding) -> None:
    if one.fix is not None and desk.edit(one.fix.apply, f"“{one.fix.label}”"):
        boxes.tell(f"{one.fix.label}: done in the draft.")


def _open(rule: str) -> None:
    st.session_state[OPEN] = rule


def _log_of(now: Desk, policy: Policy) -> LogFacts | None:
    # All that these facts depend on of the policy, so that most edits leave them as they are.
    reads = (
        policy.zone,
        policy.condition_variables,
        any(rule.categories for rule in policy.rules),
        tuple(sorted({one.confidence.bounds for one in policy.rules if one.confidence})),
    )
    until = reading.clock().now().replace(minute=0, second=0, microsecond=0)
    try:
        return _log(str(now.home), reads, until, reading.hides_demo(), _policy=policy)
    except HandoffError:
        return None


@st.cache_data(ttl=3600, max_entries=8, show_spinner=False)
def _log(
    path: str, reads: tuple[object, ...], until: datetime, hidden: bool, *, _policy: Policy
) -> LogFacts:
    since = until - timedelta(days=desk.DAYS)
    return reading.read(lambda con: log_facts(con, _policy, since=since, until=until))
