"""Connection: enter a tenant, test it, set it up in 8x8, choose its queues."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from analytics import words
from analytics.pages.connecting import demo_data, set_up, targets, tenant
from analytics.pages.connecting.troubles import TROUBLES
from analytics.pages.parts import boxes, reading
from connector.errors import HandoffError
from connector.settings import Settings


def page() -> None:
    st.title("Connection", anchor=False)
    boxes.told()
    try:
        in_use = reading.settings()
        own = Settings(home=in_use.home)
    except HandoffError as error:
        boxes.unreadable(error)
        return
    st.markdown(_state(own, in_use))
    st.space("xxsmall")
    left, right = st.columns([6, 5], gap="large")
    with left:
        tenant.form(own)
    with right:
        tenant.results()
        with st.expander("When something does not work"):
            for question, answer in TROUBLES:
                st.markdown(f"**{question}.** {answer}")
    st.space("small")
    _rest(own, in_use)


def _rest(own: Settings, in_use: Settings) -> None:
    try:
        with boxes.opening():
            reading.home()
        targets.queues(in_use)
        st.space("small")
        left, right = st.columns(2, gap="large")
        with left:
            set_up.section(own, stands_in=in_use.configured and not own.configured)
        with right:
            demo_data.section(in_use)
    except HandoffError as error:
        boxes.unreadable(error)


def _state(own: Settings, in_use: Settings) -> str:
    host = words.plain(urlsplit(in_use.api_base).netloc)
    if own.configured and own.is_loopback:
        return f"Handoffs go to a **sandbox** at {host}; nothing here reaches 8x8."
    if own.configured:
        name = f"tenant **{words.plain(own.tenant_id)}**" if own.tenant_id else "the key's tenant"
        return f"Handoffs go to {name} at {host}."
    if in_use.configured:
        return (
            "No tenant is connected yet. The **sandbox** on this machine stands in, "
            "so you can try everything; nothing here reaches 8x8."
        )
    return "No tenant is connected yet. Enter the three values of your 8x8 tenant and test them."


page()
