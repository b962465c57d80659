"""`handoff policy`: what is published, what changed, and by whom."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from connector.commands.home import named_policy, opened
from connector.commands.options import AsJson, settings_of
from connector.commands.output import Format, show, show_rows
from connector.commands.policy_files import export_policy, import_draft
from connector.commands.policy_linting import lint_policy
from connector.commands.policy_previewing import preview_draft
from connector.commands.policy_publishing import publish_draft, roll_back_to
from connector.policy import Policy, dump_policy
from connector.publishing import current, difference, history, version

policies = typer.Typer(no_args_is_help=True, help="Publish, compare and undo routing policies.")
policies.command("preview")(preview_draft)
policies.command("lint")(lint_policy)
policies.command("publish")(publish_draft)
policies.command("rollback")(roll_back_to)
policies.command("import")(import_draft)
policies.command("export")(export_policy)
COLUMNS = ("version", "published_at", "published_by", "note", "based_on", "restored")


@policies.command("show")
def show_policy(
    context: typer.Context,
    number: Annotated[
        int | None, typer.Argument(help="Which; the current one if not.", metavar="[VERSION]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a published policy as YAML, or with its version as JSON."""
    with opened(settings_of(context)) as home:
        policy = current(home.lake) if number is None else version(home.lake, number)
    show(policy, as_json=as_json, words=lambda: _words(policy))


@policies.command("diff")
def diff(
    context: typer.Context,
    old: Annotated[str, typer.Argument(help="A version, or a policy file.", metavar="A")],
    new: Annotated[str, typer.Argument(help="A version, or a policy file.", metavar="B")],
    as_json: AsJson = False,
) -> None:
    """Tell in words what changes from one policy to another."""
    with opened(settings_of(context)) as home:
        changes = difference(named_policy(home.lake, old), named_policy(home.lake, new))
    told: list[dict[str, Any]] = [
        {"where": one.where, "text": one.text, "before": one.before, "after": one.after}
        for one in changes
    ]
    lines = [change.text for change in changes] or ["No difference."]
    show(told, as_json=as_json, words=lambda: "\n".join(lines))


@policies.command("history")
def list_history(
    context: typer.Context,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    as_json: AsJson = False,
) -> None:
    """List every version, newest first; times are UTC, `restored` is what a roll back restored."""
    with opened(settings_of(context)) as home:
        rows = [asdict(one) for one in history(home.lake)]
    show_rows(COLUMNS, rows, Format.JSON if as_json else form)


def _words(policy: Policy) -> str:
    text = dump_policy(policy.model_copy(update={"version": 0}))
    return f"# version {policy.version}\n{text}".rstrip()
