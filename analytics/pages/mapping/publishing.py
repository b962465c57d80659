"""The dialog that publishes a draft: what changes, in words, a note, and the warnings."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analytics import words
from analytics.pages.mapping import desk, previewing
from analytics.pages.mapping.desk import Desk
from analytics.pages.parts import boxes, reading
from connector import drafts, publishing
from connector.errors import HandoffError, StaleBase
from connector.publishing import Change, Finding, ThreeWay
from connector.settings import Settings

MOST_CHANGES = 200
_FAILED, _NOTE, _AGREED = "publishing failed", "note of the version", "warnings agreed to"


def begin() -> None:
    """Forget what a dialog before said."""
    st.session_state.pop(_FAILED, None)


@st.dialog("Publish", width="medium")
def publish_dialog(now: Desk, findings: Sequence[Finding]) -> None:
    """Publish the draft as it was when the dialog opened."""
    number = now.draft.base + 1
    st.markdown(_sentence(now))
    changes_box(now.changes)
    if (found := previewing.known(now)) is not None:
        st.markdown(previewing.sentence(found))
    st.text_input("Note", placeholder="Why this change? Shown in History.", key=_NOTE)
    blocked = _warnings(findings)
    if failed := st.session_state.get(_FAILED):
        st.error(failed)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep as draft"):
            st.rerun()
        # What a callback draws would have no place in the dialog, so it only notes what happened.
        pressed = st.button(
            f"Publish version {number}",
            type="primary",
            disabled=blocked,
            on_click=_publish,
            args=(now, tuple(findings)),
        )
    if pressed and not st.session_state.get(_FAILED):
        st.rerun()


def apart(now: Desk) -> ThreeWay:
    """What others published since the draft was made, beside what the draft changes."""
    return publishing.three_way(now.base, now.published, now.draft.policy)


def changes_box(changes: Sequence[Change]) -> None:
    """A difference in words, one change a line."""
    with st.container(border=True, gap="xxsmall", height=260 if len(changes) > 8 else "content"):
        for change in changes[:MOST_CHANGES]:
            st.markdown(in_words(change))
        if len(changes) > MOST_CHANGES:
            st.caption(f"And {words.count(len(changes) - MOST_CHANGES)} more.")
        if not changes:
            st.caption("No difference.")


def in_words(change: Change) -> str:
    """A change as Markdown: what stands in backticks is bold."""
    return words.emphasised(change.text).replace(" -> ", " → ")


def _sentence(now: Desk) -> str:
    changed = {change.place[1] for change in now.changes if change.place[0] == "rules"}
    left = len(now.base.rules) - sum(rule.name in changed for rule in now.base.rules)
    rules = f"**{words.these(len(changed), 'rule')} change{'s' if len(changed) == 1 else ''}**"
    stay = "1 stays as it is" if left == 1 else f"{words.count(left)} stay as they are"
    return (
        f"{rules}, {stay}; {words.these(len(now.changes), 'change')} in all. Live connectors take "
        "the new version within 2 seconds."
    )


def _warnings(findings: Sequence[Finding]) -> bool:
    """Show what the checks say, and ask about warnings; whether an error is in the way."""
    errors = [one for one in findings if one.severity == "error"]
    for error in errors:
        st.error(words.plain(str(error)))
    warned = [one for one in findings if one.severity == "warning"]
    if not warned:
        return bool(errors)
    with st.container(border=True, gap="xxsmall", height=160 if len(warned) > 4 else "content"):
        for one in warned:
            st.markdown(f":orange[:material/warning:] {words.plain(str(one))}")
    st.checkbox(f"Publish in spite of {words.these(len(warned), 'warning')}", key=_AGREED)
    return bool(errors)


def _publish(now: Desk, findings: Sequence[Finding]) -> None:
    begin()
    agreed = st.session_state.get(_AGREED, False)
    if findings and not agreed:
        st.session_state[_FAILED] = "Not published. Read the warnings, then tick the box."
        return
    settings = reading.settings()
    try:
        published = publishing.publish(
            reading.home().lake,
            now.draft.policy,
            actor=now.actor,
            note=st.session_state[_NOTE],  # as typed by now; arguments are those of the last run
            base=now.draft.base,
            book=None if _is_try_out(settings) else desk.book(now.draft.policy),
            findings=findings,
            strict=not agreed,
        )
    except HandoffError as error:
        st.session_state[_FAILED] = _why(error)
        _keep(now)
        return
    st.session_state.pop(_NOTE, None)
    _done(now, published.version)


def _done(now: Desk, number: int) -> None:
    desk.redraw_grid()
    said = f"Version {number} is in force. Live connectors take it within 2 seconds."
    if not drafts.drop_draft(now.home, now.actor, revision=now.draft.revision):
        said += " Another tab changed the draft meanwhile: that is still unsaved."
        desk.go_on()
    boxes.tell(said)


def _keep(now: Desk) -> None:
    """Another tab may have published, and so removed, the draft: what was refused is kept."""
    try:
        drafts.keep_draft(now.home, now.actor, now.draft, lambda draft: draft)
    except HandoffError as error:
        st.session_state[_FAILED] += f" {words.plain(str(error))}"


def _why(error: HandoffError) -> str:
    if isinstance(error, StaleBase):
        theirs = "; ".join(in_words(change) for change in error.apart.theirs[:6])
        both = words.plain(words.listing(list(error.apart.both)))
        return (
            f"Not published: version {error.newest} came first. Your draft is kept. It changed: "
            f"{theirs}. Touched by both: {both}. Close this and choose **Continue on version "
            f"{error.newest}**."
        )
    return f"Not published; your draft is kept. {words.plain(str(error))}"


def _is_try_out(settings: Settings) -> bool:
    """A sandbox's queue ids are not worth keeping in the policy."""
    return not settings.configured or settings.is_loopback
