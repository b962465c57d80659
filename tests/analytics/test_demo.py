import json
from datetime import timedelta

import pytest

import analytics
from analytics.history import demo
from analytics.history.demo.canary import SHARE
from analytics.metrics import Filters, report
from connector.access import local_actor
from connector.log import open_home
from connector.publishing import current
from connector.settings import Settings
from tests.analytics.bank import UNTIL, shipped_with_canaries


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    path = tmp_path_factory.mktemp("home")
    settings = Settings(home=path)
    written = demo.write_history(settings, days=2, until=UNTIL, seed=2)
    return settings, written


@pytest.fixture
def lake(home):
    connection = analytics.connect(home[0].home)
    yield connection
    connection.close()


def test_the_attempts_written_are_marked_and_within_the_days(home, lake):
    since = UNTIL - timedelta(days=2)
    found = lake.sql(
        "SELECT source, count(*), min(started_at) >= $since AND max(ended_at) <= $until"
        " FROM attempts GROUP BY source",
        params={"since": since, "until": UNTIL},
    ).fetchall()
    assert found == [("demo", home[1], True)]
    assert home[1] > 1_500


def test_a_second_history_is_refused(home, lake):
    assert demo.write_history(home[0], days=1, until=UNTIL) == 0
    assert lake.sql("SELECT count(*) FROM attempts").fetchall() == [(home[1],)]


def test_the_version_of_the_attempts_is_published_with_a_canary_on_every_rule(home, lake):
    versions = lake.sql("SELECT DISTINCT policy_version FROM attempts").fetchall()
    policy = current(open_home(home[0]).lake)
    assert versions == [(policy.version,)]
    assert policy == shipped_with_canaries()
    for route in (*policy.rules, policy.default):
        assert route.canary is not None
        assert route.canary.share == SHARE
        assert route.canary.steps != route.steps


def test_steps_and_engagements_belong_to_their_attempts(lake):
    orphans = lake.sql(
        "SELECT count(*) FROM (SELECT attempt_id, started_at FROM attempt_steps"
        " UNION ALL SELECT attempt_id, started_at FROM engagements"
        " UNION ALL SELECT attempt_id, started_at FROM attempt_events)"
        " ANTI JOIN attempts USING (attempt_id, started_at)"
    ).fetchall()
    assert orphans == [(0,)]
    agreed = lake.sql(
        "SELECT count(*) FILTER (outcome = 'accepted'), "
        " (SELECT count(*) FROM attempt_steps WHERE result = 'accepted'),"
        " count(*) FILTER (agent_id IS NOT NULL) FROM attempts"
    ).fetchall()[0]
    assert len(set(agreed)) == 1
    open_ones = lake.sql(
        "SELECT count(*) FROM attempts ANTI JOIN engagements USING (attempt_id)"
        " WHERE outcome = 'accepted'"
    ).fetchall()[0][0]
    assert open_ones <= 28


def test_the_queue_of_an_attempt_is_the_one_that_took_it_or_the_last_offered(lake):
    wrong = lake.sql("""
        SELECT count(*) FROM attempts JOIN (
            SELECT attempt_id, arg_max(queue_id, step) AS last,
                   list(queue ORDER BY step) AS tried
            FROM attempt_steps WHERE result NOT LIKE 'skipped%' GROUP BY attempt_id
        ) USING (attempt_id) WHERE queue_id <> last OR queues_tried <> tried
    """).fetchall()
    assert wrong == [(0,)]


def test_queue_states_are_there_for_every_minute_and_queue(lake):
    rows, minutes, queues, odd = lake.sql(
        "SELECT count(*), count(DISTINCT recorded_at), count(DISTINCT queue_id),"
        " count(*) FILTER (source <> 'demo' OR second(recorded_at) <> 0"
        " OR available + busy + on_break + post_process > enabled) FROM queue_states"
    ).fetchall()[0]
    assert (minutes, queues, odd) == (2 * 24 * 60, 9, 0)
    assert rows == minutes * queues


def test_a_days_counts_of_the_queues_agree_with_the_steps(lake):
    """The last minute before midnight against a count of that day's steps."""
    told = lake.sql("""
        SELECT queue_id, day_accepted FROM queue_states
        WHERE recorded_at = TIMESTAMP '2026-11-23 23:59:00'
    """).fetchall()
    counted = lake.sql("""
        SELECT queue_id, count(*) FROM attempt_steps
        WHERE result = 'accepted' AND left_at >= TIMESTAMP '2026-11-23'
          AND left_at <= TIMESTAMP '2026-11-23 23:59:00' GROUP BY queue_id
    """).fetchall()
    moved = lake.sql("""
        SELECT count(*) FROM engagements WHERE requeued
          AND ended_at >= TIMESTAMP '2026-11-23' AND accepted_at < TIMESTAMP '2026-11-24'
    """).fetchall()[0][0]
    counts = dict(counted)
    more = [accepted - counts.get(queue_id, 0) for queue_id, accepted in told]
    # Transfers are accepted a second time, which is no step of an attempt.
    assert min(more) >= 0
    assert 0 < sum(more) <= moved


