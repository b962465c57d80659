from __future__ import annotations

import time
from pathlib import Path

import pytest

import analytics
from tests.connector.commands.conftest import Command
from tests.connector.commands.test_plans import _calls, _row

TURNS = (
    ("a", "my card is gone", "O O O O", "reportlostcard"),
    ("a", "ana gil 4711", "name name card_number", "contentonly"),
    ("b", "hello", "O", "openinggreeting"),
    ("c", "i dispute 40", "O O charge_amount", "disputecharge<div>checkbalance"),
    ("d", "routing please", "O", "getroutingnumber"),
)


def _conversations(folder: Path) -> Path:
    lines = ["conversationId\tturnNumber\tutteranceId\tutterance\tslot-labels\tintent"]
    for number, (conversation, text, labels, intent) in enumerate(TURNS):
        lines.append(f"{conversation}\t{number}.0\tu{number}\t{text}\t{labels}\t{intent}")
    file = folder / "conversations.tsv"
    file.write_text("\n".join(lines) + "\n")
    return file


def _attempts(handoff: Command, columns: str) -> list[tuple]:
    with analytics.connect(handoff.home) as con:
        return con.execute(f"SELECT {columns} FROM attempts ORDER BY started_at").fetchall()


def test_each_conversation_is_one_attempt_with_one_outcome(handoff: Command, tmp_path: Path):
    file = _conversations(tmp_path)
    summary = handoff.json("replay", str(file), "--speed", "120", "--json")
    assert summary["attempts"] == sum(summary["outcomes"].values()) == 4
    assert summary["outcomes"]["accepted"] == 4
    assert _attempts(handoff, "intent, source, outcome, len(context_present)") == [
        ("reportlostcard", "sandbox", "accepted", 5),
        (None, "sandbox", "accepted", 1),
        ("disputecharge", "sandbox", "accepted", 4),
        ("getroutingnumber", "sandbox", "accepted", 3),
    ]
    created = {queue["name"]: queue["created"] for queue in summary["sandbox"]}
    assert created["Cards priority"] == created["Disputes"] == 1
    assert created["General"] == 2


@pytest.mark.full
def test_a_file_replayed_again_makes_new_attempts(handoff: Command, tmp_path: Path):
    file = str(_conversations(tmp_path))
    for _ in range(2):
        handoff.json("replay", file, "--limit", "1", "--speed", "600", "--json")
    assert len(_attempts(handoff, "attempt_id")) == 2


@pytest.mark.full
def test_with_arrivals_moments_patience_and_handle_times_are_those_of_the_calls(
    handoff: Command, tmp_path: Path
):
    """Two days between the calls, jumped over: at this speed they would last four minutes."""
    file = _conversations(tmp_path)
    calls = _calls(
        tmp_path,
        _row(1, "990110", "9:00:00", outcome="AGENT", wait=1, served=77),
        _row(2, "990110", "9:01:00", outcome="AGENT", wait=1, served=77),
        _row(3, "990112", "9:30:00", outcome="AGENT", wait=1, served=77),
        _row(4, "990112", "9:31:00", outcome="AGENT", wait=1, served=77),
    )
    began = time.monotonic()
    summary = handoff.json(
        "replay", str(file), "--arrivals", str(calls), "--speed", "200", "--json"
    )
    assert time.monotonic() - began < 60
    assert summary["outcomes"]["accepted"] == 4
    starts = [start for (start,) in _attempts(handoff, "started_at")]
    assert [f"{start:%a %H:%M}" for start in starts] == [
        "Sun 09:00",
        "Sun 09:01",
        "Tue 09:30",
        "Tue 09:31",
    ]
    with analytics.connect(handoff.home) as con:
        handled = con.execute("SELECT handle_s FROM engagements").fetchall()
    # The agent's own stamps end it; at this speed a tenth of a second is twenty.
    assert all(77 <= handle_s < 77 + 60 for (handle_s,) in handled), handled


@pytest.mark.full
def test_who_has_no_patience_abandons(handoff: Command, tmp_path: Path):
    file = _conversations(tmp_path)
    calls = _calls(
        tmp_path,
        *(
            _row(number, "990110", f"9:0{number}:00", outcome="HANG", wait=1, served=0)
            for number in range(1, 5)
        ),
    )
    summary = handoff.json(
        "replay", str(file), "--arrivals", str(calls), "--speed", "20", "--limit", "2", "--json"
    )
    assert summary["outcomes"]["abandoned"] == 2
    assert sum(queue["ended_waiting"] for queue in summary["sandbox"]) == 2


def test_a_file_of_another_kind_is_an_error_with_its_line(handoff: Command, tmp_path: Path):
    other = tmp_path / "other.tsv"
    other.write_text("a\tb\n")
    done = handoff.run("replay", str(other), "--json", code=1)
    assert done.stdout == ""
    assert f"{other}:1" in done.stderr


def test_a_real_tenant_is_not_flooded_by_mistake(handoff: Command, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("HANDOFF_API_KEY", "key")
    monkeypatch.setenv("HANDOFF_TENANT_URL", "https://api.8x8.com")
    file = str(_conversations(tmp_path))
    assert "Add --live" in handoff.run("replay", file, code=1).stderr
    fast = handoff.run("replay", file, "--speed", "60", "--live", code=1)
    assert "need a sandbox" in fast.stderr


@pytest.mark.full
def test_the_real_conversations_replay(handoff: Command, shared_data: Path):
    """Twenty of the training set; the whole of it is 1,684 and takes minutes."""
    summary = handoff.json(
        "replay",
        str(shared_data / "multidogo-finance-train.tsv"),
        *("--arrivals", str(shared_data / "anonymous-bank-1999-01.txt")),
        *("--speed", "300", "--limit", "20", "--json"),
    )
    outcomes = summary["outcomes"]
    assert summary["attempts"] == sum(outcomes.values()) == 20
    assert outcomes["failed"] == outcomes["rejected"] == outcomes["unknown"] == 0
