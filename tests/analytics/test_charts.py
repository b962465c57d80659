import json

import pandas as pd
import pytest

from analytics import charts
from analytics.look import DARK, LIGHT


def losses(**changes):
    rows = {
        "queue": ["General", "Escalations", "VIP"],
        "offered": [10_500, 206, 12],
        "lost": [0.23, 0.14, None],
        "lost_low": [0.22, 0.10, None],
        "lost_high": [0.24, 0.19, None],
    }
    return pd.DataFrame({**rows, **changes})


def texts(chart):
    """All values of all inline data sets of a chart."""
    return json.dumps(chart.to_dict()["datasets"], ensure_ascii=False)


def layers(chart):
    return chart.to_dict()["layer"]


def marks(chart, kind):
    return [layer for layer in layers(chart) if layer["mark"]["type"] == kind]


def test_queues_stand_in_the_order_they_are_given_with_value_and_count():
    chart = charts.queue_losses(losses(), 0.18, LIGHT)
    dots = marks(chart, "point")[0]
    assert dots["encoding"]["y"]["sort"] == ["General", "Escalations", "VIP"]
    for text in ('"23%"', '"10,500"', '"206"', '"all 18%"'):
        assert text in texts(chart)


def test_small_groups_are_grey_and_few_attempts_have_no_rate():
    chart = charts.queue_losses(losses(), 0.18, LIGHT)
    dots = marks(chart, "point")[0]
    assert dots["encoding"]["color"]["condition"] == [{"test": "datum.small", "value": LIGHT.faint}]
    assert dots["encoding"]["color"]["value"] == LIGHT.loss
    assert dots["transform"] == [{"filter": "isValid(datum.lost)"}]
    rows = next(rows for rows in chart.to_dict()["datasets"].values() if len(rows) == 3)
    assert [row["small"] for row in rows] == [False, True, True]
    assert rows[2]["lost"] is None
    assert rows[2]["value"] == "–"


def test_there_is_no_line_for_all_when_there_is_no_rate_for_all():
    assert "all " not in texts(charts.queue_losses(losses(), None, LIGHT))


@pytest.mark.parametrize("highest", [0.24, 0.26, 0.7])
def test_the_scale_of_losses_is_the_same_whatever_is_chosen(highest):
    chart = charts.queue_losses(losses(lost_high=[highest, 0.19, None]), None, LIGHT)
    scale = marks(chart, "point")[0]["encoding"]["x"]["scale"]
    assert scale["domain"] == [0, 1]
    assert scale["rangeMax"] == {"expr": "width - 112"}


def days(**changes):
    rows = {
        "moment": pd.date_range("2026-11-01", periods=3),
        "attempts": [1000, 250, 10],
        "reached": [0.82, 0.8, None],
        "reached_low": [0.8, 0.75, None],
        "reached_high": [0.84, 0.85, None],
    }
    return pd.DataFrame({**rows, **changes})


@pytest.mark.parametrize("lowest", [0.81, 0.1, None])
def test_the_trend_goes_from_0_to_100_whatever_is_chosen(lowest):
    chart = charts.reached_trend(days(reached_low=[lowest, None, None]), "day", LIGHT)
    assert marks(chart, "line")[0]["encoding"]["y"]["scale"]["domain"] == [0, 1]


def test_the_trend_breaks_where_there_is_no_rate():
    chart = charts.reached_trend(days(), "day", LIGHT)
    assert marks(chart, "line")[0]["mark"]["invalid"] == "break-paths-filter-domains"
    assert marks(chart, "area")[0]["encoding"]["y2"]["field"] == "reached_high"


def test_hours_are_labelled_as_hours():
    axis = marks(charts.reached_trend(days(), "hour", LIGHT), "line")[0]["encoding"]["x"]["axis"]
    assert "%H:%M" in axis["labelExpr"]


def test_waits_say_median_and_what_95_of_100_stayed_under():
    frame = pd.DataFrame(
        {
            "queue": ["General", "VIP"],
            "attempts": [500, 8],
            "wait_p50_s": [22.0, None],
            "wait_p95_s": [150.0, None],
        }
    )
    chart = charts.waits(frame, LIGHT)
    assert '"22 s"' in texts(chart)
    assert '"2 min 30 s"' in texts(chart)
    assert '"500"' in texts(chart)
    assert '"–"' in texts(chart)
    assert marks(chart, "point")[0]["encoding"]["x"]["scale"]["domain"] == [0, 180]


