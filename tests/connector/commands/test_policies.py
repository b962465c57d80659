"""`handoff policy` and `handoff audit`, on a home of their own."""

import csv
import io
import sys

import pytest

from connector.commands import policy_publishing
from connector.policy import load_policy
from connector.publishing import SHIPPED, difference

pytestmark = pytest.mark.slow


@pytest.fixture
def draft(tmp_path):
    """A file in which Cards has other seconds each time it is asked for."""

    def written(seconds):
        file = tmp_path / "draft.yaml"
        text = SHIPPED.read_text().replace("Cards, timeout_s: 60", f"Cards, timeout_s: {seconds}")
        file.write_text(text)
        return str(file)

    return written


def test_a_policy_kept_as_a_file_is_published_compared_and_undone(handoff, draft):
    publish = ("policy", "publish", draft(75), "--base", "1")
    done = handoff.run(*publish, "--note", "longer")
    assert done.stdout == "Version 2 is in force.\n"
    assert "`lost card`: Cards 60 s, then General -> Cards 75 s, then General" in done.stderr

    stale = handoff.run(*publish, "--note", "again", "--json", code=1)
    assert stale.stdout == ""
    assert "version 2 is in force by now" in stale.stderr
    assert "Touched by both: `lost card` steps, `replace card` steps." in stale.stderr

    back = handoff.json("policy", "rollback", "1", "--json")
    assert (back["version"], back["based_on"]) == (3, 2)
    history = handoff.json("policy", "history", "--json")
    assert [entry["version"] for entry in history] == [3, 2, 1]
    assert [entry["restored"] for entry in history] == [1, None, None]
    assert history[1]["note"] == "longer"
    assert handoff.json("policy", "show", "--json")["version"] == 3

    [first, _] = handoff.json("policy", "diff", "1", "2", "--json")
    assert first["where"] == "`lost card` steps"
    assert "`replace card`" in handoff.run("policy", "diff", "1", draft(80)).stdout

    entries = handoff.json("audit", "--json")
    assert [entry["subject"] for entry in entries] == ["version 3 from 1", "version 2"]
    assert entries[1]["after"]["`lost card` steps"][0]["timeout_s"] == 75
    printed = handoff.run("audit", "--since", "2020-01-01", "--format", "csv").stdout
    actions = [row["action"] for row in csv.DictReader(io.StringIO(printed))]
    assert actions == ["roll back policy", "publish policy"]


@pytest.mark.full
def test_files_go_out_and_come_in_as_yaml_and_as_csv(handoff, tmp_path):
    whole = tmp_path / "whole.yaml"
    whole.write_text(handoff.run("policy", "export").stdout)
    assert difference(load_policy(whole), load_policy(SHIPPED)) == ()

    table = tmp_path / "table.csv"
    told = handoff.json("policy", "export", str(table), "--format", "csv", "--json")
    assert told == {"version": 1, "format": "csv", "file": str(table)}
    table.write_text(table.read_text().replace("Disputes,90", "Disputes,100"))

    made = handoff.run("policy", "import", str(table), "--out", str(tmp_path / "draft.yaml"))
    assert "`disputed charge`: Disputes 90 s" in made.stderr
    [change] = difference(load_policy(whole), load_policy(tmp_path / "draft.yaml"))
    assert change.text.endswith("Disputes 100 s, then Payments")
    assert len(handoff.json("policy", "history", "--json")) == 1, "nothing was published"

    table.write_text(table.read_text().replace("Disputes,100", "Disputes,-1"))
    refused = handoff.run("policy", "import", str(table), code=1)
    assert f"{table}:5, field `timeout_s`" in refused.stderr
    assert refused.stdout == ""


def test_only_a_terminal_is_asked_and_may_say_no(handoff, draft, monkeypatch):
    asked = []

    def confirm(question, **options):
        asked.append(question)
        raise policy_publishing.typer.Abort

    monkeypatch.setattr(policy_publishing.typer, "confirm", confirm)
    monkeypatch.setattr(policy_publishing, "sys", type("Terminal", (), {"stdin": sys.stdin}))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    handoff.run("policy", "publish", draft(75), "--base", "1", "--note", "n", code=1)

    assert asked == ["Publish this?"]
    assert len(handoff.json("policy", "history", "--json")) == 1
