import pytest

from tests.connector.sandbox.tenancy import CONVERSATIONS, live, played, tenancy, until


@live
async def test_messages_are_echoed_and_answered_by_the_agent():
    async with tenancy(speed=500) as t:
        made = await t.create("102", history=[{"authorType": "bot", "text": "Which card?"}])
        agent = await t.taken(made)
        path = f"{CONVERSATIONS}/{made}/messages"
        sent = {"authorType": "user", "text": "The blue one"}
        assert (await t.http.post(path, json=sent)).status_code == 202

        def messages():
            found = [e["data"] for e in t.receiver.events(made) if e["eventType"] == "MESSAGE"]
            return [(data["sender"]["type"], data["isEcho"]) for data in found]

        await until(lambda: messages().count(("agent", False)) >= 2)
        assert ("user", True) in messages()
        assert "activity" in t.story(made)
        shown = (await t.http.get(path, params={"sort": "createdAt:asc"})).json()
        lines = [(m["author"]["type"], m["text"]) for m in shown["_embedded"]["messages"]]
        assert lines[0] == ("bot", "Which card?")
        assert ("user", "The blue one") in lines
        assert agent in {m["author"]["id"] for m in shown["_embedded"]["messages"]}


@live
async def test_a_message_to_an_ended_conversation_starts_a_new_interaction():
    async with played() as t:
        made = await t.create("102")
        await t.told(made, "queued 102")
        await t.remove(made)
        path = f"{CONVERSATIONS}/{made}"
        await t.http.post(path + "/messages", json={"authorType": "user", "text": "One more"})
        await until(lambda: t.story(made).count("queued 102") == 2)
        assert (await t.read(made))["state"] == "active"
        found = (await t.http.get(path + "/interactions")).json()["_embedded"]["interactions"]
        assert ["endTime" in item for item in found] == [True, False]


@live
async def test_participants_say_who_was_there_and_who_left():
    async with played() as t:
        made = await t.create("102", history=[{"authorType": "bot", "text": "Hello"}])
        await t.told(made, "queued 102")
        await t.play(made, "accept", agent="agent-02")
        await t.play(made, "end")
        path = f"{CONVERSATIONS}/{made}/participants"
        found = (await t.http.get(path)).json()["_embedded"]["participants"]
        assert [(item["id"], item["type"], item["removed"]) for item in found] == [
            ("user", "user", False),
            ("bot", "bot", False),
            ("agent-02", "agent", True),
        ]


@live
async def test_one_message_can_be_read_and_an_unknown_one_cannot():
    async with played() as t:
        made = await t.create(history=[{"authorType": "user", "text": "Hello"}])
        path = f"{CONVERSATIONS}/{made}/messages"
        (message,) = (await t.http.get(path)).json()["_embedded"]["messages"]
        assert (await t.http.get(f"{path}/{message['id']}")).json() == message
        assert (await t.http.get(f"{path}/none")).status_code == 404


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("typing", {"authorType": "user"}, 204),
        ("typing", {"authorType": "agent"}, 400),
        ("typing", {}, 400),
        ("thinking", None, 204),
        ("thinking", {"maxThinkingTimeSeconds": 600}, 204),
        ("thinking", {"maxThinkingTimeSeconds": 601}, 400),
        ("read-receipt", {"authorType": "bot", "readAt": 1770200431963}, 204),
        ("read-receipt", {"authorType": "bot"}, 400),
        ("messages", {"authorType": "agent", "text": "x"}, 400),
        ("messages", {"authorType": "user"}, 400),
        ("messages", {"authorType": "user", "text": "x", "externalProvider": {}}, 400),
    ],
)
def test_indications_and_messages_are_checked(path, sent, status):
    @live
    async def check():
        async with played() as t:
            made = await t.create()
            url = f"{CONVERSATIONS}/{made}/{path}"
            answer = await t.http.post(url, json=sent) if sent else await t.http.post(url)
            assert answer.status_code == status, answer.text
            assert (await t.http.post(f"{CONVERSATIONS}/none/{path}", json=sent)).status_code == 404

    check()


@live
async def test_a_conversation_can_be_handed_back_to_a_webhook_within_limits():
    async with played() as t:
        made = await t.create()
        path = f"{CONVERSATIONS}/{made}/post-agent-assignment"
        times = {"maxTotalMinutes": 300, "userTimeoutInMinutes": 150}
        sent = {"type": "webhook", "id": t.webhook["id"], "configuration": times}
        assert (await t.http.post(path, json=sent)).status_code == 201
        sent["configuration"] = {"maxTotalMinutes": 19}
        refused = await t.http.post(path, json=sent)
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["code"] == "invalid_parameter"
        unknown = await t.http.post(path, json={"type": "webhook", "id": "none"})
        assert unknown.status_code == 400


@live
async def test_attachments_are_kept_and_sent_along():
    async with played() as t:
        made = await t.create()
        path = f"{CONVERSATIONS}/{made}/attachments"
        file = {"attachment": ("card.txt", b"a scan", "text/plain")}
        added = await t.http.post(path, files=file, data={"authorType": "user"})
        found = added.json()
        assert (found["filename"], found["sizeInBytes"]) == ("card.txt", 6)
        listed = (await t.http.get(path)).json()["_embedded"]["attachments"]
        one = (await t.http.get(f"{path}/{found['id']}")).json()
        content = await t.http.get(f"{path}/{found['id']}/content")
        assert (listed, one, content.content) == ([found], found, b"a scan")
        assert (await t.http.post(path, data={"authorType": "user"})).status_code == 400
        assert (await t.http.get(f"{path}/none")).status_code == 404
