"""A home with follow-ups in it, as a connector leaves them."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

import pytest

from connector.access import Actor, Role
from connector.follow_up_settings import new_key
from connector.follow_ups.contact import Contact, Seal
from connector.log import append_rows, contacts, open_home
from connector.log.ledger_file import LedgerFile
from connector.settings import Settings

NOON = datetime(2026, 11, 24, 12)
ANN, BEN = Actor("Ann", Role.MANAGER), Actor("Ben", Role.MANAGER)
EVE = Actor("Eve", Role.VIEWER)
MARISOL = Contact("Marisol Quint", "+49 30 5550147", "marisol@quint.example", "after six")


def follow_up_row(number, **given):
    """A row of `follow_ups`: owed since noon, due four hours later."""
    at = NOON + timedelta(minutes=number)
    row = {
        "follow_up_id": f"a{number}",
        "attempt_id": f"a{number}",
        "started_at": at - timedelta(minutes=2),
        "created_at": at,
        "due_at": at + timedelta(hours=4),
        "kind": "callback",
        "source": "live",
        "bot": "bank",
        "conversation_id": f"chat-{number}",
        "link": None,
        "intent": "reportlostcard",
        "queue_id": "102",
        "queue": "Cards",
        "contact": "sealed",
    }
    return row | given


def owe(home, *rows):
    """Put follow-ups into the lake, each with Marisol's contact under seal when there is a key."""
    append_rows(home.lake, home.path, {"follow_ups": rows})
    if seal := Seal.of(home.settings):
        with LedgerFile(home.ledger_path) as file:
            for row in rows:
                name = row["follow_up_id"]
                sealed = seal.close(MARISOL, name)
                file.write(lambda con, n=name, s=sealed: contacts.keep(con, n, s, seal.key_id))


@pytest.fixture(autouse=True)
def no_settings_of_the_environment(monkeypatch):
    for name in ("CONTACT_KEY", "CONVERSATION_URL", "NOTIFY", "FOLLOW_UP_DUE_H"):
        monkeypatch.delenv(f"HANDOFF_{name}", raising=False)


@pytest.fixture
def home(tmp_path, empty_home):
    """With a key."""
    shutil.copytree(empty_home, tmp_path / "home")
    made = open_home(Settings.load(tmp_path / "home", contact_key=new_key()))
    yield made
    made.close()
