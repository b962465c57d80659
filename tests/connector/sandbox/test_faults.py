import asyncio
import logging
import time

import httpx
import pytest

from tests.connector.sandbox.tenancy import CONVERSATIONS, GATEWAY, live, played


def handoff(t):
    return {"channelId": t.channel["id"], "user": {"name": "Ann"}}


REFUSALS = [
    ({"kind": "invalid_queue"}, 400, "invalid_queue"),
    ({"kind": "key"}, 401, "access_denied"),
    ({"kind": "server_error"}, 500, "internal_error"),
    ({"kind": "unavailable"}, 503, "service_unavailable"),
    ({"kind": "rate_limited", "retry_after": 7}, 429, "too_many_requests"),
    ({"kind": "not_found"}, 404, "resource_not_found"),
    ({"kind": "status", "status": 418, "code": "teapot"}, 418, "teapot"),
]


@pytest.mark.parametrize(("fault", "status", "code"), REFUSALS)
def test_a_refusal_on_demand_has_8x8s_status_and_code_and_does_no_work(fault, status, code):
    @live
    async def check():
        async with played() as t:
            await t.fault(on="create", times=1, **fault)
            answer = await t.http.post(CONVERSATIONS, json=handoff(t))
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
            assert answer.headers.get("retry-after") == ("7" if "retry_after" in fault else None)
            assert t.sandbox.tenant.conversations == {}
            assert (await t.http.post(CONVERSATIONS, json=handoff(t))).status_code == 202

    check()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("tenant", "The tenant does not belong to customer."),
        ("product", "The API product Analytics for Contact Center is not part of this key's app."),
    ],
)
def test_a_403_says_whether_tenant_or_product_is_wrong(kind, message):
    @live
    async def check():
        async with played() as t:
            await t.fault(kind, "queues")
            answer = await t.http.get("/cc/v1/stats/rt/queues")
            assert (answer.status_code, answer.json()["message"]) == (403, message)
            assert all(isinstance(error, str) for error in answer.json()["errors"])

    check()


@pytest.mark.parametrize(
    ("on", "method", "path"),
    [
        ("conversation", "GET", CONVERSATIONS + "/{id}"),
        ("conversation", "GET", CONVERSATIONS),
        ("reassign", "PATCH", CONVERSATIONS + "/{id}"),
        ("end", "PATCH", CONVERSATIONS + "/{id}/participants/user"),
        ("message", "POST", CONVERSATIONS + "/{id}/messages"),
        ("queues", "GET", "/cc/v1/stats/rt/queues"),
        ("schedules", "GET", "/cc/v1/schedules"),
        ("channels", "GET", GATEWAY + "/channels"),
        ("webhooks", "GET", GATEWAY + "/webhooks"),
        ("jwk", "GET", GATEWAY + "/jwk/x/public"),
        ("any", "GET", GATEWAY + "/channels"),
    ],
)
def test_a_fault_befalls_its_kind_of_request_alone(on, method, path):
    @live
    async def check():
        async with played() as t:
            made = await t.create()
            await t.fault("unavailable", on)
            answer = await t.http.request(method, path.format(id=made), json={})
            assert answer.status_code == 503
            other = GATEWAY + ("/webhooks" if on == "channels" else "/channels")
            assert (await t.http.get(other)).status_code == (503 if on == "any" else 200)
            await t.http.delete("/sandbox/faults")
            assert (await t.http.request(method, path.format(id=made), json={})).status_code != 503

    check()


@live
async def test_a_slow_answer_comes_late_and_the_work_is_done():
    async with played() as t:
        await t.fault("slow", "create", seconds=0.3, times=1)
        began = time.monotonic()
        assert (await t.http.post(CONVERSATIONS, json=handoff(t))).status_code == 202
        assert time.monotonic() - began >= 0.3


@live
async def test_slow_work_is_done_before_the_client_who_gave_up():
    async with played() as t:
        await t.fault("slow", "create", seconds=5, times=1, after_work=True)
        with pytest.raises(httpx.ReadTimeout):
            await t.http.post(CONVERSATIONS, json=handoff(t), timeout=0.2)
        assert len(t.sandbox.tenant.conversations) == 1


@pytest.mark.parametrize(("kind", "made"), [("dropped", 0), ("answer_lost", 1)])
def test_a_connection_can_break_before_or_after_the_work(kind, made, caplog):
    @live
    async def check():
        async with played() as t:
            await t.fault(kind, "create", times=1)
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
                await t.http.post(CONVERSATIONS, json=handoff(t))
            assert len(t.sandbox.tenant.conversations) == made
            assert (await t.http.post(CONVERSATIONS, json=handoff(t))).status_code == 202

    check()
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


@live
async def test_an_error_may_hide_work_that_was_done():
    async with played() as t:
        await t.fault("server_error", "create", after_work=True, times=1)
        assert (await t.http.post(CONVERSATIONS, json=handoff(t))).status_code == 500
        assert len(t.sandbox.tenant.conversations) == 1


@live
async def test_a_fault_lasts_as_often_as_asked_whoever_asks_at_once():
    async with played() as t:
        await t.fault("server_error", "channels", times=3)
        answers = await asyncio.gather(*(t.http.get(GATEWAY + "/channels") for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [500] * 3


@pytest.mark.parametrize(
    "wrong", [{"kind": "nothing"}, {"kind": "slow", "on": "x"}, {"kind": "slow", "times": 0}, {}]
)
def test_a_fault_that_does_not_exist_is_refused(wrong):
    @live
    async def check():
        async with played() as t:
            assert (await t.http.post("/sandbox/faults", json=wrong)).status_code == 422

    check()
