"""`handoff policy import` and `export`: policies as files, in YAML or as a table of mappings."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from connector.commands.home import opened, policy_of
from connector.commands.options import AsJson, settings_of
from connector.commands.output import note, show
from connector.errors import DataFileError, PolicyError
from connector.policy import Policy, dump_policy, load_policy
from connector.publishing import current, difference, read_mapping, version, write_mapping


class PolicyFormat(StrEnum):
    """How a policy is written."""

    YAML = "yaml"
    CSV = "csv"


def import_draft(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="CSV of the mapping columns, or YAML.", metavar="FILE")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write the draft.", metavar="DRAFT")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a draft in YAML of a file; nothing is published.

    The rows of a CSV are the draft's rules, in their order. Whatever its columns do not hold comes
    from the current policy. What the draft would change is told on stderr.
    """
    policy = policy_of(settings_of(context))
    draft = _read(file, policy)
    for change in difference(policy, draft):
        note(change.text)
    note(f"A draft based on version {policy.version}; `handoff policy publish` makes it count.")
    _hand_out(_yaml(draft), out, as_json, {"base": policy.version, "format": "yaml"})


def export_policy(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="Where to; stdout if not given.", metavar="[FILE]")
    ] = None,
    form: Annotated[
        PolicyFormat, typer.Option("--format", help="YAML is the whole policy.")
    ] = PolicyFormat.YAML,
    number: Annotated[
        int | None, typer.Option("--version", help="Which; the current one if not.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a published policy as YAML, or its mapping columns as CSV."""
    with opened(settings_of(context)) as home:
        policy = current(home.lake) if number is None else version(home.lake, number)
    text = _yaml(policy) if form is PolicyFormat.YAML else write_mapping(policy)
    _hand_out(text, file, as_json, {"version": policy.version, "format": form.value})


def _read(file: Path, policy: Policy) -> Policy:
    if file.suffix.lower() != ".csv":
        return load_policy(file)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"cannot be read: {error}.", file=file) from None
    return read_mapping(text, policy, file=file)


def _yaml(policy: Policy) -> str:
    return dump_policy(policy.model_copy(update={"version": 0}))


def _hand_out(text: str, file: Path | None, as_json: bool, told: dict[str, object]) -> None:
    """To the file, or to standard output as it is."""
    if file is None:
        if as_json:
            show(told | {"text": text}, as_json=True, words=str)
        else:
            sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataFileError(f"cannot be written: {error}.", file=file) from None
    show(told | {"file": str(file)}, as_json=as_json, words=lambda: f"Written to {file}.")
