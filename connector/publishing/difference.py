"""What differs between two policies, in words. Pure: values in, values out.

A place is where in the older policy a change is, such as `("rules", "refund", "priority")`. Fields
this file knows nothing of are compared all the same, and told as `field: old -> new`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from connector.policy import Policy, Rule
from connector.publishing.order import moved, paired
from connector.publishing.wording import label, words

Place = tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """One difference; `before` and `after` are plain values, null where there is nothing."""

    place: Place
    text: str
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        return self.text

    @property
    def where(self) -> str:
        """The place in words."""
        first, *rest = self.place
        if first == "rules" and rest:
            return " ".join([f"`{rest[0]}`", *map(label, rest[1:])])
        return " ".join([label(first), *rest])


@dataclass(frozen=True)
class ThreeWay:
    """What others published (`theirs`) and what a draft wants (`yours`) since the same base.

    `both` names the places that both touched: those a person must decide.
    """

    theirs: tuple[Change, ...]
    yours: tuple[Change, ...]
    both: tuple[str, ...]

    def __str__(self) -> str:
        lines = ["Published meanwhile:", *_listed(self.theirs), "Your draft:", *_listed(self.yours)]
        together = ", ".join(self.both) or "nothing"
        return "\n".join([*lines, f"Touched by both: {together}."])


def difference(old: Policy, new: Policy) -> tuple[Change, ...]:
    """Every change from `old` to `new`; their version numbers do not count."""
    found = list(_rules(old.rules, new.rules))
    for field in type(old).model_fields:
        if field not in ("version", "rules"):
            found += _value((field,), getattr(old, field), getattr(new, field))
    return tuple(found)


def three_way(base: Policy, newest: Policy, draft: Policy) -> ThreeWay:
    """What was published since `base`, beside what `draft` changes of it."""
    theirs, yours = difference(base, newest), difference(base, draft)
    both = [
        mine.where for mine in yours if any(_touch(mine.place, other.place) for other in theirs)
    ]
    return ThreeWay(theirs, yours, tuple(dict.fromkeys(both)))


def _rules(old: tuple[Rule, ...], new: tuple[Rule, ...]) -> Iterator[Change]:
    names = paired(old, new)
    now = {rule.name: rule for rule in new}
    for rule in old:
        if (name := names.get(rule.name)) is None:
            yield Change(("rules", rule.name), f"`{rule.name}` removed: {_told(rule)}", plain(rule))
            continue
        place = ("rules", rule.name)
        if name != rule.name:
            text = f"`{rule.name}` renamed to `{name}`"
            yield Change((*place, "name"), text, rule.name, name)
        yield from _fields(place, rule, now[name], but="name")
    kept = set(names.values())
    for rule in new:
        if rule.name not in kept:
            text = f"`{rule.name}` added: {_told(rule)}"
            yield Change(("rules", rule.name), text, None, plain(rule))
    yield from _moves([names[rule.name] for rule in old if rule.name in names], new)


def _moves(before: list[str], new: tuple[Rule, ...]) -> Iterator[Change]:
    after = [rule.name for rule in new]
    common = [name for name in after if name in set(before)]
    for name in moved(before, common):
        place = common.index(name)
        side = f"before `{common[place + 1]}`" if place + 1 < len(common) else "to the end"
        yield Change(("rule_order",), f"`{name}` moved {side}", before, common)


def _told(rule: Rule) -> str:
    """A whole rule: what it takes, and where that goes."""
    parts = {
        name: getattr(rule, name)
        for name, field in type(rule).model_fields.items()
        if name not in ("name", "steps")
        and getattr(rule, name) != field.get_default(call_default_factory=True, validated_data={})
    }
    return "; ".join([words(rule.steps), *(f"{label(k)} {words(v)}" for k, v in parts.items())])


def _fields(place: Place, old: BaseModel, new: BaseModel, *, but: str = "") -> Iterator[Change]:
    for field in type(old).model_fields:
        if field != but:
            yield from _value((*place, field), getattr(old, field), getattr(new, field))


def _value(place: Place, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if place == ("default",):
        yield from _fields(place, old, new)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _entries(place, old, new)
    elif _are_named(old) and _are_named(new):
        yield from _entries(place, _by_name(old), _by_name(new))
    elif _is_group(place, old, new):
        yield from _fields(place, old, new)
    else:
        yield Change(place, f"{_head(place)}{_turn(old, new)}", plain(old), plain(new))


def _entries(place: Place, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        here = (*place, str(name))
        if name not in new:
            yield Change(here, f"{_head(here)}removed ({words(old[name])})", plain(old[name]))
        elif name not in old:
            yield Change(here, f"{_head(here)}added ({words(new[name])})", None, plain(new[name]))
        elif old[name] != new[name]:
            text = f"{_head(here)}{_turn(old[name], new[name])}"
            yield Change(here, text, plain(old[name]), plain(new[name]))


def _are_named(value: Any) -> bool:
    """Whether a list of parts that each have a name, such as context fields."""
    return isinstance(value, tuple) and all(hasattr(part, "name") for part in value)


def _by_name(parts: tuple[Any, ...]) -> dict[str, Any]:
    return {str(part.name): part for part in parts}


def _is_group(place: Place, old: Any, new: Any) -> bool:
    """Settings of the whole policy that belong together; parts of a rule are told as one."""
    return len(place) == 1 and isinstance(old, BaseModel) and isinstance(new, type(old))


def _head(place: Place) -> str:
    """`refund` steps are told without the word: they are what a rule is about."""
    first, *rest = place
    rule = f"`{rest[0]}`: " if first == "rules" else "`default`: " if first == "default" else ""
    fields = rest[1:] if first == "rules" else rest if first == "default" else None
    if fields is None:
        return " ".join([label(first), *(f"`{name}`" for name in rest)]) + (": ")
    return rule + "".join(f"{label(name)}: " for name in fields if name != "steps")


def _turn(old: Any, new: Any) -> str:
    if isinstance(old, tuple) and isinstance(new, tuple) and _are_words(*old, *new):
        more = ", ".join(part for part in new if part not in old)
        less = ", ".join(part for part in old if part not in new)
        told = [f"also {more}"] * bool(more) + [f"no longer {less}"] * bool(less)
        if told:
            return ", ".join(told)
    return f"{words(old)} -> {words(new)}"


def _are_words(*parts: Any) -> bool:
    return all(isinstance(part, str) for part in parts)


def plain(value: Any) -> Any:
    """A part of a policy as JSON has it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(part) for part in value]
    return value


def _touch(one: Place, other: Place) -> bool:
    """Whether the same place, or one inside the other."""
    return all(a == b for a, b in zip(one, other, strict=False))


def _listed(changes: tuple[Change, ...]) -> list[str]:
    return [f"  {change}" for change in changes] or ["  nothing"]
