"""The judge itself: it lets pass what 8x8's file allows, and nothing else."""

import json

import pytest
import yaml

from tests.contract.conformance import assert_conforms, assert_event_conforms, problems
from tests.contract.exchange import Exchange
from tests.contract.openapi import FILE, REQUIRED_BUT_UNDEFINED, Contract, load_contract

KEY = {"x-api-key": "k", "x-8x8-tenant": "t"}
GATEWAY = "http://127.0.0.1:1/chat-gateway/v1"
PROBLEM = {"message": "Rate limit exceeded", "errors": [{"code": "x", "message": "y"}]}


def exchange(method, path, sent=None, status=200, answered=None, media="application/hal+json"):
    body = b"" if sent is None else json.dumps(sent).encode()
    asked = {**KEY, **({"content-type": "application/json"} if body else {})}
    answer = b"" if answered is None else json.dumps(answered).encode()
    url = path if path.startswith("http") else GATEWAY + path
    headers = {"content-type": media} if answer else {}
    return Exchange(method, url, asked, body, status, headers, answer)


def create(status=202, media="application/hal+json", answered=None, **sent):
    answered = answered or {"conversationId": "c1", "createdAt": "2021-01-30T08:30:00Z"}
    return exchange(
        "POST", "/conversations", {"channelId": "1", "user": {}, **sent}, status, answered, media
    )