def test_the_timeline_begins_with_the_start_and_tells_the_outcome(lake):
    first = lake.sql("SELECT DISTINCT event FROM attempt_events WHERE seq = 0").fetchall()
    assert first == [("started",)]
    told = lake.sql(
        "SELECT count(*) FROM attempts JOIN attempt_events USING (attempt_id)"
        " WHERE event = 'ended' AND (detail->>'outcome') = outcome"
    ).fetchall()[0][0]
    assert told == lake.sql("SELECT count(*) FROM attempts").fetchall()[0][0]
    trace = lake.sql("SELECT detail FROM attempt_events WHERE event = 'decided'").fetchone()[0]
    assert "step 1" in " ".join(json.loads(trace)["trace"])


def test_no_text_name_or_number_of_a_customer_is_in_the_lake(lake):
    personal = r"@example\.com|\+1555|\*\*\*\*|C-\d{5}|Road|Please|my card|Ada |Hollis"
    for table in ("attempts", "attempt_steps", "attempt_events", "engagements", "audit"):
        found = lake.sql(
            f"SELECT count(*) FROM {table} AS t WHERE regexp_matches(t::VARCHAR, $personal)",
            params={"personal": personal},
        ).fetchall()
        assert found == [(0,)], table


def test_its_last_days_owe_follow_ups_and_most_of_those_due_are_done(lake):
    owed = lake.sql(
        "SELECT attempt_id FROM attempts WHERE failure_path IN ('callback', 'email')"
        " AND outcome NOT IN ('accepted', 'abandoned') ORDER BY 1"
    ).fetchall()
    found = lake.sql("SELECT follow_up_id FROM follow_ups WHERE source = 'demo' ORDER BY 1")
    done, due = lake.sql(
        "SELECT count(*) FILTER (event = 'done'), count(*) FROM follow_ups"
        " LEFT JOIN follow_up_events ON follow_up_events.follow_up_id = follow_ups.follow_up_id"
        " AND event = 'done' WHERE due_at < $until",
        params={"until": UNTIL - timedelta(hours=12)},
    ).fetchall()[0]
    assert found.fetchall() == owed
    assert len(owed) > 20
    assert due / 2 < done < due


def test_the_demonstration_can_be_hidden_and_shown(home):
    path = home[0].home
    assert not demo.is_hidden(path)
    demo.hide(path, actor=local_actor())
    assert demo.is_hidden(path)
    assert demo.has_demo(home[0])
    demo.show(path, actor=local_actor())
    assert not demo.is_hidden(path)


def test_the_policy_it_ran_under_is_published_and_audited_as_of_its_begin(lake):
    versions = lake.sql("SELECT version, published_at FROM policies ORDER BY 1").fetchall()
    assert [number for number, _ in versions] == [1, 2]
    entries = lake.sql("SELECT actor, action, subject, happened_at FROM audit").fetchall()
    assert entries == [("demo", "publish policy", "version 2", versions[1][1])]
    begin = lake.sql("SELECT min(started_at) FROM attempts").fetchone()[0]
    assert versions[0][1] < versions[1][1] <= begin


def test_a_hidden_demonstration_is_left_out_of_every_number_until_asked_for(tmp_path):
    settings = Settings(home=tmp_path)
    written = demo.write_history(settings, days=1, until=UNTIL)
    with analytics.connect(tmp_path) as con:
        assert report(con)["attempts"].tolist() == [written]
        demo.hide(tmp_path, actor=local_actor())
        assert report(con)["attempts"].tolist() == [0]
        assert Filters().resolved(con).source == ()
        asked = report(con, filters=Filters(source=("demo",)))
        assert asked["attempts"].tolist() == [written]


@pytest.mark.full
def test_deleting_takes_the_demonstration_and_nothing_else(tmp_path):
    settings = Settings(home=tmp_path)
    written = demo.write_history(settings, days=1, until=UNTIL)
    lake = open_home(settings).lake
    lake.transaction(
        lambda cursor: (
            cursor.execute(
                "INSERT INTO attempts (attempt_id, source, started_at, ended_at)"
                " VALUES ('mine', 'sandbox', TIMESTAMP '2026-11-23 12:00', NULL)"
            )
            and cursor.execute(
                "INSERT INTO attempt_steps (attempt_id, started_at, step)"
                " VALUES ('mine', TIMESTAMP '2026-11-23 12:00', 1)"
            )
        )
    )
    demo.hide(settings.home, actor=local_actor())
    assert demo.delete_demo(settings, actor=local_actor()) == written > 0
    assert not demo.has_demo(settings)
    assert not demo.is_hidden(settings.home)
    assert lake.query("SELECT attempt_id FROM attempts") == [("mine",)]
    assert lake.query("SELECT attempt_id FROM attempt_steps") == [("mine",)]
    for table in (
        "attempt_events",
        "engagements",
        "queue_states",
        "follow_ups",
        "follow_up_events",
    ):
        assert lake.query(f"SELECT count(*) FROM {table}") == [(0,)]
    assert demo.delete_demo(settings, actor=local_actor()) == 0
    lake.close()


def test_a_home_with_live_attempts_gets_no_demonstration(tmp_path):
    settings = Settings(home=tmp_path)
    lake = open_home(settings).lake
    lake.transaction(
        lambda cursor: cursor.execute(
            "INSERT INTO attempts (attempt_id, source) VALUES ('a', 'live')"
        )
    )
    assert demo.write_history(settings, days=1, until=UNTIL) == 0
    assert lake.query("SELECT max(version) FROM policies") == [(1,)]
    lake.close()
