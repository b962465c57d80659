"""Who looks at the pages, and so what they may do.

With a log-in configured (`[auth]` in `.streamlit/secrets.toml`) everybody logs in, and the home's
roles say what they may do. Without one whoever sits at this machine is admin, and nobody else is:
others may look, because nothing tells who they are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from analytics.pages.parts import reading
from connector.access import Actor, Role, local_actor
from connector.direct import is_direct, is_loopback
from connector.errors import NotAllowed, SettingsError
from connector.roles import actor_of, load_roles

_STRANGER = Actor("somebody", Role.VIEWER)
_HOW = "Set up a log-in: README, Roles."


@dataclass(frozen=True)
class Viewer:
    """Whoever uses this session; without an `actor` they may not even look. `why` says why."""

    actor: Actor | None
    why: str | None = None


def actor() -> Actor:
    """Whoever uses this session of the dashboard, with the role they have now.

    Raises NotAllowed when they have none.
    """
    found = viewer()
    if found.actor is None:
        raise NotAllowed(found.why or "Log in first.")
    return found.actor


def may(role: Role) -> bool:
    """Whether whoever looks has this role or a higher one."""
    found = viewer().actor
    return found is not None and found.role.includes(role)


def viewer() -> Viewer:
    """Whoever uses this session. Looked up anew each time: a role that is taken away is gone."""
    if _secrets_are_broken():
        return Viewer(_STRANGER, "The log-in cannot be read from secrets.toml: mend that file.")
    if has_log_in():
        return _logged_in()
    if why := _not_local():
        return Viewer(_STRANGER, why)
    return Viewer(local_actor())


def has_log_in() -> bool:
    """Whether people log in here at all."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def is_logged_in() -> bool:
    return has_log_in() and bool(st.user.is_logged_in)


def providers() -> list[str | None]:
    """Names of the log-ins one can choose from; [None] when there is but one, without a name."""
    section = st.secrets["auth"]
    if "client_id" in section:
        return [None]
    return [str(name) for name in section if _is_provider(section[name])]


def _logged_in() -> Viewer:
    if not st.user.is_logged_in:
        return Viewer(None)
    try:
        roles = load_roles(reading.settings())
    except SettingsError as error:
        return Viewer(None, f"The roles cannot be read, so nobody has one. {error}")
    found = actor_of(st.user.to_dict(), roles)
    return Viewer(found, None if found else "You have no role here. Ask an admin for one.")


def _secrets_are_broken() -> bool:
    """A file that is there and cannot be read must not open what it was to close."""
    files = st.get_option("secrets.files") or ()
    return any(os.path.exists(file) for file in files) and not st.secrets.load_if_toml_exists()


def _not_local() -> str | None:
    """Why whoever looks cannot be taken for somebody at this machine."""
    address = st.get_option("server.address")
    if not address or not is_loopback(str(address)):
        return f"This dashboard can be reached from other machines, so everybody only looks. {_HOW}"
    headers = st.context.headers
    if headers and not is_direct(headers):  # a script without a browser has none
        return f"You come from another machine, so you only look. {_HOW}"
    return None


def _is_provider(part: object) -> bool:
    return isinstance(part, Mapping) and "client_id" in part
