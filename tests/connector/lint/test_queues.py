"""Queues against a sandbox tenant: names, ids, members, skills, overflow."""

import pytest

from .drafts import policy

CARD = {"intents": ["lost"]}


def test_an_unknown_queue_is_an_error_with_the_nearest_name(tenant):
    draft = policy({"card": CARD | {"steps": [{"queue": "Kards"}]}})
    found = tenant.only(draft)
    assert (found.severity, found.check, found.rule) == ("error", "unknown_queue", "card")
    assert found.place == ("rules", 0, "steps", 0, "queue")
    assert str(found) == (
        "error: rule `card`, step 1: `Kards` is no chat queue of this tenant. "
        "Did you mean `Cards (102)`?"
    )
    assert found.fix.label == "Write `Cards (102)`"
    assert tenant.mended(draft, found).rules[0].steps[0].queue == "Cards (102)"


def test_a_queue_like_no_other_goes_to_the_default_queue(tenant):
    draft = policy({"card": CARD | {"steps": [{"queue": "Zzyzx"}]}})
    found = tenant.only(draft)
    assert "Choose one of Accounts, Archive, Cards," in found.text
    assert tenant.mended(draft, found).rules[0].steps[0].queue == "General (101)"


def test_a_deleted_queue_is_told_by_its_id(tenant):
    draft = policy({"card": CARD | {"steps": [{"queue": "Cards (999)"}]}})
    found = tenant.only(draft)
    assert (found.severity, found.check) == ("error", "deleted_queue")
    assert "no chat queue 999 (`Cards`) any more" in found.text
    assert tenant.mended(draft, found).rules[0].steps[0].queue == "Cards (102)"


def test_a_renamed_queue_is_a_warning_that_writes_the_new_name(tenant):
    draft = policy({"card": CARD | {"steps": [{"queue": "Karten (102)"}]}})
    found = tenant.only(draft)
    assert (found.severity, found.check) == ("warning", "renamed_queue")
    assert "calls queue 102 `Cards` now, not `Karten`" in found.text
    assert tenant.mended(draft, found).rules[0].steps[0].queue == "Cards (102)"


@pytest.mark.parametrize("written", ["Kards", "Kards (7)"])
def test_a_name_that_settings_map_is_neither_unknown_nor_renamed(tenant, written):
    draft = policy({"card": CARD | {"steps": [{"queue": written}]}})
    assert tenant.lint(draft, queue_map={"Kards": "102"}) == []


def test_an_unknown_default_queue_is_found_where_it_is_written(tenant):
    draft = policy(default_queue="Generel")
    found = tenant.only(draft)
    assert (found.place, found.rule) == (("default_queue",), None)
    assert str(found).startswith("error: default queue: `Generel`")
    assert tenant.mended(draft, found).default_queue == "General (101)"
    assert tenant.lint(draft, default_queue="101") == []


def test_settings_of_a_queue_that_is_not_there_are_a_warning(tenant):
    draft = policy(service_level_s={"Cardz": 30}, opening_hours={"Zzyzx": {"week": "08:00-20:00"}})
    hours, level = tenant.lint(draft)
    assert {hours.severity, level.severity} == {"warning"}
    assert tenant.mended(draft, level).service_level_s == {"Cards (102)": 30}
    assert hours.place == ("opening_hours", "Zzyzx")
    assert tenant.mended(policy(opening_hours=draft.opening_hours), hours).opening_hours == {}


def test_a_twin_that_is_not_there_is_an_error(tenant):
    draft = policy({"card": CARD}, priority_twins={"Cards": {"high": "Cards urgent"}})
    found = tenant.only(draft)
    assert (found.severity, found.place) == ("error", ("priority_twins", "Cards", "high"))


def test_a_skill_alias_without_a_queue_of_the_tenant_is_told_at_the_alias(tenant):
    money = CARD | {"steps": [{"skill": "money"}]}
    draft = policy({"card": money}, skills={"money": {"queue": "Acounts"}})
    found = tenant.only(draft)
    assert (found.severity, found.check) == ("error", "skill_without_target")
    assert found.place == ("skills", "money", "queue")
    assert str(found).startswith("error: skill `money`: `Acounts` is no chat queue")
    assert tenant.mended(draft, found).skills["money"].queue == "Accounts (106)"


def test_a_queue_nobody_is_assigned_to_is_a_warning(tenant):
    draft = policy({"card": CARD | {"steps": [{"queue": "Cards"}, {"queue": "Archive"}]}})
    found = tenant.only(draft)
    assert (found.severity, found.check) == ("warning", "no_agents")
    assert found.place == ("rules", 0, "steps", 1)
    assert "`Archive (110)` has no agent assigned" in found.text
    assert len(tenant.mended(draft, found).rules[0].steps) == 1

    alone = policy({"card": CARD | {"steps": [{"queue": "Archive"}]}})
    found = tenant.only(alone)
    assert tenant.mended(alone, found).rules[0].steps[0].queue == "General (101)"


def test_overflow_to_a_queue_tried_already_is_an_error(tenant):
    draft = policy({"card": CARD | {"steps": [{"queue": "Cards"}, {"queue": "Cards (102)"}]}})
    found = tenant.only(draft)
    assert (found.severity, found.check) == ("error", "tried_before")
    assert found.place == ("rules", 0, "steps", 1, "queue")
    assert "`Cards (102)` was tried in step 1 already" in found.text
    assert len(tenant.mended(draft, found).rules[0].steps) == 1


def test_overflow_through_a_twin_or_a_skill_is_seen_through(tenant):
    high = CARD | {"priority": "high", "steps": [{"queue": "Cards"}, {"skill": "fast"}]}
    fields = {
        "priority_twins": {"Cards": {"high": "Cards priority"}},
        "skills": {"fast": {"queue": "Cards priority"}},
    }
    found = tenant.only(policy({"card": high}, **fields))
    assert (found.check, found.place) == ("tried_before", ("rules", 0, "steps", 1, "skill"))
    assert tenant.lint(policy({"card": high | {"priority": "normal"}}, **fields)) == []


def test_a_canary_is_looked_at_as_a_way_of_its_own(tenant):
    canary = {"share": 0.1, "steps": [{"queue": "Cards"}, {"queue": "Cards"}]}
    found = tenant.only(policy({"card": CARD | {"canary": canary}}))
    assert found.place == ("rules", 0, "canary", "steps", 1, "queue")
    assert found.where == "rule `card`, canary step 2"
