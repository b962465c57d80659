"""What the Mappings page says of its terms, in one place: columns, dialogs and messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from analytics import words
from analytics.mappings.cells import LABELS
from connector.handoff import FailurePathKind, Priority

PRIORITIES: tuple[str, ...] = get_args(Priority)
FAILURE_PATHS: tuple[str, ...] = get_args(FailurePathKind)

RULE = "The rule's name; the log counts attempts by it. A name that changes begins to count anew."
PLACE = "The order: the first rule whose conditions all hold decides. Type a number to move it."
INTENTS = "Any of these intents; none means every intent. Type to add one."
ALSO = (
    "What else must hold: category, channel, language, confidence, hours, variables. Edit the rule "
    "to change it."
)
QUEUE = "The first queue to try. Choosing one leaves the skill."
WAIT = "Seconds in the first queue before going on: 1 to 86,400. Others are cut off to these."
THEN = "The queues to try after the first, each with its seconds. Edit the rule for more than one."
PRIORITY = "8x8 knows priority by queue: a twin queue takes what is more urgent, where one is set."
IF_NOBODY = "What the bot does when nobody took the customer; its text is in the rule."
SKILL = "An alias for a queue or a language, in place of a queue."
ATTEMPTS = "Attempts that this rule decided in the last 28 days."
BASE = "A draft is made from a version; it becomes the next one when you publish it."
LISTED_CONDITIONS = {
    "intents": "Intents",
    "categories": "Categories",
    "channels": "Channels",
    "languages": "Languages",
}
CONDITION_HELP = {
    "intents": "What the bot understood the customer to want. None means any.",
    "categories": "The bot's own category of the conversation. None means any.",
    "channels": "Where the customer writes from, such as web or whatsapp. None means any.",
    "languages": "The customer's language, such as en or es. None means any.",
}
CONFIDENCE = "How sure the bot is of the intent. A handoff that does not say is in no range."
HOURS = "When the rule holds, one a line, such as mon-fri 08:00-20:00. Nothing means always."
VARIABLES = (
    "Values of variables, one a line, such as tier = gold; silver. Only those that are listed as "
    "not personal can be read."
)
TARGET = "A phone number or the address of a page outside 8x8."
REQUIRED = "Context the agent must get; completeness counts how much of it arrives."
CANARY = (
    "A random share goes to other steps, so that the two can be compared. 0 means none; its "
    "steps are below."
)
ALLOWED = "Without it: the queues of its steps and the default queue."
LOCKED = "Advice leaves a locked rule alone."


def priority(name: object) -> str:
    """A priority as people read it."""
    return str(name).capitalize()


def passed(how: object) -> str:
    """Whether a context field is passed on, as people read it."""
    return {"marked": "Always", "never": "Never", "bot": "As the bot says"}.get(str(how), str(how))


def edits(names: Sequence[str], edited: Mapping[int, Mapping[str, Any]]) -> str:
    """Edits of cells in words: `queue and priority of lost card`."""
    told = [
        f"{words.listing([LABELS.get(name, name) for name in columns])} of {names[int(row)]}"
        for row, columns in edited.items()
    ]
    return words.listing(told, most=3)


def unsaved(number: int) -> str:
    """`2 unsaved changes`."""
    return words.these(number, "unsaved change")
