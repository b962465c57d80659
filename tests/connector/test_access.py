"""Roles, each including the one before, and who works on this machine."""

import getpass

import pytest

from connector.access import Actor, Role, local_actor
from connector.errors import NotAllowed

ALLOWED = {
    Role.VIEWER: {Role.VIEWER},
    Role.MANAGER: {Role.VIEWER, Role.MANAGER},
    Role.ADMIN: {Role.VIEWER, Role.MANAGER, Role.ADMIN},
}


@pytest.mark.parametrize("role", Role)
def test_a_role_includes_the_ones_before_it_and_no_other(role):
    assert {other for other in Role if role.includes(other)} == ALLOWED[role]


def test_a_refusal_says_who_may_not_do_what():
    with pytest.raises(NotAllowed, match="Eve is viewer; to publish, one must be manager"):
        Actor("Eve", Role.VIEWER).must_be(Role.MANAGER, to="publish")


def test_whoever_works_on_this_machine_is_admin_named_after_the_system_user():
    assert local_actor() == Actor(getpass.getuser(), Role.ADMIN)


def test_a_system_user_without_a_name_goes_by_number(monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: {}["no name"])
    assert local_actor().name.startswith("user ")
