"""Options that several commands share, and the home they work in."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import ValidationError

from connector.errors import BadHandoff
from connector.handoff import Customer, Handoff, Message
from connector.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON value on stdout.")]
Intent = Annotated[str | None, typer.Option(help="What the customer wants, as the bot named it.")]
Category = Annotated[str | None, typer.Option(help="Issue category; the intent when left out.")]
Confidence = Annotated[
    float | None, typer.Option(help="How sure the bot is of the intent, a share from 0 to 1.")
]
Channel = Annotated[str, typer.Option(help="The bot's channel.")]
Language = Annotated[str, typer.Option(help="The customer's language, such as en or es.")]
Queue = Annotated[str | None, typer.Option(help="Override the queue of the first step.")]
Skill = Annotated[str | None, typer.Option(help="Override the skill of the first step.")]
Urgency = Annotated[
    str | None, typer.Option("--priority", help="Override: low, normal, high or urgent.")
]
Timeout = Annotated[
    float | None, typer.Option(help="Override the timeout of the first step, in seconds.")
]
Variables = Annotated[
    list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="A variable; repeatable.")
]
Name = Annotated[str | None, typer.Option(help="The customer's name.")]
Text = Annotated[
    list[str] | None, typer.Option("--text", help="What the customer wrote; repeatable.")
]


def settings_of(context: typer.Context) -> Settings:
    """The settings of the home that `--home` names."""
    return Settings.load(context.obj)


def variables(given: list[str] | None) -> dict[str, str]:
    """NAME=VALUE pairs; a name given twice keeps its last value. Raises BadParameter."""
    found: dict[str, str] = {}
    for pair in given or []:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise typer.BadParameter(f"`{pair}` is not NAME=VALUE.", param_hint="--var")
        found[name.strip()] = value
    return found


def handoff(
    *,
    intent: str | None,
    category: str | None,
    channel: str,
    language: str,
    confidence: float | None = None,
    queue: str | None = None,
    skill: str | None = None,
    priority: str | None = None,
    timeout_s: float | None = None,
    given: list[str] | None = None,
    text: list[str] | None = None,
    customer: Customer | None = None,
    handoff_id: str | None = None,
    bot: str = "command",
) -> Handoff:
    """The handoff that options describe; every variable is marked. Raises BadHandoff."""
    named = variables(given)
    fields: dict[str, object] = {
        "intent": intent,
        "category": category or intent,
        "confidence": confidence,
        "channel": channel,
        "language": language,
        "queue": queue,
        "skill": skill,
        "priority": priority,
        "timeout_s": timeout_s,
        "variables": named,
        "marked": frozenset(named),
        "customer": customer or Customer(),
        "transcript": tuple(Message(text=line) for line in text or []),
        "bot": bot,
    }
    if handoff_id is not None:
        fields["handoff_id"] = handoff_id
    return checked(fields)


def checked(fields: dict[str, object]) -> Handoff:
    """A handoff of `fields`. Raises BadHandoff naming the first one that cannot be used."""
    try:
        return Handoff.model_validate(fields)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"]) or "handoff"
        raise BadHandoff(f"`{place}` cannot be used: {problem['msg']}.") from None
