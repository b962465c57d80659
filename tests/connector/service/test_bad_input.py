from __future__ import annotations

import json
from typing import Any

import pytest

from tests.connector.service.conftest import Bot


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"handoff_id": ""}, "handoff_id"),
        ({"handoff_id": "x" * 201}, "handoff_id"),
        ({"confidence": 1.5}, "confidence"),
        ({"confidence": "high"}, "confidence"),
        ({"priority": "asap"}, "priority"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"transcript": [{"text": "a"}, {"author": "agent", "text": "b"}]}, "transcript.1.author"),
        ({"transcript": [{"author": "user"}]}, "transcript.0.text"),
        ({"variables": {"card": ["4711"]}}, "variables.card"),
        ({"customer": "Ana"}, "customer"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(bot: Bot, given: dict[str, Any], field: str):
    answer = bot.create(**given)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_every_wrong_field_is_named_at_once_and_no_value_is_echoed(bot: Bot):
    answer = bot.create(priority="4711 secret", confidence=7)
    fields = {error["field"] for error in answer.json()["errors"]}
    assert fields == {"priority", "confidence"}
    assert "4711" not in answer.text


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"intent": "a"', b"\xff\xfe", b'{"intent": "\\ud800"}']
)
def test_a_body_that_is_no_json_is_400(bot: Bot, body: bytes):
    headers = {"content-type": "application/json"}
    answer = bot.http.post("/v1/handoffs", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The body is not JSON")


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "4"])
def test_json_that_is_no_object_is_422(bot: Bot, body: str):
    headers = {"content-type": "application/json"}
    answer = bot.http.post("/v1/handoffs", content=body, headers=headers)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["body"]


def test_another_media_type_is_415(bot: Bot):
    """A page of another site can make a browser send text/plain here, but not JSON."""
    answer = bot.http.post("/v1/handoffs", content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


def test_a_body_beyond_32_mb_is_413(bot: Bot):
    def endless():
        for _ in range(40):
            yield b" " * 1024 * 1024

    headers = {"content-type": "application/json"}
    answer = bot.http.post("/v1/handoffs", content=endless(), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("timeout", ["-1", "301", "soon", "nan", "inf"])
def test_a_long_poll_takes_0_to_300_seconds(bot: Bot, timeout: str):
    answer = bot.http.get("/v1/handoffs/any/wait", params={"timeout_s": timeout})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "given",
    [
        {"intent": "no such intent"},
        {"intent": None},
        {"transcript": []},
        {"intent": "", "channel": "", "language": "", "customer": {"name": ""}},
        {"queue": "No such queue"},
        {"skill": "no such skill"},
        {"variables": {f"variable_{number}": "x" * 600 for number in range(200)}},
        {"variables": {"k" * 150: 3, "flag": True, "ratio": 0.5, "nothing": None}},
        {"variables": {"": "empty name", "tab\tname": "line\nbreak \x00 \x07"}},
        {"customer": {"name": "María 👩‍🚀 النجار"}, "category": "شكوى"},
        {"transcript": [{"author": "bot", "text": "\x00\x1b[31m ‮evil‬ 🎉 \ufffe"}]},
        {"transcript": [{"text": ""}, {"text": "   "}]},
    ],
)
def test_odd_input_reaches_an_agent(bot: Bot, given: dict[str, Any]):
    handoff_id = bot.begin(**given)
    bot.act(handoff_id, "accept")
    ended = bot.ended(handoff_id)
    bot.act(handoff_id, "end")
    assert ended["outcome"] == "accepted", ended


def test_ten_thousand_messages_reach_the_agent_as_the_newest_200(bot: Bot):
    lines = [{"author": "user", "text": f"line {number}"} for number in range(10_000)]
    handoff_id = bot.begin(transcript=lines)
    bot.act(handoff_id, "accept")
    ended = bot.ended(handoff_id)
    bot.act(handoff_id, "end")
    notes = bot.desk()[ended["conversation_id"]]["case_notes"]
    assert len(notes) <= 200
    assert notes[-1] == {"author": "user", "text": "line 9999"}
    assert "transcript" in ended["context_delivered"]


def test_a_message_of_a_megabyte_reaches_the_agent_in_parts(bot: Bot):
    text = "añb" * 350_000
    assert len(json.dumps(text)) > 1_000_000
    handoff_id = bot.begin(transcript=[{"author": "user", "text": text}])
    bot.act(handoff_id, "accept")
    ended = bot.ended(handoff_id)
    bot.act(handoff_id, "end")
    notes = bot.desk()[ended["conversation_id"]]["case_notes"]
    assert ended["outcome"] == "accepted"
    assert max(len(note["text"]) for note in notes) <= 5_000
    assert text.endswith(notes[-1]["text"])
