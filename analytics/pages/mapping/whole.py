"""What belongs to the whole policy: opening hours, context fields, skills, twin queues."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analytics import words
from analytics.mappings import parts
from analytics.mappings.cells import Choices
from analytics.pages.mapping import desk, words_for
from analytics.pages.mapping.desk import Desk
from analytics.pages.mapping.fields import rows_editor
from connector import drafts
from connector.errors import PolicyError
from connector.policy import Policy

TABS = ("Opening hours", "Context fields", "Skills", "Priority", "For all")
_HOURS_LABELS = {
    "name": ("Queue or group", "A queue, or a name of your own for the queues listed beside it."),
    "week": ("Week", "Such as mon-fri 08:00-20:00; sat 10:00-14:00."),
    "queues": ("Queues", "Of a group, with ; between them. Empty: the queue it is named after."),
    "zone": ("Time zone", "Such as Europe/Berlin. Empty: that of the policy."),
    "holidays": ("Holidays", "Such as DE, or DE-BY for a part of the country."),
    "closed_on": ("Closed on", "Such as 2026-12-24; 2026-12-31."),
    "open_on": ("Other hours on", "Such as 2026-12-24 08:00-12:00; a day alone is closed."),
}


@st.dialog("Hours, fields, skills", width="large")
def edit_whole(now: Desk, queues: list[str]) -> None:
    """Edit it; what is typed is taken over when the form is sent."""
    policy = now.draft.policy
    choices = Choices.of(policy, queues)
    with st.form("whole policy", border=False, enter_to_submit=False):
        frames: dict[str, pd.DataFrame] = {}
        hours, fields, skills, priority, rest = st.tabs(TABS)
        with hours:
            frames["opening_hours"] = _hours(policy)
        with fields:
            frames["context_fields"] = _fields(policy)
            others = [name for name in policy.required if policy.context_field(name) is None]
            required = st.multiselect(
                "Also needed by every handoff",
                others,
                default=others,
                accept_new_options=True,
                placeholder="None",
                help="What the connector adds itself, such as transcript or customer_name.",
            )
        with skills:
            frames["skills"] = _skills(policy, choices)
        with priority:
            frames["priority_twins"] = _twins(policy, choices)
        with rest:
            typed = _rest(policy, choices)
        if st.form_submit_button("Keep in draft", type="primary", disabled=not now.may_edit):
            _send(policy, typed, frames, required)


def _send(
    seen: Policy, typed: dict[str, Any], frames: dict[str, pd.DataFrame], others: list[str]
) -> None:
    try:
        content = _content(seen, typed, frames, others)
        wanted = drafts.with_fields(seen, **content)
    except PolicyError as error:
        st.error(words.plain(str(error)))
        return
    mine = {name: getattr(wanted, name) for name in content}
    mine = {name: value for name, value in mine.items() if value != getattr(seen, name)}
    if mine:
        told = words.listing([name.replace("_", " ") for name in mine])
        desk.edit(lambda policy: drafts.with_fields(policy, **mine), f"editing {told}")
    st.rerun()


def _content(
    seen: Policy, typed: dict[str, Any], frames: dict[str, pd.DataFrame], others: list[str]
) -> dict[str, Any]:
    fields, required = parts.fields_of(frames["context_fields"], seen.required)
    unlisted = [name for name in seen.required if seen.context_field(name) is None]
    kept = [name for name in required if name not in unlisted or name in others]
    limits = {name: typed.pop(name) for name in ("total_wait_s", "reassignments")}
    return typed | {
        "opening_hours": parts.hours_of(frames["opening_hours"], seen.opening_hours),
        "context_fields": fields,
        "required": [*kept, *(name for name in others if name not in kept)],
        "skills": parts.skills_of(frames["skills"]),
        "priority_twins": parts.twins_of(frames["priority_twins"]),
        "limits": limits,
    }


def _hours(policy: Policy) -> pd.DataFrame:
    st.caption("Outside its hours a queue is closed. One without hours follows 8x8's schedule.")
    column = st.column_config.TextColumn
    return rows_editor(
        parts.hours_frame(policy.opening_hours),
        key="opening hours",
        columns={name: column(label, help=help) for name, (label, help) in _HOURS_LABELS.items()},
    )


def _fields(policy: Policy) -> pd.DataFrame:
    st.caption("Variables the bot sends, under the name agents see. Personal ones decide nothing.")
    column = st.column_config
    return rows_editor(
        parts.fields_frame(policy.context_fields, policy.required),
        key="context fields",
        columns={
            "name": column.TextColumn("Variable", pinned=True, width=170),
            "field": column.TextColumn("Name in 8x8", width=170),
            "passed": column.SelectboxColumn(
                "Passed on",
                options=["marked", "never", "bot"],
                format_func=words_for.passed,
                default="marked",
                width=110,
            ),
            "personal": column.CheckboxColumn(
                "Personal",
                default=True,
                width=80,
                help="Tells something about a person: no condition reads it, no log keeps it.",
            ),
            "required": column.CheckboxColumn(
                "Needed by all", default=False, width=100, help=words_for.REQUIRED
            ),
        },
    )


def _skills(policy: Policy, choices: Choices) -> pd.DataFrame:
    st.caption("8x8 has no skill catalogue: a skill is a queue, a language, or both.")
    column = st.column_config
    return rows_editor(
        parts.skills_frame(policy.skills),
        key="skills",
        columns={
            "alias": column.TextColumn("Skill", pinned=True),
            "queue": column.SelectboxColumn("Queue", options=list(choices.queues)),
            "language": column.TextColumn("Language", help="Such as es or pt-BR."),
        },
    )


def _twins(policy: Policy, choices: Choices) -> pd.DataFrame:
    st.caption("In 8x8 priority belongs to the queue: what is more urgent goes to a twin of it.")
    column, queues = st.column_config, list(choices.queues)
    twins = [twin for by in policy.priority_twins.values() for twin in by.values()]
    options = list(dict.fromkeys((*queues, *policy.priority_twins, *twins)))
    titles = {"queue": "Queue"} | {name: name.capitalize() for name in parts.PRIORITIES}
    return rows_editor(
        parts.twins_frame(policy.priority_twins),
        key="twins",
        columns={
            name: column.SelectboxColumn(title, options=options) for name, title in titles.items()
        },
    )


def _rest(policy: Policy, choices: Choices) -> dict[str, Any]:
    queues = list(choices.queues)
    typed: dict[str, Any] = {}
    with st.grid(2, min_column_width=260):
        typed["default_queue"] = st.selectbox(
            "Default queue",
            queues,
            index=queues.index(policy.default_queue),
            help="Takes what no rule places, and what names a queue that is not there.",
        )
        typed["zone"] = st.text_input(
            "Time zone", policy.zone, help="Of the center, such as Europe/Berlin: hours are in it."
        )
        typed["total_wait_s"] = st.number_input(
            "Most seconds over all steps",
            min_value=0.0,
            value=policy.limits.total_wait_s,
            placeholder="No limit",
        )
        typed["reassignments"] = st.number_input(
            "Most steps after the first",
            min_value=0,
            value=policy.limits.reassignments,
            placeholder="No limit",
        )
    typed["waiting_message"] = st.text_area(
        "What the bot says while waiting", policy.waiting_message, height=70
    )
    return typed
