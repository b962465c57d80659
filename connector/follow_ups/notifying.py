"""Tells a team that a follow-up is owed, wherever apprise reaches: chat, mail, phones.

In a thread of its own, within a time limit: no handoff waits for it. A message that cannot be sent
is counted and not repeated; the follow-up is in the lake whatever becomes of it.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from connector.log import contacts
from connector.log.ledger_file import LedgerFile

logger = logging.getLogger(__name__)
LIMIT_S, PAUSE_S, MOST_WAITING, MOST_LINES = 15.0, 10.0, 1_000, 10
Send = Callable[[str, str, str], bool]
_KINDS = {"callback": "A callback", "email": "An e-mail"}


def send(address: str, title: str, text: str) -> bool:
    """Send one message with apprise; false when the place did not take it."""
    to = _apprise().Apprise()
    return bool(to.add(address)) and bool(to.notify(body=text, title=title))


def _apprise() -> Any:
    """The library, which takes a second to load."""
    import apprise

    # Its own log lines would name addresses, and these hold passwords.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    return apprise


class Notifier:
    """Sends to `addresses` for one process, and counts in the ledger at `ledger_path`.

    What comes within `pause_s` wall seconds of a message goes together in the next, so that an
    outage is not a flood.
    """

    def __init__(
        self,
        addresses: Sequence[SecretStr],
        ledger_path: Path,
        *,
        send: Send = send,
        limit_s: float = LIMIT_S,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._addresses, self._ledger_path = addresses, ledger_path
        self._send, self._limit_s, self._pause_s = send, limit_s, pause_s
        self._waiting: queue.Queue[Mapping[str, Any]] = queue.Queue(MOST_WAITING)
        self._started = False

    def tell(self, follow_up: Mapping[str, Any]) -> None:
        """Let a row of `follow_ups` join the next message; returns at once."""
        if not self._addresses or follow_up["source"] == "test":
            return
        if not self._started:
            self._started = True
            threading.Thread(target=self._run, name="notifications", daemon=True).start()
        try:
            self._waiting.put_nowait(follow_up)
        except queue.Full:
            logger.warning("a follow-up is not told: too many notifications wait")

    def _run(self) -> None:
        # All services load with the first address: before the limit of the first message begins.
        _apprise().Apprise.instantiate("json://localhost")
        while True:
            owed = [self._waiting.get()]
            while not self._waiting.empty():
                owed.append(self._waiting.get())
            self._tell(*message(owed))
            time.sleep(self._pause_s)

    def _tell(self, title: str, text: str) -> None:
        for place, address in enumerate(self._addresses, start=1):
            well = self._within_limit(address.get_secret_value(), title, text)
            if not well:
                logger.warning("notification %d of HANDOFF_NOTIFY was not sent", place)
            try:
                with LedgerFile(self._ledger_path) as file:
                    file.write(lambda con: contacts.notified(con, place, well=well))  # noqa: B023
            except (sqlite3.Error, OSError) as error:
                logger.warning("notification %d is not counted: %s", place, error)

    def _within_limit(self, address: str, title: str, text: str) -> bool:
        """Whether it was sent in time; what still hangs then is left to itself."""
        sent: list[bool] = []

        def work() -> None:
            try:
                sent.append(self._send(address, title, text))
            except Exception as error:  # a service's own module may raise whatever it likes
                logger.warning("a notification failed: %s", type(error).__name__)

        thread = threading.Thread(target=work, name="notification", daemon=True)
        thread.start()
        thread.join(self._limit_s)
        return sent == [True]


def message(owed: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Title and text for rows of `follow_ups`; whom to reach is in neither."""
    title = (
        f"{_KINDS[owed[0]['kind']]} is owed" if len(owed) == 1 else f"{len(owed)} follow-ups owed"
    )
    lines = [_line(row) for row in owed[:MOST_LINES]]
    if len(owed) > MOST_LINES:
        lines.append(f"and {len(owed) - MOST_LINES} more")
    return title, "\n".join(lines)


def _line(row: Mapping[str, Any]) -> str:
    due: datetime = row["due_at"]
    about = ", ".join(filter(None, (row["intent"], row["queue"])))
    where = f" {row['link']}" if row["link"] else ""
    return (
        f"{_KINDS[row['kind']]}{f' ({about})' if about else ''}, due {due:%d %b %Y %H:%M} UTC, "
        f"follow-up {row['follow_up_id']}.{where}"
    )
