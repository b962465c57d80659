import pytest

from analytics.pages.connecting.typed import Typed, changes, tried
from connector.errors import SettingsError
from connector.settings import Settings

SAVED = {"api_key": "k", "tenant_url": "https://na1.8x8.com", "tenant_id": "acme"}


def settings(home, **given):
    return Settings(home=home, **given)


def test_an_empty_form_of_an_empty_home_changes_nothing_of_the_key(tmp_path):
    assert "api_key" not in changes(Typed(), settings(tmp_path))


def test_addresses_are_kept_as_typed_without_a_last_slash(tmp_path):
    typed = Typed("key", " https://na1.8x8.com/ ", " acme ", "handoff.example.com/bots/")
    found = changes(typed, settings(tmp_path))
    assert found["tenant_url"] == "https://na1.8x8.com"
    assert found["tenant_id"] == "acme"
    assert found["public_url"] == "https://handoff.example.com/bots"


@pytest.mark.parametrize("public", ["http://handoff.example.com", "ftp://x.example", "https://"])
def test_a_public_address_8x8_cannot_call_is_refused(tmp_path, public):
    with pytest.raises(SettingsError, match="Public webhook address"):
        changes(Typed(public_url=public), settings(tmp_path))


def test_another_cluster_of_8x8_needs_no_new_key_but_another_host_does(tmp_path):
    saved = settings(tmp_path, **SAVED)
    assert changes(Typed("", "https://eu3.8x8.com", "acme"), saved)["tenant_url"]
    with pytest.raises(SettingsError, match="Type the API Key again"):
        changes(Typed("", "https://evil.example.com", "acme"), saved)
    assert changes(Typed("new", "https://other.example.com", "acme"), saved)["api_key"] == "new"


def test_the_same_tenant_keeps_its_webhook_channel_and_queues(tmp_path):
    saved = settings(tmp_path, **SAVED, channel_id="c1", default_queue="7")
    found = changes(Typed("", "https://na1.8x8.com", "acme", "https://x.example"), saved)
    assert "channel_id" not in found
    assert "default_queue" not in found


def test_what_is_tried_is_what_would_be_saved(tmp_path):
    saved = settings(tmp_path, **SAVED, channel_id="c1", queue_map={"A": "1"})
    found = tried(Typed("new", "https://na1.8x8.com", "other"), saved)
    assert (found.tenant_id, found.channel_id, found.queue_map) == ("other", None, {})
    assert found.api_key.get_secret_value() == "new"
