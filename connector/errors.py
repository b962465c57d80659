"""Every error the product raises on purpose, in one tree.

HandoffError
├── SettingsError            a setting is missing or wrong
├── PolicyError              a policy file has a mistake (file, line, field, fix)
├── DataFileError            a data file has a mistake (file, line)
├── BadHandoff               a handoff that cannot be served as asked
├── NoSuchAttempt            nobody knows this handoff
├── ConnectorClosed          this process ends before the outcome is known
├── BadEmergency             an emergency that cannot be declared, or ended, as asked
├── NotAllowed               the actor's role does not include this
├── PublishRefused           a draft was not published, and is kept as it was
│   └── StaleBase            others published since the version it was based on
├── NoSuchFollowUp           nobody knows this follow-up
├── FollowUpRefused          a follow-up is in no state for this, or a note names the customer
├── ContactUnreadable        a customer's contact is not there, or its seal does not open
├── LogError                 the attempt log could not be read or written
│   ├── LakeBusy             another process holds the lake; the transaction may be repeated
│   └── ClaimsUnreachable    the claims did not answer in time
├── SignatureRefused         a webhook event is not from 8x8
└── EightError               8x8 refused, failed, or was not reached
    ├── NotSent              the request never left (connect, DNS, TLS): safe to repeat
    ├── AnswerLost           it left and no answer came: 8x8 may have done the work
    ├── RateLimited          429
    ├── ServerFault          5xx
    └── Refused              any other 4xx
        ├── KeyRefused       401
        ├── TenantRefused    403
        ├── NotFound         404
        └── InvalidQueue     400 with code `invalid_queue`

A message says what happened, where, and what to do. It never holds a key or a customer's text.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.publishing.difference import ThreeWay


class HandoffError(Exception):
    """Base of all errors below; its text may be shown to a user as it is."""


class SettingsError(HandoffError):
    """A setting is missing or wrong."""


class FileError(HandoffError):
    """A mistake at a place in a file."""

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        field: str | None = None,
        fix: str | None = None,
    ) -> None:
        self.message, self.line, self.field, self.fix = message, line, field, fix
        self.file = str(file) if file is not None else None
        place = ":".join(str(part) for part in (self.file, line) if part is not None)
        where = ", ".join(part for part in (place, f"field `{field}`" if field else "") if part)
        text = f"{where}: {message}" if where else message
        super().__init__(f"{text} {fix}" if fix else text)


class PolicyError(FileError):
    """A policy file, or a draft, has a mistake."""


class DataFileError(FileError):
    """A data file cannot be used."""


class BadHandoff(HandoffError):
    """A handoff that cannot be served as asked."""


class NoSuchAttempt(HandoffError):
    """No attempt is known under this handoff_id."""


class ConnectorClosed(HandoffError):
    """This process ends before the outcome is known; the next one resolves the attempt."""


class NotAllowed(HandoffError):
    """The actor's role does not include what was asked for."""


class BadEmergency(HandoffError):
    """An emergency that cannot be declared, or ended, as asked."""


class PublishRefused(HandoffError):
    """A draft was not published; it is kept as it was."""


class StaleBase(PublishRefused):
    """Others published since the version the draft was based on; `apart` says what and where."""

    def __init__(self, base: int, newest: int, apart: ThreeWay) -> None:
        self.base, self.newest, self.apart = base, newest, apart
        super().__init__(
            f"Based on version {base}, but version {newest} is in force by now.\n{apart}"
        )


class NoSuchFollowUp(HandoffError):
    """No follow-up is known under this id."""


class FollowUpRefused(HandoffError):
    """A follow-up is in no state for what was asked, or a note cannot be kept; nothing changed."""


class ContactUnreadable(HandoffError):
    """A customer's contact is not there any more, or its seal does not open."""


class LogError(HandoffError):
    """The attempt log could not be read or written."""


class LakeBusy(LogError):
    """Another process holds the lake; the whole transaction may be repeated."""


class ClaimsUnreachable(LogError):
    """The claims did not answer in time."""


class SignatureRefused(HandoffError):
    """A webhook event whose signature, key, age or tenant is wrong."""


class EightError(HandoffError):
    """8x8 refused, failed, or was not reached.

    `reason` is the word the attempt log uses for it (design: failure reasons).
    """

    reason = "server_error"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        reference: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.reference = status, code, reference
        self.retry_after_s = retry_after_s


class NotSent(EightError):
    """The request never left: refused connection, DNS, TLS. Safe to repeat."""

    reason = "unreachable"


class AnswerLost(EightError):
    """The request left and no answer came. 8x8 may have done the work."""

    reason = "unreachable"


class RateLimited(EightError):
    """429; `retry_after_s` when 8x8 said how long."""

    reason = "rate_limited"


class ServerFault(EightError):
    """5xx."""

    reason = "server_error"


class Refused(EightError):
    """Any other 4xx: repeating it would change nothing."""

    reason = "bug"


class KeyRefused(Refused):
    """401: the API key is wrong or missing."""

    reason = "key"


class TenantRefused(Refused):
    """403: the key does not belong to the tenant, or lacks the API product."""

    reason = "tenant"


class NotFound(Refused):
    """404."""


class InvalidQueue(Refused):
    """400 `invalid_queue`: 8x8 does not have this queue."""

    reason = "invalid_queue"
