"""Who may do what once they logged in: from claims, a file and the environment."""

import json

import pytest

from connector import audit
from connector.access import Actor, Role, local_actor
from connector.errors import NotAllowed, SettingsError
from connector.roles import FILE, Roles, actor_of, load_roles, set_role
from connector.settings import Settings

ROLES = Roles(
    people={"Ann@bank.example": "admin", "eve@bank.example": "viewer"},
    groups={"desk": "manager", "it": "admin", "all": "viewer"},
)
ANN = "ann@bank.example"


@pytest.fixture
def home(shared_home):
    yield shared_home
    (shared_home.path / FILE).unlink(missing_ok=True)
    shared_home.lake.alone("DELETE FROM audit")


def loaded(home, given=None):
    return load_roles(Settings.load(home.path, roles=given))


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"email": "ann@bank.example"}, "admin"),
        ({"email": "ANN@Bank.Example", "email_verified": True}, "admin"),
        ({"email": "ann@bank.example", "email_verified": "true"}, "admin"),
        ({"email": "ann@bank.example", "email_verified": False}, "viewer"),
        ({"email": "ann@bank.example", "email_verified": "false"}, "viewer"),
        ({"email": "ann@bank.example", "email_verified": None}, "viewer"),
        ({"email": "bob@bank.example"}, "viewer"),
        ({"email": "bob@bank.example", "groups": ["all", "desk"]}, "manager"),
        ({"email": "bob@bank.example", "groups": "it"}, "admin"),
        ({"email": "bob@bank.example", "groups": ["IT"]}, "viewer"),
        ({"email": "eve@bank.example", "groups": ["it"]}, "viewer"),
        ({"groups": ["desk"]}, "manager"),
        ({"groups": None}, "viewer"),
        ({"email": None}, "viewer"),
        ({}, "viewer"),
    ],
)
def test_ones_own_role_wins_then_the_highest_of_the_groups_then_the_default(claims, role):
    assert ROLES.role_of(claims) == role


def test_the_group_claim_can_have_another_name():
    roles = Roles(group_claim="https://bank.example/teams", groups={"desk": "manager"})
    assert roles.role_of({"https://bank.example/teams": ["desk"], "groups": ["it"]}) == "manager"


def test_with_no_default_whoever_is_not_listed_is_nobody():
    roles = Roles.model_validate({"default": "none", "people": {ANN: "manager"}})
    assert actor_of({"email": "bob@bank.example", "sub": "2"}, roles) is None
    assert actor_of({"email": ANN}, roles) == Actor(ANN, Role.MANAGER)


def test_a_name_anybody_may_choose_names_nobody():
    claims = {"email": ANN, "email_verified": False, "name": "Ann", "sub": "17"}
    assert actor_of(claims, ROLES) == Actor("user 17", Role.VIEWER)


def test_an_admin_gives_and_takes_roles_and_all_of_it_is_audited(home):
    admin = local_actor()
    set_role(home, "people", " Ann@Bank.example ", Role.ADMIN, actor=admin)
    set_role(home, "groups", "Desk 'A'", Role.MANAGER, actor=admin)
    set_role(home, "people", ANN, Role.MANAGER, actor=admin)
    assert loaded(home) == Roles(people={ANN: "manager"}, groups={"Desk 'A'": "manager"})
    set_role(home, "people", ANN, None, actor=admin)
    set_role(home, "default", "", None, actor=admin)
    assert loaded(home) == Roles(default=None, groups={"Desk 'A'": "manager"})
    told = [(one.action, one.before, one.after) for one in audit.read(home.lake, admin)]
    assert told[::-1] == [
        ("give role", {"people": None}, {"people": "admin"}),
        ("give role", {"groups": None}, {"groups": "manager"}),
        ("give role", {"people": "admin"}, {"people": "manager"}),
        ("take role away", {"people": "manager"}, {"people": None}),
        ("take role away", {"default": None}, {"default": "none"}),
    ]


def test_only_admins_give_roles_and_nothing_is_changed_else(home):
    with pytest.raises(NotAllowed, match="give roles"):
        set_role(home, "people", ANN, Role.ADMIN, actor=Actor("Bob", Role.MANAGER))
    with pytest.raises(SettingsError, match="has no role"):
        set_role(home, "people", ANN, None, actor=local_actor())
    with pytest.raises(SettingsError, match="Say whose"):
        set_role(home, "groups", "  ", Role.ADMIN, actor=local_actor())
    assert not (home.path / FILE).exists()
    assert audit.read(home.lake, local_actor()) == []


def test_the_environment_wins_one_by_one(home):
    set_role(home, "people", ANN, Role.VIEWER, actor=local_actor())
    set_role(home, "people", "bob@bank.example", Role.MANAGER, actor=local_actor())
    given = json.dumps({"default": "none", "people": {"ANN@bank.example": "admin"}})
    assert loaded(home, given) == Roles(
        default=None, people={ANN: "admin", "bob@bank.example": "manager"}
    )


@pytest.mark.parametrize(
    ("file", "given", "said"),
    [
        ("people = 3", None, "people"),
        ("[people]\n'a@b.c' = 'owner'", None, "Roles are viewer, manager, admin"),
        ("[poeple]\n'a@b.c' = 'admin'", None, "poeple"),
        ("default = ", None, "Mend it or remove it"),
        ("", "{", "not JSON"),
        ("", "[]", "no JSON object"),
        ("", '{"people": {"a@b.c": 3}}', "HANDOFF_ROLES"),
    ],
)
def test_roles_that_cannot_be_read_are_refused_whole(home, file, given, said):
    (home.path / FILE).write_text(file)
    with pytest.raises(SettingsError, match=said):
        loaded(home, given)
