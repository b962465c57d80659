import json
import os
import socket
import threading

import httpx
import pytest

from connector.clock import Clock
from connector.errors import SettingsError
from connector.sandbox import Sandbox
from connector.settings import Settings, running_sandbox
from tests.connector.sandbox.tenancy import MORNING, live, played


def test_it_runs_in_a_thread_for_blocking_callers():
    before = set(threading.enumerate())
    with Sandbox() as sandbox:
        answer = httpx.get(sandbox.base_url + "/sandbox/world")
        assert answer.json()["tenant_id"] == "sandbox"
        [thread] = set(threading.enumerate()) - before
        assert thread.name == "sandbox"
    assert not thread.is_alive()
    with pytest.raises(httpx.ConnectError):
        httpx.get(sandbox.base_url + "/sandbox/world")


def test_a_port_in_use_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"127.0.0.1:{port}"), Sandbox(port=port):
            pass


@live
async def test_two_sandboxes_do_not_share_anything():
    async with played() as one, played() as other:
        await one.create("102")
        assert other.sandbox.tenant.conversations == {}
        assert one.sandbox.base_url != other.sandbox.base_url


def test_the_marker_lets_settings_find_a_running_sandbox(tmp_path, monkeypatch):
    for name in ("API_KEY", "TENANT_URL", "TENANT_ID"):
        monkeypatch.delenv(f"HANDOFF_{name}", raising=False)
    with Sandbox(clock=Clock.at_speed(300, MORNING)) as sandbox:
        sandbox.write_marker(tmp_path)
        assert (tmp_path / "sandbox.json").stat().st_mode & 0o777 == 0o600
        found = running_sandbox(tmp_path)
        assert (found.pid, found.anchor) == (os.getpid(), sandbox.clock.anchor)
        settings = Settings.load(tmp_path)
        assert settings.api_base == sandbox.base_url
        assert settings.api_key.get_secret_value() == sandbox.api_key
        sandbox.remove_marker(tmp_path)
        assert running_sandbox(tmp_path) is None


def test_the_marker_of_another_sandbox_is_left_alone(tmp_path):
    marker = tmp_path / "sandbox.json"
    marker.write_text(json.dumps({"pid": os.getpid() + 1}))
    Sandbox().remove_marker(tmp_path)
    assert marker.exists()


def test_a_second_sandbox_on_a_home_is_refused_and_orphans_nobody(tmp_path):
    with Sandbox() as first, Sandbox() as second:
        first.write_marker(tmp_path)
        with pytest.raises(SettingsError, match=f"runs on {tmp_path} already, at {first.base_url}"):
            second.write_marker(tmp_path)
        second.remove_marker(tmp_path)
        assert running_sandbox(tmp_path).connection["tenant_url"] == first.base_url


def test_a_marker_whose_sandbox_is_gone_stands_in_nobodys_way(tmp_path):
    with Sandbox() as gone:
        gone.write_marker(tmp_path)
    with Sandbox() as sandbox:
        sandbox.write_marker(tmp_path)
        assert running_sandbox(tmp_path).connection["tenant_url"] == sandbox.base_url
