"""Mappings: which queue takes which intent, what the log says of it, and what to change."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics import words
from analytics.mappings import grid
from analytics.pages.mapping import (
    bar,
    checks,
    desk,
    files,
    history,
    previewing,
    publishing,
    rule,
    table,
    toolbar,
    whole,
)
from analytics.pages.mapping.desk import Desk
from analytics.pages.parts import boxes, reading
from connector.errors import HandoffError
from connector.lint import LintFinding


def page() -> None:
    """The whole page; dialogs open from what was pressed."""
    boxes.told()
    title, actions = st.columns([1, 1], vertical_alignment="bottom")
    with title:
        heading = st.container(horizontal=True, vertical_alignment="center", gap="small")
        heading.title("Mappings", anchor=False, width="content")
        st.caption("Which queue takes which intent; the first match wins. Bars: the last 28 days.")
    try:
        with boxes.opening():
            table.take_over()
            now = desk.desk()
        heading.badge(_version(now), color="blue", icon=":material/check_circle:")
        _page(now, actions)
    except HandoffError as error:
        boxes.unreadable(error)


def _page(now: Desk, actions: st.delta_generator.DeltaGenerator) -> None:
    queues = desk.queue_names(now.draft.policy, desk.book(now.draft.policy))
    with actions:
        opened = toolbar.actions(now)
    numbers = desk.numbers(now)
    _told(now)
    frame = grid.grid(
        now.draft.policy, numbers, grid.changed_rules(now.changes, now.base, now.draft.policy)
    )
    left, right = st.columns([4, 1], gap="medium")
    with left:
        search, filters = toolbar.search()
        pressed = toolbar.rule_actions(now, frame)
        # The grid goes first: checks ask 8x8 and read the log, which may take longer.
        early = checks.findings(now) if toolbar.needs_findings() else ()
        shown = toolbar.filtered(frame, numbers, early, search)
        if shown.empty:
            boxes.empty("No rule matches", "Search for something else, or clear the filters.")
        else:
            table.editor(now, shown, queues)
    publish = bar.bar(now)
    found = checks.findings(now)
    with filters:
        toolbar.filters(frame, numbers, found)
    with right:
        checks.panel(now, found)
    _open(now, publish or pressed or opened, queues, numbers, found)


def _open(
    now: Desk,
    wanted: str | None,
    queues: list[str],
    numbers: pd.DataFrame,
    found: Sequence[LintFinding],
) -> None:
    """One dialog at most: the one that was asked for."""
    name = st.session_state.get(table.CHOSEN)
    if (opened := st.session_state.pop(checks.OPEN, None)) is not None:
        wanted, name = "edit", opened
    match wanted:
        case "publish":
            publishing.begin()
            publishing.publish_dialog(now, found)
        case "preview":
            previewing.preview_dialog(now)
        case "edit" if name is not None:
            rule.edit_rule(now, name, queues, _evidence(numbers, name))
        case "new":
            rule.new_rule(now, queues)
        case "whole":
            whole.edit_whole(now, queues)
        case "history":
            history.begin()
            history.history_dialog(now)
        case "files":
            files.files_dialog(now)


def _told(now: Desk) -> None:
    """What has to be known before going on: refused edits, others' versions, a draft put aside."""
    for text in desk.refused():
        st.error(words.emphasised(text))
    if note := desk.put_aside():
        st.warning(words.plain(note))
    if now.stale:
        _stale(now)
    if not now.may_edit:
        st.info(f"{words.plain(now.actor.name)} may look. To change the routing, ask an admin.")


def _stale(now: Desk) -> None:
    newest = now.published.version
    with st.container(border=True, gap="xsmall"):
        st.markdown(
            f":orange[**Version {newest} was published**] since your draft was made from version "
            f"{now.draft.base}. Your draft is kept; it cannot be published as it is."
        )
        apart = publishing.apart(now)
        with st.expander(f"What version {newest} says otherwise"):
            publishing.changes_box(apart.theirs)
        if apart.both:
            st.caption(
                f"Touched by both, where yours would stay: "
                f"{words.emphasised(words.listing(list(apart.both), most=8))}."
            )
        st.button(f"Continue on version {newest}", on_click=desk.go_on, disabled=not now.may_edit)


def _evidence(numbers: pd.DataFrame, name: str) -> str:
    """What the log says of a rule, with its intervals."""
    found = numbers[numbers["rule"] == name]
    if found.empty:
        return "no attempts in the last 28 days"
    line = found.iloc[0]
    told = [words.these(int(line["attempts"]), "attempt") + " in 28 days"]
    for label, share, bounds in (
        ("reached", "success_rate", "success"),
        ("timed out", "timeout_rate", "timeout"),
        ("context", "completeness", "completeness"),
    ):
        spread = words.percent_range(line[f"{bounds}_low"], line[f"{bounds}_high"], 0)
        told.append(f"{label} {words.percent(line[share])} ({spread})")
    return ", ".join(told)


def _version(now: Desk) -> str:
    since = reading.published_at(now.published.version)
    day = words.day(words.local(since, reading.viewer_zone()))
    return f"Version {now.published.version}, since {day}"


page()
