"""`handoff follow-ups`: what is owed to customers nobody took, and the work of paying it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from connector import follow_ups as owed
from connector.access import local_actor
from connector.commands.home import opened
from connector.commands.options import AsJson, settings_of
from connector.commands.output import Format, note, show, show_rows
from connector.errors import DataFileError
from connector.follow_up_settings import new_key
from connector.follow_ups import FollowUp
from connector.follow_ups.export import COLUMNS, CONTACT, as_csv, rows_of
from connector.settings import Settings, clock_of

commands = typer.Typer(
    no_args_is_help=True, help="Work on callbacks and e-mails owed after failed handoffs."
)
LISTED = ("follow_up_id", "kind", "due_at", "overdue", "queue", "intent", "owner", "tries")
Id = Annotated[str, typer.Argument(help="Which one, as `list` shows it.", metavar="ID")]
Note = Annotated[
    str | None, typer.Option("--note", help="What to remember; never who the customer is.")
]


class View(StrEnum):
    OPEN = "open"
    OVERDUE = "overdue"
    MINE = "mine"
    DONE = "done"
    ALL = "all"


class Result(StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no-answer"
    GAVE_UP = "gave-up"


Which = Annotated[View, typer.Option("--state", help="Which ones.")]
Sources = Annotated[
    list[str] | None,
    typer.Option("--source", help="Only of this source; repeatable. As reports, if not given."),
]


@commands.command("list")
def list_owed(
    context: typer.Context,
    state: Which = View.OPEN,
    source: Sources = None,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    as_json: AsJson = False,
) -> None:
    """List follow-ups, the first due first; times are UTC. Done ones of the last 90 days count."""
    form = Format.JSON if as_json else form
    columns = (*LISTED, "last_result") if form is Format.TABLE else COLUMNS
    show_rows(columns, rows_of(*_listed(settings_of(context), state, source)), form)


@commands.command("show")
def show_one(
    context: typer.Context,
    follow_up_id: Id,
    contact: Annotated[
        bool, typer.Option("--contact", help="Show how to reach the customer; this is audited.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a follow-up and what was done about it."""
    settings = settings_of(context)
    with opened(settings) as home:
        one = owed.read_follow_up(home.lake.query, follow_up_id)
        events = owed.read_events(home.lake.query, follow_up_id)
        told = asdict(owed.look_at_contact(home, one, actor=local_actor())) if contact else None
    found = rows_of([one], clock_of(settings).now())[0] | {
        "events": [asdict(event) for event in events]
    }
    if told is not None:
        found["customer"] = told
    show(found, as_json=as_json, words=lambda: _words(found))


@commands.command("assign")
def assign(
    context: typer.Context,
    follow_up_id: Id,
    to: Annotated[str | None, typer.Option("--to", help="To whom; to you, if not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Give a follow-up to somebody."""
    settings, actor = settings_of(context), local_actor()
    with opened(settings) as home:
        at = clock_of(settings).now()
        one = owed.assign(home, follow_up_id, to or actor.name, actor=actor, at=at)
    _show_state(one, at, as_json)


@commands.command("record")
def record(
    context: typer.Context,
    follow_up_id: Id,
    result: Annotated[Result, typer.Argument(help="What came of it.")],
    remark: Note = None,
    as_json: AsJson = False,
) -> None:
    """Record an attempt to reach the customer. `reached` and `gave-up` make the follow-up done."""
    settings = settings_of(context)
    with opened(settings) as home:
        at = clock_of(settings).now()
        named: Any = result.value.replace("-", "_")
        one = owed.record(home, follow_up_id, named, actor=local_actor(), at=at, note=remark)
    _show_state(one, at, as_json)


@commands.command("reopen")
def reopen(
    context: typer.Context, follow_up_id: Id, remark: Note = None, as_json: AsJson = False
) -> None:
    """Make a done follow-up owed again; its contact stays wiped."""
    settings = settings_of(context)
    with opened(settings) as home:
        at = clock_of(settings).now()
        one = owed.reopen(home, follow_up_id, actor=local_actor(), at=at, note=remark)
    _show_state(one, at, as_json)


@commands.command("export")
def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="CSV file to write.", metavar="FILE")],
    state: Which = View.OPEN,
    source: Sources = None,
    contacts: Annotated[
        bool, typer.Option("--contacts", help="With contacts; this is audited.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write follow-ups to a CSV file, without contacts unless they are asked for."""
    settings = settings_of(context)
    found, now = _listed(settings, state, source)
    told = {}
    if contacts:
        with opened(settings) as home:
            told = owed.look_at_contacts(home, found, actor=local_actor())
    _write(out, as_csv(found, now, told if contacts else None), private=contacts)
    written = {"file": str(out), "rows": len(found), "contacts": len(told)}
    show(written, as_json=as_json, words=lambda: f"{len(found)} follow-ups written to {out}.")


@commands.command("key")
def key(as_json: AsJson = False) -> None:
    """Make a key that seals contacts, for HANDOFF_CONTACT_KEY. It is printed and kept nowhere."""
    made = new_key()
    show({"key": made}, as_json=as_json, words=lambda: made)
    note("Set it as HANDOFF_CONTACT_KEY where connectors and dashboard run; keep it safe.")


def _listed(
    settings: Settings, state: View, sources: list[str] | None
) -> tuple[list[FollowUp], datetime]:
    from analytics.hidden import is_hidden
    from analytics.metrics.filters import usual_sources

    now = clock_of(settings).now()
    with opened(settings) as home:
        owed.wipe_needless(home)
        if not sources:
            rows = home.lake.query("SELECT DISTINCT source FROM attempts WHERE source IS NOT NULL")
            present = {str(name) for (name,) in rows}
            sources = sorted(usual_sources(present, hidden=is_hidden(settings.home)))
        found = owed.list_follow_ups(
            home.lake.query,
            now=now,
            view=state.value,
            owner=local_actor().name,
            sources=sources,
        )
    return found, now


def _show_state(one: FollowUp, at: datetime, as_json: bool) -> None:
    row = rows_of([one], at)[0]
    state = "open" if one.is_open else "done"
    last = f", last {one.last_result.replace('_', ' ')}" if one.last_result else ""
    words = f"{one.follow_up_id} is {state}, owned by {one.owner}, {one.tries} tried{last}."
    show(row, as_json=as_json, words=lambda: words)


def _words(found: dict[str, Any]) -> str:
    lines = [f"{name:16}{found[name]}" for name in COLUMNS if found[name] is not None]
    for event in found["events"]:
        parts = [event["owner"], event["result"], event["note"]]
        told = ", ".join(part for part in parts if part)
        lines.append(
            f"{event['happened_at']:%Y-%m-%d %H:%M} {event['event']} {told} (by {event['actor']})"
        )
    customer = found.get("customer") or {}
    return "\n".join([*lines, *(f"{k:16}{customer[k]}" for k in CONTACT if customer.get(k))])


def _write(path: Path, text: str, *, private: bool) -> None:
    """With contacts in it the file is for its owner alone. Raises DataFileError."""
    try:
        path.touch(mode=0o600 if private else 0o666)
        if private:
            path.chmod(0o600)
        path.write_text(text)
    except OSError as error:
        raise DataFileError(f"cannot be written: {error.strerror}.", file=path) from None
