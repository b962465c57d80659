import pytest

from tests.connector.sandbox.tenancy import GATEWAY, live, played

WEBHOOKS, CHANNELS = GATEWAY + "/webhooks", GATEWAY + "/channels"
VERSION = "Chat Gateway v1.0"


@live
async def test_a_webhook_is_verified_kept_changed_and_deleted():
    async with played() as t:
        sent = {"name": "second", "uri": t.receiver.uri + "/2", "notificationVersion": VERSION}
        made = (await t.http.post(WEBHOOKS, json=sent)).json()
        assert made == {"id": made["id"], "name": "second", "uri": sent["uri"], "version": VERSION}
        _, _, event = t.receiver.arrived[-1]
        assert event == {"notificationVersion": VERSION, "eventType": "WEB_HOOK_VERIFY"}
        one = f"{WEBHOOKS}/{made['id']}"
        changed = (await t.http.put(one, json={**sent, "name": "renamed"})).json()
        assert (await t.http.get(one)).json() == changed == {**made, "name": "renamed"}
        names = (await t.http.get(WEBHOOKS, params={"filter": "name==renamed"})).json()
        assert [item["id"] for item in names["_embedded"]["webhooks"]] == [made["id"]]
        assert (await t.http.delete(one)).status_code == 204
        assert (await t.http.get(one)).status_code == 404
        assert (await t.http.delete(one)).status_code == 404


@live
async def test_a_webhook_that_does_not_answer_2xx_is_refused():
    async with played() as t:
        t.receiver.answers[:] = [500, 500]
        sent = {"name": "x", "uri": t.receiver.uri, "version": VERSION}
        assert (await t.http.post(WEBHOOKS, json=sent)).status_code == 400
        assert (await t.http.post(WEBHOOKS + "/verify", json=sent)).status_code == 400
        assert (await t.http.post(WEBHOOKS + "/verify", json=sent)).status_code == 204
        unreachable = {**sent, "uri": "http://127.0.0.1:1/"}
        assert (await t.http.post(WEBHOOKS, json=unreachable)).status_code == 400
        assert (await t.http.get(WEBHOOKS)).json()["page"]["totalElements"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"uri": "ftp://here/"},
        {"uri": "nowhere"},
        {"uri": "http://host/a b"},
        {"uri": "http://host:99999/"},
        {"name": ""},
        {"version": "v2.0"},
    ],
)
def test_a_webhook_with_a_mistake_is_refused(wrong):
    @live
    async def check():
        async with played() as t:
            sent = {"name": "x", "uri": t.receiver.uri, "version": VERSION, **wrong}
            assert (await t.http.post(WEBHOOKS, json=sent)).status_code == 400

    check()


@live
async def test_a_channel_is_made_changed_and_deleted():
    async with played() as t:
        sent = {
            "name": "Bank chat",
            "type": "ChatAPI",
            "webHookId": t.webhook["id"],
            "routingOptions": {"type": "queue", "id": "102"},
        }
        made = (await t.http.post(CHANNELS, json=sent)).json()
        assert made == {"id": made["id"], **sent}
        one = f"{CHANNELS}/{made['id']}"
        moved = {**sent, "routingOptions": {"type": "queue", "id": "104"}}
        assert (await t.http.put(one, json=moved)).json() == {"id": made["id"], **moved}
        assert (await t.http.get(one)).json()["routingOptions"]["id"] == "104"
        assert (await t.http.get(CHANNELS)).json()["page"]["totalElements"] == 2
        assert (await t.http.delete(one)).status_code == 204
        assert (await t.http.get(one)).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"webHookId": "none"}, "invalid_webhook"),
        ({"routingOptions": {"type": "queue", "id": "999"}}, "invalid_queue"),
        ({"type": "SMS"}, None),
        ({"routingOptions": None}, None),
    ],
)
def test_a_channel_with_a_mistake_is_refused(wrong, code):
    @live
    async def check():
        async with played() as t:
            routing = {"type": "queue", "id": "102"}
            sent = {"name": "x", "webHookId": t.webhook["id"], "routingOptions": routing, **wrong}
            answer = await t.http.post(CHANNELS, json=sent)
            assert answer.status_code == 400
            if code:
                assert answer.json()["errors"][0]["code"] == code

    check()


@live
async def test_the_public_key_needs_no_key_and_holds_nothing_private():
    async with played() as t:
        made = await t.create()
        await t.told(made, "queued 102")
        kid = _kid(t.receiver.arrived[-1][0])
        answer = await t.http.get(f"{GATEWAY}/jwk/{kid}/public", headers={"x-api-key": ""})
        assert set(answer.json()) == {"kty", "n", "e", "kid"}
        assert (await t.http.get(f"{GATEWAY}/jwk/none/public")).status_code == 404


def _kid(headers):
    import base64
    import json

    header = headers["x-8x8-signature"].split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]


@pytest.mark.parametrize("path", [WEBHOOKS, CHANNELS, "/cc/v1/stats/rt/queues", "/cc/v1/schedules"])
def test_key_and_tenant_are_checked(path):
    @live
    async def check():
        async with played() as t:
            missing = await t.http.get(path, headers={"x-api-key": "wrong"})
            assert missing.status_code == 401
            assert missing.json()["message"] == "Access Denied"
            assert missing.json()["errors"] == [
                {"code": "access_denied", "message": "Access Denied"}
            ]
            foreign = await t.http.get(path, headers={"x-8x8-tenant": "other"})
            assert foreign.status_code == 403
            assert foreign.json() == {
                "message": "The tenant does not belong to customer.",
                "errors": [
                    "Header X-8x8-Tenant doesn't match tenant information for "
                    "customerId=sandbox-customer"
                ],
            }
            # A customer with one tenant may leave the header out.
            del t.http.headers["x-8x8-tenant"]
            assert (await t.http.get(path)).status_code == 200

    check()


@live
async def test_media_types_are_those_of_8x8():
    async with played() as t:
        assert (await t.http.get(CHANNELS)).headers["content-type"] == "application/hal+json"
        stats = await t.http.get("/cc/v1/stats/rt/queues")
        assert stats.headers["content-type"] == "application/json"
        lost = await t.http.get("/nothing/here")
        assert (lost.status_code, lost.headers["content-type"]) == (404, "application/problem+json")
