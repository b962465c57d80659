"""What a failed handoff leaves owed: a row with the attempt's end, and the contact under seal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from connector.errors import LogError
from connector.follow_ups.contact import Contact, Seal
from connector.follow_ups.notifying import Notifier
from connector.follow_ups.owed import ContactState, follow_up_row, impersonal, is_owed
from connector.handoff import Handoff
from connector.log import Ledger
from connector.policy import Policy
from connector.settings import Settings

# The bot's conversation id goes into the journal with the start, for whoever adopts the attempt.
BOT_CONVERSATION = "bot_conversation_id"


class Owing:
    """Makes follow-ups for one connector; `settings` gives those of now."""

    def __init__(
        self, settings: Callable[[], Settings], ledger: Ledger, notifier: Notifier
    ) -> None:
        self._settings, self._ledger, self._notifier = settings, ledger, notifier
        self._unkept: dict[str, tuple[bytes, str]] = {}

    async def of_attempt(
        self, attempt: Mapping[str, Any], policy: Policy, handoff: Handoff
    ) -> dict[str, Any]:
        """`follow_up` for the entry that ends an attempt, when one is owed; else nothing.

        The contact is kept before the end is journaled: a process that dies between the two
        leaves a contact that is found by whoever ends the attempt, or wiped in time.
        """
        if not is_owed(attempt):
            return {}
        state = await self._keep(attempt["attempt_id"], Contact.of(handoff.customer))
        conversation_id = bot_conversation(handoff)
        return self._entry(attempt, policy, state, conversation_id)

    def of_the_dead(self, attempt: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
        """The same for an attempt whose process died, and the contact with it."""
        if not is_owed(attempt):
            return {}
        return self._entry(attempt, policy, "lost", attempt.get(BOT_CONVERSATION))

    def tell(self, entry: Mapping[str, Any]) -> None:
        """Tell the team of the follow-up an entry holds, once it is recorded."""
        if (row := entry.get("follow_up")) is not None:
            self._notifier.tell(row)

    async def keep_unkept(self) -> None:
        """Keep what the ledger did not take. Raises LogError while it still does not."""
        for follow_up_id, (sealed, key_id) in list(self._unkept.items()):
            await self._ledger.keep_contact(follow_up_id, sealed, key_id)
            self._unkept.pop(follow_up_id, None)

    async def _keep(self, follow_up_id: str, contact: Contact | None) -> ContactState:
        if contact is None:
            return "none"
        if (seal := Seal.of(self._settings())) is None:
            return "no_key"
        self._unkept[follow_up_id] = seal.close(contact, follow_up_id), seal.key_id
        with contextlib.suppress(LogError):
            await self.keep_unkept()
        return "sealed"

    def _entry(
        self,
        attempt: Mapping[str, Any],
        policy: Policy,
        contact: ContactState,
        conversation_id: str | None,
    ) -> dict[str, Any]:
        row = follow_up_row(
            attempt,
            policy=policy,
            settings=self._settings(),
            contact=contact,
            conversation_id=conversation_id,
        )
        return {"follow_up": row}


def bot_conversation(handoff: Handoff) -> str | None:
    """The bot's own conversation id, as far as it tells nothing of the customer."""
    return impersonal(handoff.conversation_id, handoff.customer)
