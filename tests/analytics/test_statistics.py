"""Published values, and a second implementation where there is one."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics.statistics import (
    inverse,
    kaplan_meier,
    mean_interval,
    mean_interval_columns,
    sample,
    wilson,
    wilson_columns,
)

# Newcombe, Statistics in Medicine 17:857-872 (1998), table I, method 3.
NEWCOMBE = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]
# Freireich et al., Blood 21:699-716 (1963), 6-MP arm: remission in weeks, relapse or censored.
SIX_MP = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
SURVIVAL = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
# Student, Biometrika 6:1-25 (1908): extra hours of sleep by drug 2 minus drug 1 (Cushny, Peebles).
SLEEP = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]


@pytest.mark.parametrize(("k", "n", "low", "high"), NEWCOMBE)
def test_wilson_gives_newcombes_published_intervals(k, n, low, high):
    assert wilson(k, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (3, 7), (500, 1000), (0, 5), (5, 5)])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_wilson_agrees_with_scipy(k, n, level):
    reference = stats.binomtest(k, n).proportion_ci(level, method="wilson")
    assert wilson(k, n, level) == pytest.approx((reference.low, reference.high), abs=1e-12)


def test_a_share_of_nothing_has_no_interval():
    assert wilson(0, 0) is None
    low, high = wilson_columns(pd.Series([0, 1]), pd.Series([0, 1]))
    assert low.isna().tolist() == high.isna().tolist() == [True, False]
    assert high[1] == 1.0


def test_wilson_columns_are_wilson_row_by_row():
    low, high = wilson_columns(pd.Series([81, 0]), pd.Series([263, 20]))
    assert [*zip(low, high, strict=True)] == [wilson(81, 263), wilson(0, 20)]


def test_mean_interval_gives_the_published_interval_of_students_sleep_data():
    # R's documentation of t.test prints 0.7001142 and 2.4598858 for these ten differences.
    assert mean_interval(SLEEP) == pytest.approx((0.7001142, 2.4598858), abs=5e-8)


def test_one_value_has_a_mean_but_no_interval():
    assert mean_interval([3.0]) is None
    assert mean_interval([]) is None
    low, high = mean_interval_columns(
        pd.Series([1, 10]),
        pd.Series([3.0, np.mean(SLEEP)]),
        pd.Series([None, np.std(SLEEP, ddof=1)], dtype="Float64"),
    )
    assert low.isna().tolist() == [True, False]
    assert (low[1], high[1]) == pytest.approx((0.7001142, 2.4598858), abs=5e-8)


def test_kaplan_meier_gives_the_published_curve_of_the_6_mp_patients():
    curve = kaplan_meier(SIX_MP, RELAPSED).set_index("time")["survival"]
    assert {time: round(curve[time], 4) for time in SURVIVAL} == SURVIVAL
    assert curve[35] == curve[23]


def test_kaplan_meier_agrees_with_scipy_on_ties_and_censoring():
    rng = np.random.default_rng(3)
    durations = rng.integers(0, 40, 500).astype(float)
    events = rng.random(500) < 0.4
    censored = stats.CensoredData.right_censored(durations, ~events)
    reference = stats.ecdf(censored).sf
    curve = kaplan_meier(durations, events)
    assert curve["time"].to_numpy() == pytest.approx(reference.quantiles)
    assert curve["survival"].to_numpy() == pytest.approx(reference.probabilities)
    inside = curve[curve["low"].notna()]
    interval = reference.confidence_interval(0.95, method="log-log")
    places = inside.index.to_numpy()
    assert inside["low"].to_numpy(float) == pytest.approx(interval.low.probabilities[places])
    assert inside["high"].to_numpy(float) == pytest.approx(interval.high.probabilities[places])


def test_without_events_nobody_ever_leaves():
    curve = kaplan_meier([5, 9], [False, False])
    assert curve["survival"].tolist() == [1.0, 1.0]
    assert curve["low"].isna().all()
    assert np.isinf(sample(curve, np.random.default_rng(1), 20)).all()
    assert np.isinf(sample(kaplan_meier([], []), np.random.default_rng(1), 3)).all()


def test_the_inverse_is_the_first_time_at_which_the_curve_is_down_to_a_share():
    curve = kaplan_meier([1, 2, 3, 4], [True, True, True, True])
    assert inverse(curve, [0.9, 0.75, 0.74, 0.5, 0.1, 0.0]).tolist() == [1, 1, 2, 2, 4, 4]


def test_draws_follow_the_curve_and_repeat_with_the_seed():
    curve = kaplan_meier(SIX_MP, RELAPSED)
    draws = sample(curve, np.random.default_rng(7), 100_000)
    assert (draws > 10).mean() == pytest.approx(SURVIVAL[10], abs=0.006)
    # Beyond the last relapse the curve stays at 0.4482: those patients never leave.
    assert np.isinf(draws).mean() == pytest.approx(SURVIVAL[23], abs=0.006)
    assert (sample(curve, np.random.default_rng(7), 100_000) == draws).all()
