"""Publishing a draft, and rolling back: each is one more version, written once or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from connector import audit
from connector.access import Actor, Role
from connector.clock import utc_now
from connector.errors import PublishRefused, StaleBase
from connector.log.extensions import quoted
from connector.policy import Policy, dump_policy, parse_policy
from connector.publishing.difference import Change, difference, three_way
from connector.publishing.queue_names import resolved
from connector.publishing.versions import Published, append, current, head_of, version
from connector.queues import QueueBook

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from connector.log import Lake


class Finding(Protocol):
    """What a check says of a draft; its text names place and fix."""

    @property
    def severity(self) -> str:
        """`error` blocks publishing, `warning` asks."""


def publish(
    lake: Lake,
    policy: Policy,
    *,
    actor: Actor,
    note: str,
    base: int,
    book: QueueBook | None = None,
    findings: Sequence[Finding] = (),
    strict: bool = False,
) -> Policy:
    """Make a draft the next version; returns it as published.

    `base` is the version the draft was made from. With a tenant's `book`, queue names become
    `Name (id)`. Raises NotAllowed, PolicyError when the draft is none, StaleBase when `base` is not
    the newest version, PublishRefused when a finding is in the way (with `strict`, a warning is)
    or nothing would change.
    """
    actor.must_be(Role.MANAGER, to="publish a policy")
    _need_note(note)
    _need_passing(findings, strict)
    # What was put together in memory is held to the same rules as a file.
    draft = resolved(parse_policy(dump_policy(policy)), book)
    was = resolved(version(lake, base), book)
    wanted = _Wanted(draft, was, base, actor, note.strip())
    return _next_version(lake, wanted, book)


def roll_back(
    lake: Lake,
    number: int,
    *,
    actor: Actor,
    note: str,
    findings: Sequence[Finding] = (),
    strict: bool = False,
) -> Policy:
    """Publish the content of version `number` as the next version; returns it.

    Raises as `publish` does; StaleBase when somebody publishes at the same moment.
    """
    actor.must_be(Role.MANAGER, to="roll back")
    _need_note(note)
    _need_passing(findings, strict)
    was = current(lake)
    old = version(lake, number)
    return _next_version(lake, _Wanted(old, was, was.version, actor, note.strip(), number), None)


@dataclass(frozen=True)
class _Wanted:
    draft: Policy
    was: Policy
    base: int
    actor: Actor
    note: str
    restored: int | None = None


def _next_version(lake: Lake, wanted: _Wanted, book: QueueBook | None) -> Policy:
    def once(cursor: DuckDBPyConnection) -> Policy | None:
        return _write(cursor, wanted)

    written = lake.transaction(once)
    if written is None:
        newest = current(lake)
        apart = three_way(wanted.was, resolved(newest, book), wanted.draft)
        raise StaleBase(wanted.base, newest.version, apart)
    return written


def _write(cursor: DuckDBPyConnection, wanted: _Wanted) -> Policy | None:
    """The version as written; None when the base is not the newest any more."""
    if head_of(cursor) != wanted.base:
        return None
    changes = difference(wanted.was, wanted.draft)
    if not changes:
        raise PublishRefused(
            f"Nothing to publish: this is what version {wanted.base} says already."
        )
    number = wanted.base + 1
    # Appends never conflict; changing the table does, so that of two at once one is repeated
    # and finds the other's version, also where machines share no file lock.
    cursor.execute(f"COMMENT ON TABLE policy_head IS {quoted(f'version {number}')}")
    published = Published(
        number, utc_now(), wanted.actor.name, wanted.note, wanted.base, wanted.restored
    )
    return enter(cursor, wanted.draft, published, changes, actor=wanted.actor)


def enter(
    cursor: DuckDBPyConnection,
    policy: Policy,
    published: Published,
    changes: Sequence[Change],
    *,
    actor: Actor,
) -> Policy:
    """Write a version with its audit, within a transaction of the caller's; returns it."""
    restored = published.restored
    audit.record(
        cursor,
        actor,
        "publish policy" if restored is None else "roll back policy",
        f"version {published.version}" + (f" from {restored}" if restored is not None else ""),
        before={change.where: change.before for change in changes},
        after={change.where: change.after for change in changes},
        note=published.note,
        at=published.published_at,
    )
    return append(cursor, policy, published)


def _need_note(note: str) -> None:
    if not note.strip():
        raise PublishRefused("Say in the note why: whoever looks at the history will ask.")


def _need_passing(findings: Sequence[Finding], strict: bool) -> None:
    blocking = [one for one in findings if one.severity == "error"]
    if strict:
        blocking = [one for one in findings if one.severity in ("error", "warning")]
    if blocking:
        raise PublishRefused("\n".join(["This is in the way:", *map(str, blocking)]))