GOOD = {
    "create": create(
        user={"name": "Ann", "additionalProperties": [{"key": "a", "value": "b"}]},
        assignment={"type": "queue", "id": "101"},
        history={"messages": [{"authorType": "user", "text": "hi"}] * 200},
    ),
    "participants without data": exchange(
        "GET",
        "/conversations/c1/participants",
        answered={"_embedded": {"participants": [{"id": "agTom", "type": "agent"}]}},
    ),
    "messages without messages": exchange(
        "GET",
        "/conversations/c1/messages?page=0&size=100&sort=createdAt%3Aasc",
        answered={"_embedded": {"messages": []}},
    ),
    "key as object": exchange(
        "GET",
        "/jwk/EXaiWfZe20/public",
        answered={"kty": "RSA", "e": "AQAB", "n": "x", "kid": "EXaiWfZe20"},
        media="application/json",
    ),
    "429": create(429, "application/problem+json", PROBLEM),
    "ended": exchange("PATCH", "/conversations/c1/participants/user", {"removed": True}, 204),
}
BAD = {
    "no channel": (create(channelId=None), "channelId"),
    "agent on input": (create(assignment={"type": "agent", "id": "a"}), "assignment.type"),
    "31 properties": (
        create(user={"additionalProperties": [{"key": "a", "value": "b"}] * 31}),
        "at most 30",
    ),
    "201 messages": (
        create(history={"messages": [{"authorType": "user", "text": "x"}] * 201}),
        "at most 200",
    ),
    "number as value": (
        create(user={"additionalProperties": [{"key": "a", "value": 1}]}),
        "value",
    ),
    "agent as author": (
        exchange("POST", "/conversations/c1/messages", {"authorType": "agent", "text": "x"}, 202),
        "authorType",
    ),
    "wrong media type": (create(media="application/json"), "application/json"),
    "wrong success": (create(status=201), "201"),
    "answer of another shape": (
        exchange("GET", "/conversations/c1", answered={"id": 5}),
        "5",
    ),
    "state nobody knows": (
        exchange("GET", "/conversations/c1", answered={"id": "c1", "state": "ended"}),
        "ended",
    ),
    "key as text": (
        exchange("GET", "/jwk/E/public", answered="x", media="application/json"),
        "object",
    ),
    "one version": (
        exchange(
            "POST",
            "/webhooks",
            {"name": "a", "uri": "https://b.example", "version": "Chat Gateway v1.0"},
            200,
            {"id": "1"},
        ),
        "notificationVersion",
    ),
    "another version": (
        exchange(
            "POST",
            "/webhooks",
            {
                "name": "a",
                "uri": "https://b.example",
                "version": "Chat Gateway v1.0",
                "notificationVersion": "v2",
            },
            200,
            {"id": "1"},
        ),
        "v2",
    ),
    "unknown path": (exchange("GET", "/queues", answered={}), "Path not found"),
    "undocumented api": (exchange("GET", "http://127.0.0.1:1/cc/v1/other"), "documented"),
    "queues of another shape": (
        exchange("GET", "http://127.0.0.1:1/cc/v1/stats/rt/queues", answered={"queue": [{}]}),
        "queue-id",
    ),
    "429 without a shape": (create(429, "application/problem+json", {"error": 1}), "message"),
    "503 with a wait nobody understands": (
        Exchange(
            "GET",
            GATEWAY + "/channels",
            KEY,
            b"",
            503,
            {"content-type": "application/problem+json", "retry-after": "soon"},
            json.dumps(PROBLEM).encode(),
        ),
        "retry-after",
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_8x8_documents_conforms(name, shared_reference):
    assert_conforms([GOOD[name]], shared_reference)


@pytest.mark.parametrize("name", BAD)
def test_what_8x8_does_not_document_is_named(name, shared_reference):
    wrong, said = BAD[name]
    found = list(problems(wrong, load_contract(shared_reference)))
    assert found
    assert said in "\n".join(found)
    with pytest.raises(AssertionError):
        assert_conforms([wrong], shared_reference)


def test_a_request_without_a_key_is_named(shared_reference):
    bare = Exchange("GET", GATEWAY + "/channels", {}, b"", None)
    assert "Security" in "\n".join(problems(bare, load_contract(shared_reference)))


def test_an_empty_record_proves_nothing(shared_reference):
    with pytest.raises(AssertionError, match="nothing was recorded"):
        assert_conforms([], shared_reference)


@pytest.fixture(scope="module")
def as_published(shared_reference):
    return yaml.safe_load((shared_reference / FILE).read_text())


@pytest.mark.parametrize("name", REQUIRED_BUT_UNDEFINED)
def test_the_file_still_requires_what_it_does_not_define(name, as_published):
    """When 8x8 mends its file, the tolerance must go."""
    schema = as_published["components"]["schemas"][name]
    parts = [schema, *schema.get("allOf", ())]
    required = {field for part in parts for field in part.get("required", ())}
    defined = {field for part in parts for field in part.get("properties", ())}
    assert REQUIRED_BUT_UNDEFINED[name] <= required - defined


@pytest.mark.parametrize(
    "name", ["participants without data", "messages without messages", "key as object"]
)
def test_without_its_tolerances_the_file_would_refuse_what_8x8_answers(name, as_published):
    assert Contract(as_published).check_response(GOOD[name])


EVENT = {"conversationId": "c1", "timestamp": 1_611_995_400_250}
SIGNED = {
    "X-8x8-Tenant-Id": "t",
    "x-8x8-customer-id": "c",
    "x-8x8-event-id": "e",
    "x-8x8-retry": "0",
    "x-8x8-transmission-time": "1611995400250",
    "x-8x8-signature": "abc..def",
}


def test_an_event_as_documented_conforms():
    queued = {**EVENT, "eventType": "QUEUED", "data": {"queueId": "1", "queueName": "Cards"}}
    assert_event_conforms(json.dumps(queued).encode(), SIGNED)
    assert_event_conforms(json.dumps({**EVENT, "eventType": "TRANSFER"}).encode(), SIGNED)
    verify = {"eventType": "WEB_HOOK_VERIFY", "notificationVersion": "Chat Gateway v1.0"}
    assert_event_conforms(json.dumps(verify).encode(), {})


@pytest.mark.parametrize(
    "event",
    [
        {**EVENT, "eventType": "NO_AGENTS"},
        {**EVENT, "eventType": "QUEUED", "data": {"queueId": 1, "queueName": "Cards"}},
        {**EVENT, "eventType": "QUEUED", "data": {"queueId": "1"}},
        {**EVENT, "eventType": "TRANSFER", "data": {"queueId": "1"}},
        {"eventType": "TRANSFER", "conversationId": "c1"},
        {**EVENT, "timestamp": "2021-01-30T08:30:00Z", "eventType": "TRANSFER"},
        {**EVENT, "eventType": "CONVERSATION_UPDATE", "data": {"state": "ended"}},
    ],
)
def test_an_event_that_8x8_does_not_send_is_refused(event):
    with pytest.raises(ValueError, match="validation error"):
        assert_event_conforms(json.dumps(event).encode(), SIGNED)


@pytest.mark.parametrize("name", SIGNED)
def test_an_event_without_its_headers_is_refused(name):
    headers = {other: value for other, value in SIGNED.items() if other != name}
    body = json.dumps({**EVENT, "eventType": "TRANSFER"}).encode()
    with pytest.raises(ValueError, match=name.lower()):
        assert_event_conforms(body, headers)
