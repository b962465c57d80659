"""What changes something refuses whoever may not, and changes nothing."""

import asyncio

import pytest

from analytics.history import demo
from connector import audit
from connector.access import Actor, Role, local_actor
from connector.connection import apply_setup, change_connection
from connector.errors import NotAllowed
from connector.settings import saved_connection

BOB = Actor("Bob", Role.MANAGER)
KEY = "a key nobody may read"


@pytest.fixture
def home(shared_home):
    return shared_home


@pytest.mark.parametrize(
    "change",
    [
        lambda home: change_connection(home, {"tenant_id": "other"}, actor=BOB),
        lambda home: change_connection(home, {"queue_map": {"Cards": "102"}}, actor=BOB),
        lambda home: asyncio.run(apply_setup(None, home.settings, None, actor=BOB)),
        lambda home: demo.hide(home.path, actor=BOB),
        lambda home: demo.show(home.path, actor=BOB),
        lambda home: demo.delete_demo(home.settings, actor=BOB),
        lambda home: audit.read(home.lake, BOB),
    ],
    ids=["connection", "queues", "set up", "hide demo", "show demo", "delete demo", "audit"],
)
def test_what_is_for_admins_a_manager_is_refused(home, change):
    with pytest.raises(NotAllowed, match=r"Bob is manager; to .*, one must be admin"):
        change(home)
    assert saved_connection(home.path) == {}
    assert not demo.is_hidden(home.path)


def test_a_changed_connection_is_audited_without_its_secrets(home):
    first = {"api_key": KEY, "tenant_id": "bank", "default_queue": None}
    change_connection(home, first, actor=local_actor())
    change_connection(home, first | {"queue_map": {"Cards": "102"}}, actor=local_actor())
    change_connection(home, {"api_key": f"{KEY} 2", "queue_map": None}, actor=local_actor())
    assert saved_connection(home.path) == {"api_key": f"{KEY} 2", "tenant_id": "bank"}
    entries = audit.read(home.lake, local_actor())
    assert [(one.subject, one.before, one.after) for one in entries] == [
        (
            "api_key, queue_map",
            {"api_key": "was set", "queue_map": {"Cards": "102"}},
            {"api_key": "is set anew", "queue_map": None},
        ),
        ("queue_map", {"queue_map": None}, {"queue_map": {"Cards": "102"}}),
        (
            "api_key, tenant_id",
            {"api_key": None, "tenant_id": None},
            {"api_key": "is set anew", "tenant_id": "bank"},
        ),
    ]
    change_connection(home, {"tenant_id": "bank"}, actor=local_actor())
    assert len(audit.read(home.lake, local_actor())) == 3, "nothing changed"
