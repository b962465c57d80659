"""What one person has on the desk: the version in force, a draft of it, and how to change that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pandas as pd
import streamlit as st

from analytics.mappings.grid import by_draft_names
from analytics.metrics import Filters
from analytics.pages.mapping import facts
from analytics.pages.parts import reading, who
from connector import drafts
from connector.access import Actor, Role
from connector.drafts import Draft
from connector.errors import HandoffError
from connector.policy import Policy
from connector.publishing import Change, difference
from connector.queues import QueueBook

DAYS = 28
_GENERATION, _REFUSED, _CHANGES = "grid generation", "edits refused", "changes worked out"
_NOTE = "draft put aside"


@dataclass(frozen=True)
class Desk:
    """`published` is in force, `base` what the draft was made from, `changes` what it changes."""

    home: Path
    actor: Actor
    published: Policy
    base: Policy
    draft: Draft
    changes: tuple[Change, ...]

    @property
    def stale(self) -> bool:
        """Whether others published since the version the draft was made from."""
        return self.draft.base != self.published.version

    @property
    def may_edit(self) -> bool:
        return self.actor.role.includes(Role.MANAGER)


def desk() -> Desk:
    """Read it. Raises LogError, PolicyError or SettingsError."""
    home, actor, published = reading.settings().home, who.actor(), reading.policy()
    kept = drafts.kept_draft(home, actor)
    if kept.note:
        st.session_state[_NOTE] = kept.note
    draft = kept.draft or Draft.of(published)
    base = published
    if draft.base != published.version:
        base = reading.version(draft.base)
        if not _changes(base, draft):
            draft, base = Draft.of(published), published
    return Desk(home, actor, published, base, draft, _changes(base, draft))


def edit(change: Callable[[Policy], Policy], said: str, *, redraw: bool = True) -> bool:
    """Change the newest draft and keep it; false, with the reason shown, when it is refused."""
    return change_draft(lambda draft: draft.edited(change(draft.policy), said), redraw=redraw)


def change_draft(change: Callable[[Draft], Draft], *, redraw: bool = True) -> bool:
    """As `edit`, for changes of the draft itself."""
    if redraw:
        redraw_grid()
    try:
        now = desk()

        def change_newest(kept: Draft) -> Draft:
            # A kept draft that changes nothing of an old version gives way to the newest one.
            return change(kept if kept.base == now.draft.base else now.draft)

        drafts.keep_draft(now.home, now.actor, now.draft, change_newest)
    except HandoffError as error:
        refuse(str(error))
        return False
    return True


def undo() -> None:
    """Take the last edit back."""
    change_draft(Draft.undone)


def throw_away() -> None:
    """Back to what is published; like every edit it can be undone."""
    now = desk()
    edit(lambda _: now.base, f"throwing {len(now.changes)} changes away")


def go_on() -> None:
    """Make the changes of the draft on the version that others published meanwhile."""
    now = desk()
    change_draft(lambda draft: draft.on(now.base, now.published))


def numbers(now: Desk) -> pd.DataFrame:
    """What the log says of each rule in the last 28 days, by the names of the draft."""
    until = reading.clock().now().replace(second=0, microsecond=0)
    found = reading.rules(Filters(since=until - timedelta(days=DAYS), until=until))
    return by_draft_names(found, now.published, now.draft.policy)


def book(policy: Policy) -> QueueBook | None:
    """The tenant's queues; None when nobody is connected or 8x8 does not answer."""
    found = facts.tenant(policy)
    return found.book if found else None


def queue_names(policy: Policy, found: QueueBook | None) -> list[str]:
    """Queues of the tenant that the policy does not name yet, as it would write them."""
    if found is None:
        return []
    named = [step.queue for route in policy.routes for step in route.all_steps if step.queue]
    states = (found.resolve(name) for name in (*named, policy.default_queue))
    taken = {state.id for state in states if state is not None}
    names = [state.name for state in found]
    return [
        state.name if names.count(state.name) == 1 else f"{state.name} ({state.id})"
        for state in found
        if state.id not in taken
    ]


def refuse(*texts: str) -> None:
    """Say on the next run what was not taken, and why."""
    st.session_state[_REFUSED] = [*st.session_state.get(_REFUSED, []), *texts]


def refused() -> list[str]:
    """What is to be said, once."""
    found: list[str] = st.session_state.pop(_REFUSED, [])
    return found


def put_aside() -> str | None:
    """Where a draft went that could not be read; None when there was none."""
    note: str | None = st.session_state.get(_NOTE)
    return note


def generation() -> int:
    """Of the grid: it grows when what is typed into it must not be laid over it any more."""
    number: int = st.session_state.setdefault(_GENERATION, 0)
    return number


def redraw_grid() -> None:
    """Draw the grid anew from the draft."""
    st.session_state[_GENERATION] = generation() + 1


def _changes(base: Policy, draft: Draft) -> tuple[Change, ...]:
    """Worked out once per state of the draft: every run of the page asks for it."""
    kept = st.session_state.get(_CHANGES)
    if kept is None or kept[0] != base.version or kept[1] is not draft.policy:
        kept = base.version, draft.policy, difference(base, draft.policy)
        st.session_state[_CHANGES] = kept
    changes: tuple[Change, ...] = kept[2]
    return changes
