"""Parts of a policy as small tables and lines of text, and back without loss. Pure.

What is read back are plain values; the policy's own checks say whether they will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from connector.errors import PolicyError
from connector.handoff import Priority
from connector.policy import ContextField, OpeningHours, Period, Skill, Step

STEP_COLUMNS = {
    "queue": "string",
    "skill": "string",
    "timeout_s": "float64",
    "closed": "bool",
    "no_agents": "bool",
    "all_busy": "bool",
    "expected_wait_over_s": "float64",
    "waiting_over": "float64",
}
FIELD_COLUMNS = {
    "name": "string",
    "field": "string",
    "passed": "string",
    "personal": "bool",
    "required": "bool",
}
PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high", "urgent")
HOURS_COLUMNS = ("name", "week", "queues", "zone", "holidays", "closed_on", "open_on")


def steps_frame(steps: Iterable[Step]) -> pd.DataFrame:
    """One row per step; waits in seconds, `waiting_over` counts people."""
    rows = [
        {"queue": step.queue, "skill": step.skill, "timeout_s": step.timeout_s}
        | dict(step.skip_if.__dict__)
        for step in steps
    ]
    return pd.DataFrame(rows, columns=list(STEP_COLUMNS)).astype(STEP_COLUMNS)


def steps_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The steps of the rows; a row without queue and skill is none."""
    steps = []
    for line in _lines(frame):
        if not line["queue"] and not line["skill"]:
            continue
        step = {name: line[name] for name in ("queue", "skill", "timeout_s") if line[name]}
        if line["timeout_s"] == 0:
            step["timeout_s"] = 0
        words = [word for word in ("closed", "no_agents", "all_busy") if line[word]]
        limits = [
            {name: kind(line[name])}
            for name, kind in (("expected_wait_over_s", float), ("waiting_over", _whole))
            if line[name] is not None
        ]
        steps.append(step | {"skip_if": [*words, *limits]})
    return steps


def fields_frame(fields: Iterable[ContextField], required: Sequence[str]) -> pd.DataFrame:
    """One row per context field; `required` says whether every handoff needs it.

    A field that is required and not listed, such as the transcript, is in the row of its name too.
    """
    listed = {field.name: field for field in fields}
    rows = [field.model_dump() | {"required": name in required} for name, field in listed.items()]
    return pd.DataFrame(rows, columns=list(FIELD_COLUMNS)).astype(FIELD_COLUMNS)


def fields_of(
    frame: pd.DataFrame, required: Sequence[str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The fields of the rows, and the names every handoff needs, in their old order."""
    lines = [line for line in _lines(frame) if line["name"]]
    fields = [
        {name: line[name] for name in ("name", "field") if line[name]}
        | {"passed": line["passed"] or "marked", "personal": bool(line["personal"])}
        for line in lines
    ]
    listed = {str(line["name"]): bool(line["required"]) for line in lines}
    kept = [name for name in required if listed.get(name, True)]
    return fields, [*kept, *(name for name, need in listed.items() if need and name not in kept)]


def skills_frame(skills: Mapping[str, Skill]) -> pd.DataFrame:
    """One row per skill: its alias, and the queue, the language or both it stands for."""
    rows = [{"alias": alias} | skill.model_dump() for alias, skill in skills.items()]
    return pd.DataFrame(rows, columns=["alias", "queue", "language"]).astype("string")


def skills_of(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Alias -> skill. Raises PolicyError for an alias that is there twice."""
    return _by_name(frame, "alias")


def twins_frame(twins: Mapping[str, Mapping[Priority, str]]) -> pd.DataFrame:
    """One row per queue, and for each priority the queue that takes it instead."""
    rows = [{"queue": queue} | dict(by_priority) for queue, by_priority in twins.items()]
    return pd.DataFrame(rows, columns=["queue", *PRIORITIES]).astype("string")


def twins_of(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Queue -> priority -> twin. Raises PolicyError for a queue that is there twice."""
    return _by_name(frame, "queue")


def hours_frame(opening_hours: Mapping[str, OpeningHours]) -> pd.DataFrame:
    """One row per queue or group, in words such as `mon-fri 08:00-20:00; sat 10:00-14:00`."""
    rows = [_hours_row(name, hours) for name, hours in opening_hours.items()]
    return pd.DataFrame(rows, columns=list(HOURS_COLUMNS)).astype("string")


def hours_of(frame: pd.DataFrame, known: Mapping[str, OpeningHours]) -> dict[str, Any]:
    """Name -> opening hours; a row that says what it said keeps what it was."""
    found: dict[str, Any] = {}
    for name, line in _by_name(frame, "name").items():
        old = known.get(name)
        unchanged = old is not None and _filled(_hours_row(name, old)) == {"name": name} | line
        found[name] = old if unchanged else _hours(line)
    return found


def period_lines(periods: Iterable[Period]) -> str:
    """Weekly hours, one a line."""
    return "\n".join(str(period) for period in periods)


def listed(text: str | None, *, by: str = "\n") -> list[str]:
    """The parts of a text that are not blank."""
    return [part for line in (text or "").split(by) if (part := line.strip())]


def variable_lines(variables: Mapping[str, Sequence[str]]) -> str:
    """Conditions on variables, one a line: `tier = gold; silver`."""
    return "\n".join(f"{name} = {'; '.join(values)}" for name, values in variables.items())


def variables_of(text: str, known: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Variable -> values; a text that says what it said keeps what it was."""
    if text.strip() == variable_lines(known).strip():
        return dict(known)
    found = {}
    for line in listed(text):
        name, equals, values = line.partition("=")
        if not equals or not name.strip():
            raise PolicyError(
                f"`{line[:60]}` is no condition.",
                field="variables",
                fix="Write a variable, = and its values, such as tier = gold; silver.",
            )
        found[name.strip()] = listed(values, by=";")
    return found


def _hours_row(name: str, hours: OpeningHours) -> dict[str, str | None]:
    dates = [
        " ".join([str(day), *(str(span) for span in spans)]) for day, spans in hours.open_on.items()
    ]
    return {
        "name": name,
        "week": "; ".join(str(period) for period in hours.week),
        "queues": "; ".join(hours.queues),
        "zone": hours.zone,
        "holidays": "; ".join(hours.holidays),
        "closed_on": "; ".join(str(day) for day in hours.closed_on),
        "open_on": "; ".join(dates),
    }


def _hours(line: Mapping[str, Any]) -> dict[str, Any]:
    lists = ("week", "queues", "holidays", "closed_on")
    content: dict[str, Any] = {name: listed(line[name], by=";") for name in lists if name in line}
    if "zone" in line:
        content["zone"] = line["zone"]
    if "open_on" in line:
        days = [part.split() for part in listed(line["open_on"], by=";")]
        content["open_on"] = {day: spans for day, *spans in days}
    return content


def _by_name(frame: pd.DataFrame, key: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for line in _lines(frame):
        content = _filled(line)
        name = str(content.pop(key, ""))
        if not name and content:
            raise PolicyError(f"A row has no {key}.", field=key, fix="Fill it or clear the row.")
        if name in found:
            raise PolicyError(f"`{name}` is there twice.", field=key, fix="Leave it in one row.")
        if name:
            found[name] = content
    return found


def _filled(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if value}


def _lines(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values; what is missing is None, texts are trimmed."""
    return [
        {str(name): _plain(value) for name, value in line.items()}
        for line in frame.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value.strip() if isinstance(value, str) else value


def _whole(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value
