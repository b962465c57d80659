"""The parts of a policy in words, as a manager reads them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import singledispatch
from typing import Any

from pydantic import BaseModel

from connector.policy import Canary, ContextField, FailurePath, Step

DEFAULT_TIMEOUT_S = Step.model_fields["timeout_s"].default


@singledispatch
def words(value: Any) -> str:
    """Any value of a policy; a field this file knows nothing of is shown as it is written."""
    return "none" if value is None else str(value)


@words.register
def _(value: bool) -> str:
    return "yes" if value else "no"


@words.register
def _(value: float) -> str:
    return f"{value:g}"


@words.register
def _(value: str) -> str:
    return f"“{value}”" if " " in value.strip() and len(value) > 24 else value


@words.register(tuple)
@words.register(list)
def _(value: tuple[Any, ...]) -> str:
    if value and all(isinstance(part, Step) for part in value):
        return steps_in_words(value)
    return ", ".join(words(part) for part in value) or "none"


@words.register(Mapping)
def _(value: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {words(part)}" for name, part in value.items()) or "none"


@words.register
def _(value: BaseModel) -> str:
    written = value.model_dump(mode="json")
    if not isinstance(written, dict):  # a part that YAML writes as a list or a word
        return words(written)
    return ", ".join(said(value)) or "none"


@words.register
def _(value: Step) -> str:
    return step_in_words(value, with_timeout=True)


@words.register
def _(value: FailurePath) -> str:
    more = said(value, but=("kind", "text"))
    return " ".join([value.kind, f"“{value.text}”", *_in_brackets(more)])


@words.register
def _(value: Canary) -> str:
    more = said(value, but=("share", "steps"))
    share = f"{value.share * 100:g} % to {steps_in_words(value.steps)}"
    return " ".join([share, *_in_brackets(more)])


@words.register
def _(value: ContextField) -> str:
    more = said(value, but=("name", "field"))
    return " ".join([f"sent as {value.label}", *_in_brackets(more)])


def steps_in_words(steps: tuple[Step, ...]) -> str:
    """`Payments 90 s, then General`: overflow of the usual length goes without its seconds."""
    first, *overflow = steps
    told = [step_in_words(first, with_timeout=True)]
    told += [
        step_in_words(one, with_timeout=one.timeout_s != DEFAULT_TIMEOUT_S) for one in overflow
    ]
    return ", then ".join(told)


def step_in_words(step: Step, *, with_timeout: bool) -> str:
    target = step.queue or (f"skill {step.skill}" if step.skill else "nowhere")
    more = said(step, but=("queue", "skill", "timeout_s"))
    timeout = [f"{step.timeout_s:g} s"] if with_timeout else []
    return " ".join([target, *timeout, *_in_brackets(more)])


def said(value: BaseModel, *, but: tuple[str, ...] = ()) -> list[str]:
    """`field value` for each field that is not at its default."""
    return [
        f"{label(name)} {words(getattr(value, name))}"
        for name, field in type(value).model_fields.items()
        if name not in but
        and getattr(value, name) != field.get_default(call_default_factory=True, validated_data={})
    ]


def label(field: str) -> str:
    """A field's name as a manager reads it."""
    return field.replace("_", " ")


def _in_brackets(parts: list[str]) -> list[str]:
    return [f"({', '.join(parts)})"] if parts else []
