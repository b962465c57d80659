from __future__ import annotations

import json
import re

import httpx

from tests.connector.service.conftest import Bot

EVENT = {
    "eventType": "MEMBERS_CHANGED",
    "timestamp": 1_700_000_000_000,
    "data": {"memberType": "agent", "change": "joined", "id": "agent-09"},
}


def _forged(bot: Bot, handoff_id: str, signature: str | None) -> httpx.Response:
    conversation_id = bot.read(handoff_id)["conversation_id"]
    headers = {
        "x-8x8-tenant-id": "sandbox",
        "x-8x8-customer-id": "customer",
        "x-8x8-event-id": "forged",
        "x-8x8-retry": "0",
        "x-8x8-transmission-time": "1700000000000",
    }
    if signature is not None:
        headers["x-8x8-signature"] = signature
    body = json.dumps({**EVENT, "conversationId": conversation_id})
    return bot.http.post("/webhook", content=body, headers=headers)


def _refused(bot: Bot) -> float:
    text = bot.http.get("/metrics").text
    found = re.search(r"^handoff_webhook_events_refused_total (\S+)$", text, re.MULTILINE)
    assert found is not None
    return float(found[1])


def test_an_event_with_a_bad_signature_is_401_counted_and_changes_nothing(bot: Bot):
    handoff_id = bot.begin(timeout_s=3600)
    before = _refused(bot)
    answers = [_forged(bot, handoff_id, signature) for signature in (None, "", "a..b", "x.y.z")]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert _refused(bot) == before + 4
    assert bot.read(handoff_id)["outcome"] is None
    bot.http.post(f"/v1/handoffs/{handoff_id}/abandon")


def test_a_wrongly_signed_event_of_the_sandbox_is_refused(bot: Bot):
    before = _refused(bot)
    fault = {"kind": "wrongly_signed", "times": 1}
    assert bot.sandbox.post("/sandbox/webhook-faults", json=fault).is_success
    handoff_id = bot.begin(timeout_s=3600)
    bot.until(lambda: _refused(bot) > before)
    bot.sandbox.delete("/sandbox/webhook-faults")
    bot.http.post(f"/v1/handoffs/{handoff_id}/abandon")


def test_8x8_may_verify_the_address(bot: Bot):
    headers = {"x-api-key": "sandbox-key", "x-8x8-tenant": "sandbox"}
    body = {"uri": f"{bot.address}/webhook", "version": "Chat Gateway v1.0"}
    path = "/chat-gateway/v1/webhooks/verify"
    assert bot.sandbox.post(path, json=body, headers=headers).status_code == 204


def test_only_the_webhook_path_takes_events(bot: Bot):
    assert bot.http.post("/other", json=EVENT).status_code == 404
    assert bot.http.get("/other").status_code == 404
    assert bot.http.get("/webhook").status_code == 405


def test_an_event_beyond_two_megabytes_is_413(bot: Bot):
    assert bot.http.post("/webhook", content=b" " * 3_000_000).status_code == 413
