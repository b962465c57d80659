"""8x8 takes at most 30 properties and 200 messages, and only some assignments: else 400."""

import pytest

from tests.connector.sandbox.tenancy import CONVERSATIONS, live, played


def pairs(count):
    return [{"key": f"key {number}", "value": "x"} for number in range(count)]


def lines(count):
    return {"messages": [{"authorType": "user", "text": "x"}] * count}


def refused(sent, field, code=None):
    @live
    async def check():
        async with played() as t:
            answer = await t.http.post(CONVERSATIONS, json={"channelId": t.channel["id"], **sent})
            assert answer.status_code == 400, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            body = answer.json()
            assert body["validations"][0]["field"] == field
            assert body["errors"][0]["message"]
            if code:
                assert body["errors"][0]["code"] == body["validations"][0]["code"] == code
            assert t.sandbox.tenant.conversations == {}

    check()


@live
async def test_thirty_properties_and_two_hundred_messages_are_taken():
    async with played() as t:
        user = {"name": "Ann", "additionalProperties": pairs(30)}
        sent = {"channelId": t.channel["id"], "user": user, "history": lines(200)}
        assert (await t.http.post(CONVERSATIONS, json=sent)).status_code == 202


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"user": {"additionalProperties": pairs(31)}}, "user.additionalProperties"),
        ({"user": {}, "history": lines(201)}, "history.messages"),
        ({"user": {"additionalProperties": [{"key": "k"}]}}, "user.additionalProperties.0.value"),
        (
            {"user": {"additionalProperties": [{"key": "k", "value": 5}]}},
            "user.additionalProperties.0.value",
        ),
        ({}, "user"),
        ({"user": {"email": "nobody"}}, "user.email"),
        ({"user": {}, "assignment": {"type": "agent", "id": "agent-01"}}, "assignment.type"),
        ({"user": {}, "history": {"messages": [{"authorType": "agent", "text": "x"}]}},
         "history.messages.0.authorType"),
        ({"channelId": 5, "user": {}}, "channelId"),
    ],
)  # fmt: skip
def test_anything_over_the_limits_is_refused_with_the_field_named(sent, field):
    refused(sent, field)


@pytest.mark.parametrize("queue", ["999", "901", ""])
def test_a_queue_that_is_not_a_chat_queue_is_an_invalid_queue(queue):
    assignment = {"type": "queue", "id": queue}
    refused({"user": {}, "assignment": assignment}, "assignment.id", "invalid_queue")


def test_an_unknown_channel_is_refused():
    refused({"channelId": "none", "user": {}}, "channelId", "invalid_channel")


@live
async def test_a_new_assignment_to_an_unknown_queue_is_refused_and_changes_nothing():
    async with played() as t:
        made = await t.create("102")
        await t.told(made, "queued 102")
        sent = {"assignment": {"type": "queue", "id": "112"}}
        answer = await t.http.patch(f"{CONVERSATIONS}/{made}", json=sent)
        assert answer.status_code == 400
        assert answer.json()["errors"] == [
            {"code": "invalid_queue", "message": "Queue ID 112 is invalid."}
        ]
        assert (await t.read(made))["assignment"]["id"] == "102"


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b'"text"', b"\xff"])
def test_a_body_that_is_no_json_object_is_a_400(body):
    @live
    async def check():
        async with played() as t:
            answer = await t.http.post(CONVERSATIONS, content=body)
            assert answer.status_code == 400

    check()
