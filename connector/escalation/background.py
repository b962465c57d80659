"""What a connector does besides serving attempts: beat, read the inbox, poll, follow changes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.eight import parse_event
from connector.emergency import in_force
from connector.errors import EightError, HandoffError, SettingsError, SignatureRefused
from connector.escalation.polling import Polling
from connector.escalation.recovery import Recovery
from connector.escalation.tasks import cancel_all
from connector.follow_ups.contacts import wipe_needless
from connector.log import Presence, QueueRecorder
from connector.publishing import newest_number, version
from connector.settings import Settings

if TYPE_CHECKING:
    from connector.escalation.connector import Connector

logger = logging.getLogger(__name__)
# A new version must arrive within two seconds; looking for it costs a few milliseconds.
BEAT_S, INBOX_S, FOLLOW_S, RECOVER_S, REACH_S, WIPE_S = 1.0, 0.2, 0.8, 5.0, 10.0, 60.0
INBOX_KEPT_S = 600.0


class Background:
    """The chores of one connector; all intervals are wall seconds."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._tasks: list[asyncio.Task[None]] = []
        self._seen_seq = 0
        self._snapshot: int | None = None
        self._stamp = _stamp(connector.settings.home)
        self._given = _given(connector.settings)
        self._recovery = Recovery(connector)
        self._set_up_failed = False

    async def start(self) -> None:
        """Set up the sandbox when there is one, resolve what dead processes left, then chores."""
        connector, station = self._connector, self._connector.station
        self._seen_seq = await station.ledger.last_seq()
        if connector.receiver_url and connector.settings.is_loopback:
            await self._set_up()
        await self._follow_lake()
        await self._beat()
        await self._wipe()
        await self.recover()
        polling = Polling(connector)
        recorder = QueueRecorder(connector.home, connector.clock, connector.outbox)
        chores = {
            "beat": self._every(BEAT_S, self._beat),
            "inbox": self._every(INBOX_S, self._read_inbox),
            "follow": self._every(FOLLOW_S, self._follow),
            "reach": self._every(REACH_S, self._reach),
            "recover": self._every(RECOVER_S, self.recover),
            "wipe": self._every(WIPE_S, self._wipe),
            "tell": self._every(BEAT_S, station.tell_untold),
            "wipe contacts": self._every(WIPE_S, self._wipe_contacts),
            "contacts": self._every(BEAT_S, station.owing.keep_unkept),
            "poll": self._every(polling.every_s, polling.poll),
            "queue states": recorder.run(lambda: station.tenant.queue_states(station.policy)),
        }
        self._tasks = [asyncio.create_task(chore, name=name) for name, chore in chores.items()]

    async def stop(self) -> None:
        await cancel_all(self._tasks)
        station = self._connector.station
        await station.tell_ledger(station.tell_untold)
        await station.tell_ledger(station.owing.keep_unkept)
        await self._connector.station.tell_ledger(
            lambda: self._connector.ledger.gone(self._connector.instance)
        )

    async def recover(self) -> None:
        """Resolve what dead processes left, and end what 8x8 could not be told to end."""
        await self._recovery.recover()
        station = self._connector.station
        await station.ghosts.end(station.tenant.eight)

    async def _wipe(self) -> None:
        """Events hold words of customers and agents: they go once every process has read them."""
        ledger = self._connector.ledger
        await self._connector.station.tell_ledger(lambda: ledger.forget_events(INBOX_KEPT_S))

    async def _wipe_contacts(self) -> None:
        await asyncio.to_thread(wipe_needless, self._connector.home)

    async def _every(self, seconds: float, chore: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await chore()
            except HandoffError as error:
                logger.warning("%s", error)

    async def _set_up(self) -> None:
        assert self._connector.receiver_url is not None
        station = self._connector.station
        try:
            await station.tenant.set_up(station.policy, self._connector.receiver_url)
        except EightError as error:
            self._set_up_failed = True
            logger.warning("webhook and channel not set up, which is tried again: %s", error)
        else:
            self._set_up_failed = False

    async def _beat(self) -> None:
        connector, tenant = self._connector, self._connector.station.tenant
        presence = Presence(
            instance=connector.instance,
            kind=connector.kind,
            receiver=connector.receiver_url is not None,
            speed=connector.clock.speed,
            eight_ok=tenant.ok,
            eight_detail=tenant.detail,
        )
        await connector.station.tell_ledger(lambda: connector.ledger.beat(presence))

    async def _reach(self) -> None:
        """Keep the status line true when nobody asks 8x8 anything, and set up what failed to be."""
        if self._set_up_failed:
            await self._set_up()
        await self._connector.station.tenant.book(self._connector.policy)

    async def _read_inbox(self) -> None:
        """Events another process received; those of our own receiver were dispatched at once."""
        events = await self._connector.ledger.events_after(self._seen_seq)
        for kept in events:
            self._seen_seq = max(self._seen_seq, kept.seq)
            if self._connector.receiving.took(kept.event_id):
                continue
            try:
                event = parse_event(kept.body, {"x-8x8-event-id": kept.event_id})
            except SignatureRefused:
                continue
            self._connector.switchboard.dispatch(event)

    async def _follow(self) -> None:
        """Take over emergencies, a newly published policy and newly saved settings."""
        connector = self._connector
        await self._follow_lake()
        stamp = _stamp(connector.settings.home)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        saved = Settings.load(connector.settings.home)
        connector.follow(saved.model_copy(update=self._given))
        if connector.receiver_url and connector.settings.is_loopback:
            await self._set_up()

    async def _follow_lake(self) -> None:
        """Look for what managers decided, unless nothing at all was written since."""
        connector, lake = self._connector, self._connector.home.lake
        snapshot = await asyncio.to_thread(lake.snapshot_id)
        if snapshot == self._snapshot:
            return
        now = connector.clock.now()
        connector.station.emergencies = await asyncio.to_thread(in_force, lake, now)
        newest = await asyncio.to_thread(newest_number, lake)
        if newest != connector.policy.version:
            connector.station.policy = await asyncio.to_thread(version, lake, newest)
            logger.info("policy version %d taken over", newest)
        self._snapshot = snapshot


def _given(settings: Settings) -> dict[str, Any]:
    """What whoever made the connector decided in code: no saved file overrules it."""
    try:
        of_the_home = Settings.load(settings.home)
    except SettingsError:
        return {}
    return {
        name: value
        for name, value in settings
        if name != "home" and value != getattr(of_the_home, name)
    }


def _stamp(home: Path) -> tuple[int, ...]:
    """Changes when what an admin saved, or the sandbox that runs here, changes."""
    files = (home / "connection.toml", home / "sandbox.json")
    return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
