"""The form of the tenant: type, test, save. The key goes in and never comes out."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from analytics import words
from analytics.pages.connecting import asking, typed
from analytics.pages.connecting.troubles import POLLING
from analytics.pages.connecting.typed import Typed
from analytics.pages.parts import boxes, reading, who
from connector.connection import Check, change_connection
from connector.errors import HandoffError
from connector.settings import Settings

LABELS = {
    "api_key": "API Key",
    "tenant_url": "Tenant URL",
    "tenant_id": "Tenant ID",
    "public_url": "Public webhook address",
}
NOT_CHECKED = "Not checked"
_COLOURS = {"ok": "blue", "warning": "yellow", "failed": "red"}
_ICONS = {
    "ok": ":material/check:",
    "warning": ":material/warning:",
    "failed": ":material/close:",
}


def form(settings: Settings) -> None:
    """The four fields, Test Connection and Save. `settings` are the home's own."""
    boxes.heading(
        "Tenant",
        "Create the key in the 8x8 Admin Console under API Keys, with the products Chat Gateway, "
        "Analytics for Contact Center and Contact Center Schedule.",
    )
    # A form hands over what is typed as it is, also in a field one has not left yet.
    with st.form("tenant"):
        given = _fields(settings)
        if not given.public_url:
            st.caption(POLLING)
        with st.container(horizontal=True):
            test = st.form_submit_button("Test Connection", icon=":material/network_check:")
            save = st.form_submit_button("Save", type="primary")
        if test:
            _test(given, settings)
        if save:
            _save(given, settings)
    _drop_results_of_other_values(given, settings)


def results() -> None:
    """What the last test found, step by step."""
    boxes.heading("Connection test", "What 8x8 answers to the values as they are typed.")
    checks: list[Check] = st.session_state.get("checks", [])
    if not checks:
        boxes.empty("Not tested yet", "Test Connection tries what is typed, before it is saved.")
        return
    skipped = [check for check in checks if check.detail.startswith(NOT_CHECKED)]
    with st.container(border=True, gap="small"):
        for check in checks:
            if check not in skipped:
                _result(check)
        if skipped:
            names = words.listing([_name(check) for check in skipped], most=9)
            st.caption(f"Not checked yet, because a step before failed: {names}.")


def _result(check: Check) -> None:
    name, found = st.columns([2, 7], wrap=False, gap="small")
    name.badge(
        _name(check),
        color=_COLOURS[check.status],  # type: ignore[arg-type]
        icon=_ICONS[check.status],
    )
    with found.container(gap="xxsmall"):
        st.markdown(words.emphasised(check.detail))
        if check.fix:
            st.caption(f"→ {words.emphasised(check.fix)}")


def _name(check: Check) -> str:
    return check.name.replace("_", " ")


def _fields(settings: Settings) -> Typed:
    fixed = settings.set_by_environment()
    api_key = st.text_input(
        LABELS["api_key"],
        type="password",
        key=f"typed key {st.session_state.get('keys typed', 0)}",
        placeholder=_key_hint(settings),
        disabled="api_key" in fixed,
        autocomplete="off",
        help="Write-only: it is kept in the home and never shown again.",
    )
    _say_fixed("api_key", fixed)
    tenant_url = _field("tenant_url", settings.tenant_url, fixed, "https://na1.8x8.com")
    try:
        if host := typed.host_of(tenant_url):
            st.caption(f"API host that follows: **{words.plain(urlsplit(host).netloc)}**")
    except HandoffError as error:
        st.caption(f":red[{words.plain(str(error))}]")
    return Typed(
        api_key,
        tenant_url,
        _field("tenant_id", settings.tenant_id, fixed, "As in Configuration Manager > Profile"),
        _field("public_url", settings.public_url, fixed, "https://handoff.example.com"),
    )


def _field(name: str, value: str | None, fixed: frozenset[str], hint: str) -> str:
    said = st.text_input(
        LABELS[name],
        value or "",
        key=f"typed {name} {value}",  # another process may save: then its value is shown
        placeholder=hint,
        disabled=name in fixed,
    )
    _say_fixed(name, fixed)
    return (value if name in fixed else said) or ""


def _say_fixed(name: str, fixed: frozenset[str]) -> None:
    if name in fixed:
        variable = words.plain(f"HANDOFF_{name.upper()}")
        st.caption(f"Set by {variable} in the environment, which wins.")


def _key_hint(settings: Settings) -> str:
    if "api_key" in settings.set_by_environment():
        return "Set by the environment"
    return "Saved. Type to replace it" if settings.api_key else "Not set"


def _test(given: Typed, settings: Settings) -> None:
    try:
        tried = typed.tried(given, settings)
        with st.spinner("Asking 8x8, step by step"):
            st.session_state["checks"] = asking.test(tried, reading.policy())
        st.session_state["checked"] = _print_of(tried)
    except HandoffError as error:
        st.session_state.pop("checks", None)
        st.error(words.plain(str(error)))


def _save(given: Typed, settings: Settings) -> None:
    try:
        change_connection(reading.home(), typed.changes(given, settings), actor=who.actor())
    except (HandoffError, OSError) as error:
        st.error(f"Not saved. {words.plain(str(error))}")
        return
    # A fresh widget: what was typed into the key's field is gone from page and session.
    st.session_state["keys typed"] = st.session_state.get("keys typed", 0) + 1
    asking.forget()
    boxes.tell("Saved. Running connectors take it over within 5 s.")
    st.rerun()


def _drop_results_of_other_values(given: Typed, settings: Settings) -> None:
    try:
        same = _print_of(typed.tried(given, settings)) == st.session_state.get("checked")
    except HandoffError:
        same = False
    if not same:
        st.session_state.pop("checks", None)


def _print_of(tried: Settings) -> int:
    """Tells values apart without keeping the key."""
    key = tried.api_key.get_secret_value() if tried.api_key else ""
    return hash((key, tried.tenant_url, tried.tenant_id, tried.public_url))
