"""What a policy adds reaches the bot and the log: targets, opening hours, inputs."""

import asyncio
import json

import analytics
from connector.handoff import Outcome

from .floor import POLICY, floor, lost_card

OWN = (
    POLICY.replace(
        "{kind: callback, text: We call you back.}",
        "{kind: external, text: Please call us., target: '+49 30 1234'}",
    ).replace("    required: [card_number]", "    variables: {tier: gold}")
    + """  - {name: tier, personal: false}
opening_hours:
  everyone: {queues: [Cards, General], week: "mon-fri 13:00-18:00"}
"""
).replace(
    "context_fields: [{name: card_number, field: Card number}]",
    "context_fields:\n  - {name: card_number, field: Card number}",
)


def test_queues_closed_by_their_own_hours_lead_outside_and_the_log_knows_what_was_read(tmp_path):
    async def scene():
        async with floor(tmp_path, policy=OWN) as f:
            return await f.connector.hand_off(
                lost_card(variables={"card_number": "4711", "tier": "gold"})
            )

    result = asyncio.run(asyncio.wait_for(scene(), 120))

    assert (result.outcome, result.reason) == (Outcome.NO_AGENTS, "closed")
    assert (result.failure_path, result.failure_target) == ("external", "+49 30 1234")
    assert "step 1 Cards skipped: closed by its opening hours" in result.trace
    with analytics.connect(tmp_path) as con:
        [(rule, inputs, path)] = con.execute(
            "SELECT rule, inputs, failure_path FROM attempts"
        ).fetchall()
        steps = con.execute("SELECT result FROM attempt_steps").fetchall()
    assert (rule, json.loads(inputs), path) == ("lost card", {"tier": "gold"}, "external")
    assert steps == [("skipped_closed",), ("skipped_closed",)]
