"""What the client asks of 8x8, and what it makes of the answers (8x8 Chat Gateway v1)."""

import re
from datetime import datetime

import httpx
import pytest

from connector.eight import (
    Channel,
    Conversation,
    EightMessage,
    Participant,
    Schedule,
    Webhook,
)
from connector.errors import AnswerLost, NotFound, ServerFault, SettingsError
from tests.connector.eight.answering import Script, ask, client

USER = {"name": "Zoë", "additionalProperties": [{"key": "attempt_id", "value": "a1"}]}
CREATED = (202, {"conversationId": "c1", "createdAt": "2021-01-30T08:30:00Z"})
VERSION = "Chat Gateway v1.0"


def page(name, items, number=0, total=1):
    return {
        "_embedded": {name: items},
        "page": {"size": 100, "number": number, "totalElements": 3, "totalPages": total},
    }


def test_every_call_carries_key_tenant_and_the_media_types_8x8_answers_with():
    server = Script((200, page("channels", [])))
    ask(server, lambda eight: eight.channels())
    headers = server.asked[0].headers
    assert headers["x-api-key"] == "secret-key"
    assert headers["X-8x8-Tenant"] == "acme01"
    assert headers["Accept"] == "application/hal+json, application/json"
    assert headers["Host"] == "api.8x8.com"


def test_every_call_has_a_limit_for_connect_read_write_and_pool():
    server = Script((200, page("channels", [])))
    ask(server, lambda eight: eight.channels())
    limits = server.asked[0].extensions["timeout"]
    assert set(limits) == {"connect", "read", "write", "pool"}
    assert all(0 < seconds <= 60 for seconds in limits.values())


def test_create_sends_the_whole_handoff_in_one_post_and_returns_the_conversation_id():
    server = Script(CREATED)
    history = [{"authorType": "user", "text": "¿hola? \U0001f44b"}]
    made = ask(
        server,
        lambda eight: eight.create_conversation(
            channel_id="ch1", user=USER, history=history, queue_id="101"
        ),
    )
    assert made == "c1"
    assert server.calls == ["POST /chat-gateway/v1/conversations"]
    assert server.asked[0].headers["Content-Type"] == "application/json"
    assert server.sent == [
        {
            "channelId": "ch1",
            "user": USER,
            "assignment": {"type": "queue", "id": "101"},
            "history": {"messages": history},
        }
    ]


def test_create_leaves_out_what_there_is_not():
    server = Script(CREATED)
    ask(
        server,
        lambda eight: eight.create_conversation(
            channel_id="ch1", user={}, history=[], queue_id=None
        ),
    )
    assert server.sent == [{"channelId": "ch1", "user": {}}]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"conversationId":null}'])
def test_a_create_that_succeeded_without_naming_the_conversation_is_a_lost_answer(body):
    server = Script((202, body))
    with pytest.raises(AnswerLost):
        ask(
            server,
            lambda eight: eight.create_conversation(
                channel_id="ch1", user={}, history=[], queue_id=None
            ),
        )
    assert len(server.asked) == 1


def test_half_a_surrogate_pair_does_not_stop_a_message():
    server = Script((202, b""))
    ask(server, lambda eight: eight.send_message("c1", "a\ud800b"))
    assert server.sent == [{"authorType": "user", "text": "a?b"}]


def test_channels_are_read_from_all_pages():
    first = {
        "id": 1,
        "name": "Bot",
        "type": "ChatAPI",
        "webHookId": "w1",
        "routingOptions": {"type": "queue", "id": "101"},
    }
    server = Script(
        (200, page("channels", [first], 0, 2)),
        (200, page("channels", [{"id": "2", "name": "Text", "type": "SMS"}], 1, 2)),
    )
    assert ask(server, lambda eight: eight.channels()) == [
        Channel("1", "Bot", "ChatAPI", "w1", "101"),
        Channel("2", "Text", "SMS", None, None),
    ]
    assert server.calls == [
        "GET /chat-gateway/v1/channels?page=0&size=100",
        "GET /chat-gateway/v1/channels?page=1&size=100",
    ]


@pytest.mark.parametrize("body", [{}, {"_embedded": {}}, {"page": {"totalPages": 0}}, []])
def test_a_list_without_items_is_empty(body):
    assert ask(Script((200, body)), lambda eight: eight.webhooks()) == []


def test_a_list_that_never_ends_is_given_up():
    item = {"id": "1", "name": "x", "uri": "https://bot.example"}
    server = Script((200, {"_embedded": {"webhooks": [item] * 100}}))
    assert len(ask(server, lambda eight: eight.webhooks())) == 100 * len(server.asked)
    assert len(server.asked) == 200


