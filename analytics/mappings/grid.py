"""The policy as the frame of the grid, with what the log says of each rule. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analytics.look import FEW_N
from analytics.mappings.cells import Choices, other_conditions, row, with_cell
from connector import drafts
from connector.errors import PolicyError
from connector.policy import Policy
from connector.publishing import Change
from connector.publishing.order import paired

EVIDENCE = ("attempts", "reached", "timed_out", "context")
_TEXTS = ("mark", "rule", "also", "queue", "then", "priority", "if_nobody", "skill")
CHANGED, PLAIN = "●", ""


@dataclass(frozen=True)
class Applied:
    """A policy after edits of cells; `refused` says in words which of them were not taken."""

    policy: Policy
    said: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def grid(policy: Policy, numbers: pd.DataFrame, changed: Collection[str]) -> pd.DataFrame:
    """One row per rule in order, the default rule last.

    Columns: `mark`, the cells of `cells.row`, `also` (other conditions in words), `attempts`, and
    in whole percent `reached`, `timed_out`, `context`, missing under 20 attempts. `numbers` is what
    `metrics.rule_numbers` gives, by the names of the draft (see `by_draft_names`).
    """
    rows = [
        {"mark": PLAIN, "also": other_conditions(rule)} | row(rule, place)
        for place, rule in enumerate(policy.routes)
    ]
    frame = pd.DataFrame(rows)
    frame["mark"] = [CHANGED if name in changed else PLAIN for name in frame["rule"]]
    frame = frame.astype(dict.fromkeys(_TEXTS, "string") | {"wait": "float64", "place": "int64"})
    return frame.join(_evidence(numbers), on="rule").fillna({"attempts": 0})


def _evidence(numbers: pd.DataFrame) -> pd.DataFrame:
    enough = numbers["attempts"] >= FEW_N
    shares = {"reached": "success_rate", "timed_out": "timeout_rate", "context": "completeness"}
    found = pd.DataFrame({"attempts": numbers["attempts"].astype("Int64")})
    for name, share in shares.items():
        found[name] = (100 * numbers[share].astype("Float64")).round().where(enough)
    return found.set_index(numbers["rule"].astype("string"))


def by_draft_names(numbers: pd.DataFrame, published: Policy, draft: Policy) -> pd.DataFrame:
    """The numbers under the names that rules have in the draft: a new name is not a new rule."""
    names = paired(published.rules, draft.rules)
    return numbers.assign(rule=[names.get(str(name), str(name)) for name in numbers["rule"]])


def changed_rules(changes: Sequence[Change], published: Policy, draft: Policy) -> set[str]:
    """Names, as in the draft, of the rules that a difference touches; moves do not count."""
    names = paired(published.rules, draft.rules)
    touched = {change.place[1] for change in changes if change.place[0] == "rules"}
    default = {drafts.DEFAULT} if any(one.place[0] == "default" for one in changes) else set()
    return {names.get(name, name) for name in touched} | default


def applied(
    policy: Policy,
    names: Sequence[str],
    edits: Mapping[int, Mapping[str, Any]],
    queues: Sequence[str],
) -> Applied:
    """The policy with edited cells: row -> column -> value, rows as `names` were shown.

    An edit that cannot be taken is named and left out; the others are taken all the same.
    """
    choices = Choices.of(policy, queues)
    said, refused = [], []
    for number, columns in edits.items():
        name = names[int(number)]
        for column, value in columns.items():
            try:
                policy, by_then = with_cell(policy, name, column, value, choices)
            except PolicyError as error:
                refused.append(f"{name}: {error}")
            else:
                said.append(f"{column} of {name}")
                name = by_then
    return Applied(policy, tuple(said), tuple(refused))


def shown(
    frame: pd.DataFrame, *, search: str = "", only: Collection[str] | None = None
) -> pd.DataFrame:
    """The rows that hold every word of `search` somewhere, and whose rule is in `only` if given."""
    kept = frame if only is None else frame[frame["rule"].isin(list(only))]
    for word in search.casefold().split():
        holds = [word in _said(row) for row in kept.to_dict("records")]
        kept = kept.loc[pd.Series(holds, index=kept.index, dtype=bool)]
    return kept.reset_index(drop=True)


def losing(numbers: pd.DataFrame) -> set[str]:
    """Rules whose success is clearly below that of all: the whole interval lies under it."""
    total = numbers["attempts"].sum()
    if not total:
        return set()
    overall = numbers["accepted"].sum() / total
    return set(numbers.loc[numbers["success_high"].fillna(1.0) < overall, "rule"])


def _said(line: Mapping[Any, Any]) -> str:
    texts = [str(line[name]) for name in (*_TEXTS, "wait") if pd.notna(line[name])]
    return " ".join([*texts, *line["intents"]]).casefold()
