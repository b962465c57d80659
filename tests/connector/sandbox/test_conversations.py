from tests.connector.sandbox.tenancy import CONVERSATIONS, live, played, tenancy, until


@live
async def test_a_handoff_is_accepted_at_once_and_told_step_by_step():
    async with tenancy(speed=300) as t:
        made = await t.create("102", name="Ann", properties={"attempt_id": "a1"})
        agent = await t.taken(made)
        story = await t.told(made, f"active agent {agent}")
        assert story[:5] == [
            "created queue 102",
            "active queue 102",
            "queued 102",
            f"agent joined {agent}",
            f"active agent {agent}",
        ]
        first = t.receiver.events(made)[0]
        assert first["data"]["user"]["additionalProperties"] == [
            {"key": "attempt_id", "value": "a1"}
        ]
        assert abs(first["timestamp"] / 1000 - 1795511700) < 600  # 2026-11-24T09:15Z
        assert (await t.read(made))["assignment"] == {"type": "agent", "id": agent}


@live
async def test_the_agent_ends_when_done_and_the_conversation_keeps_who_had_it():
    async with tenancy(speed=5000) as t:
        made = await t.create("102")
        agent = await t.taken(made)
        story = await t.told(made, f"idle agent {agent}")
        assert story.index(f"agent left {agent}") < story.index(f"idle agent {agent}")
        read = await t.read(made)
        assert (read["state"], read["assignment"]["type"]) == ("idle", "agent")


@live
async def test_a_conversation_waits_for_ever_when_nobody_takes_it():
    async with played(speed=10_000) as t:
        made = await t.create("105")
        await t.told(made, "queued 105")
        waited_from = t.sandbox.clock.now()
        await until(lambda: t.sandbox.clock.seconds_since(waited_from) > 3600)
        assert (await t.read(made))["state"] == "active"
        assert t.story(made) == ["created queue 105", "active queue 105", "queued 105"]


@live
async def test_without_an_assignment_the_channels_own_queue_takes_it():
    async with played() as t:
        sent = {"channelId": t.channel["id"], "user": {"name": "Ann"}}
        made = (await t.http.post(CONVERSATIONS, json=sent)).json()["conversationId"]
        assert "queued 101" in await t.told(made, "queued 101")


@live
async def test_a_script_is_taken_and_leads_to_the_channels_queue():
    async with played() as t:
        sent = {
            "channelId": t.channel["id"],
            "user": {},
            "assignment": {"type": "script", "id": "7"},
        }
        made = (await t.http.post(CONVERSATIONS, json=sent)).json()["conversationId"]
        story = await t.told(made, "queued 101")
        assert story == ["created script 7", "active queue 101", "queued 101"]


@live
async def test_removing_the_user_ends_a_waiting_conversation_once():
    async with played() as t:
        made = await t.create("104")
        await t.told(made, "queued 104")
        assert [await t.remove(made), await t.remove(made)] == [204, 404]
        story = await t.told(made, "idle queue 104")
        assert story[-2:] == ["user left user", "idle queue 104"]
        assert (await t.queue("104"))["day-abandoned"] == 1


@live
async def test_removing_the_user_in_mid_chat_frees_the_agent():
    async with played() as t:
        made = await t.create("104")
        await t.told(made, "queued 104")
        await t.play(made, "accept", agent="agent-07")
        assert await t.remove(made) == 204
        story = await t.told(made, "idle agent agent-07")
        assert story[-3:] == ["user left user", "agent left agent-07", "idle agent agent-07"]
        assert t.sandbox.tenant.center.seats["agent-07"].status == "available"


@live
async def test_removing_before_the_interaction_exists_leaves_no_trace_in_a_queue():
    async with played(speed=1) as t:
        made = await t.create("104")
        assert await t.remove(made) == 204
        await t.told(made, "idle queue 104")
        assert (await t.queue("104"))["day-queued"] == 0


@live
async def test_patching_the_assignment_queues_it_anew():
    async with played() as t:
        made = await t.create("102")
        await t.told(made, "queued 102")
        path = f"{CONVERSATIONS}/{made}"
        answer = await t.http.patch(path, json={"assignment": {"type": "queue", "id": "101"}})
        assert answer.status_code == 202
        assert (await t.told(made, "queued 101"))[-2:] == ["active queue 101", "queued 101"]
        assert [(await t.queue(queue))["queue-size"] for queue in ("102", "101")] == [0, 1]


@live
async def test_an_agent_who_accepts_before_a_new_assignment_takes_effect_keeps_the_chat():
    async with played(speed=1) as t:
        made = await t.create("102")
        await t.told(made, "queued 102")
        path = f"{CONVERSATIONS}/{made}"
        answer = await t.http.patch(path, json={"assignment": {"type": "queue", "id": "101"}})
        await t.play(made, "accept", agent="agent-01")
        assert answer.status_code == 202
        await t.told(made, "active agent agent-01")
        await until(lambda: not t.sandbox.tenant.courier.under_way)
        read = await t.read(made)
        assert (read["assignment"], "queued 101" in t.story(made)) == (
            {"type": "agent", "id": "agent-01"},
            False,
        )


@live
async def test_putting_a_conversation_changes_user_and_queue():
    async with played() as t:
        made = await t.create("102", name="Ann")
        await t.told(made, "queued 102")
        sent = {
            "channelId": t.channel["id"],
            "user": {"name": "Anna", "phone": "1"},
            "assignment": {"type": "queue", "id": "106"},
        }
        assert (await t.http.put(f"{CONVERSATIONS}/{made}", json=sent)).status_code == 202
        await t.told(made, "queued 106")
        user = (await t.read(made))["user"]
        assert (user["name"], user["phone"]) == ("Anna", "1")


@live
async def test_changing_the_language_while_waiting_changes_who_may_take_it():
    async with tenancy(speed=500) as t:
        await t.tell("agent-17", "offline")
        await t.tell("agent-19", "offline")
        made = await t.create("107", language="en")
        await t.told(made, "queued 107")
        answer = await t.http.patch(f"{CONVERSATIONS}/{made}", json={"user": {"language": "es"}})
        assert answer.status_code == 202
        await t.tell("agent-19", "available")
        assert await t.taken(made) == "agent-19"


@live
async def test_the_list_of_conversations_pages_sorts_and_filters():
    async with played() as t:
        made = [await t.create("102", name=f"Person {number}") for number in range(5)]

        async def ids(**params):
            answer = (await t.http.get(CONVERSATIONS, params=params)).json()
            return [item["id"] for item in answer["_embedded"]["conversations"]], answer["page"]

        newest, page = await ids(sort="createdAt:desc", size=2, page=1)
        assert newest == [made[2], made[1]]
        assert page == {"size": 2, "number": 1, "totalElements": 5, "totalPages": 3}
        assert (await ids(filter="user.name==Person 3"))[0] == [made[3]]
        assert (await ids(page=9))[0] == []
        assert (await ids())[0] == sorted(made)
        for params in ({"page": -1}, {"size": "x"}, {"sort": "id:up"}, {"filter": "=="}):
            assert (await t.http.get(CONVERSATIONS, params=params)).status_code == 400
