from __future__ import annotations

import json
import threading
from urllib.parse import quote

import pytest

from tests.connector.service.conftest import Bot, serving


def test_a_new_handoff_is_202_and_tells_what_to_say_while_the_customer_waits(bot: Bot):
    answer = bot.create(handoff_id="first", intent="reportlostcard")
    state = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == "/v1/handoffs/first"
    assert (state["handoff_id"], state["outcome"]) == ("first", None)
    bot.until(lambda: bot.read("first")["conversation_id"] is not None)
    waiting = bot.read("first")["waiting"]
    assert waiting["message"].startswith("I am connecting you with a colleague.")
    assert waiting["queue"] == "Cards priority"


def test_the_same_handoff_id_is_the_same_attempt_and_one_conversation(bot: Bot):
    created = bot.create(handoff_id="twice").json()
    bot.until(lambda: bot.read("twice")["conversation_id"] is not None)
    again = bot.create(handoff_id="twice", intent="closeaccount")
    assert again.status_code == 202
    assert again.json()["attempt_id"] == created["attempt_id"]
    assert again.json()["repeated"] is True
    made = [one for one in bot.desk().values() if one["attempt_id"] == created["attempt_id"]]
    assert len(made) == 1


def test_ten_requests_at_once_with_one_handoff_id_make_one_attempt(bot: Bot):
    answers = []
    callers = [
        threading.Thread(target=lambda: answers.append(bot.create(handoff_id="rush").json()))
        for _ in range(10)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len({answer["attempt_id"] for answer in answers}) == 1
    assert sorted(answer["repeated"] for answer in answers) == [False] + [True] * 9


def test_a_handoff_that_has_ended_is_answered_with_200_and_its_result(bot: Bot):
    handoff_id = bot.begin()
    bot.act(handoff_id, "accept")
    ended = bot.ended(handoff_id)
    again = bot.create(handoff_id=handoff_id)
    bot.act(handoff_id, "end")
    assert again.status_code == 200
    assert (ended["outcome"], ended["waiting"]) == ("accepted", None)
    assert ended["agent"] == bot.desk()[ended["conversation_id"]]["agent"]
    assert again.json() == {**ended, "repeated": True}


def test_a_long_poll_returns_as_soon_as_an_agent_joins(bot: Bot):
    handoff_id = bot.begin(timeout_s=3600)
    answers = []
    poll = threading.Thread(target=lambda: answers.append(bot.ended(handoff_id)))
    poll.start()
    bot.act(handoff_id, "accept")
    poll.join(10)
    bot.act(handoff_id, "end")
    assert answers[0]["outcome"] == "accepted"


def test_a_long_poll_that_runs_out_answers_with_the_state_as_it_stands(bot: Bot):
    handoff_id = bot.begin(timeout_s=3600)
    answer = bot.http.get(f"/v1/handoffs/{handoff_id}/wait", params={"timeout_s": 0.1})
    assert answer.status_code == 200
    assert answer.json()["outcome"] is None
    assert answer.json()["waiting"]["queue"] == "General"


def test_nobody_comes_and_the_bot_gets_its_failure_path(bot: Bot):
    handoff_id = bot.begin(intent="disputecharge")
    ended = bot.ended(handoff_id)
    assert (ended["outcome"], ended["failure_path"]) == ("timed_out", "callback")
    assert ended["failure_text"] == "Our disputes team is busy. We call you back today."
    assert ended["queue"] == "Payments"
    assert ended["wait_s"] == pytest.approx(150, abs=30)


def test_an_abandoned_handoff_ends_as_abandoned_and_is_cancelled_in_8x8(bot: Bot):
    handoff_id = bot.begin(timeout_s=3600)
    ended = bot.http.post(f"/v1/handoffs/{handoff_id}/abandon").json()
    assert ended["outcome"] == "abandoned"
    assert bot.desk()[ended["conversation_id"]]["state"] == "idle"


def test_bot_and_agent_talk_until_the_bot_hangs_up(bot: Bot):
    handoff_id = bot.begin()
    path = f"/v1/handoffs/{handoff_id}"
    bot.act(handoff_id, "accept")
    ended = bot.ended(handoff_id)
    assert bot.http.post(f"{path}/typing").status_code == 204
    said = bot.http.post(f"{path}/messages", json={"text": "¿Hola? 👋"})
    assert said.status_code == 204
    notes = bot.desk()[ended["conversation_id"]]["case_notes"]
    assert [note["text"] for note in notes if note["author"] == "user"] == ["¿Hola? 👋"]
    assert bot.http.post(f"{path}/feedback", json={"resolved": True}).status_code == 204
    assert bot.http.post(f"{path}/end").status_code == 204
    assert bot.desk()[ended["conversation_id"]]["state"] == "idle"
    late = bot.http.post(f"{path}/messages", json={"text": "still there?"})
    assert late.status_code == 409


def test_an_unknown_handoff_is_404_everywhere(bot: Bot):
    path = "/v1/handoffs/nobody-knows"
    answers = [
        bot.http.get(path),
        bot.http.get(f"{path}/wait"),
        bot.http.get(f"{path}/events"),
        bot.http.post(f"{path}/abandon"),
        bot.http.post(f"{path}/end"),
        bot.http.post(f"{path}/typing"),
        bot.http.post(f"{path}/messages", json={"text": "hello"}),
        bot.http.post(f"{path}/feedback", json={"resolved": False}),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}


def test_an_id_may_hold_slashes_question_marks_and_any_letter(bot: Bot):
    handoff_id = "línea 4/wait?x=1#نعم"
    created = bot.create(handoff_id=handoff_id)
    assert created.headers["location"] == f"/v1/handoffs/{quote(handoff_id, safe='')}"
    read = bot.http.get(created.headers["location"])
    assert read.json()["attempt_id"] == created.json()["attempt_id"]


def test_events_of_a_handoff_come_as_server_sent_events_from_its_beginning(bot: Bot):
    handoff_id = bot.begin(timeout_s=3600)
    bot.act(handoff_id, "accept")
    ended = bot.ended(handoff_id)
    bot.act(handoff_id, "write", text="Good afternoon ☀")
    bot.act(handoff_id, "end")
    with bot.http.stream("GET", f"/v1/handoffs/{handoff_id}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = _events("".join(answer.iter_text()))
    kinds = [event["kind"] for event in events]
    assert kinds == ["created", "step", "waiting", "accepted", "outcome", "message", "ended"]
    told = {event["kind"]: event["data"] for event in events}
    assert told["accepted"] == {"agent": ended["agent"], "queue": "General"}
    assert told["message"] == {"text": "Good afternoon ☀"}
    assert told["ended"] == {"by": "agent"}
    assert all(event["at"].startswith("2026-11-24T1") for event in events)
    assert all(event["at"].endswith("Z") for event in events)


def test_events_of_a_handoff_another_process_ended_are_its_outcome(bot: Bot):
    handoff_id = bot.begin(timeout_s=3600)
    ended = bot.http.post(f"/v1/handoffs/{handoff_id}/abandon").json()
    home = bot.settings.home
    with (
        serving(home) as other,
        other.http.stream("GET", f"/v1/handoffs/{handoff_id}/events") as answer,
    ):
        events = _events("".join(answer.iter_text()))
    assert [event["kind"] for event in events] == ["outcome"]
    assert events[0]["data"]["attempt_id"] == ended["attempt_id"]


def _events(text: str) -> list[dict]:
    frames = [frame for frame in text.split("\n\n") if frame and not frame.startswith(":")]
    lines = [dict(line.split(": ", 1) for line in frame.splitlines()) for frame in frames]
    found = [json.loads(line["data"]) for line in lines]
    assert [line["event"] for line in lines] == [event["kind"] for event in found]
    return found
