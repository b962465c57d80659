"""`handoff roles`: given, listed, taken away."""

import json

import pytest

pytestmark = pytest.mark.slow


def test_roles_are_given_listed_taken_away_and_audited(handoff, monkeypatch):
    handoff.run("roles", "set", "Ann@bank.example", "admin")
    handoff.run("roles", "set", "desk", "manager", "--group")
    handoff.run("roles", "set", "default", "none")
    monkeypatch.setenv("HANDOFF_ROLES", json.dumps({"groups": {"it": "admin"}}))
    listed = handoff.json("roles", "list", "--json")
    assert [tuple(row.values()) for row in listed] == [
        ("ann@bank.example", "people", "admin", "roles.toml"),
        ("desk", "groups", "manager", "roles.toml"),
        ("it", "groups", "admin", "HANDOFF_ROLES"),
        ("default", "default", "none", "roles.toml"),
    ]
    assert handoff.json("roles", "remove", "ann@bank.example", "--json")["role"] is None
    entries = handoff.json("audit", "--json")
    assert [entry["subject"] for entry in entries] == [
        "ann@bank.example",
        "default",
        "desk",
        "Ann@bank.example",
    ]


def test_what_cannot_be_given_or_taken_is_one_message(handoff):
    for words, said in (
        (("set", "ann@bank.example", "owner"), "`owner` is no role"),
        (("set", "ann@bank.example", "none"), "`none` is no role"),
        (("remove", "ann@bank.example"), "has no role in roles.toml"),
        (("remove", "default"), "is set, not removed"),
    ):
        assert said in handoff.run("roles", *words, code=1).stderr
