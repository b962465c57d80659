"""The connection test: context fields, channels and webhook."""

from connector.connection import (
    CHANNEL_NAME,
)
from tests.connector.connection.tenancy import POLICY, play


def test_variables_required_or_sent_but_not_marked_are_named(tmp_path):
    found = play(lambda on: on.check(missing=["account_number", "mood", "mood"]), tmp_path)
    assert found["context"].status == "warning"
    assert "account_number, mood." in found["context"].detail
    assert "Mark them for handoff" in found["context"].fix


def test_a_required_variable_that_no_rule_marks_is_named_before_any_handoff(tmp_path):
    silent = POLICY.model_copy(update={"context_fields": ()})
    found = play(lambda on: on.check(silent), tmp_path)
    assert found["context"].status == "warning"
    assert "only when the bot marks them: card_number" in found["context"].detail


def test_a_required_variable_that_is_never_passed_fails(tmp_path):
    field = POLICY.context_fields[0].model_copy(update={"passed": "never"})
    never = POLICY.model_copy(update={"context_fields": (field,)})
    found = play(lambda on: on.check(never), tmp_path)
    assert (found["context"].status, "card_number" in found["context"].detail) == ("failed", True)


def test_recent_variables_are_judged_by_the_policy_as_it_is_now(tmp_path):
    pin = POLICY.context_fields[0].model_copy(update={"name": "pin", "passed": "never"})
    policy = POLICY.model_copy(update={"context_fields": (*POLICY.context_fields, pin)})
    found = play(lambda on: on.check(policy, missing=["card_number", "pin"]), tmp_path)
    assert (found["context"].status, found["context"].detail) == (
        "ok",
        "All 1 required variables are marked for handoff. Left out on purpose: pin.",
    )
    both = play(lambda on: on.check(policy, missing=["mood", "pin"]), tmp_path)
    assert both["context"].detail == "Recent handoffs sent or needed, and agents did not get: mood."


def test_a_channel_that_8x8_does_not_have_is_a_mismatch(tmp_path):
    async def scene(on):
        await on.set_up()
        return await on.check(channel_id="gone")

    found = play(scene, tmp_path)
    assert found["channel"].status == "failed"
    assert "Channel mismatch: the connector is mapped to channel gone" in found["channel"].detail


def test_a_bots_channel_mapped_to_nothing_or_to_another_type_is_a_mismatch(tmp_path):
    async def scene(on):
        saved = await on.set_up()
        on.sandbox.tenant.channels[saved["channel_id"]].type = "SMS"
        mapped = POLICY.model_copy(update={"channels": {"sms": "77", "app": CHANNEL_NAME}})
        return await on.check(mapped)

    found = play(scene, tmp_path)
    assert found["channel"].status == "failed"
    assert "of type SMS" in found["channel"].detail
    assert "`sms` is mapped to channel 77, which 8x8 does not have" in found["channel"].detail
    assert "that is the name of channel" in found["channel"].detail


def test_a_channel_on_another_queue_is_a_mismatch(tmp_path):
    async def scene(on):
        await on.set_up()
        another = await on.check(default_queue="102")
        on.sandbox.tenant.channels[on.settings.channel_id].queue_id = "999"
        return another, await on.check()

    another, gone = play(scene, tmp_path)
    assert another["channel"].status == gone["channel"].status == "warning"
    assert "has another default queue than 102" in another["channel"].detail
    assert "no chat queue here" in gone["channel"].detail


def test_no_channel_at_all_is_told(tmp_path):
    found = play(lambda on: on.check(), tmp_path)
    assert found["channel"].detail == "No Chat API channel is chosen for handoffs."
    assert "handoff connect --apply" in found["channel"].fix


def test_the_only_channel_there_is_will_do(tmp_path):
    async def scene(on):
        await on.set_up()
        return await on.check(channel_id=None)

    assert play(scene, tmp_path)["channel"].status == "warning"


def test_without_a_public_address_the_cost_of_polling_is_told(tmp_path):
    async def scene(on):
        await on.set_up()
        return await on.check(public_url=None)

    found = play(scene, tmp_path)
    assert found["webhook"].status == "warning"
    assert "the connector polls" in found["webhook"].detail


def test_a_webhook_that_nobody_answers_is_told(tmp_path):
    async def scene(on):
        await on.set_up()
        on.inbox.status = 500
        return await on.check()

    found = play(scene, tmp_path)
    assert found["webhook"].status == "failed"
    assert "8x8 gets no answer" in found["webhook"].detail


def test_a_webhook_that_is_not_ours_is_told(tmp_path):
    async def scene(on):
        before = await on.check()
        await on.set_up()
        elsewhere = await on.check(public_url="https://moved.example")
        on.sandbox.tenant.channels[on.settings.channel_id].webhook_id = "another"
        return before, elsewhere, await on.check()

    before, elsewhere, other = play(scene, tmp_path)
    assert "8x8 has no webhook for" in before["webhook"].detail
    assert "points elsewhere" in elsewhere["webhook"].detail
    assert "to another webhook" in other["webhook"].detail
