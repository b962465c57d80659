import json
import math

import pytest
from streamlit.testing.v1 import AppTest

from analytics.pages.context_fields.mapping import mapping, required_by
from analytics.pages.context_fields.shapes import matrix
from connector.log import append_rows, open_home
from connector.policy import parse_policy
from connector.settings import Settings
from tests.analytics.conftest import Log
from tests.analytics.pages.conftest import WAIT_S, fill, texts
from tests.conftest import PROJECT

pytestmark = pytest.mark.slow

PAGE = "analytics/pages/context.py"
POLICY = """
default_queue: General
required: [transcript]
rules:
  - {name: cards, intents: [card], steps: [{queue: Cards}], required: [card_number]}
  - {name: lost, intents: [lost], steps: [{queue: Cards}], required: [card_number]}
default: {steps: [{queue: General}], required: [basket]}
context_fields:
  - {name: card_number, field: Card number}
  - {name: pin, passed: never}
  - {name: basket, passed: bot}
"""


def opened(**query):
    page = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=WAIT_S).switch_page(PAGE)
    for name, value in query.items():
        page.query_params[name.replace("_", "-")] = value
    return page.run()


def lacking(rows, **wanted):
    """Rows that meet `wanted`, and those of them whose payload lacks the card number."""
    of = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return len(of), sum("card_number" not in row["context_present"] for row in of)


def unmarked(home, rows, *fields):
    events = [
        {
            "attempt_id": row["attempt_id"],
            "started_at": row["started_at"],
            "happened_at": row["started_at"],
            "seq": 1,
            "event": "unmarked",
            "detail": {"fields": fields},
        }
        for row in rows
    ]
    lake = open_home(Settings(home=home)).lake
    try:
        append_rows(lake, home, {"attempt_events": events})
    finally:
        lake.close()


def test_the_page_says_how_complete_context_is_and_what_lacks_most(filled):
    page = opened()
    assert not page.exception
    _, missing = lacking(filled)
    complete = 1200 - missing
    assert f"**{100 * complete / 1200:.0f} of 100** escalations" in texts(page)
    said = f"**card\\_number** is missing in **{100 * missing / 1200:.0f} of 100**"
    assert said in texts(page)
    assert "1,200 escalations that require any, of 1,200 · last 28 days" in texts(page)


def test_the_table_has_each_field_with_mapping_counts_and_interval(filled):
    table = opened().dataframe[-1].value.set_index("field")
    required, missing = lacking(filled)
    card = table.loc["card_number"]
    assert (card.required, card.carried) == (required, required - missing)
    assert card.missing == round(100 * missing / required)
    low, high = (float(part) for part in card.missing_95.rstrip("%").split("–"))
    share, error = 100 * missing / required, 100 * math.sqrt(0.25 / required) * 1.96
    assert low < share < high
    assert high - low < 2 * error
    assert (card.label, card.passed) == ("Card number", "always")
    assert card.rules == "lost card, replace card"
    assert table.loc["transcript"].rules == "every rule"
    assert table.loc["transcript"].label == "Case notes"
    assert table.loc["replacement_reason"].required == 0


@pytest.mark.parametrize("by", ["queue", "channel"])
def test_where_fields_are_missing_is_counted_per_queue_and_channel(filled, by):
    page = opened(context_by=by.capitalize())
    table = page.dataframe[0].value
    cards = table[table["Field"] == "card_number"].set_index(by.capitalize())
    for name, row in cards.iterrows():
        required, missing = lacking(filled, **{by: name})
        assert (row["Required"], row["Missing"]) == (required, missing)
    assert len(cards) == 2


def test_variables_nobody_marked_are_named_with_number_and_way_out(home):
    rows = fill(home, 60)
    unmarked(home, rows[:15], "basket", "card_number")
    unmarked(home, rows[:3], "mood")
    page = opened()
    assert not page.exception
    assert "**basket** in **15 attempts**" in texts(page)
    assert "25.0% of all (95%: 15.8–37.2%)" in texts(page)
    assert "**mood** in **3 attempts**" in texts(page)
    assert "Marked by the policy in force, so agents get them from now on: card\\_number." in texts(
        page
    )
    assert len(page.get("page_link")) == 2  # to Mappings, one beside each


def test_an_empty_log_shows_what_the_policy_asks_for(home):
    page = opened()
    assert not page.exception
    assert "**No escalations yet**" in texts(page)
    assert "card_number" in set(page.dataframe[0].value["field"])


def test_filters_that_leave_nothing_offer_to_show_everything(home):
    fill(home, 30, ago=100)
    page = opened(period="7 days")
    assert "**No attempts match these filters**" in texts(page)
    page.button[-1].click().run()
    assert "30 escalations that require any, of 30 · all of the log" in texts(page)


def test_a_field_is_required_by_every_rule_by_some_or_by_none():
    policy = parse_policy(POLICY)
    assert required_by(policy, "transcript") == "every rule"
    assert required_by(policy, "card_number") == "cards, lost"
    assert required_by(policy, "basket") == "default"
    assert required_by(policy, "pin") == ""


def test_the_mapping_lists_fields_of_policy_and_log_without_a_rate_of_few(tables):
    from analytics.metrics import carried_fields, fields_by

    log = Log(tables)
    for number in range(25):
        present = ["card_number"] if number < 5 else []
        log.attempt(context_required=["card_number"], context_present=present, delivered=True)
    log.attempt(context_required=["basket"], context_present=["extra"], context_cut=["extra"])
    found = mapping(parse_policy(POLICY), fields_by(log.con), carried_fields(log.con))
    log.con.close()
    rows = {row["field"]: row for row in json.loads(found.to_json(orient="records"))}
    assert rows["card_number"]["missing_share"] == 0.8
    assert (rows["card_number"]["carried"], rows["card_number"]["taken"]) == (5, 5)
    assert rows["basket"]["missing_share"] is None
    assert (rows["basket"]["required"], rows["basket"]["missing"]) == (1, 1)
    assert rows["basket"]["passed"] == "when the bot marks it"
    assert (rows["pin"]["passed"], rows["pin"]["carried"]) == ("never", 0)
    assert (rows["extra"]["shortened"], rows["extra"]["rules"]) == (1, "")
    assert found["field"][0] == "card_number"


def test_the_matrix_leaves_out_pairs_of_few_and_puts_the_worst_field_first(tables):
    from analytics.metrics import missing_context

    log = Log(tables)
    for queue, number in (("Cards", 30), ("General", 40), ("VIP", 19)):
        for count in range(number):
            present = ["name"] if count % 2 else ["name", "card"]
            log.attempt(
                queue_id=queue,
                queue=queue,
                context_required=["name", "card"],
                context_present=present,
            )
    found = matrix(missing_context(log.con, None), "queue_id", "queue")
    log.con.close()
    assert list(zip(found["field"], found["group"], strict=True)) == [
        ("card", "General"),
        ("card", "Cards"),
        ("name", "General"),
        ("name", "Cards"),
    ]
    assert found["share"].tolist() == [0.5, 0.5, 0.0, 0.0]
