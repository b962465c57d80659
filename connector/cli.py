"""The `handoff` command."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from connector.commands.auditing import audit
from connector.commands.checking import check
from connector.commands.connecting import connect
from connector.commands.emergencies import emergencies
from connector.commands.explaining import explain
from connector.commands.exporting import export
from connector.commands.follow_ups import commands as follow_ups
from connector.commands.importing import importing
from connector.commands.output import note
from connector.commands.policies import policies
from connector.commands.queues import queues
from connector.commands.replaying import replay
from connector.commands.reporting import report
from connector.commands.role_giving import roles
from connector.commands.sandboxing import sandbox
from connector.commands.sending import send
from connector.commands.serving import serve
from connector.errors import HandoffError


class _Commands(TyperGroup):
    """Errors made on purpose are a message on stderr and exit code 1, not a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except HandoffError as error:
            note(f"handoff: {error}")
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def handoff(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="The tenant's home; HANDOFF_HOME, or data/, if not given.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log more, on stderr.")] = False,
) -> None:
    """Hand customers of a chatbot to live agents in 8x8 Contact Center, and see how it goes."""
    context.obj = home
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # It would log the address of every call, with the ids of conversations in it.
    logging.getLogger("httpx").setLevel(logging.WARNING)


for command in (
    audit,
    check,
    connect,
    explain,
    export,
    queues,
    replay,
    report,
    sandbox,
    send,
    serve,
):
    app.command()(command)
app.add_typer(emergencies, name="emergency")
app.add_typer(follow_ups, name="follow-ups")
app.add_typer(importing, name="import")
app.add_typer(policies, name="policy")
app.add_typer(roles, name="roles")


def main() -> None:
    """Entry point of the `handoff` command."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has enough of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
