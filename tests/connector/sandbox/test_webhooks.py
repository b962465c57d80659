"""Delivery of events. Signatures are checked here with plain cryptography, on their own."""

import asyncio
import base64
import json
import zlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from tests.connector.sandbox.tenancy import GATEWAY, live, played, tenancy, until


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def verify(t, headers, body):
    """8x8 Chat Gateway v1, signature of webhook events: raises InvalidSignature."""
    protected, content, signature = headers["x-8x8-signature"].split(".")
    header = json.loads(unpadded(protected))
    assert (content, header["alg"], header["b64"]) == ("", "RS256", False)
    jwk = (await t.http.get(f"{GATEWAY}/jwk/{header['kid']}/public")).json()
    n, e = (int.from_bytes(unpadded(jwk[part]), "big") for part in ("n", "e"))
    payload = (
        f'{{"checksum":{zlib.crc32(body)},"cid":"{headers["x-8x8-customer-id"]}",'
        f'"eid":"{headers["x-8x8-event-id"]}","retry":{headers["x-8x8-retry"]},'
        f'"tid":"{headers["x-8x8-tenant-id"]}","tt":{headers["x-8x8-transmission-time"]}}}'
    )
    key = RSAPublicNumbers(e, n).public_key()
    key.verify(unpadded(signature), f"{protected}.{payload}".encode(), PKCS1v15(), SHA256())


def deliveries(t, made, event_type):
    return [
        (headers, body)
        for headers, body, event in t.receiver.arrived
        if event.get("conversationId") == made and event["eventType"] == event_type
    ]


@live
async def test_every_event_is_signed_so_that_it_can_be_verified():
    async with tenancy(speed=500) as t:
        made = await t.create("102", name="Ann \U0001f600 مرحبا")
        await t.taken(made)
        for headers, body, _ in t.receiver.arrived:
            await verify(t, headers, body)
            assert headers["x-8x8-tenant-id"] == t.sandbox.tenant_id
            assert headers["content-type"] == "application/json"
        headers, body, _ = t.receiver.arrived[-1]
        with pytest.raises(InvalidSignature):
            await verify(t, headers, body.replace(made.encode(), b"x"))


@pytest.mark.parametrize("status", [500, 401, 302])
def test_what_is_not_taken_is_sent_again_under_the_same_id(status):
    @live
    async def check():
        async with played() as t:
            t.receiver.answers[:] = [status, status]
            made = await t.create()
            await t.told(made, "queued 102")
            await until(lambda: len(deliveries(t, made, "CONVERSATION_UPDATE")) == 4)
            again = [h for h, _, e in t.receiver.arrived if _is(e, "created") or _is(e, "active")]
            ids = [headers["x-8x8-event-id"] for headers in again]
            retries = {headers["x-8x8-event-id"]: headers["x-8x8-retry"] for headers in again}
            assert (len(ids), len(set(ids))) == (4, 2)
            assert sorted(retries.values()) in (["0", "2"], ["1", "1"])
            times = {headers["x-8x8-transmission-time"] for headers in again}
            assert len(times) == 4
            for headers, body, _ in t.receiver.arrived:
                await verify(t, headers, body)

    check()


def _is(event, state):
    return event.get("data", {}).get("state") == state


@live
async def test_events_keep_their_order_while_the_receiver_is_away():
    async with played() as t:
        t.receiver._server.close()
        made = await t.create("102")
        await until(lambda: t.sandbox.tenant.conversations[made].state == "active")
        await t.play(made, "accept", agent="agent-01")
        await t.play(made, "end")
        port = int(t.webhook["uri"].split(":")[2].split("/")[0])
        await _listen_again(t.receiver, port)
        story = await t.told(made, "idle agent agent-01")
        assert story == [
            "created queue 102",
            "active queue 102",
            "queued 102",
            "agent joined agent-01",
            "active agent agent-01",
            "agent left agent-01",
            "idle agent agent-01",
        ]


async def _listen_again(receiver, port):
    receiver._server = await asyncio.start_server(receiver._serve, "127.0.0.1", port)


@live
async def test_a_late_event_is_overtaken_by_the_next():
    async with played(speed=10) as t:
        await t.webhook_fault("late", seconds=3, times=1)
        made = await t.create("102")
        story = await t.told(made, "created queue 102")
        assert story == ["active queue 102", "queued 102", "created queue 102"]


@live
async def test_an_event_delivered_twice_has_one_id():
    async with played() as t:
        await t.webhook_fault("twice", event_type="QUEUED")
        made = await t.create("102")
        await until(lambda: t.story(made).count("queued 102") == 2)
        ids = {headers["x-8x8-event-id"] for headers, _ in deliveries(t, made, "QUEUED")}
        assert len(ids) == 1


@live
async def test_an_event_out_of_order_comes_after_the_one_that_follows_it():
    async with played() as t:
        await t.webhook_fault("out_of_order", times=1)
        made = await t.create("102")
        story = await t.told(made, "created queue 102")
        assert story.index("active queue 102") < story.index("created queue 102")


@live
async def test_an_event_out_of_order_is_not_lost_when_none_follows():
    async with played() as t:
        await t.webhook_fault("out_of_order", event_type="QUEUED")
        made = await t.create("102")
        assert await t.told(made, "queued 102")


@live
async def test_an_unsigned_event_lacks_the_signature_and_nothing_else():
    async with played() as t:
        await t.webhook_fault("unsigned", times=1)
        made = await t.create("102")
        await t.told(made, "queued 102")
        unsigned, signed, *_ = deliveries(t, made, "CONVERSATION_UPDATE")
        assert set(signed[0]) - set(unsigned[0]) == {"x-8x8-signature"}


@live
async def test_a_wrongly_signed_event_does_not_verify():
    async with played() as t:
        await t.webhook_fault("wrongly_signed", times=1)
        made = await t.create("102")
        await t.told(made, "queued 102")
        wrong, right, *_ = deliveries(t, made, "CONVERSATION_UPDATE")
        with pytest.raises(InvalidSignature):
            await verify(t, *wrong)
        await verify(t, *right)


@live
async def test_an_event_may_never_come():
    async with played() as t:
        await t.webhook_fault("never", event_type="QUEUED", times=1)
        made = await t.create("102")
        await t.told(made, "active queue 102")
        await t.play(made, "accept", agent="agent-01")
        await t.told(made, "active agent agent-01")
        assert "queued 102" not in t.story(made)
        shown = await t.http.get("/sandbox/deliveries", params={"conversation_id": made})
        lost = [item for item in shown.json()["deliveries"] if item["given_up"]]
        assert [(item["type"], item["fault"]) for item in lost] == [("QUEUED", "never")]


@live
async def test_a_deleted_webhook_gets_nothing_more():
    async with played() as t:
        await t.http.delete(f"{GATEWAY}/webhooks/{t.webhook['id']}")
        made = await t.create("102")
        await until(lambda: t.sandbox.tenant.conversations[made].state == "active")
        assert (t.story(made), t.sandbox.tenant.courier.under_way) == ([], 0)
