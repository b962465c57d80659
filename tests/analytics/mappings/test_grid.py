import pandas as pd

from analytics.mappings import grid
from analytics.metrics.frames import with_bounds
from connector import drafts
from connector.publishing import difference
from tests.connector.publishing.drafts import base


def numbers(*rows):
    """Numbers of rules as the log gives them: name, attempts, accepted, timed out, completeness."""
    names = ["rule", "attempts", "accepted", "timed_out", "completeness"]
    frame = pd.DataFrame(rows, columns=names)
    frame["success_rate"] = frame["accepted"] / frame["attempts"]
    frame["timeout_rate"] = frame["timed_out"] / frame["attempts"]
    return with_bounds(frame)


LOG = numbers(("card", 200, 100, 80, 0.5), ("refund", 1000, 900, 50, 0.9), ("balance", 19, 1, 9, 1))


def test_each_rule_is_a_row_in_order_with_the_default_rule_last():
    frame = grid.grid(base(), LOG, set())
    assert list(frame["rule"]) == ["refund", "card", "balance", "default"]
    assert list(frame["place"]) == [1, 2, 3, 4]
    card = frame.iloc[1]
    assert list(card["intents"]) == ["lost", "stolen"]
    assert (card["queue"], card["wait"], card["then"]) == ("Cards", 30, "General 45 s")
    assert pd.isna(frame.iloc[2]["queue"])
    assert frame.iloc[2]["skill"] == "money"


def test_evidence_is_whole_percents_and_none_under_twenty_attempts():
    frame = grid.grid(base(), LOG, set()).set_index("rule")
    assert list(frame["attempts"]) == [1000, 200, 19, 0]
    assert list(frame.loc["card", ["reached", "timed_out", "context"]]) == [50, 40, 50]
    assert (
        frame.loc[["balance", "default"], ["reached", "timed_out", "context"]].isna().all(axis=None)
    )


def test_a_rule_that_was_renamed_keeps_its_evidence():
    draft = drafts.with_rule(base(), "card", {"name": "cards"})
    found = grid.grid(draft, grid.by_draft_names(LOG, base(), draft), set()).set_index("rule")
    assert found.loc["cards", "attempts"] == 200


def test_changed_rules_are_marked_under_their_new_names_and_moves_are_not():
    draft = drafts.with_rule(base(), "card", {"name": "cards"})
    draft = drafts.with_rule(drafts.moved(draft, "balance", 0), "default", {"priority": "low"})
    changed = grid.changed_rules(difference(base(), draft), base(), draft)
    assert changed == {"cards", "default"}
    assert list(grid.grid(draft, LOG, changed)["mark"]) == ["", "", "●", "●"]


def test_rows_are_found_by_any_of_their_words():
    frame = grid.grid(base(), LOG, set())
    for search, names in {
        "stolen": ["card"],
        "GENERAL card": ["card"],
        "money": ["balance"],
        "": ["refund", "card", "balance", "default"],
        "nothing such": [],
    }.items():
        assert list(grid.shown(frame, search=search)["rule"]) == names
    assert list(grid.shown(frame, only={"balance", "gone"})["rule"]) == ["balance"]


def test_rules_lose_customers_when_their_whole_interval_is_below_all():
    # 1,001 of 1,219 were accepted, 82 %; Wilson's interval of 100 in 200 ends at 56.9 %, that of
    # 1 in 19 at 24.6 %.
    assert grid.losing(LOG) == {"card", "balance"}
    assert grid.losing(LOG.iloc[:0]) == set()
