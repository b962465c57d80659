from datetime import datetime

import pytest

from tests.connector.sandbox.tenancy import live, played, tenancy

STATS, SCHEDULES = "/cc/v1/stats/rt", "/cc/v1/schedules"


@live
async def test_the_list_holds_queues_of_every_medium():
    async with played() as t:
        found = (await t.http.get(STATS + "/queues")).json()["queue"]
        chat = {item["queue-id"]: item["queue-name"] for item in found if _is_chat(item)}
        assert chat == {
            101: "General",
            102: "Cards",
            103: "Cards priority",
            104: "Payments",
            105: "Disputes",
            106: "Accounts",
            107: "Spanish",
            108: "VIP",
            109: "Escalations",
        }
        assert any(item["media-type"] == "phone" for item in found)


def _is_chat(item):
    return item["media-type"] == "chat"


@live
async def test_a_queue_counts_who_waits_who_serves_and_what_happened_today():
    async with played(speed=1) as t:
        first, second, third = [await t.create("106") for _ in range(3)]
        await t.told(third, "queued 106")
        await t.play(first, "accept", agent="agent-14")
        await t.remove(second)
        await t.tell("agent-16", "break")
        await t.tell("agent-10", "offline")
        queue = await t.queue("106")
        members = sum("106" in agent.queues for agent in t.sandbox.world.agents)
        assert {name: queue[name] for name in EXPECTED} == {
            **EXPECTED,
            "assigned-agent-count": members,
            "enabled-agent-count": members,
            "agent-count-waitTransact": members - 3,
        }
        assert (await t.read(third))["state"] == "active"


EXPECTED = {
    "queue-id": 106,
    "queue-size": 1,
    "number-in-progress": 1,
    "number-in-offered": 0,
    "assigned-agent-count": 0,
    "enabled-agent-count": 0,
    "agent-count-waitTransact": 0,
    "agent-count-busy": 1,
    "agent-count-onBreak": 1,
    "agent-count-loggedOut": 1,
    "agent-count-postProcess": 0,
    "day-queued": 3,
    "day-accepted": 1,
    "day-abandoned": 1,
    "thirty-min-accepted": 1,
}


@live
async def test_waits_are_world_seconds():
    async with played(speed=2000) as t:
        made = await t.create("106")
        await t.told(made, "queued 106")
        before = t.sandbox.clock.seconds_since(t.sandbox.tenant.conversations[made].queued_at)
        longest = (await t.queue("106"))["longest-wait-time"]
        after = t.sandbox.clock.seconds_since(t.sandbox.tenant.conversations[made].queued_at)
        assert int(before) <= longest <= after
        await t.play(made, "accept", agent="agent-14")
        wait_s = (await t.queue("106"))["day-avg-wait-time"]
        found = t.sandbox.tenant.conversations[made]
        assert wait_s == round((found.accepted_at - found.queued_at).total_seconds())


@live
async def test_a_queue_that_does_not_exist_is_not_found():
    async with played() as t:
        assert (await t.http.get(STATS + "/queue/999")).status_code == 404
        assert (await t.http.get(STATS + "/queue/901")).json()["queue"]["media-type"] == "phone"


@pytest.mark.parametrize(("hour", "office"), [(6, -1), (12, 0), (23, 0)])
def test_schedules_are_open_or_closed_by_the_hour(hour, office):
    @live
    async def check():
        async with tenancy(t0=datetime(2026, 11, 24, hour), speed=1) as t:
            found = (await t.http.get(SCHEDULES)).json()["schedules"]["schedule"]
            ids = {item["name"]: item["id"] for item in found}
            answers = [
                (await t.http.get(f"{SCHEDULES}/{ids[name]}/status")).json()
                for name in ("Bank hours", "Office hours")
            ]
            assert [answer["schedule-status"]["status"] for answer in answers] == [0, office]
            assert (await t.http.get(f"{SCHEDULES}/99/status")).status_code == 404
            monday = {"day": "mon", "from": "07:00", "to": "24:00"}
            assert monday in found[1]["week-days"]

    check()
