"""Context: which fields agents should get, how often they do, and what bots send in vain."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics import charts, words
from analytics.look import SMALL_N
from analytics.metrics import MEANINGS, LogSpan
from analytics.pages.context_fields import mapping, shapes, tables, unmarked
from analytics.pages.context_fields.numbers import Context
from analytics.pages.parts import boxes, filters, reading
from analytics.pages.parts.filters import Chosen
from analytics.pages.parts.pictures import written
from analytics.pages.parts.shapes import fields, most_lacking
from analytics.pages.parts.tables import fields_in_words
from connector.errors import HandoffError
from connector.policy import Policy

GROUPS = {"Queue": ("queue_id", "queue"), "Channel": ("channel", "channel")}


def page() -> None:
    title, choice = st.columns([1, 1], vertical_alignment="bottom")
    title.title("Context", anchor=False)
    try:
        with boxes.opening():
            policy = reading.policy()
        with (
            choice,
            st.container(
                horizontal=True, horizontal_alignment="right", vertical_alignment="bottom"
            ),
        ):
            filters.period_bar()
            filters.filter_box(policy.zone)
        chosen = filters.chosen(policy.zone)
        found, span = reading.context(chosen.filters), reading.span()
    except HandoffError as error:
        boxes.unreadable(error)
        return
    if int(found.everyone["attempts"]) == 0:
        _nothing(span, policy.zone)
    else:
        _numbers(policy, chosen, found)
    _mapping(policy, found)


def _nothing(span: LogSpan, zone: str) -> None:
    if span.first is None or span.last is None:
        boxes.empty(
            "No escalations yet",
            "What agents get of each field shows here with the first one. Below stands what the "
            "policy asks for.",
        )
        return
    there = words.day_range(words.local(span.first, zone), words.local(span.last, zone))
    boxes.empty(
        "No attempts match these filters",
        f"The log holds {words.these(span.attempts, 'attempt')} of {there}.",
        button="Show all of them",
        on_click=_show_all,
    )


def _show_all() -> None:
    filters.clear()
    filters.everything()


def _numbers(policy: Policy, chosen: Chosen, found: Context) -> None:
    _opening(chosen, found)
    st.space("small")
    left, right = st.columns([5, 6], gap="large")
    with left:
        _present(found)
    with right:
        _groups(found)
    st.space("small")
    unmarked.section(policy, found.unmarked, reading.viewer_zone())
    st.space("small")


def _opening(chosen: Chosen, found: Context) -> None:
    everyone = found.everyone
    needed = int(everyone["measured"])
    if needed == 0:
        st.markdown("No rule required any context of these escalations.")
    else:
        complete = words.of_hundred(float(everyone["complete_share"]))
        st.markdown(
            f"The payload carried every required field in **{complete}** escalations."
            f"{_worst(found.fields)}"
        )
    bounds = words.percent_range(everyone["complete_low"], everyone["complete_high"])
    counted = [f"{source} ({words.count(n)})" for source, n in found.sources.items()]
    st.caption(
        f"95%: {bounds} · {words.these(needed, 'escalation')} that require any, of "
        f"{words.count(everyone['attempts'])} · {_period(chosen)} · "
        f"counting {words.listing(counted)}"
    )


def _period(chosen: Chosen) -> str:
    return "all of the log" if chosen.period == filters.ALL else f"last {chosen.period}"


def _worst(found: pd.DataFrame) -> str:
    """The field that is missing most, when enough attempts require it to say so."""
    known = found[(found["required"] >= SMALL_N) & (found["missing"] > 0)]
    if known.empty:
        return ""
    worst = known.sort_values("missing_share", ascending=False).iloc[0]
    share = words.of_hundred(float(worst["missing_share"]))
    return f" **{words.plain(str(worst['field']))}** is missing in **{share}** that require it."


def _present(found: Context) -> None:
    boxes.heading(
        "What the agent gets",
        "Required field present in the payload, share of attempts that require it.",
        definition=f"{MEANINGS['present']} Worst first.",
    )
    rows = fields(found.fields)
    if rows.empty:
        st.markdown("No field is required yet by enough attempts to say.")
        return
    chart = charts.missing_fields(most_lacking(rows), boxes.colours())
    boxes.draw(written(chart, boxes.colours()), alt=fields_in_words(rows), key="fields")


def _groups(found: Context) -> None:
    boxes.heading(
        "Where fields are missing",
        "Share of attempts that lack a field they require. Groups of under 20 are not drawn.",
        definition=MEANINGS["missing_share"],
    )
    chosen = st.segmented_control(
        "By", list(GROUPS), default="Queue", key="context-by", bind="query-params", required=True
    )
    key, labels = GROUPS[chosen or "Queue"]
    counted = found.by_queue if labels == "queue" else found.by_channel
    frame = shapes.matrix(counted, key, labels)
    if frame.empty:
        st.markdown(f"No {labels} has enough attempts that require a field.")
    else:
        chart = charts.missing_matrix(frame, str(chosen), boxes.colours())
        alt = tables.matrix_in_words(frame, labels)
        boxes.draw(written(chart, boxes.colours()), alt=alt, key=f"matrix {labels}")
    tables.group_table(counted, labels)


def _mapping(policy: Policy, found: Context) -> None:
    boxes.heading(
        "Field by field",
        f"The mapping of policy version {policy.version}, beside what happened. On a narrow "
        "screen, scroll the table sideways.",
        definition="Missing counts attempts that require the field; present, delivered and cut "
        "count all attempts.",
    )
    tables.mapping_table(mapping.mapping(policy, found.fields, found.carried))


page()
