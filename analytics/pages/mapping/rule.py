"""The rule dialog: everything a rule holds, also what no cell of the grid shows."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analytics import words
from analytics.mappings import parts
from analytics.mappings.cells import Choices
from analytics.pages.mapping import desk, overtaking, words_for
from analytics.pages.mapping.desk import Desk
from analytics.pages.mapping.fields import steps_editor
from connector import drafts
from connector.errors import PolicyError
from connector.policy import Canary, FailurePath, Policy, Route, Rule


@st.dialog("Rule", width="large")
def edit_rule(now: Desk, name: str, queues: list[str], evidence: str) -> None:
    """Edit a rule of the draft; what is typed is taken over when the form is sent."""
    rule = drafts.rule_of(now.draft.policy, name)
    st.markdown(f"**{words.plain(name)}** · {evidence}")
    _form(now.draft.policy, rule, name, queues, may_edit=now.may_edit)


@st.dialog("New rule", width="large")
def new_rule(now: Desk, queues: list[str]) -> None:
    """Add a rule before the default rule."""
    policy = now.draft.policy
    start = Rule(
        name=drafts.new_name(policy, "new rule"), steps=policy.default.steps, priority="normal"
    )
    st.markdown("It comes last, before the default rule; its number in the grid moves it.")
    _form(policy, start, None, queues, may_edit=now.may_edit)


def _form(
    policy: Policy, rule: Rule | Route, name: str | None, queues: list[str], *, may_edit: bool
) -> None:
    choices = Choices.of(policy, queues)
    with st.form("rule", border=False, enter_to_submit=False):
        tabs = iter(st.tabs(_tab_names(rule)))
        typed: dict[str, Any] = {}
        frames: dict[str, pd.DataFrame] = {}
        if isinstance(rule, Rule):
            with next(tabs):
                typed |= _conditions(policy, rule)
        with next(tabs):
            frames["steps"] = _steps(rule, choices)
            typed |= _priority(rule)
        with next(tabs):
            typed |= _failure(rule)
        with next(tabs):
            typed |= _context(policy, rule)
        with next(tabs):
            typed |= _canary(rule)
            frames["canary"] = _canary_steps(rule, choices)
            typed |= _advice(rule, choices)
        sent = st.form_submit_button("Keep in draft", type="primary", disabled=not may_edit)
    if sent:
        _send(policy, rule, name, typed, frames)


def _send(
    seen: Policy,
    rule: Rule | Route,
    name: str | None,
    typed: dict[str, Any],
    frames: dict[str, pd.DataFrame],
) -> None:
    """Check it against the policy as seen, then take over what was changed of it."""
    try:
        content = _content(rule, typed, frames)
        if name is None:
            drafts.add_rule(seen, content)
        else:
            drafts.with_rule(seen, name, content)
    except PolicyError as error:
        st.error(words.plain(str(error)))
        return
    if name is None:
        said = f"adding {content['name']}"
        done = desk.edit(lambda policy: drafts.add_rule(policy, content), said)
    else:
        done = overtaking.edit_rule(seen, name, content)
    if done:
        st.session_state["rule chosen"] = content.get("name", name)
    st.rerun()


def _content(
    rule: Rule | Route, typed: dict[str, Any], frames: dict[str, pd.DataFrame]
) -> dict[str, Any]:
    content = {name: typed[name] for name in typed if name in type(rule).model_fields}
    content["steps"] = parts.steps_of(frames["steps"])
    if isinstance(rule, Rule):
        content["hours"] = parts.listed(typed["hours"])
        content["variables"] = parts.variables_of(typed["variables"], rule.variables)
        low, high = typed["confidence"]
        kept = rule.confidence is not None and (low, high) == rule.confidence.bounds
        bounds = None if (low, high) == (0.0, 1.0) else {"min": low, "max": high}
        content["confidence"] = rule.confidence if kept else bounds
    steps = parts.steps_of(frames["canary"])
    share = typed["share"]
    content["canary"] = {"share": share / 100, "steps": steps} if share or steps else None
    if rule.canary is not None and share == _percent(rule.canary) and content["canary"]:
        content["canary"]["share"] = rule.canary.share
    content["failure_path"] = {"kind": typed["kind"], "text": typed["text"]} | (
        {"target": typed["target"]} if typed["target"] and typed["kind"] == "external" else {}
    )
    content["allowed_queues"] = typed["queues"] if typed["only"] else None
    return content


def _tab_names(rule: Rule | Route) -> list[str]:
    names = ["Steps", "If nobody", "Context", "Canary and advice"]
    return ["When", *names] if isinstance(rule, Rule) else names


def _conditions(policy: Policy, rule: Rule) -> dict[str, Any]:
    typed: dict[str, Any] = {
        "name": st.text_input("Name", rule.name, max_chars=200, help=words_for.RULE)
    }
    with st.grid(2, min_column_width=260):
        for field, label in words_for.LISTED_CONDITIONS.items():
            known = [value for one in policy.rules for value in getattr(one, field)]
            typed[field] = _many(
                label, getattr(rule, field), known, words_for.CONDITION_HELP[field]
            )
    low, high = rule.confidence.bounds if rule.confidence else (0.0, 1.0)
    typed["confidence"] = st.slider(
        "Confidence of the bot", 0.0, 1.0, (low, high), 0.01, help=words_for.CONFIDENCE
    )
    with st.grid(2, min_column_width=260):
        typed["hours"] = st.text_area(
            f"Hours, in {policy.zone}",
            parts.period_lines(rule.hours),
            placeholder="mon-fri 08:00-20:00",
            help=words_for.HOURS,
            height=90,
        )
        typed["variables"] = st.text_area(
            "Variables",
            parts.variable_lines(rule.variables),
            placeholder="tier = gold; silver",
            help=words_for.VARIABLES,
            height=90,
        )
    return typed


def _many(label: str, values: tuple[str, ...], known: list[str], help: str) -> list[str]:
    return st.multiselect(
        label,
        list(dict.fromkeys((*values, *known))),
        default=list(values),
        accept_new_options=True,
        placeholder="Any",
        help=help,
    )


def _steps(rule: Route, choices: Choices) -> pd.DataFrame:
    st.caption(
        "Queues to try in order, each by queue or by skill. Add a row below the last; tick rows at "
        "the left to remove them."
    )
    return steps_editor(parts.steps_frame(rule.steps), choices, key="rule steps")


def _priority(rule: Route) -> dict[str, Any]:
    return {
        "priority": st.segmented_control(
            "Priority",
            words_for.PRIORITIES,
            default=rule.priority,
            required=True,
            format_func=words_for.priority,
            help=words_for.PRIORITY,
        )
    }


def _failure(rule: Route) -> dict[str, Any]:
    path: FailurePath = rule.failure_path
    return {
        "kind": st.segmented_control(
            "When nobody took the customer",
            words_for.FAILURE_PATHS,
            default=path.kind,
            required=True,
            format_func=words.failure_path,
            help=words_for.IF_NOBODY,
        ),
        "text": st.text_area("What the bot says", path.text),
        "target": st.text_input(
            "Where to, when external", path.target or "", help=words_for.TARGET
        ).strip(),
    }


def _context(policy: Policy, rule: Route) -> dict[str, Any]:
    everyone = words.listing(list(policy.required), most=8)
    st.caption(f"Every handoff needs: {words.plain(everyone)}. This rule needs besides:")
    known = [field.name for field in policy.context_fields]
    return {"required": _many("Required fields", rule.required, known, words_for.REQUIRED)}


def _percent(canary: Canary | None) -> float:
    return round(100 * canary.share, 2) if canary else 0.0


def _canary(rule: Route) -> dict[str, Any]:
    return {
        "share": st.number_input(
            "Canary: percent of the rule's handoffs",
            0.0,
            50.0,
            _percent(rule.canary),
            1.0,
            help=words_for.CANARY,
        )
    }


def _canary_steps(rule: Route, choices: Choices) -> pd.DataFrame:
    steps = rule.canary.steps if rule.canary else ()
    return steps_editor(parts.steps_frame(steps), choices, key="canary steps")


def _advice(rule: Route, choices: Choices) -> dict[str, Any]:
    allowed = rule.allowed_queues
    only = st.checkbox(
        "Advice may send it to these queues only", allowed is not None, help=words_for.ALLOWED
    )
    known = list(dict.fromkeys((*(allowed or ()), *choices.queues)))
    return {
        "only": only,
        "queues": st.multiselect("Allowed queues", known, default=list(allowed or ())),
        "locked": st.checkbox("Locked", rule.locked, help=words_for.LOCKED),
    }
