from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.requests import Request

from connector.direct import is_loopback
from connector.errors import SettingsError
from connector.service.access import Access
from tests.connector.service.conftest import serving

TOKENS = (SecretStr("first token"), SecretStr("second token"))


def _request(**headers: str) -> Request:
    named = {"host": "127.0.0.1:8808", **headers}
    found = [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items()]
    return Request({"type": "http", "headers": found})


def _passes(access: Access, **headers: str) -> bool:
    try:
        access.check(_request(**headers))
    except HTTPException as error:
        return (error.status_code, error.headers) != (401, {"WWW-Authenticate": "Bearer"})
    return True


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "localhost", "::1", "[::1]"])
def test_loopback_addresses(host: str):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.4", "example.com", "", "127.evil.com"]
)
def test_addresses_that_other_machines_reach(host: str):
    assert not is_loopback(host)


def test_serving_other_machines_without_a_token_is_refused():
    with pytest.raises(SettingsError, match="HANDOFF_TOKENS"):
        Access("0.0.0.0", ())


def test_on_loopback_no_token_is_asked_for():
    assert _passes(Access("127.0.0.1", ()))
    assert _passes(Access("127.0.0.1", TOKENS), origin="http://localhost:8501")


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "bots.example.com"},
        {"x_forwarded_for": "203.0.113.7"},
        {"forwarded": "for=203.0.113.7"},
        {"origin": "https://evil.example.com"},
        {"origin": "null"},
    ],
)
def test_on_loopback_whoever_comes_from_elsewhere_needs_a_token(headers: dict[str, str]):
    access = Access("127.0.0.1", TOKENS)
    assert not _passes(access, **headers)
    assert _passes(access, authorization="Bearer second token", **headers)
    assert not _passes(Access("127.0.0.1", ()), authorization="Bearer ", **headers)


@pytest.mark.parametrize(
    ("authorization", "passes"),
    [
        ("Bearer first token", True),
        ("bearer second token", True),
        ("Bearer first", False),
        ("Bearer third token", False),
        ("Basic first token", False),
        ("first token", False),
        ("Bearer", False),
        ("", False),
    ],
)
def test_elsewhere_one_of_the_tokens_is_needed(authorization: str, passes: bool):
    access = Access("0.0.0.0", TOKENS)
    assert _passes(access, authorization=authorization) is passes


def test_a_service_behind_a_proxy_asks_for_its_token_and_health_does_not(tmp_path: Path):
    with serving(tmp_path, tokens=TOKENS) as bot:
        bot.http.headers["host"] = "bots.example.com"
        refused = bot.create(handoff_id="proxied")
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        assert bot.http.get("/metrics").status_code == 401
        assert bot.http.get("/healthz").json() == {"ok": True}
        ready = bot.http.get("/readyz")
        assert (ready.status_code, ready.json()["ready"]) == (200, True)
        bot.http.headers["authorization"] = "Bearer first token"
        assert bot.create(handoff_id="proxied").json()["repeated"] is False


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_token_opens_no_service(blank: str):
    with pytest.raises(SettingsError, match="blank token"):
        Access("0.0.0.0", [SecretStr("good"), SecretStr(blank)])
