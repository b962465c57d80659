"""`handoff policy publish` and `rollback`: one more version, unless others were quicker."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from connector.access import local_actor
from connector.commands.home import opened
from connector.commands.options import AsJson, settings_of
from connector.commands.output import note, show
from connector.commands.policy_linting import Strict, read_log, read_tenant
from connector.lint import TenantFacts, lint
from connector.policy import Policy, load_policy
from connector.publishing import (
    Change,
    Finding,
    current,
    difference,
    publish,
    resolved,
    roll_back,
    version,
)
from connector.queues import QueueBook
from connector.settings import Settings


def publish_draft(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The draft, in YAML.", metavar="FILE")],
    base: Annotated[int, typer.Option("--base", help="The version the draft was made from.")],
    why: Annotated[str, typer.Option("--note", help="Why; it stays in the history.")],
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Publish a draft; connectors take it over within two seconds.

    Exit code 1, with what changed meanwhile on stderr, when others published since --base.
    Confirmation is asked for at a terminal only.
    """
    settings = settings_of(context)
    draft = load_policy(file)
    tenant = read_tenant(settings, draft)
    book = _lasting(tenant, settings)
    with opened(settings) as home:
        changes = difference(resolved(version(home.lake, base), book), resolved(draft, book))
        findings = lint(draft, tenant=tenant, log=read_log(home, draft))
        _agree(changes, findings)
        published = publish(
            home.lake,
            draft,
            actor=local_actor(),
            note=why,
            base=base,
            book=book,
            findings=findings,
            strict=strict,
        )
    _tell(published, base, changes, as_json)


def roll_back_to(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The version to go back to.", metavar="VERSION")],
    why: Annotated[str | None, typer.Option("--note", help="Why; it stays in the history.")] = None,
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Publish an old version again, as the newest one.

    Confirmation is asked for at a terminal only.
    """
    settings = settings_of(context)
    with opened(settings) as home:
        was, old = current(home.lake), version(home.lake, number)
        changes = difference(was, old)
        findings = lint(old, tenant=read_tenant(settings, old), log=read_log(home, old))
        _agree(changes, findings)
        published = roll_back(
            home.lake,
            number,
            actor=local_actor(),
            note=why or f"back to version {number}",
            findings=findings,
            strict=strict,
        )
    _tell(published, was.version, changes, as_json)


def _lasting(tenant: TenantFacts | None, settings: Settings) -> QueueBook | None:
    """Queues whose ids are worth writing beside their names: a sandbox's are not."""
    return tenant.book if tenant and not settings.is_loopback else None


def _agree(changes: Sequence[Change], findings: Sequence[Finding]) -> None:
    """Show what would happen; ask only where somebody can answer."""
    for line in (*changes, *findings):
        note(str(line))
    if sys.stdin.isatty():
        typer.confirm("Publish this?", abort=True, err=True)


def _tell(published: Policy, base: int, changes: Sequence[Change], as_json: bool) -> None:
    told = {
        "version": published.version,
        "based_on": base,
        "changes": [change.text for change in changes],
    }
    show(told, as_json=as_json, words=lambda: f"Version {published.version} is in force.")
