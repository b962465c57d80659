from datetime import timedelta

import pytest

from analytics.history.demo import hide
from connector.access import local_actor
from connector.clock import utc_now
from connector.log.locks import locked
from tests.analytics.pages.conftest import button, dashboard, fill, texts


def counted(rows, **wanted):
    return sum(all(row[name] == value for name, value in wanted.items()) for row in rows)


@pytest.fixture(scope="module")
def shown(filled_home):
    """The page as it opens on the filled home."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HANDOFF_HOME", str(filled_home[0]))
        return dashboard().run()


def test_the_page_says_how_many_reached_an_agent_and_what_is_counted(shown, filled):
    assert not shown.exception
    reached = counted(filled, outcome="accepted")
    assert f"**{100 * reached / 1200:.0f} of 100** escalations reached an agent" in texts(shown)
    assert "1,200 escalations · all queues · counting live (1,200)" in texts(shown)


def test_four_tiles_carry_value_and_interval(shown, filled):
    reached = counted(filled, outcome="accepted")
    assert [(tile.label, tile.value) for tile in shown.metric][:2] == [
        ("Reached an agent", f"{100 * reached / 1200:.1f}%"),
        ("Timed out", f"{100 - 100 * reached / 1200:.1f}%"),
    ]
    assert [tile.label for tile in shown.metric][2:] == ["Context complete", "Mean wait"]
    assert sum(caption.value.startswith("95%: ") for caption in shown.caption) == 4


@pytest.mark.full
def test_tiles_compare_with_the_period_before_only_when_the_log_reaches_back(app, filled):
    app.run()
    assert [tile.delta for tile in app.metric] == ["", "", "", ""]
    app.session_state["period"] = "7 days"
    app.run()
    assert all(tile.delta for tile in app.metric)


@pytest.mark.full
def test_the_queue_that_loses_most_is_named_and_its_button_filters(app, filled):
    app.run()
    lost = counted(filled, queue="Cards", outcome="timed_out")
    offered = counted(filled, queue="Cards")
    assert f"**Cards** loses **{100 * lost / offered:.0f} of 100** customers" in texts(app)
    button(app, "Show Cards").click().run()
    assert app.multiselect(key="queue").value == ["102"]
    assert f"{offered:,} offers, {offered:,} escalations ended here · 1 queue" in texts(app)


@pytest.mark.full
def test_with_a_queue_chosen_the_page_speaks_of_its_steps(app, filled):
    app.query_params["queue"] = "Cards"
    app.run()
    offered = counted(filled, queue="Cards")
    reached = 100 * counted(filled, queue="Cards", outcome="accepted") / offered
    assert f"**{reached:.0f} of 100** offers to **Cards** reached an agent there" in texts(app)
    assert [(tile.label, tile.value) for tile in app.metric][:2] == [
        ("Reached, of offers", f"{reached:.1f}%"),
        ("Step timeout", f"{100 - reached:.1f}%"),
    ]
    assert not [each for each in app.button if each.label == "Show Cards"]


def test_the_table_has_every_queue_with_offers_rates_and_intervals(shown, filled):
    table = shown.dataframe[0].value.set_index("queue")
    assert dict(table["offered"]) == {
        queue: counted(filled, queue=queue) for queue in ("General", "Cards")
    }
    reached = 100 * counted(filled, queue="Cards", outcome="accepted") / table.loc["Cards"].offered
    assert table.loc["Cards"].reached == round(reached)
    low, high = table.loc["Cards"].reached_95.removesuffix("%").split("–")
    assert float(low) < reached < float(high)


def test_filters_come_from_the_address(app, filled):
    app.query_params["intent"] = "reportlostcard"
    app.query_params["channel"] = ["web", "whatsapp"]
    app.query_params["period"] = "90 days"
    app.run()
    expected = counted(filled, intent="reportlostcard")
    assert f"{expected:,} escalations · 1 intent, 2 channels" in texts(app)
    assert app.multiselect(key="intent").value == ["reportlostcard"]


@pytest.mark.full
def test_a_queue_goes_by_its_name_in_the_address(app, filled):
    app.query_params["queue"] = "Cards"
    app.run()
    assert app.multiselect(key="queue").value == ["102"]
    assert f"{counted(filled, queue='Cards'):,} escalations ended here · 1 queue" in texts(app)


@pytest.mark.full
def test_attempts_without_an_intent_can_be_chosen(app, filled):
    app.query_params["intent"] = "none given"
    app.run()
    assert f"{counted(filled, intent=None):,} escalations" in texts(app)


@pytest.mark.full
def test_days_chosen_in_the_address_bound_the_period_and_switch_to_hours(app, filled):
    day = (utc_now() - timedelta(days=3)).date()
    app.query_params["dates"] = [day.isoformat(), day.isoformat()]
    app.run()
    expected = sum(row["started_at"].date() == day for row in filled)
    assert f"{expected:,} escalations" in texts(app)
    assert [
        each.value for each in app.subheader if "day" in each.value or "hour" in each.value
    ] == ["Reached an agent, hour by hour"]


@pytest.mark.full
def test_filters_that_match_nothing_say_so_and_can_be_cleared(app, filled):
    app.query_params["queue"] = "no such queue"
    app.run()
    assert "No attempts match these filters" in texts(app)
    assert "The log holds 1,200 attempts" in texts(app)
    button(app, "Clear filters").click().run()
    assert "1,200 escalations · all queues" in texts(app)


def test_an_empty_log_says_how_to_begin(app, home):
    app.run()
    assert not app.exception
    assert "No escalations yet" in texts(app)
    assert button(app, "Connect a tenant")


@pytest.mark.full
def test_live_attempts_alone_are_counted_as_soon_as_there_are_any(app, home):
    fill(home, 40, source="demo")
    app.run()
    assert "counting demo (40)" in texts(app)
    fill(home, 30, source="live")
    app.run()
    assert "counting live (30)" in texts(app)
    app.multiselect(key="source").set_value(["demo"]).run()
    assert "counting demo (40)" in texts(app)


@pytest.mark.full
def test_hidden_demo_data_is_left_out_until_it_is_asked_for(app, home):
    fill(home, 40, source="demo")
    hide(home, actor=local_actor())
    app.run()
    assert "Nothing is counted" in texts(app)
    assert "hidden demo data count only when the filter asks for them" in texts(app)
    app.multiselect(key="source").set_value(["demo"]).run()
    assert "counting demo (40)" in texts(app)


@pytest.mark.full
def test_older_data_is_said_to_be_there_and_one_press_shows_it(app, home):
    fill(home, 40, source="import", ago=4000)
    app.run()
    assert "No attempts in the last 28 days" in texts(app)
    assert "(40 import)" in texts(app)
    button(app, "Show all of them").click().run()
    assert "40 escalations · all queues · counting import (40)" in texts(app)


@pytest.mark.full
def test_few_attempts_in_a_queue_give_no_rate_in_the_table_either(app, home):
    fill(home, 30)
    app.run()
    table = app.dataframe[0].value
    few = table[table["offered"] < 20]
    assert len(few) > 0
    assert few[["reached", "timeout", "success", "context"]].isna().all(axis=None)
    assert set(few["reached_95"]) == set(few["wait"]) == {"–"}


@pytest.mark.full
def test_few_attempts_give_counts_and_no_findings(app, home):
    rows = fill(home, 40)
    app.run()
    assert f"**{counted(rows, outcome='accepted')} of 40** escalations reached" in texts(app)
    assert "Nothing stands out in these 28 days." in texts(app)


@pytest.mark.full
def test_new_attempts_show_on_the_next_refresh(app, home):
    fill(home, 40)
    app.run()
    fill(home, 25, seed=8)
    app.run()
    assert "65 escalations" in texts(app)


@pytest.mark.slow
def test_a_lake_that_cannot_be_opened_is_an_error_with_a_way_on(app, home):
    (home / "lake").mkdir(parents=True)
    (home / "lake" / "catalog.sqlite").write_bytes(b"this is no catalog" * 100)
    app.run()
    assert not app.exception
    assert "The log did not answer." in texts(app)
    assert "their records wait in the outbox" in texts(app)
    assert "catalog.sqlite cannot be read (not a database)." in texts(app)
    assert "Restore it from a backup." in texts(app)
    assert "ATTACH" not in texts(app)
    app.run()
    assert ":red[**The log did not answer**]" in texts(app)
    (home / "lake" / "catalog.sqlite").unlink()
    button(app, "Try again").click().run()
    assert "No escalations yet" in texts(app)


def test_settings_that_cannot_be_read_are_an_error_on_every_page(app, home):
    home.mkdir()
    (home / "connection.toml").write_text("api_key = ")
    for page in ("analytics/pages/overview.py", "analytics/pages/connection.py"):
        app.switch_page(page).run()
        assert not app.exception
        assert "The settings cannot be read." in texts(app)
        assert "connection.toml" in texts(app)


@pytest.mark.full
def test_reading_does_not_wait_for_a_process_that_writes(app, filled, filled_home):
    with locked(filled_home[0] / "lake" / "commit.lock", wait_s=5):
        app.run()
        assert "1,200 escalations" in texts(app)


@pytest.mark.full
def test_names_of_queues_are_never_read_as_markup(app, home):
    fill(home, 900, names={"102": "*Bold* [link](http://x) <b>html</b> $a$ `b`"})
    app.run()
    assert not app.exception
    assert r"**\*Bold\* \[link\](http\://x) \<b>html\</b> \$a\$ \`b\`** loses" in texts(app)
