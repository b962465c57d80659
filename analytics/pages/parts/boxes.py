"""What every page draws alike: headings, charts, tiles, empty and error boxes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from analytics import words
from analytics.look import Palette, palette
from analytics.pages.parts import reading
from connector.errors import HandoffError, LakeBusy, SettingsError


def colours() -> Palette:
    """The palette of the theme the viewer sees now."""
    return palette(st.context.theme.type)


def heading(title: str, caption: str | None = None, *, definition: str | None = None) -> None:
    """A title that names the question, and under it the measure and how to read it."""
    st.subheader(title, anchor=False, help=definition)
    if caption:
        st.caption(caption)


def draw(chart: str, *, alt: str, key: str) -> None:
    """A finished chart, given as JSON; `alt` is a sentence with what it shows."""
    st.vega_lite_chart(spec=json.loads(chart), theme=None, width="stretch", alt=alt, key=key)


def tile(
    label: str,
    value: str,
    *,
    interval: str,
    change: str | None,
    clear: bool,
    history: list[float],
    definition: str,
    less_is_better: bool = False,
) -> None:
    """A number with its interval, its change against the period before, and its course.

    A change that chance explains (not `clear`) is grey.
    """
    colour = "inverse" if less_is_better else "normal"
    with st.container(border=True, gap="xxsmall"):
        st.metric(
            label,
            value,
            delta=change,
            delta_color=colour if clear else "off",  # type: ignore[arg-type]
            delta_arrow="auto" if clear else "off",
            delta_description="vs prior" if change else None,
            help=definition,
            chart_data=history if len(history) > 1 else None,
            chart_type="line",
        )
        st.caption(interval)


def tell(text: str) -> None:
    """Say `text` on the next run of the whole page: a message of this run would not outlive it."""
    st.session_state["to tell"] = text


def told() -> None:
    """What was to be said, once."""
    if text := st.session_state.pop("to tell", None):
        st.toast(text, icon=":material/check:")


@contextmanager
def opening() -> Iterator[None]:
    """What stands in for the page while the log is opened, which the first view waits for."""
    place = st.empty()  # always: without it everything below would move up on the next run
    if reading.is_open():
        yield
        return
    with place.container():
        st.caption("Opening the log")
        st.skeleton(420)
    try:
        yield
    finally:
        place.empty()


def empty(fact: str, way_out: str, *, button: str | None = None, **options: Any) -> bool:
    """A box that says what is so and how to go on; true when its button was pressed."""
    with st.container(border=True, horizontal_alignment="center", gap="xsmall"):
        st.space("small")
        st.markdown(f"**{fact}**", width="content", text_alignment="center")
        st.caption(way_out, width="content", text_alignment="center")
        pressed = bool(button and st.button(button, **options))
        st.space("small")
    return pressed


def unreadable(error: HandoffError) -> None:
    """A box that says what failed, what is safe, and offers to try again."""
    what, safe = "The log did not answer.", "Handoffs go on: their records wait in the outbox."
    if isinstance(error, SettingsError):
        what, safe = "The settings cannot be read.", "Nothing was changed."
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":red[**{what}**] {safe}")
        st.caption(words.plain(_reason(error)))
        st.button("Try again", on_click=reading.forget, icon=":material/refresh:")


def _reason(error: HandoffError) -> str:
    """What to do about a lake that does not answer, without the database's own statements."""
    if isinstance(error, SettingsError):
        return str(error)
    if isinstance(error, LakeBusy):
        return "Others hold it just now. Try again."
    settings = reading.settings()
    if settings.lake is not None:
        return "Look whether the database of the setting lake runs and lets this machine in."
    folder = settings.home.resolve() / "lake"
    cause = re.search(
        r"not a database|malformed|disk i/o error|permission denied", str(error), re.I
    )
    why = f" ({cause[0].lower()})" if cause else ""
    return (
        f"{folder / 'catalog.sqlite'} cannot be read{why}. Restore it from a backup. Or move the "
        f"folder {folder} away: a new, empty log begins, and the old one is kept where you put it."
    )
