"""The mapping columns of a policy as CSV: a row for each rule, and one for the default rule."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connector.errors import PolicyError
from connector.policy import Policy, Route, Rule, Step
from connector.publishing.order import conditions
from connector.publishing.table import COLUMNS, Row, read_rows

DEFAULT = "default"


def write_mapping(policy: Policy) -> str:
    """The mapping columns as CSV; what they do not hold stays in the policy alone."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for rule in policy.rules:
        writer.writerow(_written(rule.name, rule.intents, rule))
    writer.writerow(_written(DEFAULT, (), policy.default))
    return text.getvalue()


def read_mapping(text: str, policy: Policy, *, file: Path | None = None) -> Policy:
    """A draft whose rules are the rows, in their order; `policy` gives all that no column holds.

    A rule of a known name keeps its other conditions and settings; one without a row is gone. The
    default rule stays when no row names it. Raises PolicyError with file, line and field.
    """
    rows = read_rows(text, file=file)
    if not rows:
        raise PolicyError("holds no rule.", file=file, line=1, fix="Write a row for each rule.")
    _check_names(rows)
    known = {rule.name: rule for rule in policy.rules}
    rules = {row.line: _rule(row, known.get(row["rule"])) for row in rows if not _is_default(row)}
    _check_intents([(row, rules[row.line]) for row in rows if not _is_default(row)])
    default = next((_default(row, policy.default) for row in rows if _is_default(row)), None)
    content = dict(policy) | {"version": 0, "rules": tuple(rules.values())}
    try:
        return Policy.model_validate(content | {"default": default or policy.default})
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise PolicyError(f"{message}.", file=file) from None


def _written(name: str, intents: Iterable[str], route: Route) -> dict[str, str]:
    first, *overflow = route.steps
    return {
        "rule": name,
        "intents": "; ".join(intents),
        "queue": first.queue or "",
        "timeout_s": f"{first.timeout_s:g}",
        "then": "; ".join(_written_step(step) for step in overflow),
        "skill": first.skill or "",
        "priority": route.priority,
        "if_nobody": route.failure_path.kind,
        "text": route.failure_path.text,
    }


def _written_step(step: Step) -> str:
    target = step.queue if step.queue is not None else f"skill {step.skill}"
    return f"{target} {step.timeout_s:g}"


def _rule(row: Row, known: Rule | None) -> Rule:
    intents = row.parts("intents")
    if twice := [intent for intent in intents if intents.count(intent) > 1]:
        raise row.mistake("intents", f"`{twice[0]}` is there twice.", "Write each intent once.")
    content = _content(row, known) | {"name": row["rule"], "intents": intents}
    try:
        return Rule.model_validate(content)
    except ValidationError as error:
        raise row.refused(error) from None


def _default(row: Row, known: Route) -> Route:
    if row["intents"]:
        raise row.mistake(
            "intents", "the default rule takes whatever no rule takes.", "Leave this cell empty."
        )
    try:
        return Route.model_validate(_content(row, known))
    except ValidationError as error:
        raise row.refused(error) from None


def _content(row: Row, known: Route | None) -> dict[str, Any]:
    """The fields of a route; an empty cell leaves what was there, but an empty `then` is none."""
    content = known.model_dump() if known else {}
    path = {"kind": row["if_nobody"], "text": row["text"]}
    content["failure_path"] = content.get("failure_path", {}) | _filled(path)
    content["steps"] = _steps(row, known.steps if known else ())
    return content | _filled({"priority": row["priority"]})


def _steps(row: Row, known: tuple[Step, ...]) -> list[dict[str, Any]]:
    """The steps as written; one that goes where it went keeps what no column holds."""
    if bool(row["queue"]) == bool(row["skill"]):
        raise row.mistake(
            "queue",
            "a rule goes first either to a queue or to a skill.",
            "Fill one of the cells `queue` and `skill`.",
        )
    first = _filled({name: row[name] for name in ("queue", "skill", "timeout_s")})
    written = [first, *(_overflow(part) for part in row.parts("then"))]
    return [_kept(step, known[place : place + 1]) for place, step in enumerate(written)]


def _overflow(part: str) -> dict[str, str]:
    """`General 60`, `General`, or `skill cards 60`."""
    name, _, last = part.rpartition(" ")
    timeout = {"timeout_s": last} if name and _is_number(last) else {}
    target = name.strip() if timeout else part
    kind, _, alias = target.partition(" ")
    return ({"skill": alias} if kind == "skill" and alias else {"queue": target}) | timeout


def _kept(step: dict[str, str], known: tuple[Step, ...]) -> dict[str, Any]:
    for one in known:
        if (one.queue, one.skill) == (step.get("queue"), step.get("skill")):
            return one.model_dump() | step
    return dict(step)


def _check_names(rows: list[Row]) -> None:
    lines: dict[str, int] = {}
    for row in rows:
        first = lines.setdefault(row["rule"], row.line)
        if first != row.line:
            message = f"line {first} has the name `{row['rule']}` already."
            raise row.mistake("rule", message, "Give each rule a name of its own.")


def _check_intents(rules: list[tuple[Row, Rule]]) -> None:
    """No intent twice among rules that otherwise ask for the same."""
    lines: dict[tuple[str, ...], int] = {}
    for row, rule in rules:
        for intent, asked in _asked(rule):
            first = lines.setdefault(asked, row.line)
            if first != row.line:
                message = f"line {first} takes `{intent}` already, so this rule never would."
                raise row.mistake("intents", message, "Leave the intent in one of the two.")


def _asked(rule: Rule) -> Iterator[tuple[str, tuple[str, ...]]]:
    for intent in rule.intents:
        alone = rule.model_copy(update={"intents": (intent,)})
        yield intent, tuple(repr(part) for part in conditions(alone))


def _is_default(row: Row) -> bool:
    return row["rule"] == DEFAULT


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _filled(cells: dict[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in cells.items() if cell}
