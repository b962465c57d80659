"""The bar at the bottom: what is unsaved, and what to do with it."""

from __future__ import annotations

import streamlit as st

from analytics import words
from analytics.pages.mapping import desk, words_for
from analytics.pages.mapping.desk import Desk


def bar(now: Desk) -> str | None:
    """Draw it; returns the dialog that was asked for."""
    with (
        st.bottom,
        st.container(border=True),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        st.markdown(_said(now), width="stretch", help=words_for.BASE)
        undoes = now.draft.undoes
        st.button(
            "Undo",
            icon=":material/undo:",
            type="tertiary",
            disabled=undoes is None or not now.may_edit,
            on_click=desk.undo,
            help=f"Takes back {words.plain(undoes)}." if undoes else None,
        )
        st.button(
            "Throw away",
            icon=":material/delete_sweep:",
            type="tertiary",
            disabled=not now.changes or not now.may_edit,
            on_click=desk.throw_away,
            help="Back to what is published. Undo brings it back.",
        )
        wanted = st.button(
            "Preview",
            icon=":material/science:",
            disabled=not now.changes,
            help="Which attempts of the last 28 days would go elsewhere.",
        )
        pressed = st.button(
            "Publish…",
            type="primary",
            disabled=not now.changes or not now.may_edit or now.stale,
            help=_why_not(now),
        )
    return "publish" if pressed else "preview" if wanted else None


def _said(now: Desk) -> str:
    if not now.changes:
        return f":gray[No unsaved changes · version {now.published.version} is in force]"
    return (
        f":material/edit: **{words_for.unsaved(len(now.changes))}** "
        f":gray[· draft on version {now.draft.base}, kept here]"
    )


def _why_not(now: Desk) -> str | None:
    if not now.may_edit:
        return "Your role does not publish."
    if now.stale:
        return f"Version {now.published.version} came first: continue on it."
    return None if now.changes else "Nothing is changed."
