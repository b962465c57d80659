"""Changes to a draft at a place, as the fixes of lint make them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from connector.errors import PolicyError
from connector.lint.finding import Fix, Place
from connector.policy import Policy

Change = Callable[[dict[str, Any]], None]


def fix(label: str, change: Change) -> Fix:
    """A fix that makes `change` to the content of a policy, as YAML has it."""
    return Fix(label, lambda policy: edited(policy, change))


def edited(policy: Policy, change: Change) -> Policy:
    """The policy with its content changed. Raises PolicyError when that is no policy."""
    content = policy.model_dump(mode="json", exclude_defaults=True) | {"version": policy.version}
    try:
        change(content)
        return Policy.model_validate(content)
    except ValidationError as error:
        message = error.errors()[0]["msg"]
    except (KeyError, IndexError, TypeError):
        message = "the draft has changed there"
    raise PolicyError(f"This fix no longer fits: {message}.", fix="Look at the draft once more.")


def put(place: Place, value: Any) -> Change:
    """Write `value` at `place`; a mapping that is not there yet is begun."""

    def change(content: dict[str, Any]) -> None:
        if len(place) == 2 and isinstance(place[1], str):
            content.setdefault(str(place[0]), {})
        _holder(content, place)[place[-1]] = value

    return change


def take(place: Place) -> Change:
    """Remove what is at `place`: a field, an entry or one of a list."""

    def change(content: dict[str, Any]) -> None:
        del _holder(content, place)[place[-1]]

    return change


def rename(place: Place, name: str) -> Change:
    """Give the entry at `place` of a mapping another name; entries keep their order."""

    def change(content: dict[str, Any]) -> None:
        holder = _holder(content, place)
        entries = {name if key == place[-1] else key: value for key, value in holder.items()}
        holder.clear()
        holder.update(entries)

    return change


def add(place: Place, value: Any) -> Change:
    """Append `value` to the list at `place`."""

    def change(content: dict[str, Any]) -> None:
        holder = _holder(content, place)
        if isinstance(holder, dict):
            holder.setdefault(place[-1], [])
        holder[place[-1]].append(value)

    return change


def move(place: Place, to: int) -> Change:
    """Bring one of a list before the one that is at `to`."""

    def change(content: dict[str, Any]) -> None:
        holder = _holder(content, place)
        holder.insert(to, holder.pop(place[-1]))

    return change


def written(place: Place, queue: str) -> Change:
    """Write a step, or a skill, so that it leads to `queue`."""

    def change(content: dict[str, Any]) -> None:
        holder = _holder(content, (*place, "queue"))
        holder.pop("skill", None)
        holder["queue"] = queue

    return change


def _holder(content: Mapping[str, Any], place: Place) -> Any:
    """What the last part of `place` is in."""
    found: Any = content
    for part in place[:-1]:
        found = found[part]
    return found
