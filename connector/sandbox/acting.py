"""What the sandbox's own agents do in a chat: a greeting, answers, and now and then a transfer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from connector.sandbox.conversation import Conversation
from connector.sandbox.dispatch import Seat

if TYPE_CHECKING:
    from connector.sandbox.tenant import Tenant

GREETINGS = {
    "en": "Hello, this is {name}. I have read your conversation so far.",
    "es": "Hola, soy {name}. Ya he leído su conversación.",
}
ANSWERS = {
    "en": (
        "Thank you. Let me look that up.",
        "I see it here. One moment please.",
        "That is done. Anything else?",
    ),
    "es": (
        "Gracias. Lo miro ahora mismo.",
        "Ya lo veo. Un momento, por favor.",
        "Hecho. ¿Algo más?",
    ),
}
GREETING_S, TYPING_S, ANSWER_S = 2.0, 2.0, 6.0
TRANSFER_S = (20.0, 90.0)


class Acting:
    """Plays the agents nobody else plays."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        tenant.center.on_accept.append(self._begin)

    def _begin(self, conversation: Conversation, seat: Seat) -> None:
        if conversation.played:
            return
        greeting = GREETINGS.get(conversation.language, GREETINGS["en"])
        first_name = seat.agent.name.split()[0]
        self._say_in(GREETING_S, conversation, greeting.format(name=first_name))
        self._plan_transfer(conversation)

    def hear(self, conversation: Conversation) -> None:
        """Type, then answer what the customer wrote."""
        if conversation.played:
            return
        answers = ANSWERS.get(conversation.language, ANSWERS["en"])
        text = answers[len(conversation.lines) % len(answers)]
        self._do_in(TYPING_S, conversation, self._tenant.agent_types)
        self._say_in(ANSWER_S, conversation, text)

    def _say_in(self, seconds: float, conversation: Conversation, text: str) -> None:
        self._do_in(seconds, conversation, lambda served: self._tenant.agent_writes(served, text))

    def _do_in(
        self, seconds: float, conversation: Conversation, action: Callable[[Conversation], None]
    ) -> None:
        """Act later, if the same agent still has the customer; ending stops the timer."""
        timer = self._tenant.agenda.after(seconds, partial(action, conversation))
        conversation.timers.append(timer)

    def _plan_transfer(self, conversation: Conversation) -> None:
        """Some chats landed in the wrong queue; one with a given handle time stays where it is."""
        center, world = self._tenant.center, self._tenant.world
        if conversation.times_accepted > 1 or conversation.handle_s is not None:
            return
        chance = center.random(conversation, "transfer")
        target = self._better_queue(conversation)
        after = world.afterwards
        share = after.transfer if target is None else after.transfer_elsewhere
        if chance.random() >= share:
            return
        others = [
            queue.id
            for queue in world.queues
            if queue.twin_of is None and queue.id != conversation.queue_id
        ]
        open_to = [queue_id for queue_id in others if self._staffed(queue_id, conversation)]
        wanted = [queue_id for queue_id in open_to if target in (None, queue_id)]
        if wanted:
            transfer = partial(center.transfer, queue_id=chance.choice(wanted))
            self._do_in(chance.uniform(*TRANSFER_S), conversation, transfer)

    def _better_queue(self, conversation: Conversation) -> str | None:
        """The queue that knows the conversation's category best, when this is another one."""
        category = conversation.properties.get("Case Category")
        world = self._tenant.world
        known = {intent.queue for intent in world.intents if intent.category == category}
        twin_of = world.queue(conversation.queue_id).twin_of
        if not known or conversation.queue_id in known or twin_of in known:
            return None
        return min(known)

    def _staffed(self, queue_id: str, conversation: Conversation) -> bool:
        """Whether anyone is at work who could take the customer there."""
        return any(
            queue_id in seat.agent.queues
            and conversation.language in seat.agent.languages
            and seat.status != "logged_out"
            for seat in self._tenant.center.seats.values()
        )
