"""Overview: how many escalations reach an agent, where they are lost, and what agents get."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics import words
from analytics.findings import Finding, lead, lead_of_queues, most_timeouts
from analytics.look import FEW_N, SMALL_N
from analytics.metrics import MEANINGS, LogSpan
from analytics.metrics.filters import usual_sources
from analytics.pages.parts import boxes, filters, fresh, reading, shapes, tables
from analytics.pages.parts.filters import Chosen
from analytics.pages.parts.numbers import Overview
from analytics.pages.parts.pictures import Pictures, overall
from connector.errors import HandoffError


def page() -> None:
    """The whole page, drawn from what was read before."""
    fresh.begin()
    title, choice = st.columns([1, 1], vertical_alignment="bottom")
    title.title("Overview", anchor=False)
    try:
        with boxes.opening():
            zone = reading.policy().zone
        with (
            choice,
            st.container(
                horizontal=True, horizontal_alignment="right", vertical_alignment="bottom"
            ),
        ):
            filters.period_bar()
            filters.filter_box(zone)
        chosen = filters.chosen(zone)
        read = fresh.read(chosen, zone)
    except HandoffError as error:
        reading.pin(None)
        boxes.unreadable(error)
    else:
        if read.pictures is None:
            _nothing(chosen, read.span, zone)
        else:
            _content(chosen, read.found, read.pictures)
    fresh.read_ahead()


def _content(chosen: Chosen, found: Overview, drawn: Pictures) -> None:
    _opening(chosen, found, drawn)
    _tiles(found, drawn.course, by_step=bool(chosen.filters.queue))
    st.space("small")
    _losses_and_queues(chosen, found, drawn)
    st.space("small")
    _course_and_waits(chosen, found, drawn)
    st.space("small")
    _outcomes_and_context(chosen, found, drawn)
    st.space("small")
    _queue_table(found)
    tables.behind_the_charts(found, drawn.course, chosen.unit)


def _nothing(chosen: Chosen, span: LogSpan, zone: str) -> None:
    if span.first is None or span.last is None:
        pressed = boxes.empty(
            "No escalations yet",
            "They appear here within seconds. Connect your tenant, send a first handoff with "
            "**./run handoff send --intent reportlostcard**, or start **./run** to look around on "
            "demo data.",
            button="Connect a tenant",
        )
        if pressed:
            st.switch_page("analytics/pages/connection.py")
        return
    there = words.day_range(words.local(span.first, zone), words.local(span.last, zone))
    counts = ", ".join(f"{words.count(n)} {source}" for source, n in span.by_source.items())
    holds = f"The log holds {words.these(span.attempts, 'attempt')} of {there} ({counts})."
    if chosen.narrowed:
        boxes.empty(
            "No attempts match these filters",
            holds,
            button="Clear filters",
            on_click=filters.clear,
        )
    elif chosen.period != filters.ALL and usual_sources(
        set(span.by_source), hidden=reading.hides_demo()
    ):
        boxes.empty(
            f"No attempts in the last {chosen.period}",
            f"{holds} They are older, or of test.",
            button="Show all of them",
            on_click=filters.everything,
        )
    else:
        pressed = boxes.empty(
            "Nothing is counted",
            f"{holds} Test attempts and hidden demo data count only when the filter asks for them.",
            button="Show demo data",
        )
        if pressed:
            st.switch_page("analytics/pages/connection.py")


def _opening(chosen: Chosen, found: Overview, drawn: Pictures) -> None:
    total = words.these(int(found.now["attempts"]), "escalation")
    if chosen.filters.queue:
        names = [str(name) for name in found.queues["queue"]]
        st.markdown(lead_of_queues(found.everyone, found.steps_before, chosen.period, names))
        offers = words.these(int(found.everyone["offered"]), "offer")
        total = f"{offers}, {total} ended here"
    else:
        opening = lead(found.now, found.before, chosen.period)
        st.markdown(f"{opening} {most_timeouts(shapes.timeouts(found.queues))}")
    scope = [
        f"{len(values)} {name}{'s' if len(values) > 1 else ''}"
        for name in ("queue", "intent", "channel")
        if (values := getattr(chosen.filters, name))
    ]
    counted = words.listing([f"{source} ({words.count(n)})" for source, n in found.sources.items()])
    st.caption(
        f"{words.day_range(drawn.first, drawn.last)} · {total} · "
        f"{', '.join(scope) or 'all queues'} · counting {counted}"
    )


def _tiles(found: Overview, course: pd.DataFrame, *, by_step: bool) -> None:
    now = found.now
    course = course.iloc[:-1]  # the last day or hour is not over, and would look like a change
    attempts, steps = (now, found.before), (found.everyone, found.steps_before)
    shares = [
        (attempts, "Reached an agent", "success_rate", "success", "reached", False),
        (attempts, "Timed out", "timeout_rate", "timeout", "timeout_rate", True),
        (attempts, "Context complete", "complete_share", "complete", "complete_share", False),
    ]
    if by_step:
        shares[:2] = [
            (steps, "Reached, of offers", "reached", "reached", "reached", False),
            (steps, "Step timeout", "step_timeout_rate", "step_timeout", "timeout_rate", True),
        ]
    with st.grid(4, min_column_width=150, gap="small"):
        for (now, before), label, name, bounds, column, less in shares:
            change = shapes.share_change(now, before, bounds)
            boxes.tile(
                label,
                words.percent(now[name], 1),
                interval=f"95%: {words.percent_range(now[f'{bounds}_low'], now[f'{bounds}_high'])}",
                change=words.points(change.value) if change else None,
                clear=change is not None and change.clear,
                history=(100 * course[column].dropna()).round(1).tolist(),
                definition=MEANINGS[name],
                less_is_better=less,
            )
        now = found.now
        change = shapes.wait_change(now, found.before)
        mean, interval = words.mean_seconds(
            now["wait_mean_s"], now["wait_mean_low"], now["wait_mean_high"]
        )
        boxes.tile(
            "Mean wait",
            mean,
            interval=f"95%: {interval}",
            change=words.seconds_change(change.value) if change else None,
            clear=change is not None and change.clear,
            history=course["wait_mean_s"].dropna().round(1).tolist(),
            definition=MEANINGS["wait_mean_s"],
            less_is_better=True,
        )


def _losses_and_queues(chosen: Chosen, found: Overview, drawn: Pictures) -> None:
    left, right = st.columns([5, 6], gap="large")
    with left:
        _findings(chosen, drawn.findings)
    with right:
        boxes.heading(
            "Where customers are lost",
            "Share of offers to a queue that did not reach an agent there, most lost first.",
            definition=f"1 - reached. Reached: {MEANINGS['reached']} 95 % Wilson interval.",
        )
        frame = shapes.losses(found.queues)
        shown = shapes.most_lost(frame)
        alt = tables.losses_in_words(frame, overall(found))
        boxes.draw(drawn.charts["losses"], alt=alt, key="losses")
        _more(len(frame), "queues that lose most customers")
        if (shown["offered"] < SMALL_N).any():
            st.caption(
                f"Grey: under {SMALL_N} offers; the interval is wide. "
                f"Under {FEW_N} there is no rate."
            )


def _findings(chosen: Chosen, said: list[Finding]) -> None:
    boxes.heading("Biggest losses", "Groups that lose clearly more than the others, most first.")
    if not said:
        these = "this period" if chosen.period == filters.ALL else f"these {chosen.period}"
        st.markdown(f"Nothing stands out in {these}.")
        st.caption(
            f"No queue or intent with {SMALL_N} attempts or more loses clearly more than the "
            f"others or at one time of day or week, and no required field lacks in one of ten."
        )
    for number, finding in enumerate(said):
        with st.container(border=True):
            _finding(chosen, finding, number)


def _is_chosen(chosen: Chosen, name: str, value: str) -> bool:
    return bool(getattr(chosen.filters, name) == (value,))


def _finding(chosen: Chosen, finding: Finding, number: int) -> None:
    text, button = st.container(), None
    if finding.chooses and not _is_chosen(chosen, *finding.chooses):
        text, button = st.columns([5, 2], vertical_alignment="center")
    with text, st.container(gap="xxsmall"):
        st.markdown(finding.text)
        st.caption(finding.evidence)
    if button:
        button.button(
            f"Show {words.plain(finding.about)}",
            key=f"finding {number}",
            on_click=filters.choose,
            args=finding.chooses,
            width="stretch",
            type="primary" if number == 0 else "secondary",
        )


def _course_and_waits(chosen: Chosen, found: Overview, drawn: Pictures) -> None:
    left, right = st.columns([6, 5], gap="large")
    with left:
        by_step = bool(chosen.filters.queue)
        boxes.heading(
            f"{'Reached, of offers' if by_step else 'Reached an agent'}, "
            f"{chosen.unit} by {chosen.unit}",
            f"Band: 95% interval. Grey dots: few {'offers' if by_step else 'attempts'}.",
            definition=MEANINGS["reached" if by_step else "success_rate"],
        )
        alt = tables.course_in_words(drawn.course, chosen.unit)
        boxes.draw(drawn.charts["course"], alt=alt, key="course")
    with right:
        boxes.heading(
            "How long customers wait",
            "Dot: half waited at most. Bar: up to what 95 of 100 waited at most.",
            definition="Time spent by all attempts that ended in the queue, whatever the outcome.",
        )
        everyone = shapes.losses(found.queues)
        frame = shapes.waits(found.queues, shapes.most_lost(everyone)["queue"])
        boxes.draw(drawn.charts["waits"], alt=tables.waits_in_words(frame), key="waits")
        _more(len(everyone), "queues that lose most customers")


def _outcomes_and_context(chosen: Chosen, found: Overview, drawn: Pictures) -> None:
    left, right = st.columns([6, 5], gap="large")
    with left:
        ended = " Those that ended in the queue." if chosen.filters.queue else ""
        boxes.heading(
            "How they are lost", f"Escalations per {chosen.unit} that reached nobody.{ended}"
        )
        frame = shapes.lost(found.trend, chosen.unit)
        if frame.empty:
            st.markdown("Every escalation counted here reached an agent.")
        else:
            boxes.draw(drawn.charts["lost"], alt=tables.lost_in_words(frame), key="lost")
    with right:
        boxes.heading(
            "What the agent gets",
            "Required field present in the payload, share of attempts that require it.",
            definition=f"{MEANINGS['present']} Worst first.",
        )
        fields = shapes.fields(found.fields)
        if fields.empty:
            st.markdown("No field is required yet by enough attempts to say.")
        else:
            boxes.draw(drawn.charts["fields"], alt=tables.fields_in_words(fields), key="fields")
            _more(len(fields), "fields that lack most")


def _queue_table(found: Overview) -> None:
    boxes.heading(
        "Queue by queue",
        "Left, steps: each time a queue was tried. Right, the escalations that ended there. "
        "On a narrow screen, scroll the table sideways.",
        definition="An escalation that times out in one queue and is taken by the next counts "
        "against the first on the left, and for the second on the right.",
    )
    tables.queue_table(found.queues)


def _more(number: int, which: str) -> None:
    if number > shapes.MOST_ROWS:
        st.caption(f"Of {number}, the {shapes.MOST_ROWS} {which}; all are in the table below.")


page()
