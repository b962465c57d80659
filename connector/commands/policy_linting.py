"""`handoff policy lint`: what a policy would do wrong in this tenant, before it is published."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated, Any

import typer

from connector.commands.home import named_policy, opened
from connector.commands.options import AsJson, settings_of
from connector.commands.output import note, show
from connector.errors import EightError, LogError, SettingsError
from connector.lint import LintFinding, LogFacts, TenantFacts, ask_tenant, lint
from connector.log import Home
from connector.log.lake import repeated
from connector.policy import Policy
from connector.publishing import current
from connector.settings import Settings, clock_of

PERIOD = timedelta(days=28)
Strict = Annotated[bool, typer.Option("--strict", help="Refuse where there is a warning.")]


def lint_policy(
    context: typer.Context,
    which: Annotated[
        str | None,
        typer.Argument(
            help="A policy file, or a version; the current one if not.", metavar="[FILE|VERSION]"
        ),
    ] = None,
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Check a policy against the tenant and four weeks of its log; exit code 1 on errors.

    What needs a tenant that cannot be reached is a warning `not_checked`.
    """
    settings = settings_of(context)
    with opened(settings) as home:
        policy = current(home.lake) if which is None else named_policy(home.lake, which)
        log = read_log(home, policy)
    findings = lint(policy, tenant=read_tenant(settings, policy), log=log)
    told = [_told(finding) for finding in findings]
    show(told, as_json=as_json, words=lambda: _words(findings))
    if any(strict or finding.severity == "error" for finding in findings):
        raise typer.Exit(1)


def read_tenant(settings: Settings, policy: Policy) -> TenantFacts | None:
    """The configured tenant, or the sandbox that runs; None when there is none to be reached."""
    if not settings.configured:
        return None
    try:
        return asyncio.run(ask_tenant(settings, policy))
    except (EightError, SettingsError) as error:
        note(f"The tenant cannot be asked: {error}")
        return None


def read_log(home: Home, policy: Policy) -> LogFacts | None:
    """Four weeks of the home's log, up to now in its world; None when it cannot be read."""
    from analytics.hidden import of_home
    from analytics.lint_facts import log_facts

    until = clock_of(home.settings).now()
    connection = of_home(home.lake.cursor(), home.path)
    try:
        return repeated(lambda: log_facts(connection, policy, since=until - PERIOD, until=until))
    except LogError as error:
        note(f"The log cannot be read: {error}")
        return None


def _told(finding: LintFinding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "check": finding.check,
        "place": list(finding.place),
        "rule": finding.rule,
        "text": finding.text,
        "fix": finding.fix.label if finding.fix else None,
    }


def _words(findings: list[LintFinding]) -> str:
    return "\n".join(map(str, findings)) or "Nothing speaks against this policy."
