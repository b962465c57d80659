"""The connection test: address, key and tenant."""

import asyncio

import httpx
import pytest
from pydantic import SecretStr

from connector.connection import (
    CHANNEL_NAME,
    STEPS,
    check_connection,
)
from connector.settings import Settings
from tests.connector.connection.tenancy import POLICY, SHIPPED, judged, play, statuses
from tests.connector.eight.answering import Script, answer, raw_server, read_request


def test_a_tenant_that_is_set_up_passes_every_step(tmp_path):
    async def scene(on):
        await on.set_up(SHIPPED)
        return await on.check(SHIPPED)

    found = play(scene, tmp_path)
    assert {name: (check.status, check.detail) for name, check in found.items()} == {
        "host": ("ok", found["host"].detail),
        "key": ("ok", "8x8 knows this API key, and it may use the Chat Gateway."),
        "tenant": ("ok", "Tenant `sandbox` belongs to this key."),
        "queues": ("ok", "9 chat queues."),
        "default_queue": ("ok", "General (101) takes what no rule places."),
        "agents": ("ok", found["agents"].detail),
        "channel": ("ok", found["channel"].detail),
        "webhook": ("ok", found["webhook"].detail),
        "context": ("ok", "All 6 required variables are marked for handoff."),
    }
    assert found["channel"].detail.startswith(f"Handoffs go through {CHANNEL_NAME}")


def test_a_wrong_key_is_told_from_the_other_fields(tmp_path):
    found = play(lambda on: on.check(api_key=SecretStr("wrong")), tmp_path)
    assert statuses(found) == {
        "host": "ok",
        **dict.fromkeys(STEPS[1:-1], "failed"),
        "context": "ok",
    }
    assert "does not know this API key" in found["key"].detail
    assert "Admin Console > API Keys" in found["key"].fix
    assert found["queues"].detail == "Not checked, because `key` failed."
    assert "wrong" not in str(found)


@pytest.mark.parametrize("key", ["", "ключ"])
def test_a_key_that_no_request_can_carry_is_told(tmp_path, key):
    found = play(lambda on: on.check(api_key=SecretStr(key)), tmp_path)
    assert found["key"].detail.startswith("API Key is empty or holds characters")
    assert found["tenant"].detail == "Not checked, because `key` failed."


def test_a_tenant_id_that_no_request_can_carry_is_told(tmp_path):
    found = play(lambda on: on.check(tenant_id="a\nb"), tmp_path)
    assert [found[name].status for name in ("host", "key", "tenant")] == ["ok", "ok", "failed"]


def test_a_key_without_the_chat_gateway_is_told_from_a_wrong_tenant(tmp_path):
    async def scene(on):
        await on.fault(kind="product", on="channels", times=1)
        return await on.check()

    found = play(scene, tmp_path)
    assert "may not use the Chat Gateway" in found["key"].detail
    assert "product Chat Gateway" in found["key"].fix


def test_a_wrong_tenant_id_is_told(tmp_path):
    found = play(lambda on: on.check(tenant_id="other"), tmp_path)
    assert [found[name].status for name in ("host", "key", "tenant")] == ["ok", "ok", "failed"]
    assert "refuses tenant `other`" in found["tenant"].detail
    assert "Configuration Manager > Home > Profile" in found["tenant"].fix


def test_no_tenant_id_works_where_there_is_one_tenant(tmp_path):
    async def scene(on):
        await on.set_up()
        return await on.check(tenant_id=None)

    found = play(scene, tmp_path)
    assert statuses(found)["tenant"] == "warning"
    assert all(check.ok for check in found.values())


def test_no_key_and_no_address_are_told_as_such(tmp_path):
    found = play(lambda on: on.check(api_key=None), tmp_path)
    assert (found["host"].status, found["key"].detail) == ("ok", "No API key is set.")
    found = play(lambda on: on.check(tenant_url=None), tmp_path)
    assert found["host"].detail == "No Tenant URL is set."


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:1", "cannot be reached"),
        ("https://nowhere.invalid", "cannot be reached"),
        ("http://api.8x8.com", "must begin with https"),
        ("https://[::1", "not an address"),
        ("https://127.0.0.1:99999", "not an address"),
        ("ftp://api.8x8.com", "not an address"),
        ("", "No Tenant URL"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(tmp_path, address, said):
    settings = Settings(home=tmp_path, api_key=SecretStr("k"), tenant_url=address, tenant_id="t")
    found = asyncio.run(check_connection(settings, POLICY))
    assert [check.name for check in found] == list(STEPS)
    assert found[0].status == "failed"
    assert said in found[0].detail
    assert "Tenant URL" in found[0].fix


def test_a_cluster_address_shows_the_api_host_that_follows(tmp_path):
    found = judged(tmp_path, (401, {}), url="https://na1.8x8.com")
    assert found["host"].status == "ok"
    assert "https://na1.8x8.com is https://api.8x8.com" in found["host"].detail


@pytest.mark.parametrize(
    ("given", "step", "said"),
    [
        ((200, b"<html>Welcome</html>"), "host", "it is not 8x8's API"),
        ((404, b"<html>Not found</html>"), "host", "it is not 8x8's API (404)"),
        ((302, b""), "host", "it is not 8x8's API (302)"),
        ((500, {"message": "Internal error."}), "host", "an error of its own (500)"),
        ((503, b""), "host", "an error of its own (503)"),
        ((404, {"errors": ["Tenant t does not belong to customer c."]}), "tenant", "(404)"),
        ((400, {"message": "X-8x8-Tenant header is missing."}), "tenant", "(400)"),
        ((429, {"message": "Slow down"}), "key", "no further calls just now"),
        (httpx.ReadTimeout("no answer"), "host", "did not answer"),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate"), "host", "reached"),
    ],
)
def test_the_answer_points_to_the_field_to_mend(tmp_path, given, step, said):
    found = judged(tmp_path, given)
    failing = next(name for name in STEPS if not found[name].ok)
    assert failing == step
    assert said in found[step].detail


def test_the_test_does_not_keep_anyone_waiting(tmp_path):
    server = Script((503, b""))
    settings = Settings(
        home=tmp_path, api_key=SecretStr("k"), tenant_url="https://api.8x8.com", tenant_id="t"
    )
    asyncio.run(check_connection(settings, POLICY, transport=server))
    assert len(server.asked) == 1


def test_a_host_that_is_no_8x8_is_told_over_a_real_connection(tmp_path):
    async def serve(reader, writer):
        await read_request(reader)
        writer.write(answer(b"<html>It works!</html>", "200 OK", "Connection: close"))
        await writer.drain()

    async def checking():
        async with raw_server(serve) as port:
            settings = Settings(
                home=tmp_path,
                api_key=SecretStr("k"),
                tenant_url=f"http://127.0.0.1:{port}",
                tenant_id="t",
            )
            return await check_connection(settings, POLICY)

    found = asyncio.run(checking())
    assert "it is not 8x8's API" in found[0].detail
