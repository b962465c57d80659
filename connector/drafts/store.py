"""Drafts on disk: one file per person in the home, so that reloads and other pages find it.

Whoever changes a draft changes the newest one, under a lock: no tab overwrites another.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from pydantic import ValidationError

from connector.access import Actor, Role
from connector.drafts.draft import Draft
from connector.errors import SettingsError
from connector.log.locks import locked

WAIT_S = 10.0


@dataclass(frozen=True)
class Kept:
    """The draft as kept, if there is one; `note` tells of one that could not be read."""

    draft: Draft | None = None
    note: str | None = None


def kept_draft(home: Path, actor: Actor) -> Kept:
    """The draft this person left. One that cannot be read is put aside, with a note, never lost."""
    path = draft_path(home, actor)
    try:
        return Kept(_read(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Kept()
    except (ValidationError, UnicodeDecodeError):
        aside = _put_aside(path)
        return Kept(note=f"Your draft could not be read. It is kept as {aside}.")
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from None


def keep_draft(home: Path, actor: Actor, start: Draft, change: Callable[[Draft], Draft]) -> Draft:
    """Change the newest draft of this person (`start` when there is none); returns it as kept.

    Raises NotAllowed, what `change` raises, and SettingsError when the home cannot be written.
    """
    actor.must_be(Role.MANAGER, to="change the routing")
    path = draft_path(home, actor)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(path.with_suffix(".lock"), wait_s=WAIT_S):
            kept = kept_draft(home, actor).draft
            changed = change(kept or start)
            if changed is not kept and changed.revision > 0:
                _write(path, changed)
    except OSError as error:
        raise SettingsError(f"The draft cannot be kept as {path}: {error}.") from None
    return changed


def drop_draft(home: Path, actor: Actor, *, revision: int) -> bool:
    """Remove the draft once it is published; one that was changed since `revision` stays."""
    path = draft_path(home, actor)
    if not path.parent.is_dir():
        return True
    with locked(path.with_suffix(".lock"), wait_s=WAIT_S):
        draft = kept_draft(home, actor).draft
        if draft is not None and draft.revision != revision:
            return False
        path.unlink(missing_ok=True)
    return True


def draft_path(home: Path, actor: Actor) -> Path:
    """The file of a person's draft; any name makes a file name of its own."""
    name = quote(actor.name, safe=" @")
    if len(name) > 100 or name.startswith("."):
        name = hashlib.sha256(actor.name.encode()).hexdigest()
    return home / "drafts" / f"{name}.json"


@lru_cache(maxsize=4)
def _read(text: str) -> Draft:
    return Draft.model_validate_json(text)


def _write(path: Path, draft: Draft) -> None:
    text = draft.model_dump_json(exclude_defaults=True)
    new = path.with_suffix(f".{os.getpid()}.new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _put_aside(path: Path) -> Path:
    number = sum(1 for _ in path.parent.glob(f"{path.stem}.unreadable*")) + 1
    aside = path.with_name(f"{path.stem}.unreadable-{number}.txt")
    path.replace(aside)
    return aside
