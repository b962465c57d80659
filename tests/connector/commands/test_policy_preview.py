"""`handoff policy preview`, on a home with two attempts."""

import pytest

from connector.log import open_home
from connector.publishing import SHIPPED
from connector.settings import Settings

pytestmark = pytest.mark.slow

FILL = (
    """
    INSERT INTO attempts BY NAME
    SELECT 'a1' AS attempt_id, 'h1' AS handoff_id, 'live' AS source,
        TIMESTAMP '2026-11-24 12:00:10' AS started_at, 'web' AS channel, 'en' AS language,
        'replacecard' AS intent, '{}' AS inputs, 1 AS policy_version, 'rule' AS decided_by
    UNION ALL
    SELECT 'a2', 'h2', 'live', '2026-11-24 13:00', 'web', 'en', 'replacecard', '{}', 1, 'rule'
    """,
    """
    INSERT INTO queue_states BY NAME
    SELECT TIMESTAMP '2026-11-24 12:00' AS recorded_at, queue_id, queue, 'live' AS source,
        1 AS available, 0 AS busy, 0 AS on_break, 0 AS post_process, 0 AS waiting, true AS is_open
    FROM (VALUES ('101', 'General'), ('102', 'Cards')) AS queues(queue_id, queue)
    """,
)
PERIOD = ("--since", "2026-11-24", "--until", "2026-11-25")


@pytest.fixture
def draft(tmp_path):
    file = tmp_path / "draft.yaml"
    file.write_text(SHIPPED.read_text().replace("Cards, timeout_s: 60", "General, timeout_s: 90"))
    return str(file)


@pytest.fixture
def logged(handoff):
    lake = open_home(Settings(home=handoff.home)).lake
    for sql in FILL:
        lake.transaction(lambda cursor, sql=sql: cursor.execute(sql))
    lake.close()
    return handoff


def test_a_draft_is_told_in_words_and_in_json(logged, draft):
    done = logged.run("policy", "preview", draft, *PERIOD)
    told = logged.json("policy", "preview", draft, *PERIOD, "--json")

    assert "Counted: live. Beside version 1." in done.stderr
    assert done.stdout.startswith(
        "1 of 2 attempts would route differently, 1 of them to another queue first; 0 would not.\n"
        "1 cannot be decided, 0 were overridden.\n"
    )
    assert (told["attempts"], told["moved"], told["unmoved"], told["undecided"]) == (2, 1, 0, 1)
    [move] = told["matrix"]
    assert (move["from_queue"], move["to_queue"], move["attempts"]) == ("Cards", "General", 1)
    assert [row["attempt_id"] for row in told["moved_attempts"]] == ["a1"]
    assert [row["attempt_id"] for row in told["undecided_attempts"]] == ["a2"]


def test_a_period_without_attempts_is_told_as_one(logged, draft):
    done = logged.run("policy", "preview", draft, "--since", "2026-12-01", "--until", "2026-12-02")

    assert done.stdout == "No attempts in this period.\n"
