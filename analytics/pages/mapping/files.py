"""The dialog that takes a policy along, and takes one in: YAML, or CSV of the mapping columns."""

from __future__ import annotations

import streamlit as st

from analytics import words
from analytics.pages.mapping import desk
from analytics.pages.mapping.desk import Desk
from analytics.pages.mapping.publishing import changes_box
from connector import publishing
from connector.errors import PolicyError
from connector.policy import Policy, dump_policy, read_policy
from connector.publishing import COLUMNS, difference

MOST_BYTES_MB = 5


@st.dialog("Import, export", width="large")
def files_dialog(now: Desk) -> None:
    """Export the draft, or read one in; what is read becomes the draft and can be undone."""
    incoming, outgoing = st.tabs(["Import", "Export"])
    with outgoing:
        _export(now.draft.policy, now.draft.base)
    with incoming:
        _import(now)


def _export(policy: Policy, base: int) -> None:
    st.markdown("The draft as it is now. YAML holds everything; CSV holds the mapping columns.")
    with st.container(horizontal=True):
        st.download_button(
            "YAML",
            dump_policy(policy).encode(),
            file_name=f"policy-from-{base}.yaml",
            mime="application/yaml",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "CSV",
            publishing.write_mapping(policy).encode(),
            file_name=f"mapping-from-{base}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def _import(now: Desk) -> None:
    st.caption(
        f"A YAML policy, also of an older form, or CSV with the columns {', '.join(COLUMNS)}. "
        "Nothing is published by it."
    )
    file = st.file_uploader("File", ["yaml", "yml", "csv"], max_upload_size=MOST_BYTES_MB)
    pasted = st.text_area("Or paste it", height=140, placeholder="rule,intents,queue,timeout_s,…")
    if file is None and not pasted.strip():
        return
    try:
        text = file.getvalue().decode("utf-8-sig") if file else pasted
        policy, notes = read(text, now.draft.policy)
    except UnicodeDecodeError:
        st.error("The file is no UTF-8 text. Save it as UTF-8 and try again.")
        return
    except PolicyError as error:
        st.error(words.plain(str(error)))
        return
    for note in notes:
        st.info(words.emphasised(note), icon=":material/history:")
    _unknown(policy)
    changes = difference(now.draft.policy, policy)
    st.markdown(f"It makes {words.these(len(changes), 'change')} to the draft:")
    changes_box(changes)
    pressed = st.button(
        "Take into the draft",
        type="primary",
        disabled=not now.may_edit or not changes,
        on_click=_take,
        args=(policy,),
    )
    if pressed:
        st.rerun()


def _take(policy: Policy) -> None:
    desk.edit(lambda _: policy, "the import")


def read(text: str, draft: Policy) -> tuple[Policy, tuple[str, ...]]:
    """A policy from YAML or CSV, whichever it is, and notes on an older form."""
    if publishing.is_mapping(text):
        return publishing.read_mapping(text, draft), ()
    found = read_policy(text)
    return found.policy, found.notes


def _unknown(policy: Policy) -> None:
    """Say at once which queues the tenant does not have."""
    if (book := desk.book(policy)) is None:
        return
    names = {step.queue for route in policy.routes for step in route.all_steps if step.queue}
    lacking = sorted(name for name in names if book.resolve(name) is None)
    if lacking:
        st.warning(
            f"The tenant has no queue {words.plain(words.listing(lacking, most=8))}: what goes "
            "there would fall to the default queue."
        )
