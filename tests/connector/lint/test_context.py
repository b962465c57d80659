"""Fields, intents and channels: what bots send, against what the policy makes of it."""

from dataclasses import replace

import pytest

from connector.eight import Eight
from connector.errors import PolicyError
from connector.lint import Traffic, lint, tenant_facts
from connector.policy import Policy, Rule, Skill, Step, dump_policy, parse_policy
from connector.settings import Settings
from tests.connector.sandbox.tenancy import live, played

from .drafts import NOON, log, policy

CARD = {"intents": ["lost"]}
LIVE = "https://api.8x8.com"


def test_an_intent_without_a_rule_is_told_with_its_volume(tenant):
    draft = policy({"card": CARD})
    seen = log(("lost", 100), ("refund", 240), ("loan", 1), (None, 50))
    first, second = tenant.lint(draft, seen)
    assert (first.severity, first.check, first.place) == (
        "warning",
        "intent_without_rule",
        ("rules",),
    )
    assert "the intent `refund`: in the log 240 handoffs of it fell to the default" in first.text
    assert "one handoff of it" in second.text
    done = tenant.mended(draft, first, seen)
    assert (done.rules[-1].intents, done.rules[-1].steps) == (("refund",), done.default.steps)


def test_of_many_intents_the_most_frequent_are_told_and_the_rest_counted(tenant):
    draft, seen = policy(), log(*((f"intent {number}", 100 - number) for number in range(23)))
    found = tenant.lint(draft, seen)
    assert len(found) == 20
    assert "`intent 0`" in found[0].text
    assert found[-1].text.endswith("So it is with 3 rarer intents.")


def test_what_another_condition_takes_does_not_fall_to_the_default_queue(tenant):
    draft = policy({"web": {"channels": ["web"]}})
    seen = log(Traffic("refund", {NOON: 90}, channel="web"), Traffic("loan", {NOON: 20}))
    found = tenant.only(draft, seen)
    assert "`loan`: in the log 20 handoffs" in found.text


def test_a_required_field_that_no_bot_has_sent_is_a_warning(tenant):
    draft = policy({"card": CARD | {"required": ["card_number", "pin"]}}, required=["transcript"])
    seen = log(("lost", 200))
    found = tenant.only(draft, seen)
    assert (found.severity, found.check) == ("warning", "field_never_sent")
    assert (found.place, found.rule) == (("rules", 0, "required", 1), "card")
    assert "`pin` is required, but no bot has sent it in 28 days and 200 handoffs" in found.text
    assert tenant.mended(draft, found, seen).rules[0].required == ("card_number",)


def test_a_log_of_fewer_than_a_hundred_attempts_says_nothing(tenant):
    draft = policy({"card": CARD | {"required": ["pin"]}})
    assert tenant.lint(draft, log(("refund", 99), patience={"refund": (99, 5.0)})) == []


@pytest.mark.parametrize(("count", "beyond"), [(25, 0), (27, 2)])
def test_more_custom_fields_than_8x8_takes_are_a_warning(tenant, count, beyond):
    fields = [{"name": f"field {number}"} for number in range(count)]
    fields += [{"name": "left out", "passed": "never"}]
    draft = policy({"card": CARD | {"required": ["field 26"]}}, context_fields=fields)
    found = tenant.lint(draft)
    assert len(found) == (1 if beyond else 0)
    if beyond:
        [finding] = found
        assert (finding.severity, finding.check) == ("warning", "too_many_fields")
        # The required one is sent before others, so it is not among those cut.
        assert "`field 24`, `field 25` would be cut" in finding.text
        passed = [field.passed for field in tenant.mended(draft, finding).context_fields]
        assert passed.count("marked") == 25


def test_a_channel_without_an_id_is_an_error(tenant):
    draft = policy(channels={"web": " "})
    found = tenant.only(draft)
    assert (found.severity, found.check) == ("error", "channel_without_id")
    assert found.place == ("channels", "web")
    assert "channel `web` has no channel id" in found.text
    assert tenant.mended(draft, found).channels == {}


