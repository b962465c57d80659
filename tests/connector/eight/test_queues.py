"""Queue statistics as 8x8 gives them (8x8-api section 3.1, way A)."""

import pytest

from connector.errors import NotFound
from connector.queues import QueueState
from tests.connector.eight.answering import Script, ask

CARDS = {
    "queue-id": 102,
    "queue-name": "Cards",
    "media-type": "chat",
    "queue-type": "inbound",
    "queue-size": 3,
    "longest-wait-time": 41,
    "number-in-offered": 1,
    "number-in-progress": 2,
    "assigned-agent-count": 9,
    "enabled-agent-count": 8,
    "agent-count-waitTransact": 2,
    "agent-count-busy": 3,
    "agent-count-onBreak": 1,
    "agent-count-postProcess": 1,
    "agent-count-workOffline": 0,
    "agent-count-loggedOut": 1,
    "day-queued": 120,
    "day-accepted": 100,
    "day-abandoned": 15,
    "thirty-min-avg-wait-time": 22.5,
}
READ = QueueState(
    id="102",
    name="Cards",
    available=2,
    busy=3,
    on_break=1,
    post_process=1,
    work_offline=0,
    enabled=8,
    waiting=3,
    longest_wait_s=41.0,
    expected_wait_s=22.5,
    day_queued=120,
    day_accepted=100,
    day_abandoned=15,
)


def queues(body):
    return ask(Script((200, body)), lambda eight: eight.queue_states())


def test_a_chat_queue_is_read_with_its_agents_and_customers():
    server = Script((200, {"queue": [CARDS]}))
    assert ask(server, lambda eight: eight.queue_states()) == [READ]
    assert server.calls == ["GET /cc/v1/stats/rt/queues"]
    assert READ.logged_in == 7


def test_only_chat_queues_are_targets():
    others = [{**CARDS, "media-type": media} for media in ("phone", "email", "vmail")]
    assert queues({"queue": [*others, {**CARDS, "media-type": "Chat"}]}) == [READ]


def test_one_queue_in_place_of_a_list_is_a_list_of_it():
    assert queues({"queue": CARDS}) == [READ]


def test_numbers_may_come_as_text():
    assert queues({"queue": [{name: str(value) for name, value in CARDS.items()}]}) == [READ]


@pytest.mark.parametrize("value", [None, "", "n/a", "NaN", -1, True, [], {}, "inf"])
def test_a_number_that_is_none_counts_as_nothing(value):
    odd = {**CARDS, "queue-size": value, "thirty-min-avg-wait-time": value}
    found = queues({"queue": [odd]})[0]
    assert found.waiting == 0
    assert found.expected_wait_s in (None, 0.0)


@pytest.mark.parametrize("body", [{}, [], {"queue": []}, {"queue": None}, "text", {"queue": [{}]}])
def test_no_queues_is_an_empty_list(body):
    assert queues(body) == []


def test_a_queue_of_which_only_the_id_is_known_is_named_after_it():
    assert queues({"queue": [{"queue-id": 7}]}) == [QueueState("7", "7")]


def test_one_queue_is_asked_for_by_id():
    server = Script((200, {"queue": CARDS}))
    assert ask(server, lambda eight: eight.queue_state("102")) == READ
    assert server.calls == ["GET /cc/v1/stats/rt/queue/102"]


def test_a_queue_that_is_no_chat_queue_is_not_found():
    server = Script((200, {"queue": {**CARDS, "media-type": "phone"}}))
    with pytest.raises(NotFound):
        ask(server, lambda eight: eight.queue_state("102"))


@pytest.mark.parametrize("queue_id", [None, "", [], {}])
def test_a_queue_without_an_id_is_left_out(queue_id):
    assert queues({"queue": [{**CARDS, "queue-id": queue_id}, CARDS]}) == [READ]
