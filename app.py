"""The dashboard: navigation only. Run it with `streamlit run app.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from analytics.pages.parts import shell, who
from connector.access import Role

HERE = Path(__file__).parent
ADMIN, MANAGER, VIEWER = Role.ADMIN, Role.MANAGER, Role.VIEWER
# Per section: file, address (the one that opens has none), title, icon, and who may see it.
PAGES: dict[str, list[tuple[str, str, str, str, Role]]] = {
    "": [("overview", "", "Overview", "space_dashboard", VIEWER)],
    "Tune": [
        ("mappings", "mappings", "Mappings", "alt_route", VIEWER),
        ("context", "context", "Context", "data_object", VIEWER),
    ],
    "Run": [
        ("follow_ups", "follow-ups", "Follow-ups", "phone_callback", VIEWER),
        ("connection", "connection", "Connection", "cable", ADMIN),
        ("escalation_test", "test", "Test escalation", "play_circle", MANAGER),
        ("audit", "audit", "Audit", "history", ADMIN),
    ],
}


def page(name: str, url: str, title: str, icon: str) -> Any:
    """A page as navigation lists it."""
    file = HERE / f"analytics/pages/{name}.py"
    options: dict[str, Any] = {"url_path": url} if url else {"default": True}
    return st.Page(file, title=title, icon=f":material/{icon}:", **options)


def front_door() -> None:
    """The log-in, whatever page was asked for."""
    urls = [url for listed in PAGES.values() for _, url, *_ in listed]
    doors = [
        st.Page(shell.front_door, title="Log in", url_path=url or "home", default=not url)
        for url in urls
    ]
    st.navigation(doors, position="hidden").run()


st.set_page_config("Handoff Tuner", page_icon=str(HERE / "static/mark.svg"), layout="wide")
st.logo(shell.mark(), size="medium")
if who.viewer().actor is None:
    front_door()
    st.stop()
shown = {
    section: [page(*about) for *about, role in listed if who.may(role)]
    for section, listed in PAGES.items()
}
chosen = st.navigation({name: pages for name, pages in shown.items() if pages}, position="top")
shell.follow_theme()
shell.top()
chosen.run()