@live
async def test_a_channel_id_the_tenant_does_not_have_is_an_error_until_it_is_one_of_its_own():
    async with played() as t:
        draft = policy(channels={"whatsapp": "bot"})
        given = Settings(**t.sandbox.connection)
        async with Eight(given.api_base, given.api_key, given.tenant_id) as eight:
            facts = await tenant_facts(eight, draft, given)
        found, _ = lint(draft, tenant=facts, log=None)
        assert (found.severity, found.check) == ("error", "channel_without_id")
        assert "mapped to `bot`, which is no channel of the tenant" in found.text
        done = found.fix.apply(draft)
        assert done.channels == {"whatsapp": t.channel["id"]}
        assert [one.check for one in lint(done, tenant=facts, log=None)] == ["not_checked"]

        unmapped = policy({"card": CARD | {"channels": ["bot"]}})
        lone, _ = lint(unmapped, tenant=replace(facts, own_channel=False), log=None)
        assert lone.fix.apply(unmapped).channels == {"bot": t.channel["id"]}

        others = tuple(replace(channel, type="SMS") for channel in facts.channels)
        found, _ = lint(done, tenant=replace(facts, channels=others), log=None)
        assert "of type SMS, not ChatAPI" in found.text


def test_a_channel_that_nobody_maps_needs_one_of_the_connection(tenant):
    draft = policy({"card": CARD | {"channels": ["web"]}})
    assert tenant.lint(draft) == [], "a connector makes its channel in a sandbox"
    found = tenant.only(draft, tenant_url=LIVE)
    assert (found.severity, found.check) == ("warning", "channel_without_id")
    assert found.place == ("channels", "web")


def unchecked(draft, rule, **fields):
    """A draft put together without the checks that a file goes through."""
    return draft.model_copy(update={"rules": (rule,), **fields})


def refusal(draft):
    with pytest.raises(PolicyError) as refused:
        parse_policy(dump_policy(draft))
    return refused.value


@pytest.mark.parametrize("listed", [(), ({"name": "ssn"},)])
def test_a_condition_on_a_personal_variable_is_refused_in_the_words_of_a_file(tenant, listed):
    rule = Rule(name="vip", steps=(Step(queue="Cards"),), variables={"ssn": ("1",)})
    draft = unchecked(policy(context_fields=listed), rule)
    [found] = lint(draft, tenant=tenant.facts(draft), log=None)
    assert (found.severity, found.check, found.rule) == ("error", "personal_condition", "vip")
    assert found.place == ("rules", 0, "variables", "ssn")
    refused = refusal(draft)
    assert found.text == f"{refused.message} If it tells nothing about a person, " + (
        "list it with `personal: false`."
    )
    assert tenant.lint(found.fix.apply(draft)) == []


def test_a_skill_that_is_not_listed_or_leads_nowhere_is_refused_in_the_words_of_a_file(tenant):
    rule = Rule(name="es", steps=(Step(skill="spanish"),))
    nowhere = Skill.model_construct(queue=None, language=None)
    for draft, place, words in [
        (unchecked(policy(), rule), ("rules", 0, "steps", 0, "skill"), "used but not listed"),
        (unchecked(policy(), rule, skills={"spanish": nowhere}), ("skills", "spanish"), "needs a"),
    ]:
        [found] = lint(draft, tenant=tenant.facts(policy()), log=None)
        assert (found.severity, found.check) == ("error", "skill_without_target")
        assert found.place == place
        assert words in found.text
        assert found.text.startswith(refusal(draft).message)
        assert tenant.lint(found.fix.apply(draft)) == []


def test_any_other_mistake_is_told_where_it_is(tenant):
    draft = policy().model_copy(update={"default_queue": ""})
    [found] = lint(draft, tenant=None, log=None)
    assert (found.severity, found.check, found.place) == (
        "error",
        "not_a_policy",
        ("default_queue",),
    )
    assert isinstance(draft, Policy)
