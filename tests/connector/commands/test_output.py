from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from connector.commands.output import Format, plain, show_rows, to_json
from connector.handoff import Outcome, Result


@dataclass(frozen=True)
class Pair:
    left: float
    right: tuple[str, ...]


@pytest.mark.parametrize("undefined", [math.nan, math.inf, np.nan, pd.NA, pd.NaT, None])
def test_what_is_undefined_is_null(undefined: object):
    assert to_json({"value": undefined}) == '{\n  "value": null\n}'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(4), 4),
        (np.float64(0.5), 0.5),
        (np.bool_(True), True),
        (datetime(2026, 11, 24, 18), "2026-11-24T18:00:00Z"),
        (
            datetime(2026, 11, 24, 18, tzinfo=timezone(timedelta(hours=2))),
            "2026-11-24T18:00:00+02:00",
        ),
        (Pair(math.nan, ("a", "ü")), {"left": None, "right": ["a", "ü"]}),
        (frozenset({"one"}), ["one"]),
        (Outcome.ACCEPTED, "accepted"),
    ],
)
def test_values_become_plain_json(value: object, expected: object):
    assert json.loads(to_json(value)) == expected


def test_a_result_is_written_whole():
    written = plain(Result(handoff_id="a", attempt_id="b", outcome=Outcome.NO_AGENTS))
    assert (written["outcome"], written["wait_s"], written["trace"]) == ("no_agents", None, [])


def test_rows_have_exactly_the_columns_in_every_format(capsys: pytest.CaptureFixture[str]):
    rows = [{"queue": "Cards, VIP", "rate": 0.5, "other": 1}, {"queue": None, "rate": math.nan}]
    show_rows(("queue", "rate"), rows, Format.JSON)
    expected = [{"queue": "Cards, VIP", "rate": 0.5}, {"queue": None, "rate": None}]
    assert json.loads(capsys.readouterr().out) == expected
    show_rows(("queue", "rate"), rows, Format.CSV)
    assert capsys.readouterr().out == 'queue,rate\n"Cards, VIP",0.5\n,\n'
    show_rows(("queue", "rate"), rows, Format.TABLE)
    assert "Cards, VIP" in capsys.readouterr().out


def test_no_rows_are_an_empty_list_and_a_header(capsys: pytest.CaptureFixture[str]):
    show_rows(("queue",), [], Format.JSON)
    assert json.loads(capsys.readouterr().out) == []
    show_rows(("queue",), [], Format.CSV)
    assert capsys.readouterr().out == "queue\n"
