"""Logging in at a provider, and what each role then sees."""

import pytest
from playwright.sync_api import expect

from connector.access import Role, local_actor
from connector.log import open_home
from connector.roles import set_role
from connector.settings import Settings
from tests.browser.conftest import free_port, serving
from tests.browser.provider import provider, secrets

pytestmark = pytest.mark.browser
ANN = "ann@bank.example"


@pytest.fixture
def opened(tmp_path):
    made = open_home(Settings(home=tmp_path / "home"))
    yield made
    made.close()


def test_somebody_logs_in_is_given_a_role_has_it_taken_away_and_logs_out(
    look, opened, tmp_path, monkeypatch
):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    port, file = free_port(), tmp_path / "secrets.toml"
    with provider(free_port()) as oidc:
        file.write_text(secrets(oidc.address, f"http://127.0.0.1:{port}"))
        oidc.claims = {"email": "Ann@bank.example", "email_verified": True, "name": "Boss"}
        with serving(opened.path, port, f"--secrets.files={file}") as dashboard:
            page = look()
            page.goto(f"{dashboard}/audit")
            page.get_by_role("button", name="Log in").click()
            expect(page.get_by_role("button", name="Log out")).to_be_visible()
            expect(page.get_by_role("button", name="Emergency…")).to_have_count(0)
            # Who may not see a page lands on the first.
            expect(page.get_by_role("heading", name="Overview")).to_be_visible()

            set_role(opened, "people", ANN, Role.ADMIN, actor=local_actor())
            expect(page.get_by_role("button", name="Emergency…")).to_be_visible()
            page.goto(f"{dashboard}/audit")
            expect(page.get_by_role("heading", name="Audit")).to_be_visible()
            set_role(opened, "people", ANN, Role.MANAGER, actor=local_actor())
            expect(page.get_by_role("heading", name="Overview")).to_be_visible()
            expect(page.get_by_role("button", name="Emergency…")).to_be_visible()
            set_role(opened, "people", ANN, None, actor=local_actor())
            set_role(opened, "default", "", None, actor=local_actor())
            expect(page.get_by_text("You have no role here. Ask an admin for one.")).to_be_visible()

            page.get_by_role("button", name="Log out").click()
            expect(page.get_by_role("button", name="Log in")).to_be_visible()
