"""Policies from YAML and to YAML. A mistake is a PolicyError with file, line, field and fix."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from connector.errors import PolicyError
from connector.policy.model import Policy
from connector.policy.older import renewed
from connector.policy.places import key_given_twice, line_of

# libyaml reads several hundred rules ten times as fast; it comes with the wheels of PyYAML.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Reading:
    """A policy as read; `notes` say what of an older form was put into today's."""

    policy: Policy
    notes: tuple[str, ...] = ()


def load_policy(path: Path) -> Policy:
    """Read a policy file. Raises PolicyError with file, line and field."""
    return read_policy(_text(path), file=path).policy


def parse_policy(text: str, *, file: Path | None = None) -> Policy:
    """Read a policy from YAML text. Raises PolicyError with line and field."""
    return read_policy(text, file=file).policy


def read_policy(text: str, *, file: Path | None = None) -> Reading:
    """Read a policy, also of an older form, from YAML text. Raises PolicyError."""
    content, tree = _yaml(text, file)
    if not isinstance(content, dict):
        raise PolicyError(
            "holds no policy.", file=file, line=1, fix="Begin with `default_queue:` and `default:`."
        )
    content, changes = renewed(content)
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        raise policy_error(error, tree, file) from None
    notes = (f"line {line_of(tree, change.place)}: {change.words}" for change in changes)
    return Reading(policy, tuple(notes))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"cannot be read: {error}.", file=path) from None


def _yaml(text: str, file: Path | None) -> tuple[Any, Any]:
    """The content, and the tree that knows where each part of it stands."""
    try:
        loader = _LOADER(text)
        tree = loader.get_single_node()
        _refuse_twice(tree, file)  # before merge keys are followed, which may name a key again
        return (None if tree is None else loader.construct_document(tree)), tree
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise PolicyError(
            f"not readable as YAML: {error.problem}.", file=file, line=line, fix="Mend that line."
        ) from None
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise PolicyError(f"not readable as YAML: {error}.", file=file) from None
    except RecursionError:
        raise PolicyError("not readable as YAML: it is nested too deeply.", file=file) from None


def _refuse_twice(tree: Any, file: Path | None) -> None:
    if (twice := key_given_twice(tree)) is not None:
        raise PolicyError(
            f"`{twice.name}` is written twice.", file=file, line=twice.line, field=twice.name
        )


def policy_error(error: ValidationError, tree: Any = None, file: Path | None = None) -> PolicyError:
    """The first mistake in words; its line is known when there is a `tree` of the file."""
    problem, *others = _problems(error)
    place = problem["loc"] + tuple(problem.get("ctx", {}).get("at", ()))
    message = problem["msg"].removeprefix("Value error, ")
    rest = f" ({len(others)} more after this one)" if others else ""
    return PolicyError(
        f"{message}{rest}.",
        file=file,
        line=line_of(tree, place) if tree is not None else None,
        field=".".join(str(part) for part in place) or None,
        fix=_fix(problem),
    )


def _problems(error: ValidationError) -> list[Any]:
    """The mistakes in order, without those that only follow from one deeper within."""
    found = error.errors(include_url=False)
    places = [problem["loc"] for problem in found]
    return [
        problem
        for problem in found
        if not any(_is_within(place, problem["loc"]) for place in places)
    ]


def _is_within(place: tuple[int | str, ...], outer: tuple[int | str, ...]) -> bool:
    return len(place) > len(outer) and place[: len(outer)] == outer


def _fix(problem: Any) -> str:
    context = problem.get("ctx", {})
    match problem["type"]:
        case "mistake":
            return str(context["fix"] or "Correct this value.")
        case "extra_forbidden":
            return "Remove it, or look for a spelling mistake."
        case "missing":
            return "Add it."
        case "literal_error":
            return f"Write one of {context['expected']}."
        case "string_type":
            return "Write a text; put quotes around a number, a date, yes or no."
        case "too_short":
            return "Write at least one."
        case _ if problem["loc"] and str(problem["loc"][-1]).endswith("_s"):
            return "Write seconds, such as 60; a day (86400) is the most."
        case _ if problem["loc"][-1:] == ("share",):
            return "Write a share above 0 and up to 0.5, such as 0.05 for 5 %."
        case _:
            return "Correct this value."
