from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from connector.cli import app

WANTED = {
    "audit",
    "check",
    "connect",
    "emergency declare",
    "emergency end",
    "emergency list",
    "explain",
    "export",
    "follow-ups assign",
    "follow-ups export",
    "follow-ups key",
    "follow-ups list",
    "follow-ups record",
    "follow-ups reopen",
    "follow-ups show",
    "import anonymous-bank",
    "policy diff",
    "policy export",
    "policy history",
    "policy import",
    "policy lint",
    "policy preview",
    "policy publish",
    "policy rollback",
    "policy show",
    "queues",
    "replay",
    "report",
    "roles list",
    "roles remove",
    "roles set",
    "sandbox",
    "send",
    "serve",
}


def _commands() -> Iterator[tuple[str, typer.models.CommandInfo]]:
    for name, command in typer.main.get_command(app).commands.items():
        if hasattr(command, "commands"):
            yield from ((f"{name} {part}", one) for part, one in command.commands.items())
        else:
            yield name, command


def test_the_commands_are_those_the_documentation_names():
    assert {name for name, _ in _commands()} == WANTED


@pytest.mark.parametrize("name", sorted(WANTED))
def test_every_command_and_every_option_has_help(name: str):
    command = dict(_commands())[name]
    shown = CliRunner().invoke(app, [*name.split(), "--help"])
    assert shown.exit_code == 0
    assert command.help.endswith(".")
    for parameter in command.params:
        assert parameter.help, (name, parameter.name)
        assert max(parameter.opts, key=len) in shown.stdout or parameter.metavar in shown.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["no-such-command"],
        ["send", "--no-such-option"],
        ["send", "--var", "no equals sign"],
        ["report", "--by", "colour"],
        ["report", "--format", "xml"],
        ["replay"],
        ["replay", "file.tsv", "--limit", "0"],
        ["sandbox", "--speed", "0"],
        ["import"],
    ],
)
def test_wrong_use_is_exit_code_2_with_nothing_on_stdout(words: list[str], tmp_path: Path):
    done = CliRunner().invoke(app, ["--home", str(tmp_path), *words])
    assert done.exit_code == 2
    assert "Usage" in done.stderr or words == ["import"]


def test_an_error_of_ours_is_one_message_on_stderr_and_exit_code_1(tmp_path: Path):
    script = Path(sys.executable).parent / "handoff"
    (tmp_path / "connection.toml").write_text("api_key = ")
    done = subprocess.run(
        [script, "--home", str(tmp_path), "queues", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"handoff: {tmp_path}/connection.toml cannot be read")
    assert "Traceback" not in done.stderr
