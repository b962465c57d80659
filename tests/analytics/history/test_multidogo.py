"""What a conversation file becomes, by hand on small files and by count on the real one."""

from collections import Counter

import pytest

from analytics.history.multidogo import conversations
from connector.errors import DataFileError

HEADER = "conversationId\tturnNumber\tutteranceId\tutterance\tslot-labels\tintent\n"
# As the data's own description counts them, per conversation of the training file.
SLOTS = {
    "ssn": 1547,
    "name": 1545,
    "card_number": 994,
    "account_number": 486,
    "address": 357,
    "charge_date": 292,
    "transferamount": 245,
    "charge_amount": 244,
    "lastuseddate": 184,
    "charge_time": 92,
    "lastusedtime": 44,
    "replacement_reason": 39,
    "target_account_number": 37,
}


def row(conversation="c1", turn="0.0", text="hi", labels="O", intent="openinggreeting"):
    return f"{conversation}\t{turn}\t{conversation}-{turn}\t{text}\t{labels}\t{intent}\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "talk.tsv"

    def write(*rows, header=HEADER):
        path.write_bytes((header + "".join(rows)).encode())
        return path

    return write


def test_the_first_request_is_intent_and_category(file):
    (handoff,) = conversations(
        file(
            row(),
            row(turn="1.0", text="pay", intent="transfermoney<div>closeaccount"),
            row(turn="2.0", text="card", intent="replacecard"),
        )
    )
    assert (handoff.intent, handoff.category) == ("transfermoney", "transfermoney")
    assert (handoff.handoff_id, handoff.conversation_id) == ("c1", "c1")


def test_small_talk_alone_is_no_intent(file):
    (handoff,) = conversations(file(row(), row(turn="1.0", intent="thankyou<div>contentonly")))
    assert handoff.intent is None
    assert handoff.category is None


def test_the_transcript_is_every_turn_in_order(file):
    (handoff,) = conversations(
        file(
            row(turn="10.0", text="third"), row(turn="2.0", text="first"), row(turn="9.0", text="")
        )
    )
    assert [message.text for message in handoff.transcript] == ["first", "", "third"]
    assert {message.author for message in handoff.transcript} == {"user"}


def test_a_slot_is_the_labelled_tokens_of_its_last_utterance(file):
    (handoff,) = conversations(
        file(
            row(text="acct 11 at 1 elm st", labels="O account O address address address"),
            row(turn="1.0", text="move 22 to 33", labels="O account O account"),
        )
    )
    assert handoff.variables == {"account": "22 33", "address": "1 elm st"}
    assert handoff.marked == {"account", "address"}


def test_the_slot_name_becomes_the_customers_name(file):
    (handoff,) = conversations(
        file(row(text="first jo last wu", labels="O name O name"), row(turn="1.0"))
    )
    assert handoff.customer.name == "jo wu"
    assert handoff.variables == {}


@pytest.mark.parametrize(("text", "labels"), [("a b", "ssn"), ("a", "ssn O"), ("", "O"), ("a", "")])
def test_a_turn_that_does_not_align_gives_text_but_no_slots(file, text, labels):
    (handoff,) = conversations(file(row(text=text, labels=labels)))
    assert handoff.variables == {}
    assert [message.text for message in handoff.transcript] == [text]


def test_conversations_keep_the_order_of_the_file_even_when_their_rows_mix(file):
    handoffs = conversations(file(row("b"), row("a"), row("b", turn="1.0")))
    assert [(handoff.handoff_id, len(handoff.transcript)) for handoff in handoffs] == [
        ("b", 2),
        ("a", 1),
    ]


def test_windows_line_ends_quotes_and_odd_spaces_are_text(file):
    text = 'he said "hi\u2028there'
    (handoff,) = conversations(file(row(text=text).replace("\n", "\r\n")))
    assert handoff.transcript[0].text == text


@pytest.mark.parametrize(
    ("rows", "line", "says"),
    [
        ((row(), "c1\t1.0\tcut off he"), 3, "3 fields"),
        ((row(), row(turn="one")), 3, "turnNumber"),
        ((row(turn="nan"),), 2, "turnNumber"),
        ((row(conversation=""),), 2, "conversationId"),
        ((row(), row(), row("x" * 201)), 4, "handoff_id"),
        ((), 1, "no conversations"),
    ],
)
def test_a_row_that_cannot_be_read_names_file_and_line(file, rows, line, says):
    path = file(*rows)
    with pytest.raises(DataFileError, match=says) as raised:
        conversations(path)
    assert (raised.value.file, raised.value.line) == (str(path), line)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x00\x01\xff\xfe" * 50])
def test_another_kind_of_file_is_refused_at_its_first_line(tmp_path, content):
    path = tmp_path / "other.bin"
    path.write_bytes(content)
    with pytest.raises(DataFileError) as raised:
        conversations(path)
    assert raised.value.line == 1


def test_bytes_that_are_no_text_name_their_line(tmp_path):
    path = tmp_path / "talk.tsv"
    path.write_bytes(HEADER.encode() + row().encode() + b"c1\t1.0\tu\t\xff\tO\tthankyou\n")
    with pytest.raises(DataFileError, match="UTF-8") as raised:
        conversations(path)
    assert raised.value.line == 3


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.tsv", tmp_path):
        with pytest.raises(DataFileError, match="cannot be read"):
            conversations(path)


def test_the_training_file_holds_what_its_description_counts(shared_data):
    handoffs = conversations(shared_data / "multidogo-finance-train.tsv")
    held = Counter(name for handoff in handoffs for name in handoff.variables)
    held["name"] = sum(handoff.customer.name is not None for handoff in handoffs)
    assert len(handoffs) == 1684
    assert sum(handoff.intent is None for handoff in handoffs) == 156
    assert {name: held[name] for name in SLOTS} == SLOTS


def test_the_smaller_file_is_read_as_well(shared_data):
    assert len(conversations(shared_data / "multidogo-finance-dev.tsv")) == 240
