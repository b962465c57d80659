"""Edits of somebody whose page is behind the draft: another tab changed it meanwhile.

What this tab changed is taken over, what the other changed besides stays. Where both changed the
same, the page says so: the other's value is one Undo away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analytics.mappings.cells import LABELS, cells
from analytics.pages.mapping import desk
from connector import drafts
from connector.errors import PolicyError
from connector.policy import Policy


def edit_rule(seen: Policy, name: str, content: Mapping[str, Any]) -> bool:
    """Make the changes that `content` means to a rule as it was `seen`."""
    wanted = drafts.rule_of(drafts.with_rule(seen, name, content), str(content.get("name", name)))
    mine = drafts.changed_fields(drafts.rule_of(seen, name), wanted)

    def change(policy: Policy) -> Policy:
        _tell(name, [field for field in mine if _overtaken(seen, policy, name, field)])
        return drafts.with_rule(policy, name, mine)

    return desk.edit(change, f"editing {name}")


def tell_of_cells(
    seen: Policy,
    policy: Policy,
    names: Sequence[str],
    edits: Mapping[int, Mapping[str, Any]],
) -> None:
    """Say which cells another tab had changed since they were drawn."""
    if policy is seen:
        return
    for row, columns in edits.items():
        try:
            before, now = cells(seen, names[int(row)]), cells(policy, names[int(row)])
        except PolicyError:
            continue
        _tell(names[int(row)], [name for name in columns if before[name] != now[name]])


def _overtaken(seen: Policy, policy: Policy, name: str, field: str) -> bool:
    before, now = drafts.rule_of(seen, name), drafts.rule_of(policy, name)
    return bool(getattr(before, field) != getattr(now, field))


def _tell(name: str, fields: Sequence[str]) -> None:
    for field in fields:
        label = LABELS.get(field, field).replace("_", " ")
        desk.refuse(
            f"Another tab had changed the {label} of {name} too. Yours stands; Undo brings the "
            "other back."
        )
