"""Settings come from the environment, then from what an admin saved, then from a sandbox here."""

import json
import os
import stat

import pytest

from connector.errors import SettingsError
from connector.settings import Settings, api_base, save_connection, saved_connection


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in [name for name in os.environ if name.startswith("HANDOFF_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("https://api.8x8.com", "https://api.8x8.com"),
        ("https://na1.8x8.com", "https://api.8x8.com"),
        ("https://vcc-eu3.8x8.com/", "https://api.8x8.com"),
        ("na12.8x8.com", "https://api.8x8.com"),
        ("http://127.0.0.1:8123/", "http://127.0.0.1:8123"),
        ("https://gateway.bank.example/x", "https://gateway.bank.example"),
    ],
)
def test_the_api_host_follows_from_the_tenant_url(typed, host):
    assert api_base(typed) == host


@pytest.mark.parametrize(
    "typed",
    ["", "ftp://api.8x8.com", "http://api.8x8.com", "https://", "https://[::1", "https://a:b"],
)
def test_an_address_that_cannot_be_used_says_so(typed):
    with pytest.raises(SettingsError, match="Tenant URL"):
        api_base(typed)


def test_what_is_saved_is_private_and_loaded_again(tmp_path):
    save_connection(tmp_path, {"api_key": "k1", "tenant_url": "https://api.8x8.com"})
    save_connection(tmp_path, {"tenant_id": "bank", "queue_map": {"Cards": "7"}})

    settings = Settings.load(tmp_path)

    assert stat.S_IMODE((tmp_path / "connection.toml").stat().st_mode) == 0o600
    assert settings.api_key.get_secret_value() == "k1"
    assert (settings.tenant_id, settings.queue_map) == ("bank", {"Cards": "7"})
    assert "k1" not in repr(settings)


def test_the_environment_wins_and_is_shown(tmp_path, monkeypatch):
    save_connection(tmp_path, {"api_key": "saved", "tenant_id": "bank"})
    monkeypatch.setenv("HANDOFF_API_KEY", "given")

    settings = Settings.load(tmp_path)

    assert settings.api_key.get_secret_value() == "given"
    assert settings.set_by_environment() == {"api_key"}


def test_none_removes_a_saved_field(tmp_path):
    save_connection(tmp_path, {"api_key": "k", "public_url": "https://a.example"})
    save_connection(tmp_path, {"public_url": None})

    assert saved_connection(tmp_path) == {"api_key": "k"}


def test_a_torn_connection_file_is_a_clear_error(tmp_path):
    (tmp_path / "connection.toml").write_text('api_key = "k')

    with pytest.raises(SettingsError, match=r"connection\.toml cannot be read"):
        Settings.load(tmp_path)


def test_a_setting_of_the_wrong_kind_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("HANDOFF_SOURCE", "elsewhere")

    with pytest.raises(SettingsError, match="HANDOFF_SOURCE: "):
        Settings.load(tmp_path)


def test_a_running_sandbox_serves_a_home_without_a_tenant(tmp_path):
    clock = {"t0": "2026-11-24T12:00:00", "wall0": 0.0, "speed": 1.0}
    marker = {
        "pid": os.getpid(),
        "api_key": "sandbox-key",
        "tenant_url": "http://127.0.0.1:9",
        "tenant_id": "sandbox",
        "clock": clock,
    }
    (tmp_path / "sandbox.json").write_text(json.dumps(marker))
    assert Settings.load(tmp_path).attempt_source == "sandbox"

    (tmp_path / "sandbox.json").write_text(json.dumps(marker | {"pid": 2**22 + 1}))
    assert not Settings.load(tmp_path).configured


@pytest.mark.parametrize(
    ("given", "tokens"),
    [
        ("one", ["one"]),
        ("one, two", ["one", "two"]),
        ('["one", "t,w"]', ["one", "t,w"]),
        ("", []),
    ],
)
def test_tokens_are_a_plain_list_or_a_json_list(tmp_path, monkeypatch, given, tokens):
    monkeypatch.setenv("HANDOFF_TOKENS", given)

    settings = Settings.load(tmp_path)

    assert [token.get_secret_value() for token in settings.tokens] == tokens


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HANDOFF_TOKENS", '["s3cret"', "is not JSON"),
        ("HANDOFF_TOKENS", '[""]', "blank token"),
        ("HANDOFF_TOKENS", "s3cret, ", "blank token"),
        ("HANDOFF_TOKENS", '[["s3cret"]]', "no text"),
        ("HANDOFF_QUEUE_MAP", '{"Cards":', "is not JSON"),
        ("HANDOFF_QUEUE_MAP", '["Cards"]', "is not a JSON object"),
    ],
)
def test_a_malformed_list_or_map_is_named_without_its_value(
    tmp_path, monkeypatch, name, value, said
):
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=f"{name}: .*{said}") as raised:
        Settings.load(tmp_path)

    assert "s3cret" not in str(raised.value)


def test_a_queue_map_of_the_environment_is_a_json_object(tmp_path, monkeypatch):
    monkeypatch.setenv("HANDOFF_QUEUE_MAP", '{"Cards": 103}')

    assert Settings.load(tmp_path).queue_map == {"Cards": "103"}


@pytest.mark.parametrize("given", [{}, {"tenant_url": ""}, {"api_key": "k", "tenant_url": ""}])
def test_without_a_tenant_there_is_no_host_and_no_live_attempt(tmp_path, given):
    settings = Settings.load(tmp_path, source="live", **given)

    assert (settings.configured, settings.api_base) == (False, "")
    assert settings.attempt_source == "test"
    assert settings.lacking.startswith("No tenant is configured: the tenant address is missing.")
