"""MultiDoGO conversations (Peskov et al., EMNLP 2019) as the handoffs their bot would ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from connector.errors import DataFileError
from connector.handoff import Customer, Handoff, Message

COLUMNS = ("conversationId", "turnNumber", "utteranceId", "utterance", "slot-labels", "intent")
SMALL_TALK = frozenset(
    {
        "contentonly",
        "confirmation",
        "thankyou",
        "openinggreeting",
        "rejection",
        "outofdomain",
        "closinggreeting",
    }
)
_BOTH = "<div>"
_NO_SLOT = "O"
_NAME = "name"
_NUMBER = re.compile(r"^\s*\d+(\.\d+)?\s*$")


@dataclass(frozen=True)
class _Turn:
    number: float
    text: str
    slots: dict[str, str]
    intent: str


@dataclass
class _Conversation:
    id: str
    line: int
    turns: list[_Turn] = field(default_factory=list)


def conversations(path: Path | str) -> list[Handoff]:
    """One handoff per conversation, in the order of the file.

    Intent and category are the first intent that asks for something (None when there is none).
    The transcript holds every turn. Variables are the slots, all marked: the tokens of one
    utterance that carry a label, joined by a space, and of several utterances the last; the slot
    `name` becomes the customer's name. An utterance whose tokens and labels do not align gives its
    text but no slots. `handoff_id` and `conversation_id` are the file's conversation id.

    Raises DataFileError with the line when the file is missing, is another kind of file, or has a
    row that cannot be read.
    """
    file = Path(path)
    found: dict[str, _Conversation] = {}
    for line, conversation_id, turn in _rows(file):
        found.setdefault(conversation_id, _Conversation(conversation_id, line)).turns.append(turn)
    if not found:
        raise DataFileError("holds no conversations.", file=file, line=1, fix="Is it cut off?")
    return [_checked(conversation, file) for conversation in found.values()]


def _checked(conversation: _Conversation, file: Path) -> Handoff:
    try:
        return _handoff(conversation)
    except ValidationError as error:
        problem = error.errors()[0]
        raise DataFileError(
            f"this conversation cannot be handed off: {problem['msg']}.",
            file=file,
            line=conversation.line,
            field=".".join(str(part) for part in problem["loc"]),
        ) from None


def _handoff(conversation: _Conversation) -> Handoff:
    turns = sorted(conversation.turns, key=lambda turn: turn.number)
    slots = {name: value for turn in turns for name, value in turn.slots.items()}
    name = slots.pop(_NAME, None)
    intent = next((asked for turn in turns if (asked := _request(turn.intent))), None)
    return Handoff(
        handoff_id=conversation.id,
        bot="multidogo",
        conversation_id=conversation.id,
        intent=intent,
        category=intent,
        customer=Customer(name=name),
        variables=slots,
        marked=frozenset(slots),
        transcript=tuple(Message(text=turn.text) for turn in turns),
    )


def _request(intent: str) -> str | None:
    """The first part of `a<div>b` that asks for something."""
    return next((part for part in intent.split(_BOTH) if part and part not in SMALL_TALK), None)


def _slots(utterance: str, labels: str) -> dict[str, str]:
    tokens, names = utterance.split(), labels.split()
    if len(tokens) != len(names):
        return {}
    slots: dict[str, list[str]] = {}
    for token, name in zip(tokens, names, strict=True):
        if name != _NO_SLOT:
            slots.setdefault(name, []).append(token)
    return {name: " ".join(parts) for name, parts in slots.items()}


def _rows(file: Path) -> Iterator[tuple[int, str, _Turn]]:
    lines = _lines(file)
    header = next(lines, (1, ""))[1]
    if tuple(header.removeprefix("\ufeff").split("\t")) != COLUMNS:
        raise DataFileError(
            "is not a MultiDoGO file: its first line does not name the expected columns.",
            file=file,
            line=1,
            fix=f"The first line is, tab separated: {', '.join(COLUMNS)}.",
        )
    for number, line in lines:
        yield number, *_row(line, file, number)


def _row(line: str, file: Path, number: int) -> tuple[str, _Turn]:
    fields = line.split("\t")
    if len(fields) != len(COLUMNS):
        raise DataFileError(
            f"{len(fields)} fields where {len(COLUMNS)} are expected.",
            file=file,
            line=number,
            fix="Is the file cut off, or a tab missing?",
        )
    conversation_id, turn_number, _, utterance, labels, intent = fields
    if not conversation_id.strip():
        raise DataFileError("is empty.", file=file, line=number, field="conversationId")
    if not _NUMBER.match(turn_number):
        raise DataFileError("is not a number.", file=file, line=number, field="turnNumber")
    turn = _Turn(float(turn_number), utterance, _slots(utterance, labels), intent.strip())
    return conversation_id.strip(), turn


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines without their ends; empty ones are left out."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DataFileError(f"cannot be read: {error.strerror}.", file=file) from None
    # Not splitlines(): it would also break at characters that a customer may have typed.
    for number, raw in enumerate(content.replace(b"\r\n", b"\n").split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            yield number, raw.decode("utf-8")
        except UnicodeDecodeError:
            raise DataFileError("is not UTF-8 text.", file=file, line=number) from None
