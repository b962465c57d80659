"""The mapping columns as CSV: there and back, and every mistake with its place."""

import csv
import io
from pathlib import Path

import pytest

from connector.errors import PolicyError
from connector.policy import dump_policy, load_policy
from connector.publishing import SHIPPED, difference, is_mapping, read_mapping, write_mapping

from .drafts import base, with_rule

HEADER = "rule,intents,queue,timeout_s,then,skill,priority,if_nobody,text"
FILE = Path("mapping.csv")


def told(*rows):
    return [change.text for change in difference(base(), read(*rows))]


def read(*rows):
    return read_mapping("\n".join([HEADER, *rows]), base(), file=FILE)


@pytest.mark.parametrize("policy", [base(), load_policy(SHIPPED)], ids=["small", "shipped"])
def test_a_policy_survives_its_own_mapping_columns(policy):
    assert difference(policy, read_mapping(write_mapping(policy), policy)) == ()


def test_what_no_column_holds_stays():
    policy = with_rule(
        base(),
        "card",
        channels=["web"],
        canary={"share": 0.1, "steps": [{"queue": "General"}]},
        steps=[{"queue": "Cards", "skip_if": ["closed"]}],
    )
    text = write_mapping(policy).replace("Cards,60", "Cards,75")
    assert [change.text for change in difference(policy, read_mapping(text, policy))] == [
        "`card`: Cards 60 s (skip if closed) -> Cards 75 s (skip if closed)"
    ]


def test_rows_change_add_reorder_and_remove_rules():
    assert told(
        "balance,balance,,,,money,,,",
        "refund,refund,Payments,90,General; skill money 30,,high,email,Write to us.",
        "loan,loan,General,,,,,,",
    ) == [
        "`refund`: Billing 60 s -> Payments 90 s, then General, then skill money 30 s",
        "`refund`: priority: normal -> high",
        "`refund`: failure path: message “All our agents are busy right now. Please try again "
        "later.” -> email “Write to us.”",
        "`card` removed: Cards 30 s, then General 45 s; required card_number; intents lost, stolen",
        "`loan` added: General 60 s; intents loan",
        "`balance` moved before `refund`",
    ]


def test_the_default_rule_is_a_row_like_any_other():
    rows = write_mapping(base()).splitlines()[1:-1]
    assert told(*rows, "default,,Front,20,,,low,,") == [
        "`default`: General 60 s -> Front 20 s",
        "`default`: priority: normal -> low",
    ]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("a,a,General,60,,,soon,message,", "priority"),
        ("a,a,General,-5,,,normal,message,", "timeout_s"),
        ("a,a,General,1e9,,,normal,message,", "timeout_s"),
        ("a,a,General,nan,,,normal,message,", "timeout_s"),
        ("a,a,General,an hour,,,normal,message,", "timeout_s"),
        ("a,a,General,60,Cards -5,,normal,message,", "then"),
        ("a,a,General,60,,,normal,shout,", "if_nobody"),
        ("a,a; b; a,General,60,,,normal,message,", "intents"),
        ("a,lost,General,60,,,normal,message,", "intents"),
        ("a,a,,60,,,normal,message,", "queue"),
        ("a,a,General,60,,money,normal,message,", "queue"),
        (",a,General,60,,,normal,message,", "rule"),
        ("first,a,General,60,,,normal,message,", "rule"),
        ("default,a,General,60,,,normal,message,", "intents"),
    ],
)
def test_a_mistake_has_file_line_and_field(row, field):
    with pytest.raises(PolicyError) as refused:
        read('first,lost,General,60,,,normal,message,"two\nlines"', row)
    error = refused.value
    assert (error.file, error.line, error.field) == ("mapping.csv", 4, field)
    assert error.fix


def test_the_same_intent_may_be_in_rules_that_ask_for_something_else_as_well():
    policy = with_rule(base(), "card", intents=["refund"], channels=["web"])
    assert read_mapping(write_mapping(policy), policy) == policy


@pytest.mark.parametrize("column", HEADER.split(","))
def test_a_missing_column_is_named(column):
    kept = ",".join(name for name in HEADER.split(",") if name != column)
    with pytest.raises(PolicyError, match=f"mapping.csv:1, field `{column}`.*missing"):
        read_mapping(kept, base(), file=FILE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "column is missing"),
        (HEADER, "holds no rule"),
        (f"{HEADER},colour", "no such column"),
        (f"{HEADER},rule", "there twice"),
        (f"{HEADER}\na,b,c", "mapping.csv:2: has 3 cells, not 9"),
        (f'{HEADER}\n"a', "not readable as CSV"),
        (f"{HEADER}\na,a,,,,unheard of,,,", "skill `unheard of` is used"),
    ],
)
def test_what_is_no_mapping_is_refused_with_a_sentence(text, says):
    with pytest.raises(PolicyError, match=says.replace("(", r"\(")):
        read_mapping(text, base(), file=FILE)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_a_spreadsheet_of_another_country_writes_is_read_too(delimiter):
    policy, text = load_policy(SHIPPED), io.StringIO()
    rows = csv.reader(io.StringIO(write_mapping(policy)))
    csv.writer(text, delimiter=delimiter).writerows(rows)
    assert is_mapping(text.getvalue())
    assert difference(policy, read_mapping(text.getvalue(), policy)) == ()


def test_yaml_is_not_taken_for_a_mapping_file():
    assert not is_mapping(dump_policy(load_policy(SHIPPED)))
    assert not is_mapping("# a rule, its intents; and a queue\nrules: []")
    assert not is_mapping("")
    assert is_mapping(f"\ufeff\n{HEADER}")
