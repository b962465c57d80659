"""Webhook events, read (8x8-api section 2.4)."""

import json
from datetime import datetime

import pytest

from connector.eight import Event, is_test_event, parse_event
from connector.errors import SignatureRefused

AT = 1_611_995_400_250
HEADERS = {"X-8x8-Event-Id": "e1"}


def event(event_type, data=None, **more):
    body = {"eventType": event_type, "conversationId": "c1", "timestamp": AT, **more}
    if data is not None:
        body["data"] = data
    return parse_event(json.dumps(body).encode(), HEADERS)


def told(found):
    """Everything an event says, but for what it does not."""
    names = (
        "agent_joined", "agent_left", "transfer", "idle", "queued", "assigned_agent",
        "attempt_id", "agent_text", "typing", "is_verify",
    )  # fmt: skip
    return {
        name: getattr(found, name) for name in names if getattr(found, name) not in (None, False)
    }


def test_the_envelope_is_read():
    found = event("QUEUED", {"queueId": 101, "queueName": "General"})
    assert found == Event(
        "e1",
        "QUEUED",
        "c1",
        datetime(2021, 1, 30, 8, 30, 0, 250_000),
        {"queueId": 101, "queueName": "General"},
    )


@pytest.mark.parametrize(
    ("event_type", "data", "says"),
    [
        ("QUEUED", {"queueId": 101, "queueName": "General"}, {"queued": ("101", "General")}),
        ("QUEUED", {"queueId": "101"}, {"queued": ("101", "101")}),
        ("QUEUED", {}, {}),
        (
            "MEMBERS_CHANGED",
            {"memberType": "agent", "change": "joined", "id": "agTom"},
            {"agent_joined": "agTom"},
        ),
        (
            "MEMBERS_CHANGED",
            {"memberType": "agent", "change": "left", "id": "agTom"},
            {"agent_left": "agTom"},
        ),
        ("MEMBERS_CHANGED", {"memberType": "user", "change": "joined", "id": "user"}, {}),
        (
            "MEMBERS_CHANGED",
            {"memberType": "agent", "change": "joined"},
            {"agent_joined": "agent"},
        ),
        ("AGENT_JOINED", {"agentId": "agTom"}, {"agent_joined": "agTom"}),
        ("AGENT_LEFT", {"agentId": "agTom"}, {"agent_left": "agTom"}),
        ("TRANSFER", {}, {"transfer": True}),
        ("TRANSFER", None, {"transfer": True}),
        ("CONVERSATION_UPDATE", {"state": "idle"}, {"idle": True}),
        ("CONVERSATION_UPDATE", {"state": "active"}, {}),
        (
            "CONVERSATION_UPDATE",
            {"state": "active", "assignment": {"type": "agent", "id": "agTom"}},
            {"assigned_agent": "agTom"},
        ),
        (
            "CONVERSATION_UPDATE",
            {"state": "created", "assignment": {"type": "queue", "id": "101"}},
            {},
        ),
        (
            "CONVERSATION_UPDATE",
            {"user": {"additionalProperties": [{"key": "attempt_id", "value": "a1"}]}},
            {"attempt_id": "a1"},
        ),
        ("MESSAGE", {"sender": {"type": "agent"}, "text": "Hi"}, {"agent_text": "Hi"}),
        ("MESSAGE", {"sender": {"type": "agent"}, "text": "Hi", "isEcho": True}, {}),
        ("MESSAGE", {"sender": {"type": "user"}, "text": "Hi"}, {}),
        ("MESSAGE", {"sender": {"type": "system"}, "text": "Hi"}, {}),
        ("MESSAGE", {"sender": {"type": "agent"}}, {}),
        ("TEXT", {"sender": {"type": "agent"}, "text": "Hi"}, {"agent_text": "Hi"}),
        (
            "MESSAGE",
            {
                "sender": {"type": "agent"},
                "text": "See this",
                "attachments": [
                    {"id": "1", "fileName": "form.pdf", "preSignedUrl": "https://f.example/1"},
                    {"id": "2", "preSignedUrl": "https://f.example/2"},
                    {"id": "3"},
                    "odd",
                ],
            },
            {"agent_text": "See this\nform.pdf: https://f.example/1\nFile: https://f.example/2"},
        ),
        ("ACTIVITY", {"name": "typing", "value": {"users": ["agTom"]}}, {"typing": True}),
        ("ACTIVITY", {"name": "typing"}, {"typing": True}),
        ("ACTIVITY", {"name": "quickReply/action"}, {}),
        ("SOMETHING_NEW", {"x": 1}, {}),
    ],
)  # fmt: skip
def test_what_an_event_says(event_type, data, says):
    assert told(event(event_type, data)) == says


@pytest.mark.parametrize("data", [{"value": {"users": []}}, {"users": []}])
def test_typing_without_users_has_stopped(data):
    assert event("ACTIVITY", {"name": "typing", **data}).typing is False


def test_the_older_flat_form_is_read():
    found = event("AGENT_JOINED", None, agentId="agTom", agentName="Tom")
    assert found.agent_joined == "agTom"


def test_a_test_event_has_no_conversation_and_takes_its_time_from_the_transmission():
    body = b'{"notificationVersion":"Chat Gateway v1.0","eventType":"WEB_HOOK_VERIFY"}'
    found = parse_event(body, {"x-8x8-transmission-time": str(AT)})
    assert found.is_verify
    assert (found.conversation_id, found.at.year) == ("", 2021)


def test_a_test_event_is_known_without_its_headers():
    assert is_test_event(b'{"eventType":"WEB_HOOK_VERIFY"}')
    for other in (b'{"eventType":"TRANSFER"}', b"{", b"", b"[]", b"\xff"):
        assert not is_test_event(other)


def test_without_an_event_id_the_same_body_is_the_same_event():
    body = b'{"eventType":"TRANSFER","conversationId":"c1"}'
    assert parse_event(body, {}).event_id == parse_event(body, {}).event_id
    assert parse_event(body, {}).event_id != parse_event(body + b" ", {}).event_id


@pytest.mark.parametrize(
    "timestamp", [None, "soon", 10**30, -(10**30), [], {}, 1.5, "1611995400250"]
)
def test_an_odd_timestamp_is_no_error(timestamp):
    assert isinstance(event("TRANSFER", {}, timestamp=timestamp).at, datetime)


@pytest.mark.parametrize(
    "odd",
    [None, [], "text", 3, {"memberType": ["agent"]}, {"assignment": "x"}, {"sender": 1},
     {"user": {"additionalProperties": "x"}}, {"attachments": {}}, {"value": []}],
)  # fmt: skip
@pytest.mark.parametrize(
    "event_type", ["CONVERSATION_UPDATE", "MEMBERS_CHANGED", "MESSAGE", "ACTIVITY", "QUEUED"]
)
def test_odd_data_says_nothing_and_breaks_nothing(event_type, odd):
    body = {"eventType": event_type, "conversationId": "c1", "timestamp": AT, "data": odd}
    said = told(parse_event(json.dumps(body).encode(), HEADERS))
    assert said in ({}, {"typing": True})


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"1", b'"x"', b"{}", b'{"eventType":1}', b"\xff\xfe", b"[" * 100_000]
)
def test_a_body_that_is_no_event_is_refused(body):
    with pytest.raises(SignatureRefused):
        parse_event(body, HEADERS)
