"""Published policies: numbered versions in the lake, the newest of which is the current one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.clock import utc_now
from connector.errors import PolicyError
from connector.log.extensions import quoted
from connector.policy import Policy, dump_policy, load_policy, parse_policy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from connector.log import Lake

SHIPPED = Path(__file__).parents[2] / "data" / "policy.yaml"


@dataclass(frozen=True)
class Published:
    """A version and how it came about; `published_at` is naive UTC.

    `restored` is the version whose content a roll back brought again.
    """

    version: int
    published_at: datetime
    published_by: str
    note: str
    based_on: int | None = None
    restored: int | None = None


def first_policy(home: Path) -> Path:
    """The file that becomes version 1 of a new home: its own `policy.yaml`, else the shipped."""
    own = home / "policy.yaml"
    return own if own.exists() else SHIPPED


def seed(lake: Lake, policy: Policy | Path) -> int:
    """Publish `policy` as version 1 unless a version exists; returns the current version.

    A file is only read when it is needed; raises PolicyError when it has a mistake.
    """
    if (head := _head(lake)) is not None:
        return head
    first = load_policy(policy) if isinstance(policy, Path) else policy
    return lake.transaction(lambda cursor: _seed(cursor, first))


def current(lake: Lake) -> Policy:
    """The policy that decides now. Raises PolicyError when none is published."""
    return version(lake, newest_number(lake))


def newest_number(lake: Lake) -> int:
    """The number of the current version: a cheap look. Raises PolicyError when there is none."""
    head = _head(lake)
    if head is None:
        raise PolicyError("No policy is published in this home.")
    return head


def version(lake: Lake, number: int) -> Policy:
    """A published policy by its number. Raises PolicyError when there is none."""
    found = lake.query(f"SELECT content FROM policies WHERE version = {int(number)}")
    if not found:
        raise PolicyError(f"No policy has version {number}.")
    return _read(number, str(found[0][0]))


def history(lake: Lake) -> list[Published]:
    """Every version, newest first."""
    rows = lake.query("""
        SELECT version, published_at, published_by, note, based_on, restored
        FROM policies ORDER BY version DESC
    """)
    return [_published(*row) for row in rows]


def append(cursor: DuckDBPyConnection, policy: Policy, published: Published) -> Policy:
    """Write a version and make it the current one, within a transaction of the caller's."""
    content = dump_policy(policy.model_copy(update={"version": 0}))
    row = (
        str(published.version),
        quoted(str(published.published_at)),
        quoted(published.published_by),
        quoted(published.note),
        _number(published.based_on),
        quoted(content),
        _number(published.restored),
    )
    cursor.execute(f"INSERT INTO policies VALUES ({', '.join(row)})")
    cursor.execute(f"INSERT INTO policy_head VALUES ({row[0]}, {row[1]})")
    return _read(published.version, content)


def head_of(cursor: DuckDBPyConnection) -> int | None:
    """The number of the newest version as a transaction sees it."""
    head = cursor.execute("SELECT max(version) FROM policy_head").fetchall()[0][0]
    return None if head is None else int(head)


def _head(lake: Lake) -> int | None:
    [(head,)] = lake.query("SELECT max(version) FROM policy_head")
    return None if head is None else int(str(head))


def _seed(cursor: DuckDBPyConnection, policy: Policy) -> int:
    taken = head_of(cursor)
    if taken is not None:
        return taken
    append(cursor, policy, Published(1, utc_now(), "handoff", "first policy of this home"))
    return 1


def _published(*row: Any) -> Published:
    return Published(*row)


def _number(value: int | None) -> str:
    return "NULL" if value is None else str(value)


@lru_cache(maxsize=16)
def _read(number: int, content: str) -> Policy:
    return parse_policy(content).model_copy(update={"version": number})