def test_lost_attempts_are_always_stacked_in_one_order_and_colour():
    frame = pd.DataFrame(
        {
            "moment": [pd.Timestamp("2026-11-01")] * 2,
            "outcome": ["No agents", "Timed out"],
            "attempts": [3, 9],
        }
    )
    chart = charts.lost_by_outcome(frame, "day", DARK, moments=frame["moment"])
    colour = chart.to_dict()["encoding"]["color"]
    assert colour["scale"] == {
        "domain": ["Timed out", "No agents"],
        "range": [DARK.loss, DARK.plum],
    }


def test_missing_fields_are_orange_under_90_percent():
    frame = pd.DataFrame(
        {
            "field": ["card_number", "customer_name"],
            "required": [2100, 31_000],
            "share": [0.61, 0.896],
            "share_low": [0.6, 0.91],
            "share_high": [0.63, 0.93],
        }
    )
    chart = charts.missing_fields(frame, LIGHT)
    rows = next(rows for rows in chart.to_dict()["datasets"].values() if len(rows) == 2)
    assert [row["low"] for row in rows] == [True, False]
    assert [row["value"] for row in rows] == ["61%", "90%"]


def test_every_chart_takes_an_empty_frame():
    for chart in (
        charts.queue_losses(losses().head(0), None, LIGHT),
        charts.reached_trend(days().head(0), "day", LIGHT),
        charts.lost_by_outcome(
            pd.DataFrame({"moment": [], "outcome": [], "attempts": []}),
            "day",
            LIGHT,
            moments=days().head(0)["moment"],
        ),
    ):
        charts.finished(chart, LIGHT).to_dict()


def test_charts_share_one_configuration_in_the_colours_of_the_theme():
    config = charts.finished(charts.reached_trend(days(), "day", DARK), DARK).to_dict()["config"]
    assert config["axis"]["labelColor"] == DARK.muted
    assert config["view"]["stroke"] is None
    assert config["font"] == "Inter, sans-serif"


@pytest.mark.parametrize(("unit", "half"), [("day", "12h"), ("hour", "30min")])
def test_a_moment_stands_at_one_place_in_the_trend_and_in_the_losses(unit, half):
    moments = pd.Series(pd.date_range("2026-11-01", periods=3, freq="D" if unit == "day" else "h"))
    lost = pd.DataFrame({"moment": moments[1:2], "outcome": ["Timed out"], "attempts": [4]})
    bars = charts.lost_by_outcome(lost, unit, LIGHT, moments=moments).to_dict()["encoding"]
    trend = charts.reached_trend(days(moment=moments), unit, LIGHT)
    line = marks(trend, "line")[0]["encoding"]
    ends = (moments.iloc[0] - pd.Timedelta(half), moments.iloc[-1] + pd.Timedelta(half))
    assert bars["x"]["scale"] == line["x"]["scale"]
    assert bars["x"]["scale"]["domain"] == [end.isoformat() for end in ends]
    assert bars["y"]["axis"]["minExtent"] == line["y"]["axis"]["minExtent"]


def test_a_chart_of_one_row_keeps_room_for_head_and_axis():
    one, three = (charts.queue_losses(losses().head(n), 0.2, LIGHT).to_dict() for n in (1, 3))
    assert one["height"] == three["height"]


def missing(**changes):
    rows = {
        "field": ["card", "card", "name"],
        "group": ["Cards", "General", "General"],
        "required": [400, 25, 900],
        "missing": [200, 5, 9],
        "share": [0.5, 0.2, 0.01],
        "share_low": [0.45, 0.09, 0.005],
        "share_high": [0.55, 0.39, 0.02],
    }
    return pd.DataFrame({**rows, **changes})


def test_the_matrix_of_missing_fields_keeps_its_order_and_writes_each_share():
    chart = charts.missing_matrix(missing(), "Queue", LIGHT)
    cells = marks(chart, "rect")[0]["encoding"]
    assert cells["y"]["sort"] == ["card", "name"]
    assert cells["x"]["sort"] == ["Cards", "General"]
    for text in ('"50%"', '"20%"', '"1%"'):
        assert text in texts(chart)


@pytest.mark.parametrize(("look", "darkest"), [(LIGHT, LIGHT.ink), (DARK, DARK.ground)])
def test_the_matrix_shades_alike_whatever_is_chosen_and_can_be_read_on_full_orange(look, darkest):
    for shares in ([0.5, 0.2, 0.01], [0.02, 0.01, 0.0]):
        chart = charts.missing_matrix(missing(share=shares), "Queue", look)
        shade = marks(chart, "rect")[0]["encoding"]["color"]["scale"]
        assert (shade["domain"], shade["clamp"]) == ([0, 0.25, 0.5], True)
        assert shade["range"][-1] == look.loss
    ink = marks(chart, "text")[0]["encoding"]["color"]
    assert ink["condition"] == [{"test": "datum.strong", "value": darkest}]
    assert ink["value"] == look.ink
