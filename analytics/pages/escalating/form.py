"""What the bot would hand over: chosen from a sample conversation, and changed at will."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from analytics import words
from connector.context import LANGUAGES
from connector.errors import BadHandoff
from connector.escalation_tests import Sample
from connector.handoff import Handoff
from connector.policy import Policy

NONE = "none"
CHANNELS = ("web", "mobile", "whatsapp", "sms")
SAMPLE, INTENT, CHANNEL = "test-sample", "test-intent", "test-channel"
LANGUAGE, VARIABLES, MARKED = "test-language", "test-variables", "test-marked"
NEXT = "test handoff_id"
"""Of the handoff that is sent next: a canary draws by it, so it stays until then."""


@dataclass(frozen=True)
class Asked:
    """What is chosen, and the sample it goes with."""

    handoff: Handoff
    sample: Sample


def fields(policy: Policy, samples: Mapping[str, Sample], seen: Mapping[str, list[str]]) -> Asked:
    """The choices. `seen` are intents and channels of the log. Raises BadHandoff."""
    first = next(iter(samples))
    st.selectbox(
        "Sample conversation",
        list(samples),
        key=SAMPLE,
        on_change=_take,
        args=(samples,),
        bind="query-params",
        help="What customer and bot said before. Choosing one fills the fields below.",
    )
    if VARIABLES not in st.session_state:
        _take(samples)
    sample = samples[st.session_state.get(SAMPLE) or first]
    intent = _choice(
        "Intent", INTENT, [NONE, *_intents(policy), *seen["intent"]], "As the bot names it."
    )
    left, right = st.columns(2)
    with left:
        channels = [*CHANNELS, *policy.channels, *_channels(policy), *seen["channel"]]
        channel = _choice(
            "Channel", CHANNEL, channels, "Where the customer writes; agents see it as media type."
        )
    with right:
        language = _choice(
            "Language", LANGUAGE, sorted(LANGUAGES), "Agents who speak it are asked."
        )
    text = st.text_area(
        "Variables",
        key=VARIABLES,
        height=110,
        placeholder="card_number = 0000 1111",
        help="One a line, as name = value. They reach the agent when the policy marks them for "
        "handoff, or when it is silent and the bot marks them.",
    )
    marked = st.checkbox(
        "The bot marks them for handoff",
        key=MARKED,
        help="Counts for variables on which the policy is silent.",
    )
    _conversation(sample)
    return Asked(_handoff(sample, intent, channel, language, variables(text or ""), marked), sample)


def variables(text: str) -> dict[str, str]:
    """Lines of `name = value`. Raises BadHandoff with the number of a line that is none."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise BadHandoff(f"Line {number} of the variables is not name = value.")
        found[name.strip()] = value.strip()
    return found


def _take(samples: Mapping[str, Sample]) -> None:
    """Fill the fields from the sample; on the first run the address goes first."""
    first_run = VARIABLES not in st.session_state
    sample = samples.get(str(st.session_state.get(SAMPLE)), next(iter(samples.values())))
    values = {
        INTENT: sample.intent if sample.intent != "unknown" else NONE,
        CHANNEL: sample.channel,
        LANGUAGE: sample.language,
        VARIABLES: "\n".join(f"{name} = {value}" for name, value in sample.variables.items()),
        MARKED: True,
    }
    for name, value in values.items():
        if first_run and name in (INTENT, CHANNEL, LANGUAGE) and name in st.query_params:
            value = st.query_params[name]
        st.session_state[name] = value


def _choice(label: str, key: str, options: list[str], help: str) -> str:
    """One of `options`, or something else that is typed."""
    listed = list(dict.fromkeys([*options, str(st.session_state[key])]))
    chosen = st.selectbox(
        label,
        listed,
        key=key,
        bind="query-params",
        accept_new_options=True,
        help=f"{help} Type another to try what no rule names.",
    )
    return str(chosen)


def _handoff(
    sample: Sample,
    intent: str,
    channel: str,
    language: str,
    given: dict[str, str],
    marked: bool,
) -> Handoff:
    known = None if intent == NONE else intent
    own = known in (sample.intent, None)
    try:
        return Handoff(
            handoff_id=st.session_state.setdefault(NEXT, secrets.token_hex(12)),
            intent=known,
            category=sample.category if own else known,
            channel=channel,
            language=language,
            customer=sample.customer,
            variables=given,
            marked=frozenset(given) if marked else frozenset(),
            transcript=sample.messages,
        )
    except ValueError:
        raise BadHandoff(
            "Intent, channel or language is too long: at most 200, 100 and 20 characters."
        ) from None


def _intents(policy: Policy) -> list[str]:
    return [intent for rule in policy.rules for intent in rule.intents]


def _channels(policy: Policy) -> list[str]:
    return [channel for rule in policy.rules for channel in rule.channels]


def _conversation(sample: Sample) -> None:
    with st.expander(f"The conversation, {words.these(len(sample.messages), 'message')}"):
        st.caption("The agent's case notes begin with a line that says TEST and who sent it.")
        for message in sample.messages:
            who = "Customer" if message.author == "user" else "Bot"
            st.markdown(f"**{who}** {words.plain(message.text)}")