def test_a_webhook_is_created_with_both_names_of_its_version():
    found = {"id": "7", "name": "Bot", "uri": "https://bot.example/w", "version": VERSION}
    server = Script((200, found))
    made = ask(server, lambda eight: eight.create_webhook("Bot", "https://bot.example/w"))
    assert made == Webhook("7", "Bot", "https://bot.example/w", VERSION)
    assert server.sent == [
        {
            "name": "Bot",
            "uri": "https://bot.example/w",
            "version": VERSION,
            "notificationVersion": VERSION,
        }
    ]


def test_set_up_calls_go_where_the_api_says():
    found = {"id": "7", "name": "Bot", "uri": "https://bot.example/w"}
    server = Script((200, found))

    async def all_of_them(eight):
        await eight.create_channel("Bot", webhook_id="7", queue_id="101")
        await eight.update_channel(Channel("25", "Bot", "ChatAPI", "7", "102"))
        await eight.update_webhook(Webhook("7", "Bot", "https://bot.example/x"))
        await eight.verify_webhook("https://bot.example/x")
        await eight.delete_webhook("7")

    ask(server, all_of_them)
    assert server.calls == [
        "POST /chat-gateway/v1/channels",
        "PUT /chat-gateway/v1/channels/25",
        "PUT /chat-gateway/v1/webhooks/7",
        "POST /chat-gateway/v1/webhooks/verify",
        "DELETE /chat-gateway/v1/webhooks/7",
    ]
    channel = {"name": "Bot", "type": "ChatAPI", "webHookId": "7"}
    assert server.sent[0] == {**channel, "routingOptions": {"type": "queue", "id": "101"}}
    assert server.sent[1] == {**channel, "routingOptions": {"type": "queue", "id": "102"}}
    assert server.sent[3] == {"version": VERSION, "uri": "https://bot.example/x"}


def test_deleting_a_webhook_that_is_gone_is_no_error():
    ask(Script((404, {"message": "gone"})), lambda eight: eight.delete_webhook("7"))


def test_a_conversation_shows_its_agent_once_one_accepted():
    found = {
        "id": "c1",
        "channelId": "ch1",
        "state": "active",
        "assignment": {"type": "queue", "id": "101"},
        "user": USER,
    }
    waiting = ask(Script((200, found)), lambda eight: eight.conversation("c1"))
    assert waiting == Conversation("c1", "ch1", "active", "queue", "101", {"attempt_id": "a1"})
    assert waiting.agent is None
    found["assignment"] = {"type": "agent", "id": "agTom"}
    accepted = ask(Script((200, found)), lambda eight: eight.conversation("c1"))
    assert accepted.agent == "agTom"


def test_a_conversation_with_hardly_anything_in_it_is_read():
    found = ask(Script((200, {"id": "c1"})), lambda eight: eight.conversation("c1"))
    assert found == Conversation("c1")


def test_an_answer_that_is_something_else_is_a_fault_of_8x8():
    for body in ({}, [], "text", {"id_": 1}):
        with pytest.raises(ServerFault):
            ask(Script((200, body)), lambda eight: eight.conversation("c1"))
    with pytest.raises(ServerFault, match="not JSON"):
        ask(Script((200, b"<html>hello</html>")), lambda eight: eight.queue_states())


def test_an_id_cannot_change_the_path():
    server = Script((404, {}))
    assert ask(server, lambda eight: eight.end("../channels?x=1#y")) is False
    assert server.calls == [
        "PATCH /chat-gateway/v1/conversations/..%2Fchannels%3Fx%3D1%23y/participants/user"
    ]


def test_the_newest_conversations_are_asked_for_by_time():
    server = Script((200, page("conversations", [{"id": "c2"}, {"id": "c1"}])))
    found = ask(server, lambda eight: eight.newest_conversations(50))
    assert [conversation.id for conversation in found] == ["c2", "c1"]
    assert server.calls == [
        "GET /chat-gateway/v1/conversations?page=0&size=50&sort=createdAt%3Adesc"
    ]


def test_a_tenant_that_does_not_sort_by_time_gives_some_pages_unsorted():
    server = Script(
        (400, {"message": "cannot sort"}),
        (200, page("conversations", [{"id": "c1"}], 0, 2)),
        (200, page("conversations", [{"id": "c2"}], 1, 2)),
    )
    found = ask(server, lambda eight: eight.newest_conversations())
    assert [conversation.id for conversation in found] == ["c1", "c2"]


def test_what_is_done_to_a_conversation_that_waits():
    server = Script((202, {"id": "c1"}))

    async def all_of_them(eight):
        await eight.reassign("c1", "102")
        await eight.update_user("c1", {"name": "Ann"})
        await eight.send_message("c1", "hello")
        await eight.send_message("c1", "I am a bot", author="bot")
        await eight.typing("c1")
        assert await eight.end("c1") is True

    ask(server, all_of_them)
    path = "/chat-gateway/v1/conversations/c1"
    assert server.calls == [
        f"PATCH {path}",
        f"PATCH {path}",
        f"POST {path}/messages",
        f"POST {path}/messages",
        f"POST {path}/typing",
        f"PATCH {path}/participants/user",
    ]
    assert server.sent == [
        {"assignment": {"type": "queue", "id": "102"}},
        {"user": {"name": "Ann"}},
        {"authorType": "user", "text": "hello"},
        {"authorType": "bot", "text": "I am a bot"},
        {"authorType": "user"},
        {"removed": True},
    ]


