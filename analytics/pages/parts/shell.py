"""What surrounds every page: the mark, the status line, and following the viewer's theme."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import streamlit as st

from analytics import words
from analytics.pages.parts import declaring, emergencies, reading, who
from analytics.pages.parts.boxes import colours
from analytics.pages.parts.status import Said, markdown, status_line
from connector.errors import HandoffError, SettingsError
from connector.follow_ups.check import notified
from connector.log import home_status
from connector.settings import Settings

STATUS_EVERY_S = 2.0
THEME_EVERY_S = 3.0
_ROLE = "role drawn"


def mark() -> str:
    """The product's mark in the colours of the theme."""
    look = colours()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24" '
        'fill="none" stroke-width="2.6" stroke-linecap="round">'
        f'<path d="M3.5 5v14M3.5 12h9" stroke="{look.muted}"/>'
        f'<path d="M12.5 12l7-6.5" stroke="{look.accent}"/>'
        f'<circle cx="19.5" cy="5.5" r="2.6" fill="{look.accent}" stroke="none"/>'
        f'<path d="M12.5 12l7 6.5" stroke="{look.loss}" stroke-dasharray="0.1 4.4"/></svg>'
    )


def top() -> None:
    """What stands above every page: the status line, who one is, and what is exceptional."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        status()
        declaring.button()
        _whoever()
    emergencies.banner()
    if why := who.viewer().why:
        st.caption(why)


def front_door() -> None:
    """For whoever has not logged in, or has no role: a way in, or the reason there is none."""
    st.title("Handoff Tuner", anchor=False)
    why = who.viewer().why
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(f"**{words.plain(why)}**" if why else "**Log in to see the dashboard**")
        if who.is_logged_in():
            st.button("Log out", on_click=st.logout)
        else:
            for name in who.providers():
                label = f"Log in with {name.capitalize()}" if name else "Log in"
                st.button(label, type="primary", on_click=st.login, args=(name,) if name else ())
        st.space("small")


@st.fragment(run_every=STATUS_EVERY_S)
def _whoever() -> None:
    """Who logged in, and a way out. A role that was changed meanwhile draws the page anew."""
    role = found.role if (found := who.viewer().actor) else None
    if st.session_state.setdefault(_ROLE, role) != role:
        st.session_state[_ROLE] = role
        st.rerun()
    if found and who.is_logged_in():
        st.button(
            "Log out",
            type="tertiary",
            icon=":material/logout:",
            help=f"{found.name}, {found.role}",
            on_click=st.logout,
        )


def follow_theme() -> None:
    """Draw the page anew when the viewer switches the theme, which by itself runs nothing."""
    st.session_state["theme drawn"] = st.context.theme.type
    _compare_theme()


@st.fragment(run_every=THEME_EVERY_S)
def _compare_theme() -> None:
    if st.context.theme.type != st.session_state.get("theme drawn"):
        st.rerun()


@st.fragment(run_every=STATUS_EVERY_S)
def status() -> None:
    """One line: data up to, connectors, 8x8, outbox; what is wrong in the colour of loss."""
    silent = [Said("The log did not answer", bad=True)]
    try:
        parts = silent if reading.failed() else _parts(reading.settings())
    except SettingsError:
        parts = [Said("The settings cannot be read", bad=True)]
    except HandoffError:
        parts = silent
    st.markdown(markdown(parts))


def _parts(settings: Settings) -> list[Said]:
    status = home_status(settings)
    wrote = status.data_until is not None or status.connectors > 0
    until, live = _latest(settings, status.data_until), False
    if not wrote and reading.is_open():
        # An import or the demonstration writes without a journal: then the last start counts.
        span = reading.span()
        until, live = span.last, "live" in span.by_source
    return status_line(
        replace(status, data_until=until),
        reading.clock(),
        reading.viewer_zone(),
        sandbox=settings.is_loopback,
        expected=wrote or live,
        opened=reading.is_open(),
        failing=sum(one.failing_since is not None for one in notified(settings)),
    )


def _latest(settings: Settings, until: datetime | None) -> datetime | None:
    """What was said to be in the log before stays in it, so the moment never goes back."""
    name, now = f"data up to, {settings.home}", reading.clock().now()
    before: datetime | None = st.session_state.get(name)
    if before is not None and until is not None and until < before <= now:
        return before
    st.session_state[name] = until
    return until
