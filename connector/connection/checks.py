"""The connection test: every step from the address to the context that agents get."""

from __future__ import annotations

from collections.abc import Sequence

from connector.connection.check import (
    STEPS,
    Check,
    failed,
    judge_access,
    unchecked,
)
from connector.connection.context_check import check_context
from connector.connection.delivery import check_channel, check_webhook
from connector.connection.targets import (
    Targets,
    check_agents,
    check_default_queue,
    check_queues,
)
from connector.eight import Channel, Eight, Repeating, Timeouts, Transport, Webhook
from connector.eight.http import header_value, netloc
from connector.errors import EightError, SettingsError
from connector.policy import Policy
from connector.queues import QueueState
from connector.settings import API_HOST, Settings

ENTER_KEY = "Enter the API Key: 8x8 Admin Console > API Keys > Create App, product Chat Gateway."
# Somebody waits for the test: one try each, and no long waits.
ONCE = Repeating(attempts=1)
PATIENCE = Timeouts(connect=4.0, read=8.0, write=5.0, pool=8.0, whole=15.0)


async def check_connection(
    settings: Settings,
    policy: Policy,
    *,
    recent_missing: Sequence[str] = (),
    transport: Transport | None = None,
) -> list[Check]:
    """One Check for each of STEPS, in order; never raises for what 8x8 or the network does.

    `recent_missing` names variables that recent handoffs sent or needed and no agent got.
    """
    try:
        address = _address(settings)
    except SettingsError as error:
        fix = f"Enter the Tenant URL, such as {API_HOST} or https://na1.8x8.com."
        return _without_8x8([failed("host", str(error), fix)], policy, recent_missing)
    usable, faults = _usable(settings)
    async with _client(address, usable, transport) as eight:
        access = [
            faults.get(check.name, check)
            for check in judge_access(usable, await _error_of_probe(eight))
        ]
        if not all(check.ok for check in access):
            return _without_8x8(access, policy, recent_missing)
        states = await _queues(eight)
        return [
            *access,
            *await _queue_checks(eight, settings, policy, states),
            *await _delivery_checks(eight, settings, policy, states),
            check_context(policy, recent_missing),
        ]


def _address(settings: Settings) -> str:
    """Raises SettingsError when calls have nowhere to go."""
    if not settings.tenant_url:
        raise SettingsError("No Tenant URL is set.")
    try:
        address = settings.api_base
    except ValueError:
        raise SettingsError(f"Tenant URL `{settings.tenant_url}` is not an address.") from None
    netloc(address)
    return address


def _usable(settings: Settings) -> tuple[Settings, dict[str, Check]]:
    """The settings without a key or tenant id that no request can carry, and what to say of it."""
    faults: dict[str, Check] = {}
    unset: dict[str, None] = {}
    if settings.api_key is None:
        faults["key"] = failed("key", "No API key is set.", ENTER_KEY)
    else:
        try:
            header_value("API Key", settings.api_key.get_secret_value())
        except SettingsError as error:
            faults["key"], unset["api_key"] = failed("key", str(error), ENTER_KEY), None
    try:
        header_value("Tenant ID", settings.tenant_id or "none")
    except SettingsError as error:
        fix = "Enter the tenant name shown in Configuration Manager > Home > Profile."
        faults["tenant"], unset["tenant_id"] = failed("tenant", str(error), fix), None
    if "key" in faults:
        faults["tenant"] = unchecked("tenant", "key")
    return settings.model_copy(update=unset), faults


def _client(address: str, settings: Settings, transport: Transport | None) -> Eight:
    return Eight(
        address,
        settings.api_key,
        settings.tenant_id,
        transport=transport,
        timeouts=PATIENCE,
        repeating=ONCE,
    )


async def _error_of_probe(eight: Eight) -> EightError | None:
    try:
        await eight.probe()
    except EightError as error:
        return error
    return None


def _without_8x8(found: list[Check], policy: Policy, missing: Sequence[str]) -> list[Check]:
    """All steps when 8x8 cannot be asked; the context step needs it not."""
    by_name = {check.name: check for check in found}
    because = next(name for name in STEPS if name in by_name and not by_name[name].ok)
    rest = [by_name.get(name) or unchecked(name, because) for name in STEPS[:-1]]
    return [*rest, check_context(policy, missing)]


async def _queues(eight: Eight) -> list[QueueState] | EightError:
    try:
        return await eight.queue_states()
    except EightError as error:
        return error


async def _queue_checks(
    eight: Eight, settings: Settings, policy: Policy, states: list[QueueState] | EightError
) -> list[Check]:
    queues = check_queues(states)
    if not queues.ok or isinstance(states, EightError):
        return [queues, unchecked("default_queue", "queues"), unchecked("agents", "queues")]
    targets = Targets.of(settings, policy, states, await _closed(eight, policy))
    return [queues, check_default_queue(targets), check_agents(targets)]


async def _closed(eight: Eight, policy: Policy) -> frozenset[str]:
    """Names of the policy's schedules that are closed now; advisory, so never an error."""
    wanted = {policy.schedule, *policy.schedules.values()} - {None}
    if not wanted:
        return frozenset()
    try:
        found = [item for item in await eight.schedules() if {item.name, item.id} & wanted]
        closed = [item for item in found if await eight.schedule_status(item.id) == -1]
    except EightError:
        return frozenset()
    return frozenset(name for item in closed for name in (item.name, item.id))


async def _delivery_checks(
    eight: Eight, settings: Settings, policy: Policy, states: list[QueueState] | EightError
) -> list[Check]:
    channels: list[Channel] | EightError
    webhooks: list[Webhook] | EightError
    try:
        channels = await eight.channels()
    except EightError as error:
        channels = error
    try:
        webhooks = await eight.webhooks()
    except EightError as error:
        webhooks = error
    known = None if isinstance(states, EightError) else frozenset(state.id for state in states)
    return [
        check_channel(settings, policy, channels, known),
        await check_webhook(eight, settings, channels, webhooks),
    ]
