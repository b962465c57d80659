"""Who may do what on the pages: at this machine, from others, and logged in."""

import contextlib

import pytest
import streamlit as st

from analytics.pages.parts import who
from connector.access import Actor, Role, local_actor
from connector.errors import NotAllowed
from connector.roles import FILE
from tests.analytics.pages.conftest import dashboard, texts

pytestmark = pytest.mark.slow

EMERGENCY = "Emergency…"


class LoggedIn(dict):
    """Stands in for what a log-in of Streamlit's tells."""

    is_logged_in = True

    def to_dict(self):
        return dict(self)


@pytest.fixture
def bound(monkeypatch):
    """Makes the dashboard one that listens on an address, and the request come with headers."""
    asked = st.get_option

    def to(address, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        monkeypatch.setattr(
            st, "get_option", lambda name: address if name == "server.address" else asked(name)
        )
        monkeypatch.setattr(type(st.context), "headers", property(lambda _: named))

    return to


@pytest.fixture
def logged_in(monkeypatch):
    def as_one(**claims):
        monkeypatch.setattr(who, "has_log_in", lambda: True)
        monkeypatch.setattr(st, "user", LoggedIn(claims))

    return as_one


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("127.0.0.1", {}),
        ("127.0.0.1", {"Host": "127.0.0.1:8501", "Origin": "http://127.0.0.1:8501"}),
        ("localhost", {"Host": "localhost:8501"}),
        ("::1", {"Host": "[::1]:8501"}),
    ],
)
def test_whoever_sits_at_this_machine_is_admin(home, bound, address, headers):
    bound(address, **headers)
    assert who.viewer() == who.Viewer(local_actor())


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        (None, {}),
        ("", {"Host": "127.0.0.1"}),
        ("0.0.0.0", {"Host": "127.0.0.1"}),
        ("192.168.1.4", {"Host": "192.168.1.4"}),
        ("::", {"Host": "[::1]"}),
        ("127.0.0.1", {"Host": "handoff.example.com"}),
        ("127.0.0.1", {"Host": "127.0.0.1.example.com"}),
        ("127.0.0.1", {"Host": "127.0.0.1", "Origin": "https://handoff.example.com"}),
        ("127.0.0.1", {"Host": "127.0.0.1", "Origin": "null"}),
        ("127.0.0.1", {"Host": "127.0.0.1", "X_Forwarded_For": "10.0.0.7"}),
        ("127.0.0.1", {"Host": "127.0.0.1", "Forwarded": "for=10.0.0.7"}),
    ],
)
def test_whoever_may_come_from_elsewhere_only_looks_and_is_told_why(home, bound, address, headers):
    bound(address, **headers)
    found = who.viewer()
    assert found.actor == Actor("somebody", Role.VIEWER)
    assert "Set up a log-in" in found.why
    with pytest.raises(NotAllowed):
        who.actor().must_be(Role.MANAGER, to="publish")


def test_a_log_in_that_cannot_be_read_opens_nothing(home, tmp_path, monkeypatch):
    file = tmp_path / "secrets.toml"
    file.write_text("[auth")
    asked = st.get_option
    monkeypatch.setattr(
        st, "get_option", lambda name: [str(file)] if name == "secrets.files" else asked(name)
    )
    found = who.viewer()
    assert found.actor.role is Role.VIEWER
    assert "cannot be read" in found.why


def test_a_role_is_looked_up_each_time(home, logged_in):
    home.mkdir()
    logged_in(email="ann@bank.example", sub="1")
    for role in Role:
        (home / FILE).write_text(f'[people]\n"ann@bank.example" = "{role}"')
        assert who.actor() == Actor("ann@bank.example", role)
    (home / FILE).write_text('default = "none"')
    with pytest.raises(NotAllowed, match="no role here"):
        who.actor()
    (home / FILE).write_text("default = ")
    with pytest.raises(NotAllowed, match="cannot be read, so nobody has one"):
        who.actor()


@pytest.mark.parametrize(
    ("role", "declares", "runs"),
    [("viewer", False, False), ("manager", True, False), ("admin", True, True)],
)
def test_pages_hide_what_a_role_may_not_do(home, logged_in, role, declares, runs):
    home.mkdir()
    (home / FILE).write_text(f'default = "{role}"')
    logged_in(email="ann@bank.example", sub="1")
    app = dashboard().run()
    assert not app.exception
    assert (EMERGENCY in [each.label for each in app.button]) == declares
    for page in ("audit", "connection"):
        hidden = pytest.raises(ValueError, match="Could not find a navigation page")
        with contextlib.nullcontext() if runs else hidden:
            app.switch_page(f"analytics/pages/{page}.py")


def test_nobody_without_a_role_gets_in(home, logged_in):
    home.mkdir()
    (home / FILE).write_text('default = "none"')
    logged_in(sub="1")
    app = dashboard().run()
    assert not app.exception
    assert "You have no role here" in texts(app)
    assert [each.label for each in app.button] == ["Log out"]


def test_whoever_has_not_logged_in_is_asked_to(home, logged_in, monkeypatch):
    logged_in()
    monkeypatch.setattr(LoggedIn, "is_logged_in", False)
    monkeypatch.setattr(who, "providers", lambda: ["okta", None])
    app = dashboard().run()
    assert not app.exception
    assert [each.label for each in app.button] == ["Log in with Okta", "Log in"]
