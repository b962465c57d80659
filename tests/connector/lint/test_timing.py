"""Timeouts against customers' patience and the limits; closed queues when customers come."""

from connector.lint import Traffic

from .drafts import NIGHT, NOON, log, policy

CARD = {"intents": ["lost"]}


def waits(*seconds):
    return CARD | {
        "steps": [
            {"queue": queue, "timeout_s": timeout_s}
            for queue, timeout_s in zip(["Cards", "General", "Accounts"], seconds, strict=False)
        ]
    }


def test_a_timeout_that_outlasts_most_customers_is_a_warning(tenant):
    draft, seen = policy({"card": waits(60, 60)}), log(("lost", 500), patience={"lost": (400, 92)})
    found = tenant.only(draft, seen)
    assert (found.severity, found.check) == ("warning", "timeout_too_long")
    assert found.place == ("rules", 0, "steps", 1)
    assert "waits until second 120, but more than half" in found.text
    assert "have left after 92 s" in found.text
    assert "(400 in the log)" in found.text
    # 92 s less the 60 of the first step, in steps of 5 s.
    assert tenant.mended(draft, found, seen).rules[0].steps[1].timeout_s == 30


def test_a_step_for_which_no_time_is_left_is_to_go(tenant):
    draft, seen = policy({"card": waits(90, 60)}), log(("lost", 500), patience={"lost": (400, 92)})
    found = tenant.only(draft, seen)
    assert found.fix.label == "Leave out this step"
    assert len(tenant.mended(draft, found, seen).rules[0].steps) == 1


def test_patient_customers_few_customers_and_unknown_patience_say_nothing(tenant):
    draft = policy({"card": waits(60, 60)})
    for patience in [(400, 120.0), (99, 30.0), (400, None)]:
        assert tenant.lint(draft, log(("lost", 500), patience={"lost": patience})) == []


def test_the_default_rule_is_held_against_those_who_come_to_it(tenant):
    draft = policy({"card": CARD}, steps=[{"queue": "General", "timeout_s": 300}])
    seen = log((None, 200), patience={None: (200, 80), "other": (200, 20)})
    found = tenant.only(draft, seen)
    assert (found.rule, found.place) == ("default", ("default", "steps", 0))
    assert "customers without an intent have left after 80 s" in found.text
    assert tenant.mended(draft, found, seen).default.steps[0].timeout_s == 80


def test_timeouts_over_the_limit_are_a_warning_with_what_is_left(tenant):
    draft = policy({"card": waits(60, 60, 60)}, limits={"total_wait_s": 100})
    found = tenant.only(draft)
    assert (found.severity, found.check) == ("warning", "over_limit")
    assert found.place == ("rules", 0, "steps", 1)
    assert "add up to 180 s, over the limit of 100 s" in found.text
    assert found.fix.label == "Wait 40 s here"
    shorter = found.fix.apply(draft)
    assert [step.timeout_s for step in shorter.rules[0].steps] == [60, 40, 60]
    # Now it is the third step of which nothing is left.
    again = tenant.only(shorter)
    assert (again.place, again.fix.label) == (("rules", 0, "steps", 2), "Leave out this step")
    assert tenant.lint(again.fix.apply(shorter)) == []
    assert tenant.lint(policy({"card": waits(60, 40)}, limits={"total_wait_s": 100})) == []


def night_and_day(noon=90, night=10):
    return log(Traffic("lost", {NOON: noon, NIGHT: night}, channel="web"), attempts=100)


def test_a_queue_closed_by_8x8s_schedule_when_customers_come_is_a_warning(tenant):
    # The sandbox's office hours are 07:00 to midnight, every day.
    draft = policy({"card": CARD}, schedules={"Cards": "Office hours"})
    found = tenant.only(draft, night_and_day())
    assert (found.severity, found.check) == ("warning", "closed_queue")
    assert found.place == ("rules", 0, "steps", 0)
    assert found.text.startswith(
        "`Cards (102)` is closed when 10 of the rule's 100 handoffs in the log came (10%), "
        "most of them on Tue from 02:00. 10 of them find no other queue of the rule open."
    )
    assert found.fix.label == "Add `General (101)` as the last step"
    done = found.fix.apply(draft)
    assert [step.queue for step in done.rules[0].steps] == ["Cards", "General (101)"]
    [left] = tenant.lint(done, night_and_day())
    assert "Another queue of the rule is open then" in left.text
    assert left.fix is None


def test_a_queue_closed_by_the_policys_own_hours_is_told_in_its_zone(tenant):
    draft = policy(
        {"card": CARD},
        zone="Asia/Kolkata",
        opening_hours={"cards": {"queues": ["Cards (102)"], "week": "mon 00:00-24:00"}},
    )
    found = tenant.only(draft, night_and_day())
    assert found.check == "closed_queue"
    # Tuesday 02:00 of the policy's zone is Monday in London.
    other = draft.model_dump(mode="json")
    other["opening_hours"]["cards"]["zone"] = "Europe/London"
    assert tenant.lint(type(draft).model_validate(other), night_and_day()) == []


def test_closing_for_fewer_than_one_in_a_hundred_customers_is_nothing_to_tell(tenant):
    draft = policy({"card": CARD}, schedules={"Cards": "Office hours"})
    assert tenant.lint(draft, night_and_day(noon=1_000, night=9)) == []
    assert tenant.lint(draft, night_and_day(noon=1_000, night=0)) == []


def test_hours_of_rules_decide_which_of_them_gets_the_customers_of_the_night(tenant):
    night = {"night": CARD | {"hours": "mon-sun 00:00-07:00", "steps": [{"queue": "General"}]}}
    draft = policy(night, {"card": CARD}, schedules={"Cards": "Office hours"})
    assert tenant.lint(draft, night_and_day()) == []
