import pandas as pd
import pytest

from analytics.findings import Group, difference, findings, lead, lead_of_queues, most_timeouts

NONE = pd.DataFrame({"key": [], "label": [], "moment": [], "tried": [], "lost": []})
NO_FIELDS = pd.DataFrame({"queue": [], "field": [], "required": [], "present": []})
MONDAY = pd.Timestamp("2026-11-02")


def row(attempts, accepted):
    return pd.Series({"attempts": attempts, "accepted": accepted})


def spread(key, tried, lost, days=7):
    """A group's counts, alike in each hour from 8 to 20 of each weekday."""
    hours = [
        MONDAY + pd.Timedelta(days=day, hours=hour) for day in range(days) for hour in range(8, 20)
    ]
    return pd.DataFrame(
        {
            "key": key,
            "label": key.title(),
            "moment": hours,
            "tried": tried / len(hours),
            "lost": lost / len(hours),
        }
    )


def test_the_lead_says_how_many_of_100_and_the_change_when_there_is_one():
    said = lead(row(31_000, 25_420), row(30_000, 24_150), "28 days")
    assert said == (
        "**82 of 100** escalations reached an agent, 1.5 points more than in the 28 days before."
    )
    fewer = lead(row(30_000, 24_150), row(31_000, 25_420), "28 days")
    assert "1.5 points fewer than" in fewer


def test_the_lead_claims_no_change_that_chance_explains():
    assert "about as many as in the 7 days before" in lead(row(1000, 820), row(1000, 815), "7 days")


def test_the_lead_gives_counts_when_there_are_few_attempts():
    assert lead(row(40, 31), None, "7 days") == (
        "**31 of 40** escalations reached an agent: too few yet for a rate to act on."
    )
    assert "**1 of 1** escalation reached" in lead(row(1, 1), None, "7 days")


def test_the_lead_compares_with_nothing_when_there_was_little_before():
    assert lead(row(1000, 820), row(20, 10), "7 days") == (
        "**82 of 100** escalations reached an agent."
    )


def test_the_queue_with_a_large_part_of_all_timeouts_is_named_with_its_part_of_the_offers():
    queues = [Group("1", "General", 3000, 500), Group("2", "Cards", 7000, 500)]
    assert most_timeouts(queues) == (
        "**General** has 50 of 100 step timeouts and 30 of 100 offers."
    )
    assert most_timeouts(queues[:1]) == ""
    assert most_timeouts([Group(str(n), "Q", 1000, 100) for n in range(9)]) == ""


def test_a_difference_agrees_with_newcombes_published_interval():
    """Newcombe 1998 (difference of independent proportions), example a: 56/70 against 48/80."""
    found = difference(56, 70, 48, 80)
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_a_queue_that_loses_more_than_the_others_is_named_with_counts():
    queues = pd.concat([spread("general", 8400, 2520), spread("cards", 16_800, 1680)])
    found = findings(queues, NONE, NO_FIELDS)
    assert [finding.text for finding in found] == [
        "**General** loses **30 of 100** customers offered to it; the other queues lose 10."
    ]
    assert found[0].evidence == "2,520 of 8,400 offers did not reach an agent there."
    assert (found[0].about, found[0].chooses) == ("General", ("queue", "general"))


def test_small_groups_and_like_groups_and_a_single_group_give_nothing():
    small = pd.concat([spread("a", 252, 168), spread("b", 8400, 840)])
    alike = pd.concat([spread("a", 8400, 924), spread("b", 8400, 840)])
    only = spread("a", 8400, 4200)
    assert findings(small, alike, NO_FIELDS) == findings(only, NONE, NO_FIELDS) == []


def test_findings_are_ranked_by_customers_lost_beyond_the_others():
    queues = pd.concat([spread("a", 840, 420), spread("b", 8400, 2520), spread("c", 16_800, 1680)])
    assert [finding.chooses[1] for finding in findings(queues, NONE, NO_FIELDS)] == ["b", "a"]


def test_the_time_of_day_is_named_when_it_explains_the_loss():
    intents = spread("lost", 8400, 840)
    evening = pd.DatetimeIndex(intents["moment"]).hour.isin([17, 18, 19])
    intents.loc[evening, "lost"] = 40
    found = findings(NONE, intents, NO_FIELDS)
    assert [finding.text for finding in found] == [
        "**Lost** reaches nobody in **40 of 100** escalations between 17:00 and 20:00, "
        "10 otherwise."
    ]
    assert found[0].evidence == "840 of 2,100 escalations reached no agent."
    assert found[0].chooses == ("intent", "lost")


def test_the_weekday_is_named_when_it_explains_the_loss_more_than_once():
    queues = spread("disputes", 16_800, 1680, days=14)
    queues.loc[pd.DatetimeIndex(queues["moment"]).day_of_week == 1, "lost"] = 48
    first_week = queues[queues["moment"] < MONDAY + pd.Timedelta(days=7)]
    assert findings(first_week, NONE, NO_FIELDS) == []
    found = findings(queues, NONE, NO_FIELDS)
    assert [finding.text for finding in found] == [
        "**Disputes** loses **48 of 100** customers offered to it on Tuesdays, 10 otherwise."
    ]


def test_a_field_that_lacks_often_is_named_with_where():
    fields = pd.DataFrame(
        {
            "queue": ["Cards", "General", "Cards"],
            "field": ["card_number", "card_number", "transcript"],
            "required": [2000, 500, 2000],
            "present": [1200, 400, 1990],
        }
    )
    found = findings(NONE, NONE, fields)
    assert [finding.text for finding in found] == [
        "**card\\_number** is missing in **36 of 100** escalations that require it."
    ]
    assert found[0].evidence == "900 of 2,500 escalations; most of them, 800, go to Cards."


def test_a_part_of_less_than_half_is_not_most_of_them_and_one_queue_is_not_named():
    fields = pd.DataFrame(
        {
            "queue": ["Cards", "General", "VIP"],
            "field": "card_number",
            "required": [1000, 1000, 1000],
            "present": [600, 610, 620],
        }
    )
    said = findings(NONE, NONE, fields)[0].evidence
    assert said == ("1,170 of 3,000 escalations; 400 go to Cards, more than to any other queue.")
    assert findings(NONE, NONE, fields.head(1))[0].evidence == "400 of 1,000 escalations."


def test_a_queue_and_its_intent_are_one_loss():
    queues = pd.concat([spread("ps", 8400, 4200), spread("other", 16_800, 1680)])
    found = findings(queues, queues.copy(), NO_FIELDS)
    assert [finding.chooses for finding in found] == [("queue", "ps")]


def test_the_lead_of_a_queue_counts_its_offers():
    now = pd.Series({"offered": 7398, "accepted": 5696, "step_timeout": 1258})
    before = pd.Series({"offered": 7000, "accepted": 5950, "step_timeout": 900})
    assert lead_of_queues(now, None, "28 days", ["General"]) == (
        "**77 of 100** offers to **General** reached an agent there; 17 of 100 ran out of time."
    )
    assert "Reached: 8.0 points fewer than in the 28 days before." in (
        lead_of_queues(now, before, "28 days", ["General"])
    )
    few = pd.Series({"offered": 12, "accepted": 9, "step_timeout": 3})
    assert "too few yet" in lead_of_queues(few, None, "28 days", ["General"])


def test_no_more_findings_than_asked_for():
    worse = [spread(f"queue {n}", 8400, 2520 + 84 * n) for n in range(6)]
    queues = pd.concat([*worse, spread("good", 84_000, 840)])
    assert len(findings(queues, NONE, NO_FIELDS, most=4)) == 4
