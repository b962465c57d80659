"""What the agent gets, and what of it is present."""

import pytest

from connector.context import build, unmarked
from connector.handoff import Customer, Handoff, Message
from connector.routing import decide

from .conftest import NOON


@pytest.fixture
def payload_of(policy, book):
    def payload_of(**handoff):
        given = Handoff(**handoff)
        return build(policy, given, decide(policy, given, book, NOON), "a1")

    return payload_of


def properties(payload):
    return {pair["key"]: pair["value"] for pair in payload.user["additionalProperties"]}


def said(*texts):
    return tuple(Message(text=text) for text in texts)


def test_reserved_properties_come_first_in_their_order(payload_of):
    payload = payload_of(
        intent="spanish_support",
        category="lost card",
        channel="whatsapp",
        variables={"city": "Lima"},
        marked={"city"},
    )

    assert list(properties(payload).items()) == [
        ("attempt_id", "a1"),
        ("Case Category", "lost card"),
        ("Media Type", "whatsapp"),
        ("Priority", "normal"),
        ("Skill", "spanish_support"),
        ("city", "Lima"),
    ]
    assert payload.user["language"] == "es"


def test_completeness_counts_required_fields_that_are_present(payload_of):
    payload = payload_of(
        intent="reportlostcard",
        category="reportlostcard",
        customer=Customer(name="Ana"),
        transcript=said("my card is gone"),
    )

    assert payload.required == ("transcript", "customer_name", "category", "card_number")
    assert payload.missing == ("card_number",)
    assert payload.completeness == 0.75


@pytest.mark.parametrize(
    ("name", "marked", "passed"),
    [
        ("card_number", set(), True),
        ("ssn", {"ssn"}, False),
        ("mood", {"mood"}, True),
        ("mood", set(), False),
    ],
    ids=["policy marks", "never wins", "bot marks", "nobody marks"],
)
def test_who_decides_whether_a_variable_is_passed(payload_of, name, marked, passed):
    payload = payload_of(variables={name: "value"}, marked=marked)

    assert (name in payload.present) is passed
    assert ("value" in properties(payload).values()) is passed


def test_variables_nobody_marked_are_named(policy):
    handoff = Handoff(variables={"card_number": "1", "mood": "x", "ssn": "2"}, marked={"ssn"})

    assert unmarked(policy, handoff) == ("mood", "ssn")


def test_of_200_variables_25_are_passed_and_the_rest_noted(payload_of):
    names = {f"v{number}": "x" for number in range(199)} | {"card_number": "4711"}

    payload = payload_of(intent="reportlostcard", variables=names, marked=frozenset(names))

    assert len(payload.user["additionalProperties"]) <= 30
    assert "card_number" in payload.present
    assert len(payload.cut) == 175


def test_long_keys_and_values_are_cut_and_noted(payload_of):
    payload = payload_of(variables={"k" * 150: "v" * 600}, marked={"k" * 150})

    assert properties(payload)["k" * 100] == "v" * 500
    assert payload.cut == ("k" * 150,)


def test_of_ten_thousand_messages_the_newest_200_are_kept(payload_of):
    payload = payload_of(transcript=said(*(f"line {n}" for n in range(10_000))))

    assert [message["text"] for message in payload.history] == [
        f"line {n}" for n in range(9_800, 10_000)
    ]
    assert payload.cut == ("transcript",)


def test_a_message_of_a_megabyte_is_split_and_its_newest_part_kept(payload_of):
    payload = payload_of(transcript=said("a" * 500_000 + "b" * 500_000, "the end"))

    texts = [message["text"] for message in payload.history]
    assert len(texts) == 200
    assert max(map(len, texts)) == 5_000
    assert texts[-2:] == ["b" * 5_000, "the end"]
    assert "transcript" in payload.present


def test_an_empty_transcript_is_missing_not_an_error(payload_of):
    assert "transcript" in payload_of(transcript=said("", "  ")).missing
    assert payload_of().history == ()


def test_emoji_and_right_to_left_text_pass_and_control_characters_do_not(payload_of):
    payload = payload_of(transcript=said("hi \x00\x07👋\nשלום \ud800 مرحبا"))

    assert payload.history[0]["text"] == "hi 👋\nשלום  مرحبا"


def test_a_variable_named_like_a_reserved_property_does_not_replace_it(payload_of):
    payload = payload_of(variables={"Priority": "vip!"}, marked={"Priority"})

    assert properties(payload)["Priority"] == "normal"
    assert payload.cut == ("Priority",)


def test_an_address_that_is_no_email_is_left_out(payload_of):
    assert "email" not in payload_of(customer=Customer(email="not an address")).user
    assert payload_of(customer=Customer(email="a@b.example")).user["email"] == "a@b.example"


@pytest.mark.parametrize(
    ("given", "sent"), [("es-MX", "es"), ("zh_cn", "zh-CN"), ("EN", "en"), ("tlh", "en")]
)
def test_languages_are_sent_as_8x8_names_them(payload_of, given, sent):
    assert payload_of(language=given).user["language"] == sent
