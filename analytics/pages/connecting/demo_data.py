"""Demo data: leave it out of the pages, or delete it."""

from __future__ import annotations

import streamlit as st

from analytics import words
from analytics.history import demo
from analytics.pages.parts import boxes, reading, who
from connector.errors import HandoffError
from connector.settings import Settings

SWITCH = "hide demo"


def section(settings: Settings) -> None:
    """How much there is, a switch, and a button that asks before it deletes."""
    boxes.heading("Demo data", "An invented bank's weeks, to look around before there is traffic.")
    number = reading.span().by_source.get("demo", 0)
    with st.container(border=True):
        if number == 0:
            st.markdown("There is no demo data in this home.")
            return
        st.markdown(
            f"The log holds **{words.count(number)}** demo attempts in all, of which a page counts "
            f"those of its period. {_counted()}"
        )
        if failed := st.session_state.get("deleting failed"):
            st.error(f"Nothing was changed. {words.plain(failed)}")
        # The home decides: another page or process may have switched.
        st.session_state[SWITCH] = demo.is_hidden(settings.home)
        st.toggle(
            "Hide demo data",
            key=SWITCH,
            on_change=_switch,
            args=(settings,),
            help="Left out of every page and report unless the filter asks for it.",
        )
        if st.button("Delete demo data…", icon=":material/delete:"):
            _dialog(settings, number)


def _counted() -> str:
    if "live" in reading.span().by_source:
        return "They are not counted, because there are live ones."
    return "They are counted as long as there are no live ones."


def _switch(settings: Settings) -> None:
    # A switch that went away with its data has no value.
    if (hidden := st.session_state.get(SWITCH)) is not None:
        try:
            (demo.hide if hidden else demo.show)(settings.home, actor=who.actor())
        except HandoffError as error:
            st.session_state["deleting failed"] = str(error)


@st.dialog("Delete demo data")
def _dialog(settings: Settings, number: int) -> None:
    st.markdown(
        f"**{words.count(number)}** invented attempts are deleted for good. Attempts of your own, "
        f"settings and policy stay."
    )
    # The callback may draw nothing: what it drew would have no place in the dialog.
    if st.button("Delete", type="primary", on_click=_delete, args=(settings,)):
        st.rerun()


def _delete(settings: Settings) -> None:
    try:
        demo.delete_demo(settings, actor=who.actor())
    except HandoffError as error:
        st.session_state["deleting failed"] = str(error)
        return
    st.session_state.pop("deleting failed", None)
    boxes.tell("Demo data is deleted.")
