"""What tells an agent that nobody waits behind a test escalation."""

from __future__ import annotations

from connector.access import Actor
from connector.handoff import Handoff, Message

BOT = "test escalation"
TITLE = "TEST"


def marked_as_test(handoff: Handoff, actor: Actor) -> Handoff:
    """The handoff with a transcript headed TEST that names who sends it."""
    heading = Message(
        author="bot",
        text=f"{TITLE}: this is a test sent by {actor.name} from Handoff Tuner. "
        "No customer is waiting.",
    )
    return handoff.model_copy(update={"bot": BOT, "transcript": (heading, *handoff.transcript)})
