"""Webhook events as they arrive: verified, kept for every process of the home, handed on."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from connector.clock import Clock
from connector.eight import SignatureCheck, parse_event
from connector.errors import ClaimsUnreachable, SignatureRefused
from connector.escalation.switchboard import Switchboard, remember
from connector.escalation.tenant import Tenant
from connector.log import Ledger


class Receiving:
    """What 8x8 sends to one process; `bad_signatures` counts what was not from 8x8."""

    def __init__(self, ledger: Ledger, switchboard: Switchboard) -> None:
        self.bad_signatures = 0
        self._ledger, self._switchboard = ledger, switchboard
        self._taken: OrderedDict[str, None] = OrderedDict()

    def trust(self, tenant: Tenant, clock: Clock) -> None:
        """Take events of this tenant from now on."""
        self._signatures = SignatureCheck(
            lambda kid: tenant.eight.jwk(kid), tenant_id=tenant.settings.tenant_id, clock=clock
        )

    async def receive(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Take one event: see `Connector.receive`."""
        try:
            await self._signatures.verify(body, headers)
            event = parse_event(body, headers)
        except SignatureRefused:
            self.bad_signatures += 1
            raise
        if event.is_verify or event.event_id in self._taken:
            return
        remember(self._taken, event.event_id)
        try:
            new = await self._ledger.receive(event.event_id, event.conversation_id, body)
        except ClaimsUnreachable:
            new = self._switchboard.holds(event)
            if not new:
                self._taken.pop(event.event_id, None)
                raise
        if new:
            self._switchboard.dispatch(event)

    def took(self, event_id: str) -> bool:
        """Whether this process received the event itself, so that the inbox holds nothing new."""
        return event_id in self._taken
