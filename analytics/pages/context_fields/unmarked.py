"""Variables bots send that nobody marked, each with the way to mark it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics import words
from analytics.metrics import MEANINGS
from analytics.pages.context_fields.mapping import ruling
from analytics.pages.parts import boxes
from connector.policy import Policy

MAPPINGS = "analytics/pages/mappings.py"
MOST = 12


def section(policy: Policy, unmarked: pd.DataFrame, zone: str) -> None:
    """What was sent and no agent saw; `zone` is the viewer's."""
    boxes.heading(
        "Variables nobody marked",
        "Bots sent them, and no agent saw them. Names only: values are never logged.",
        definition=MEANINGS["unmarked_share"],
    )
    rulings = [ruling(policy, str(name)) for name in unmarked["variable"]]
    open_ones = unmarked[[found == "bot" for found in rulings]]
    if open_ones.empty:
        st.markdown("Every variable that bots sent is marked, or left out on purpose.")
    for _, row in open_ones.head(MOST).iterrows():
        with st.container(border=True):
            _variable(row, zone)
    if len(open_ones) > MOST:
        st.caption(f"And {words.these(len(open_ones) - MOST, 'variable')} more, sent less often.")
    _settled(unmarked, rulings)


def _variable(row: pd.Series, zone: str) -> None:
    text, way_out = st.columns([5, 3], vertical_alignment="center")
    with text, st.container(gap="xxsmall"):
        name = words.plain(str(row["variable"]))
        st.markdown(f"**{name}** in **{words.these(int(row['sent']), 'attempt')}**")
        share = words.percent(row["unmarked_share"], 1)
        interval = words.percent_range(row["unmarked_low"], row["unmarked_high"])
        bots = words.listing([words.plain(str(bot)) for bot in row["bots"] or ()])
        last = words.clock(row["last_at"].to_pydatetime(), zone)
        st.caption(f"{share} of all (95%: {interval}) · from {bots} · last {last} ({zone})")
    with way_out:
        _way_out()


def _way_out() -> None:
    st.page_link(MAPPINGS, label="Mark it in Mappings", icon=":material/arrow_forward:")


def _settled(unmarked: pd.DataFrame, rulings: list[str]) -> None:
    """What the policy in force has ruled on meanwhile."""
    for found, said in (
        ("marked", "Marked by the policy in force, so agents get them from now on"),
        ("never", "Left out on purpose"),
    ):
        pairs = zip(unmarked["variable"], rulings, strict=True)
        names = [words.plain(str(name)) for name, ruled in pairs if ruled == found]
        if names:
            st.caption(f"{said}: {words.listing(names, most=MOST)}.")
