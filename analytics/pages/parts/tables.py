"""The twin of every chart: its numbers as a table to take along, and its finding as a sentence."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
import streamlit as st

from analytics import words
from analytics.metrics import MEANINGS
from analytics.pages.parts import shapes
from analytics.pages.parts.numbers import Overview

MOST_ROWS = 15
"""Rows of a table shown at once; more scroll."""


def queue_table(queues: pd.DataFrame) -> None:
    """Each queue's steps beside the attempts that ended in it, with intervals and counts."""
    config = st.column_config
    queues = shapes.known(queues)
    shown = pd.DataFrame(
        {
            "queue": queues["queue"].astype(object),
            "reached": _whole(queues["reached"]),
            "reached_95": _interval(queues, "reached"),
            "offered": queues["offered"],
            "timeout": _whole(queues["step_timeout_rate"]),
            "timeout_95": _interval(queues, "step_timeout"),
            "skipped": queues["skipped"],
            "attempts": queues["attempts"],
            "success": _whole(queues["success_rate"]),
            "success_95": _interval(queues, "success"),
            "context": _whole(queues["completeness"]),
            "context_95": _interval(queues, "completeness"),
            "wait": [words.seconds(wait) for wait in queues["wait_p50_s"]],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        height="content" if len(shown) <= MOST_ROWS else "auto",
        row_height=36,
        key="queue table",
        alt="Per queue: steps offered, reached and timed out, and the escalations that ended there",
        column_config={
            "queue": config.TextColumn("Queue", pinned=True, width=_wide(shown["queue"])),
            "offered": _count("Offered", MEANINGS["offered"]),
            "reached": _share("Reached", "blue", MEANINGS["reached"]),
            "reached_95": config.TextColumn("95%", width=98),
            "timeout": _share("Step timeout", "orange", MEANINGS["step_timeout_rate"]),
            "timeout_95": config.TextColumn("95%", width=98),
            "skipped": _count("Skipped", MEANINGS["skipped"]),
            "attempts": _count("Ended here", "Escalations that ended in this queue."),
            "success": _share("Success", "blue", MEANINGS["success_rate"]),
            "success_95": config.TextColumn("95%", width=98),
            "context": _share("Fields present", "gray", MEANINGS["completeness"]),
            "context_95": config.TextColumn("95%", width=98),
            "wait": config.TextColumn("Median wait", width=92, help=MEANINGS["wait_p50_s"]),
        },
    )
    download(queues, "queues")


def behind_the_charts(found: Overview, course: pd.DataFrame, unit: str) -> None:
    """The numbers of each chart as a table, to read with a screen reader or take along."""
    with st.expander("The numbers behind the charts", key="numbers"):
        frames = {
            "Losses": shapes.losses(found.queues),
            "Trend": course.rename(columns={"moment": unit}),
            "Waits": shapes.waits(found.queues, found.queues["queue"]),
            "Lost": shapes.lost(found.trend, unit).rename(columns={"moment": unit}),
            "Context": found.missing,
        }
        for tab, (name, frame) in zip(st.tabs(list(frames)), frames.items(), strict=True):
            with tab:
                st.dataframe(
                    _readable(frame),
                    hide_index=True,
                    width="stretch",
                    key=f"numbers {name}",
                    column_config=_formats(frame),
                )
                download(frame, name.lower())


def download(frame: pd.DataFrame, name: str) -> None:
    """A button that hands out `frame` as CSV, shares as they are (0-1)."""
    st.download_button(
        "CSV",
        frame.to_csv(index=False).encode(),
        file_name=f"handoff-{name}.csv",
        mime="text/csv",
        key=f"csv {name}",
        type="tertiary",
        icon=":material/download:",
        on_click="ignore",
    )


def losses_in_words(frame: pd.DataFrame, overall: float | None) -> str:
    """What the chart of losses shows, as a sentence."""
    known = frame.dropna(subset=["lost"])
    if known.empty:
        return "No queue was offered enough escalations for a rate."
    worst = known.iloc[0]
    return (
        f"{worst['queue']} loses most, {words.percent(worst['lost'])} of "
        f"{words.these(int(worst['offered']), 'offer')}; all queues lose {words.percent(overall)}."
    )


def course_in_words(frame: pd.DataFrame, unit: str) -> str:
    """What the trend shows."""
    known = frame.dropna(subset=["reached"])
    if known.empty:
        return f"No {unit} has enough escalations for a rate."
    ordered = known.sort_values("reached")
    low, high = ordered.iloc[0], ordered.iloc[-1]
    return (
        f"Share reached per {unit}, from {words.percent(low['reached'])} on "
        f"{_moment(low['moment'], unit)} to {words.percent(high['reached'])} on "
        f"{_moment(high['moment'], unit)}."
    )


def waits_in_words(frame: pd.DataFrame) -> str:
    """What the chart of waits shows."""
    known = frame.dropna(subset=["wait_p50_s"])
    if known.empty:
        return "No queue has enough escalations to say how long they wait."
    longest = known.sort_values("wait_p50_s").iloc[-1]
    return (
        f"Customers wait longest in {longest['queue']}: half of them at most "
        f"{words.seconds(longest['wait_p50_s'])}."
    )


def lost_in_words(frame: pd.DataFrame) -> str:
    """What the chart of lost escalations shows."""
    total = frame.groupby("outcome")["attempts"].sum().sort_values(ascending=False)
    parts = [f"{words.count(number)} {str(name).lower()}" for name, number in total.items()]
    return f"Lost escalations: {words.listing(parts, most=6)}."


def fields_in_words(frame: pd.DataFrame) -> str:
    """What the chart of fields shows."""
    worst = frame.iloc[0]
    return (
        f"{worst['field']} is missing most: present in {words.percent(worst['share'])} of "
        f"{words.these(int(worst['required']), 'attempt')} that require it."
    )


def _is_share(name: str) -> bool:
    return name.startswith(
        ("lost", "reached", "timeout_rate", "complete_share", "present_", "missing_")
    )


def _readable(frame: pd.DataFrame) -> pd.DataFrame:
    """Whole percents and durations in words, as they stand in the charts."""
    shown = frame.drop(columns=[name for name in ("queue_id",) if name in frame])
    for name in shown.columns:
        if _is_share(str(name)):
            shown[name] = _whole(shown[name])
        elif str(name).endswith("_s"):
            shown[name] = [words.seconds(wait) for wait in shown[name]]
    return shown


def _formats(frame: pd.DataFrame) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    labels = {str(name): _label(str(name)) for name in frame.columns}
    return {
        name: number(label, format="%.0f%%")
        if _is_share(name)
        else number(label, format="localized")
        if pd.api.types.is_integer_dtype(frame[name])
        else label
        for name, label in labels.items()
    }


def _label(name: str) -> str:
    words_of = {"wait_p50_s": "Half waited at most", "wait_p95_s": "95 of 100 at most"}
    plain = name.removesuffix("_s").replace("_", " ").capitalize()
    return words_of.get(name, "Mean wait" if name == "wait_mean_s" else plain)


def _wide(names: pd.Series) -> int:
    return 122 if names.astype(str).str.len().max() <= 16 else 230


def _count(label: str, help: str) -> Any:
    return st.column_config.NumberColumn(label, format="localized", width=78, help=help)


def _share(label: str, color: Any, help: str) -> Any:
    return st.column_config.ProgressColumn(
        label, format="%.0f%%", min_value=0, max_value=100, width=112, color=color, help=help
    )


def _whole(column: pd.Series) -> pd.Series:
    """Whole percents: what is drawn is also what a screen reader says."""
    return (100 * column.astype("Float64")).round()


def _interval(frame: pd.DataFrame, name: str) -> list[str]:
    bounds = zip(frame[f"{name}_low"], frame[f"{name}_high"], strict=True)
    return [words.percent_range(low, high) for low, high in bounds]


def _moment(moment: Hashable, unit: str) -> str:
    stamp = pd.Timestamp(str(moment))
    return f"{stamp.day} {stamp:%b}" if unit == "day" else f"{stamp.day} {stamp:%b %H:%M}"
