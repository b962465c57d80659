"""The step about context: variables that agents need and nobody marked for handoff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.connection.check import Check, failed, good, warning
from connector.context import STANDARD
from connector.policy import Policy


def check_context(policy: Policy, recent_missing: Sequence[str]) -> Check:
    """Trouble: missing context data. Names what is required or sent, and not marked.

    Recent handoffs are judged by the policy as it is now: what it marks by now reaches agents, and
    what it never passes on is missing on purpose.
    """
    required = list(dict.fromkeys(_required_variables(policy)))
    ruling = {name: _ruling(policy, name) for name in required}
    never = [name for name in required if ruling[name] == "never"]
    fix = "Mark them for handoff in the policy's context fields, or drop them from `required`."
    if never:
        return failed("context", f"Required, yet never passed on: {', '.join(never)}.", fix)
    unmarked = [name for name in required if ruling[name] == "bot"]
    recent = list(dict.fromkeys(recent_missing))
    missing = [name for name in recent if _ruling(policy, name) == "bot"]
    left_out = [name for name in recent if _ruling(policy, name) == "never"]
    found = []
    if missing:
        found.append(f"Recent handoffs sent or needed, and agents did not get: {_list(missing)}.")
    if rest := [name for name in unmarked if name not in missing]:
        found.append(f"Required, and passed on only when the bot marks them: {_list(rest)}.")
    if found:
        return warning("context", " ".join(found), fix)
    text = f"All {len(required)} required variables are marked for handoff."
    if left_out:
        text += f" Left out on purpose: {_list(left_out)}."
    return good("context", text)


def _required_variables(policy: Policy) -> Iterator[str]:
    for route in (policy.default, *policy.rules):
        for name in policy.required_for(route):
            if name not in STANDARD:
                yield name


def _ruling(policy: Policy, name: str) -> str:
    field = policy.context_field(name)
    return field.passed if field else "bot"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