def test_ending_what_8x8_does_not_have_any_more_is_false():
    assert ask(Script((404, {"message": "gone"})), lambda eight: eight.end("c1")) is False


def test_participants_and_messages_are_read():
    people = [{"id": "user", "type": "user"}, {"id": "agTom", "type": "agent", "removed": True}]
    assert ask(
        Script((200, page("participants", people))), lambda eight: eight.participants("c1")
    ) == [Participant("user", "user", False), Participant("agTom", "agent", True)]
    said = [
        {
            "id": "m1",
            "text": "hi",
            "createdAt": "2021-01-30T08:30:00.250Z",
            "author": {"id": "agTom", "type": "agent"},
        },
        {"id": "m2", "author": {"type": "system"}, "createdAt": "yesterday"},
    ]
    server = Script((200, page("messages", said)))
    assert ask(server, lambda eight: eight.messages("c1")) == [
        EightMessage("m1", "hi", "agent", "agTom", datetime(2021, 1, 30, 8, 30, 0, 250_000)),
        EightMessage("m2", "", "system", None, None),
    ]
    assert "sort=createdAt%3Aasc" in server.calls[0]


@pytest.mark.parametrize(
    ("status", "number"), [(0, 0), (-1, -1), ("-1", -1), ("0", 0), ("Choice #3", 3), (6, 6)]
)
def test_a_schedule_is_open_closed_or_at_a_choice(status, number):
    server = Script((200, {"schedule-status": {"status": status}}))
    assert ask(server, lambda eight: eight.schedule_status("12")) == number
    assert server.calls == ["GET /cc/v1/schedules/12/status"]


def test_a_schedule_without_a_status_is_a_fault_of_8x8():
    with pytest.raises(ServerFault):
        ask(Script((200, {"schedule-status": {}})), lambda eight: eight.schedule_status("12"))


def test_one_schedule_in_place_of_a_list_is_a_list_of_it():
    one = {"id": 12, "name": "Bank hours", "week-days": []}
    for found in (one, [one]):
        server = Script((200, {"schedules": {"schedule": found}}))
        assert ask(server, lambda eight: eight.schedules()) == [Schedule("12", "Bank hours")]
    assert ask(Script((200, {"schedules": {}})), lambda eight: eight.schedules()) == []


def test_a_signing_key_is_read_as_object_and_as_text():
    for body in (b'{"kty":"RSA"}', b'"{\\"kty\\":\\"RSA\\"}"'):
        server = Script((200, body))
        assert ask(server, lambda eight: eight.jwk("EXaiWfZe20")) == {"kty": "RSA"}
        assert server.calls == ["GET /chat-gateway/v1/jwk/EXaiWfZe20/public"]
    for body in (b'"text"', b"[]"):
        with pytest.raises(ServerFault):
            ask(Script((200, body)), lambda eight: eight.jwk("EXaiWfZe20"))


@pytest.mark.parametrize("kid", ["", "../../channels", "a b", "a" * 200, "ä"])
def test_a_key_id_that_8x8_would_not_give_is_never_asked_for(kid):
    server = Script((200, {}))
    with pytest.raises(NotFound):
        ask(server, lambda eight: eight.jwk(kid))
    assert server.asked == []


@pytest.mark.parametrize(
    ("key", "tenant", "field"),
    [
        ("", "t", "API Key"),
        ("ключ", "t", "API Key"),
        ("a\nb", "t", "API Key"),
        ("k", "t\x00", "Tenant ID"),
    ],
)
def test_a_key_or_tenant_that_fits_no_header_is_a_setting_to_mend(key, tenant, field):
    with pytest.raises(SettingsError, match=re.escape(field)) as caught:
        client(Script(), key=key, tenant=tenant)
    assert "ключ" not in str(caught.value)


def test_blanks_round_a_pasted_key_do_not_matter():
    server = Script((200, {}))
    ask(server, lambda eight: eight.probe(), key=" secret-key\n")
    assert server.asked[0].headers["x-api-key"] == "secret-key"


def test_without_key_and_tenant_no_such_headers_are_sent():
    server = Script((200, {}))
    ask(server, lambda eight: eight.probe(), key=None, tenant=None)
    assert "x-api-key" not in server.asked[0].headers
    assert "X-8x8-Tenant" not in server.asked[0].headers


def test_cookies_of_a_gateway_are_not_sent_back():
    server = Script((200, {}, {"Set-Cookie": "AWSALB=1; Path=/"}))

    async def twice(eight):
        await eight.probe()
        await eight.probe()

    ask(server, twice)
    assert "cookie" not in httpx.Headers(server.asked[1].headers)
