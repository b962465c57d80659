"""The attempt log: journals, claims and inbox of the processes, and the lake they all share."""

from connector.log.adoption import OpenAttempt
from connector.log.batches import append_rows
from connector.log.claims import Claim
from connector.log.entries import Entry
from connector.log.flusher import Flusher
from connector.log.home import Home, open_home
from connector.log.inbox import InboxEvent, Presence
from connector.log.journals import Journal
from connector.log.lake import Lake
from connector.log.ledger import Ledger
from connector.log.maintenance import maintain
from connector.log.outbox import Outbox
from connector.log.recorder import QueueRecorder
from connector.log.status import HomeStatus, home_status

__all__ = [
    "Claim",
    "Entry",
    "Flusher",
    "Home",
    "HomeStatus",
    "InboxEvent",
    "Journal",
    "Lake",
    "Ledger",
    "OpenAttempt",
    "Outbox",
    "Presence",
    "QueueRecorder",
    "append_rows",
    "home_status",
    "maintain",
    "open_home",
]
