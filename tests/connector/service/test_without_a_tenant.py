"""A service whose home has no tenant: it runs, says so, and takes nothing it cannot deliver."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

import analytics
from connector import Connector, Handoff, Settings
from connector.service.server import running


@pytest.fixture(autouse=True)
def no_tenant(monkeypatch: pytest.MonkeyPatch):
    for name in ("API_KEY", "TENANT_URL", "TENANT_ID", "SOURCE"):
        monkeypatch.delenv(f"HANDOFF_{name}", raising=False)


def _attempts(home: Path) -> list[tuple]:
    with analytics.connect(home) as con:
        return con.execute("SELECT outcome, failure_reason, source FROM attempts").fetchall()


@pytest.mark.parametrize(
    ("given", "lacking"),
    [({}, "tenant address"), ({"tenant_url": "https://api.8x8.com"}, "API key")],
)
def test_a_handoff_is_refused_before_an_attempt_begins(tmp_path: Path, given: dict, lacking: str):
    async def scene() -> tuple[httpx.Response, httpx.Response]:
        settings = Settings.load(tmp_path, **given)
        async with running(settings) as address, httpx.AsyncClient(base_url=address) as bot:
            return await bot.post("/v1/handoffs", json={"intent": "x"}), await bot.get("/readyz")

    created, ready = asyncio.run(scene())
    assert (created.status_code, ready.status_code) == (503, 503)
    assert f"No tenant is configured: the {lacking} is missing." in created.json()["detail"]
    assert ready.json()["detail"] == created.json()["detail"]
    assert _attempts(tmp_path) == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "tenant"),
        ({"source": "live"}, "tenant"),
        ({"tenant_url": "https://api.8x8.com"}, "key"),
    ],
)
def test_in_process_it_is_rejected_at_once_and_is_no_live_attempt(
    tmp_path: Path, given: dict, reason: str, monkeypatch: pytest.MonkeyPatch
):
    sent, send = [], httpx.AsyncClient.send

    async def watched(client: httpx.AsyncClient, request: httpx.Request, **options):
        if request.url.host == "127.0.0.1":  # other tests of this process
            return await send(client, request, **options)
        sent.append(request)
        raise httpx.ConnectError("nothing is to leave")

    monkeypatch.setattr("httpx.AsyncClient.send", watched)

    async def scene():
        async with Connector(Settings.load(tmp_path, **given)) as connector:
            return await asyncio.wait_for(connector.hand_off(Handoff(intent="x")), 5)

    result = asyncio.run(scene())
    assert (result.outcome, result.reason) == ("rejected", reason)
    assert _attempts(tmp_path) == [("rejected", reason, "test")]
    assert sent == []
