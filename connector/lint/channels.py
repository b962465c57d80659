"""Bot channels that lead to no channel of 8x8."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.eight import Channel
from connector.eight.records import CHAT_API
from connector.lint.editing import fix, put, take
from connector.lint.facts import LogFacts, TenantFacts
from connector.lint.finding import Fix, LintFinding, Severity
from connector.policy import Policy


def without_id(
    policy: Policy, tenant: TenantFacts | None, log: LogFacts | None
) -> Iterator[LintFinding]:
    """Channels mapped to no id, or to one that is not a Chat API channel of the tenant.

    Where nothing else takes them, also those that rules or customers name and nobody maps.
    """
    there = tenant.channels if tenant else None
    for name, channel_id in policy.channels.items():
        if (wrong := _what_is_wrong(channel_id.strip(), there)) is not None:
            text = f"The bot's channel `{name}` {wrong}. Map it to a channel id."
            mending = _mending(
                name, channel_id, there or (), own=tenant is None or tenant.own_channel
            )
            yield _finding("error", name, text, mending)
    if tenant is None or tenant.own_channel or there is None:
        return
    for name in _used(policy, log):
        if name not in policy.channels:
            text = (
                f"Handoffs of the bot's channel `{name}` have no channel id to go through: the "
                "policy maps none, and the connection has none of its own. Use Set up in 8x8."
            )
            yield _finding("warning", name, text, _mending(name, "", there, own=False))


def _finding(severity: Severity, name: str, text: str, mending: Fix | None) -> LintFinding:
    return LintFinding(severity, "channel_without_id", ("channels", name), None, text, mending)


def _what_is_wrong(channel_id: str, there: Sequence[Channel] | None) -> str | None:
    if not channel_id:
        return "has no channel id"
    if there is None:
        return None
    found = next((channel for channel in there if channel.id == channel_id), None)
    if found is None:
        return f"is mapped to `{channel_id}`, which is no channel of the tenant"
    if found.type != CHAT_API:
        return f"is mapped to {found.name} ({found.id}) of type {found.type}, not {CHAT_API}"
    return None


def _mending(name: str, written: str, there: Sequence[Channel], *, own: bool) -> Fix | None:
    """The channel of that name, or the only one there is; else the connection's own."""
    chat = [channel for channel in there if channel.type == CHAT_API]
    named = [channel for channel in chat if channel.name in (written, name)]
    if found := named or (chat if len(chat) == 1 else []):
        return fix(
            f"Map it to {found[0].name} ({found[0].id})", put(("channels", name), found[0].id)
        )
    return fix("Use the connection's own channel", take(("channels", name))) if own else None


def _used(policy: Policy, log: LogFacts | None) -> list[str]:
    named = [channel for rule in policy.rules for channel in rule.channels]
    logged = [traffic.channel for traffic in log.traffic] if log else []
    return list(dict.fromkeys([*named, *(channel for channel in logged if channel)]))
