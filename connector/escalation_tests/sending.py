"""Sends test escalations for whoever sits at the dashboard, on a connector of their own."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

from connector import audit
from connector.access import Actor, Role
from connector.errors import BadHandoff, HandoffError, NoSuchAttempt
from connector.escalation import BlockingConnector, BotEvent
from connector.escalation_tests.marking import marked_as_test
from connector.handoff import Handoff, Result, Waiting
from connector.service.server import own_receiver
from connector.settings import Settings

IDLE_S = 60.0
KEPT = 20


@dataclass(frozen=True)
class EscalationTest:
    """One test escalation as it stands.

    `waiting` is null unless its customer waits; `events` are what the bot heard, from the
    beginning. `over` says that nothing follows: it was lost, or the talk with the agent has ended.
    """

    handoff: Handoff
    result: Result
    waiting: Waiting | None = None
    events: tuple[BotEvent, ...] = ()
    over: bool = False


@dataclass
class _Open:
    """A test under way, as the connector's thread writes it."""

    test: EscalationTest
    events: list[BotEvent] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


class EscalationTests:
    """The test escalations of one process and home.

    Its connector is opened with the first one and closed `idle_s` wall seconds after the last is
    over. The last 20 are remembered; their texts stay in memory. For any number of threads.
    """

    def __init__(self, home: Path, *, idle_s: float = IDLE_S) -> None:
        self._home, self._idle_s = home, idle_s
        self._guard = threading.RLock()
        self._connector: BlockingConnector | None = None
        self._open: dict[str, _Open] = {}
        self._timer: threading.Timer | None = None

    @property
    def is_open(self) -> bool:
        """Whether a connector is open just now."""
        return self._connector is not None

    def send(
        self, actor: Actor, handoff: Handoff, *, confirmed: bool = False, note: str | None = None
    ) -> str:
        """Send it, marked as a test, and return its handoff_id at once.

        Raises NotAllowed unless `actor` is a manager, BadHandoff when the tenant is a real one and
        that was not `confirmed`, SettingsError without a tenant, and LogError. The audit, where
        `note` says what was sent, is written first: without it nothing is.
        """
        actor.must_be(Role.MANAGER, to="send a test escalation")
        settings = Settings.load(self._home)
        if settings.lacking:
            raise BadHandoff(settings.lacking)
        if not settings.is_loopback and not confirmed:
            raise BadHandoff(
                "A test in a real tenant asks a real agent. Confirm that before it is sent."
            )
        marked = marked_as_test(handoff, actor)
        with self._guard:
            connector = self._opened(settings)
            self._write_down(connector, actor, marked, settings, note)
            opened = _Open(EscalationTest(marked, connector.begin(marked)))
            self._remember(marked.handoff_id, opened)
            connector.hear(marked.handoff_id, opened.events.append, lambda: self._ended(opened))
        return marked.handoff_id

    def look(self, handoff_id: str) -> EscalationTest:
        """How it stands. Raises NoSuchAttempt for one that is not remembered."""
        opened = self._found(handoff_id)
        ended = opened.over.is_set() and opened.test.result.outcome is not None
        if not ended and (connector := self._connector) is not None:
            with contextlib.suppress(HandoffError):
                opened.test = replace(
                    opened.test,
                    result=connector.read(handoff_id),
                    waiting=connector.waiting(handoff_id),
                )
        told = [event for event in opened.events if event.kind == "outcome"]
        if told:
            result = Result.model_validate(told[-1].data)
            opened.test = replace(opened.test, result=result, waiting=None)
        return replace(opened.test, events=tuple(opened.events), over=opened.over.is_set())

    def leave(self, actor: Actor, handoff_id: str) -> None:
        """The customer goes: out of the queue, or out of the talk with the agent."""
        actor.must_be(Role.MANAGER, to="end a test escalation")
        self._found(handoff_id)
        connector = self._connector
        if connector is None:
            return
        with contextlib.suppress(NoSuchAttempt):  # it has ended meanwhile
            connector.abandon(handoff_id)
            connector.end(handoff_id)

    def close(self) -> None:
        """End the connector; customers who still wait leave."""
        with self._guard:
            connector, self._connector = self._connector, None
            self._stop_timer()
        if connector is not None:
            connector.__exit__(None, None, None)

    def _opened(self, settings: Settings) -> BlockingConnector:
        self._stop_timer()
        if self._connector is not None and not _same_tenant(self._connector.settings, settings):
            self.close()
        if self._connector is None:
            connector = BlockingConnector(
                settings.model_copy(update={"source": "test"}),
                listen=own_receiver(settings),
                kind="dashboard",
            )
            self._connector = connector.__enter__()
        return self._connector

    def _write_down(
        self,
        connector: BlockingConnector,
        actor: Actor,
        handoff: Handoff,
        settings: Settings,
        note: str | None,
    ) -> None:
        """Who sent what where, without a word or number of a customer."""
        sent = {
            "tenant": settings.tenant_id or settings.api_base,
            "intent": handoff.intent,
            "channel": handoff.channel,
            "language": handoff.language,
            "variables": sorted(handoff.variables),
        }
        connector.home.lake.transaction(
            lambda cursor: audit.record(
                cursor,
                actor,
                "test escalation",
                handoff.handoff_id,
                before={},
                after=sent,
                note=note,
            )
        )

    def _remember(self, handoff_id: str, opened: _Open) -> None:
        self._open[handoff_id] = opened
        for old in list(self._open)[:-KEPT]:
            if self._open[old].over.is_set():
                del self._open[old]

    def _found(self, handoff_id: str) -> _Open:
        if (opened := self._open.get(handoff_id)) is None:
            raise NoSuchAttempt("This test escalation is not remembered here any more.")
        return opened

    def _ended(self, ended: _Open) -> None:
        """On the connector's thread, which may not wait for a lock that waits for it."""
        ended.over.set()
        others = list(self._open.values())
        if self._connector is not None and all(opened.over.is_set() for opened in others):
            self._stop_timer()
            self._timer = threading.Timer(self._idle_s, self._close_when_idle)
            self._timer.daemon = True
            self._timer.start()

    def _close_when_idle(self) -> None:
        with self._guard:
            if all(opened.over.is_set() for opened in self._open.values()):
                self.close()

    def _stop_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()


def _same_tenant(one: Settings, other: Settings) -> bool:
    return (one.api_base, one.tenant_id) == (other.api_base, other.tenant_id)
