"""Answers that the connector never asks for conform to 8x8's file too, refusals included."""

import pytest

from tests.connector.sandbox.tenancy import CONVERSATIONS, GATEWAY, live, played
from tests.contract.exchange import RecordingTransport
from tests.contract.openapi import load_contract

ONE = CONVERSATIONS + "/{id}"
OPERATIONS = [
    ("GET", GATEWAY + "/webhooks"),
    ("POST", GATEWAY + "/webhooks"),
    ("POST", GATEWAY + "/webhooks/verify"),
    ("GET", GATEWAY + "/webhooks/x"),
    ("PUT", GATEWAY + "/webhooks/x"),
    ("DELETE", GATEWAY + "/webhooks/x"),
    ("GET", GATEWAY + "/jwk/x/public"),
    ("GET", GATEWAY + "/channels"),
    ("POST", GATEWAY + "/channels"),
    ("GET", GATEWAY + "/channels/x"),
    ("PUT", GATEWAY + "/channels/x"),
    ("DELETE", GATEWAY + "/channels/x"),
    ("GET", CONVERSATIONS),
    ("POST", CONVERSATIONS),
    ("GET", ONE),
    ("PUT", ONE),
    ("PATCH", ONE),
    ("GET", ONE + "/interactions"),
    ("POST", ONE + "/post-agent-assignment"),
    ("POST", ONE + "/typing"),
    ("POST", ONE + "/thinking"),
    ("POST", ONE + "/read-receipt"),
    ("GET", ONE + "/participants"),
    ("PATCH", ONE + "/participants/user"),
    ("GET", ONE + "/messages"),
    ("POST", ONE + "/messages"),
    ("GET", ONE + "/messages/x"),
    ("GET", ONE + "/attachments"),
    ("POST", ONE + "/attachments"),
    ("GET", ONE + "/attachments/x"),
    ("GET", ONE + "/attachments/x/content"),
]


def recorded(t):
    """What the client says from now on."""
    recording = t.http._transport = RecordingTransport(t.http._transport)
    return recording


@live
async def sweep(shared_reference):
    async with played() as t:
        recording = recorded(t)
        made = await t.create("102", name="Ann", history=[{"authorType": "bot", "text": "Hi"}])
        await t.told(made, "queued 102")
        one = f"{CONVERSATIONS}/{made}"
        whole = {
            "channelId": t.channel["id"],
            "user": {"name": "Anna"},
            "assignment": {"type": "queue", "id": "106"},
        }
        await t.http.put(one, json=whole)
        await t.told(made, "queued 106")
        await t.play(made, "accept", agent="agent-14")
        for path in ("", "/interactions", "/participants", "/messages", "/attachments"):
            assert (await t.http.get(one + path)).status_code == 200
        message = (await t.http.get(one + "/messages")).json()["_embedded"]["messages"][0]
        await t.http.get(f"{one}/messages/{message['id']}")
        await t.http.post(one + "/thinking", json={"maxThinkingTimeSeconds": 5})
        await t.http.post(one + "/read-receipt", json={"authorType": "user", "readAt": 1})
        await t.http.post(one + "/typing", json={"authorType": "bot"})
        back = {"type": "webhook", "id": t.webhook["id"], "configuration": {"maxTotalMinutes": 20}}
        await t.http.post(one + "/post-agent-assignment", json=back)
        file = {"attachment": ("card.txt", b"a scan", "text/plain")}
        added = await t.http.post(one + "/attachments", files=file, data={"authorType": "user"})
        sent = {"authorType": "user", "text": "Here", "attachments": [{"id": added.json()["id"]}]}
        await t.http.post(one + "/messages", json=sent)
        await t.http.get(f"{one}/attachments/{added.json()['id']}")
        await t.http.get(GATEWAY + "/channels", params={"filter": "name==b*", "sort": "id:desc"})
        exchanges = [each for each in recording.exchanges if "/sandbox/" not in each.path]
    assert all(each.status < 300 for each in exchanges)
    contract = load_contract(shared_reference)
    asked = [each for each in exchanges if _is_plain(each)]
    assert [problem for each in asked for problem in contract.check_request(each)] == []
    # The file types an interaction's times as dates, and shows them with the time of day.
    answered = [each for each in exchanges if not each.path.endswith("/interactions")]
    assert [problem for each in answered for problem in contract.check_response(each)] == []


def _is_plain(exchange):
    """An upload is in parts, which the judge reads from a browser's form only."""
    return "multipart" not in exchange.request_headers.get("content-type", "")


def test_every_operation_answers_as_the_file_says(shared_reference):
    sweep(shared_reference)


@pytest.mark.parametrize(
    "kind",
    [
        "invalid_queue",
        "key",
        "tenant",
        "product",
        "not_found",
        "rate_limited",
        "server_error",
        "unavailable",
    ],
)
def test_every_refusal_of_every_operation_has_a_shape_the_file_allows(kind, shared_reference):
    @live
    async def check():
        async with played() as t:
            recording = recorded(t)
            made = await t.create()
            await t.fault(kind)
            for method, path in OPERATIONS:
                await t.http.request(method, path.format(id=made), json={})
            return [each for each in recording.exchanges if each.status >= 400]

    contract = load_contract(shared_reference)
    refused = check()
    assert len(refused) == len(OPERATIONS)
    assert [problem for each in refused for problem in contract.check_response(each)] == []


def test_real_refusals_have_the_shapes_of_the_file(shared_reference):
    @live
    async def check():
        async with played() as t:
            recording = recorded(t)
            made = await t.create()
            for method, path in OPERATIONS:
                for conversation in (made, "none"):
                    for body in ({}, {"authorType": "agent", "uri": 5, "removed": "x"}):
                        url = path.format(id=conversation)
                        await t.http.request(method, url, json=body)
            return [each for each in recording.exchanges if each.status >= 400]

    contract = load_contract(shared_reference)
    refused = check()
    assert {each.status for each in refused} == {400, 404}
    assert [problem for each in refused for problem in contract.check_response(each)] == []
