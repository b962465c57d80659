"""What an imported call becomes, by hand; and what a bad file is told."""

import csv
import os
from datetime import datetime

import pytest

from analytics.history.anonymous_bank import import_files
from connector.errors import DataFileError
from connector.log import open_home
from connector.settings import Settings
from tests.analytics.history.conftest import HEADER, call, left

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    home = open_home(Settings(home=tmp_path_factory.mktemp("home")))
    yield home
    home.lake.close()


@pytest.fixture
def home(opened):
    """A home whose log is empty."""
    for table in ("attempts", "attempt_steps", "engagements"):
        opened.lake.transaction(lambda cursor, table=table: cursor.execute(f"DELETE FROM {table}"))
    return opened


def logged(home, table="attempts"):
    cursor = home.lake.cursor()
    cursor.execute(f"SELECT * FROM {table} ORDER BY started_at, attempt_id")
    names = [name for name, *_ in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def counts(report):
    return report.rows, report.imported, report.already_present, report.malformed


def test_a_served_call_becomes_an_accepted_attempt(home, file):
    report = import_files(home, [file(call(priority=2))])
    assert report.as_json() == {
        "rows": 1,
        "imported": 1,
        "already_present": 0,
        "skipped": {"phantom": 0, "left_before_queue": 0},
        "malformed": 0,
        "rejects_file": None,
    }
    (attempt,) = logged(home)
    # 10:00:10 in Jerusalem in winter is 08:00:10 UTC.
    asked, answered = datetime(1999, 1, 5, 8, 0, 10), datetime(1999, 1, 5, 8, 0, 40)
    reference = attempt.pop("customer_ref")
    assert reference
    assert "777" not in reference
    assert {name: value for name, value in attempt.items() if value is not None} == {
        "attempt_id": "anonymous-bank-AA0101-1-990105",
        "handoff_id": "anonymous-bank-AA0101-1-990105",
        "tenant": "anonymous-bank",
        "bot": "vru",
        "source": "import",
        "started_at": asked,
        "ended_at": answered,
        "channel": "phone",
        "language": "he",
        "intent": "PS",
        "category": "regular",
        "rule": "PS",
        "decided_by": "rule",
        "first_queue_id": "PS",
        "first_queue": "PS",
        "queue_id": "PS",
        "queue": "PS",
        "queues_tried": ["PS"],
        "priority": "high",
        "outcome": "accepted",
        "wait_s": 30.0,
        "http_requests": 0,
        "retries": 0,
        "agent_id": "ANNA",
        "context_required": ["customer_id"],
        "context_present": ["customer_id"],
        "context_cut": [],
        "completeness": 1.0,
    }
    (step,) = logged(home, "attempt_steps")
    assert {name: value for name, value in step.items() if value is not None} == {
        "attempt_id": attempt["attempt_id"],
        "started_at": asked,
        "step": 1,
        "queue_id": "PS",
        "queue": "PS",
        "offered_at": asked,
        "left_at": answered,
        "wait_s": 30.0,
        "result": "accepted",
    }
    (engagement,) = logged(home, "engagements")
    assert {name: value for name, value in engagement.items() if value is not None} == {
        "attempt_id": attempt["attempt_id"],
        "started_at": asked,
        "accepted_at": answered,
        "ended_at": datetime(1999, 1, 5, 8, 2, 40),
        "agent_id": "ANNA",
        "queue_id": "PS",
        "queue": "PS",
        "handle_s": 120.0,
    }


def test_who_hangs_up_in_the_queue_is_abandoned_also_with_a_service_time(home, file):
    import_files(home, [file(left(customer_id=0, ser_time=55, server="ANNA", type="PE"))])
    (attempt,) = logged(home)
    assert attempt["outcome"] == "abandoned"
    assert (attempt["agent_id"], attempt["language"]) == (None, "en")
    assert (attempt["context_present"], attempt["completeness"]) == ([], 0.0)
    assert attempt["customer_ref"] is None
    assert logged(home, "attempt_steps")[0]["result"] == "abandoned"
    assert logged(home, "engagements") == []


def test_a_call_answered_at_once_has_no_wait_and_one_without_service_time_no_handle_time(
    home, file
):
    at_once = {"q_start": "0:00:00", "q_exit": "0:00:00", "q_time": 0}
    import_files(home, [file(call(**at_once, ser_time=0, server="NO_SERVER", priority=0))])
    (attempt,) = logged(home)
    assert (attempt["outcome"], attempt["wait_s"]) == ("accepted", 0.0)
    assert (attempt["priority"], attempt["agent_id"]) == ("normal", None)
    assert logged(home, "engagements")[0]["handle_s"] is None


def test_phantoms_and_machine_leavers_are_skipped_and_counted(home, file):
    report = import_files(
        home,
        [
            file(
                call(outcome="PHANTOM", call_id=1),
                call(outcome="PHANTOM", call_id=2, q_start="0:00:00"),
                left(call_id=3, q_start="0:00:00", q_exit="0:00:00", q_time=0),
                left(call_id=4, q_time=0),
            )
        ],
    )
    assert report.skipped == {"phantom": 2, "left_before_queue": 1}
    assert counts(report) == (4, 1, 0, 0)


MALFORMED = [
    (call() + "\tmore", "18 fields where 17 are expected"),
    ("cut off", "1 fields where 17 are expected"),
    (call().replace("\tPS", ""), "16 fields where 17 are expected"),
    (call(line=""), "vru+line cannot be read"),
    (call(call_id="12a"), "call_id cannot be read"),
    (call(customer_id="-5"), "customer_id cannot be read"),
    (call(priority=3), "priority cannot be read"),
    (call(type="XX"), "type cannot be read"),
    (call(type="990105", date="PS"), "type cannot be read"),
    (call(date="19990105"), "date cannot be read"),
    (call(date="990230"), "date cannot be read"),
    (call(vru_exit="25:00:00"), "vru_exit cannot be read"),
    (call(vru_time="1.5"), "vru_time cannot be read"),
    (call(q_time="-3"), "q_time cannot be read"),
    (call(q_time=""), "q_time cannot be read"),
    (call(outcome="agent"), "outcome cannot be read"),
    (call(ser_time="x"), "ser_time cannot be read"),
    (call(outcome="PHANTOM", ser_exit="?"), "ser_exit cannot be read"),
    ('say "it, twice"\t', "2 fields where 17 are expected"),
]


def test_malformed_rows_are_set_aside_with_line_reason_and_row(home, file):
    bad = [row for row, _ in MALFORMED]
    path = file(call(call_id=1), *bad, call(call_id=2))
    report = import_files(home, [path])
    assert counts(report) == (len(bad) + 2, 2, 0, len(bad))
    with open(report.rejects_file, newline="") as rejects:
        found = list(csv.DictReader(rejects))
    assert [(row["line"], row["reason"], row["row"]) for row in found] == [
        (str(line), reason, row) for line, (row, reason) in enumerate(MALFORMED, 3)
    ]
    assert {row["file"] for row in found} == {str(path)}
    assert os.stat(report.rejects_file).st_mode & 0o777 == 0o600


def test_a_phantom_that_cannot_be_read_is_malformed_not_skipped(home, file):
    report = import_files(home, [file(call(outcome="PHANTOM", type="?"))])
    assert (report.malformed, report.skipped["phantom"]) == (1, 0)


def test_importing_again_adds_nothing_and_files_may_overlap(home, file):
    first = file(call(call_id=1), left(call_id=2), "cut", name="a.txt")
    second = file(left(call_id=2), call(call_id=3), call(call_id=3), name="b.txt")
    assert counts(import_files(home, [first])) == (3, 2, 0, 1)
    assert counts(import_files(home, [first])) == (3, 0, 2, 1)
    assert counts(import_files(home, [first, second])) == (6, 1, 4, 1)
    for table, rows in [("attempts", 3), ("attempt_steps", 3), ("engagements", 2)]:
        assert len(logged(home, table)) == rows


def test_the_same_call_number_on_another_line_or_day_is_another_call(home, file):
    rows = (call(), call(line="AA0102"), call(date="990106"))
    assert import_files(home, [file(*rows)]).imported == 3


@pytest.mark.parametrize(
    ("fields", "utc"),
    [
        # Israel was at +3 hours from 2 April to 3 September 1999.
        ({"date": "990105"}, datetime(1999, 1, 5, 8, 0, 10)),
        ({"date": "990705"}, datetime(1999, 7, 5, 7, 0, 10)),
        # The machine was left after midnight: the next day.
        ({"vru_entry": "23:59:50", "vru_exit": "0:00:05"}, datetime(1999, 1, 5, 22, 0, 5)),
        # Its two clocks disagree by half a minute: the same day.
        ({"vru_entry": "15:46:01", "vru_exit": "15:45:24"}, datetime(1999, 1, 5, 13, 45, 24)),
    ],
)
def test_local_times_become_utc(home, file, fields, utc):
    import_files(home, [file(call(**fields))])
    assert [attempt["started_at"] for attempt in logged(home)] == [utc]


def test_a_wait_is_taken_as_given_where_the_clocks_disagree(home, file):
    import_files(home, [file(call(q_start="23:59:28", q_exit="0:00:03", q_time=35))])
    assert logged(home)[0]["wait_s"] == 35.0


def test_a_customer_id_rounded_by_a_spreadsheet_is_present_but_nobody_in_particular(home, file):
    import_files(home, [file(call(customer_id="3.27E+11"))])
    (attempt,) = logged(home)
    assert (attempt["context_present"], attempt["customer_ref"]) == (["customer_id"], None)


def test_a_customer_who_calls_again_within_half_an_hour_tries_again(home, file):
    path = file(
        left(call_id=1),
        call(call_id=2, vru_entry="10:29:00", vru_exit="10:30:00"),
        call(call_id=3, vru_entry="11:00:00", vru_exit="11:00:01"),
        call(call_id=4, customer_id=778, vru_exit="10:05:00"),
        call(call_id=5, customer_id=0, vru_exit="10:06:00"),
        call(call_id=6, customer_id=0, vru_exit="10:07:00"),
    )
    import_files(home, [path])
    linked = {attempt["handoff_id"]: attempt["retry_of"] for attempt in logged(home)}
    assert {key[-8]: value for key, value in linked.items() if value} == {
        "2": "anonymous-bank-AA0101-1-990105"
    }
    references = {attempt["customer_ref"] for attempt in logged(home)}
    assert len(references) == 3  # two customers and nobody


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_line_ends_of_any_kind_and_blank_lines_change_nothing_but_the_line_numbers(home, file, end):
    report = import_files(home, [file(call(call_id=1), "", "cut off", call(call_id=2), end=end)])
    assert counts(report) == (3, 2, 0, 1)
    with open(report.rejects_file, newline="") as rejects:
        assert [row["line"] for row in csv.DictReader(rejects)] == ["4"]


def test_a_file_cut_off_within_a_row_gives_the_rows_before_it(home, file):
    path = file(call(call_id=1), call(call_id=2))
    path.write_bytes(path.read_bytes()[:-40])
    report = import_files(home, [path])
    assert counts(report) == (2, 1, 0, 1)


def test_a_last_row_without_line_end_is_a_row(home, file):
    path = file(call())
    path.write_bytes(path.read_bytes()[:-2])
    assert counts(import_files(home, [path])) == (1, 1, 0, 0)


def test_padded_fields_other_alphabets_and_broken_bytes_are_survived(home, file):
    path = file("\t".join(f" {part} " for part in call(call_id=1, server="חנה").split("\t")))
    broken = b"AA\xff\xfe\x00\x80 garbage\r\n" + call(call_id=2).encode()
    path.write_bytes(path.read_bytes() + broken)
    assert counts(import_files(home, [path])) == (3, 2, 0, 1)
    assert sorted(attempt["agent_id"] for attempt in logged(home)) == ["ANNA", "חנה"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "does not name"),
        (HEADER.encode() + b"\r\n", "holds no calls"),
        (call().encode() + b"\r\n", "does not name"),
        (b"conversationId\tturnNumber\r\na\tb\r\n", "does not name"),
        (bytes(range(256)) * 400, "does not name"),
        (HEADER.encode("utf-16"), "does not name"),
    ],
)
def test_another_kind_of_file_is_refused_at_its_first_line(home, tmp_path, content, says):
    path = tmp_path / "other.txt"
    path.write_bytes(content)
    with pytest.raises(DataFileError, match=says) as raised:
        import_files(home, [path])
    assert (raised.value.file, raised.value.line) == (str(path), 1)


def test_a_line_too_long_to_be_one_is_named(home, file):
    path = file(call(), "x" * 3_000_000)
    with pytest.raises(DataFileError, match="no text") as raised:
        import_files(home, [path])
    assert raised.value.line == 3


def test_a_missing_file_or_a_folder_is_refused(home, tmp_path):
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(DataFileError, match="cannot be read"):
            import_files(home, [path])


def test_one_bad_file_keeps_all_from_being_imported(home, file, tmp_path):
    with pytest.raises(DataFileError):
        import_files(home, [file(call()), tmp_path / "none.txt"])
    assert logged(home) == []


def test_a_file_name_may_hold_what_a_pattern_would(home, file):
    assert import_files(home, [file(call(), name="a[1]*?.txt")]).imported == 1


def test_settings_alone_are_enough(tmp_path, file):
    settings = Settings(home=tmp_path / "new")
    assert import_files(settings, [file(call())]).imported == 1
    assert import_files(settings, [file(call())]).already_present == 1
