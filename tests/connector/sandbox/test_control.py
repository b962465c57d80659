import pytest

from tests.connector.sandbox.tenancy import live, played, tenancy

CONTEXT = {
    "attempt_id": "a1",
    "Case Category": "Cards",
    "Media Type": "whatsapp",
    "Priority": "high",
    "Skill": "cards",
    "Card number": "4111",
    "Reason": "lost",
}


@live
async def test_the_agents_view_shows_all_five_rows_of_context():
    async with played() as t:
        history = [
            {"authorType": "user", "text": "My card is gone"},
            {"authorType": "bot", "text": "I get you somebody"},
        ]
        made = await t.create("102", name="Ann Lee", properties=CONTEXT, history=history)
        await t.told(made, "queued 102")
        view = (await t.desk())[made]
        assert view["contact_name"] == "Ann Lee"
        assert view["case_category"] == "Cards"
        assert view["media_type"] == "whatsapp"
        assert view["custom_fields"] == {"Card number": "4111", "Reason": "lost"}
        assert view["case_notes"] == [
            {"author": "user", "text": "My card is gone"},
            {"author": "bot", "text": "I get you somebody"},
        ]
        assert {name: view[name] for name in ("attempt_id", "priority", "skill", "language")} == {
            "attempt_id": "a1",
            "priority": "high",
            "skill": "cards",
            "language": "en",
        }
        assert (view["state"], view["queue"], view["agent"]) == ("waiting", "Cards", None)


@live
async def test_a_person_plays_the_agent_from_acceptance_to_the_end():
    async with played() as t:
        made = await t.create("102")
        await t.told(made, "queued 102")
        assert (await t.play(made, "accept", agent="agent-01")).json()["state"] == "active"
        assert (await t.play(made, "write", text="Hello")).json()["case_notes"] == [
            {"author": "agent", "text": "Hello"}
        ]
        await t.play(made, "typing")
        await t.play(made, "transfer", queue="101")
        await t.told(made, "queued 101")
        # Of those idle, the highest member level of General; three have it, in this order.
        assert (await t.play(made, "accept")).json()["agent"] == "agent-20"
        assert (await t.play(made, "end")).json()["state"] == "idle"
        assert (await t.desk(), len(await t.desk(everything=True))) == ({}, 1)
        words = [word.split()[0] for word in await t.ended(made)]
        for told in ("message", "activity", "transfer", "idle"):
            assert told in words


@live
async def test_what_cannot_be_done_is_refused():
    async with played() as t:
        made, other = await t.create("102"), await t.create("102")
        await t.told(other, "queued 102")
        assert (await t.play(made, "write", text="x")).status_code == 409
        assert (await t.play(made, "accept", agent="nobody")).status_code == 404
        assert (await t.play(made, "accept", agent="agent-01")).status_code == 200
        assert (await t.play(made, "accept", agent="agent-02")).status_code == 409
        assert (await t.play(other, "accept", agent="agent-01")).status_code == 409
        assert (await t.play(made, "reject", agent="agent-01")).status_code == 409
        assert (await t.play(other, "accept", agent="agent-11")).status_code == 409
        assert (await t.play(made, "transfer", queue="999")).status_code == 400
        assert (await t.play("none", "accept")).status_code == 404
        answer = await t.http.put("/sandbox/agents/agent-01", json={"status": "asleep"})
        assert answer.status_code == 422


@live
async def test_a_rejecting_player_is_on_break_until_told_otherwise():
    async with played() as t:
        made = await t.create("105")
        await t.told(made, "queued 105")
        assert (await t.play(made, "reject", agent="agent-11")).json()["state"] == "waiting"
        assert (await t.queue("105"))["agent-count-onBreak"] == 1
        await t.tell("agent-11", "available")
        assert (await t.queue("105"))["agent-count-onBreak"] == 0


@live
async def test_a_person_may_take_over_from_an_agent_of_the_sandbox():
    async with tenancy(speed=500) as t:
        made = await t.create("102")
        agent = await t.taken(made)
        await t.play(made, "write", text="A person now")
        conversation = t.sandbox.tenant.conversations[made]
        assert (conversation.agent_id, conversation.played, conversation.timers) == (
            agent,
            True,
            [],
        )


@live
async def test_the_summary_counts_per_queue_what_became_of_conversations():
    async with played() as t:
        made = [await t.create("102") for _ in range(4)]
        await t.told(made[-1], "queued 102")
        await t.play(made[0], "accept", agent="agent-01")
        await t.play(made[0], "end")
        await t.play(made[1], "accept", agent="agent-02")
        await t.remove(made[2])
        summary = (await t.http.get("/sandbox/summary")).json()
        cards = next(item for item in summary["queues"] if item["id"] == "102")
        assert cards == {
            "id": "102",
            "name": "Cards",
            "created": 4,
            "queued": 4,
            "accepted": 2,
            "accepted_transfers": 0,
            "ended_waiting": 1,
            "ended_transfers": 0,
            "moved_on": 0,
            "transferred": 0,
            "open": 1,
            "with_agent": 1,
        }


@live
async def test_the_world_says_what_another_process_needs():
    async with played(speed=30) as t:
        world = (await t.http.get("/sandbox/world")).json()
        anchor = t.sandbox.clock.anchor
        assert (world["t0"], world["wall0"], world["speed"]) == (
            anchor.t0.isoformat(),
            anchor.wall0,
            30,
        )
        assert world["tenant_id"] == t.sandbox.tenant_id
        assert {"id": "103", "name": "Cards priority", "level": 9, "twin_of": "102"} in world[
            "queues"
        ]
        assert world["agents"][16]["languages"] == ["es", "en"]


@live
async def test_the_page_shows_the_context_and_escapes_every_text():
    async with played() as t:
        evil = "<script>alert('x')</script>"
        made = await t.create(
            "102",
            name=evil,
            properties={evil: evil, "Case Category": evil},
            history=[{"authorType": "user", "text": evil}],
        )
        await t.told(made, "queued 102")
        page = await t.http.get("/sandbox/", params={"conversation": made})
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert evil not in page.text
        # In the list, as heading, category, field name and value, and in the notes.
        assert page.text.count("&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;") == 6
        assert page.text.count("http") == 0


@live
async def test_the_pages_buttons_work_as_plain_forms():
    async with played() as t:
        made = await t.create("102", name="Ann")
        await t.told(made, "queued 102")
        path = f"/sandbox/agent/conversations/{made}"
        answer = await t.http.post(path + "/accept", data={"back": "1", "agent": ""})
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            f"/sandbox/?conversation={made}",
        )
        await t.http.post(path + "/write", data={"back": "1", "text": "Good day"})
        page = (await t.http.get(answer.headers["location"])).text
        assert "Good day" in page
        assert "Transfer" in page


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"host": "evil.example"}])
def test_other_sites_cannot_play_with_the_sandbox(headers):
    @live
    async def check():
        async with played() as t:
            answer = await t.http.post("/sandbox/faults", json={"kind": "key"}, headers=headers)
            assert answer.status_code == 403

    check()
