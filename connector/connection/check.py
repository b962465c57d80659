"""One step of the connection test, and what an answer of 8x8 says about address, key and tenant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from connector.errors import (
    AnswerLost,
    EightError,
    KeyRefused,
    NotSent,
    RateLimited,
    ServerFault,
    TenantRefused,
)
from connector.settings import API_HOST, Settings

Status = Literal["ok", "warning", "failed"]
STEPS = (
    "host",
    "key",
    "tenant",
    "queues",
    "default_queue",
    "agents",
    "channel",
    "webhook",
    "context",
)
WHERE_KEYS = "In 8x8 Admin Console > API Keys"


@dataclass(frozen=True)
class Check:
    """One step: `detail` says what was found, `fix` what to do about it (empty when all is well).

    A step that could not be looked at counts as failed.
    """

    name: str
    status: Status
    detail: str
    fix: str = ""

    @property
    def ok(self) -> bool:
        """Whether handoffs can go on: a warning is no obstacle."""
        return self.status != "failed"


def good(name: str, detail: str) -> Check:
    return Check(name, "ok", detail)


def warning(name: str, detail: str, fix: str) -> Check:
    return Check(name, "warning", detail, fix)


def failed(name: str, detail: str, fix: str) -> Check:
    return Check(name, "failed", detail, fix)


def unchecked(name: str, because: str) -> Check:
    return failed(name, f"Not checked, because `{because}` failed.", f"Mend `{because}` first.")


def judge_access(settings: Settings, error: EightError | None) -> list[Check]:
    """The steps host, key and tenant, out of how 8x8 took the first call."""
    host = good("host", _host_text(settings))
    key = good("key", "8x8 knows this API key, and it may use the Chat Gateway.")
    if error is None:
        return [host, key, _tenant_good(settings)]
    if (bad := _host_fault(settings, error)) is not None:
        return [bad, unchecked("key", "host"), unchecked("tenant", "host")]
    if isinstance(error, RateLimited):
        text = "8x8 takes no further calls just now (429)."
        busy = [failed(name, text, "Wait a minute and test again.") for name in ("key", "tenant")]
        return [host, *busy]
    if isinstance(error, KeyRefused):
        return [host, _key_unknown(), unchecked("tenant", "key")]
    if isinstance(error, TenantRefused) and error.reason == "key":
        return [host, _product_missing(), unchecked("tenant", "key")]
    return [host, key, _tenant_wrong(settings, error)]


def _host_text(settings: Settings) -> str:
    base, given = settings.api_base, (settings.tenant_url or "").strip().rstrip("/")
    if given.removeprefix("https://") == base.removeprefix("https://"):
        return f"{base} answers."
    return f"The API host that follows from {given} is {base}. It answers."


def _host_fault(settings: Settings, error: EightError) -> Check | None:
    base = settings.api_base
    if isinstance(error, NotSent):
        return failed("host", f"{base} cannot be reached{_why(error)}.", _unreachable_fix(error))
    if isinstance(error, AnswerLost):
        fix = "Look whether a firewall or proxy is in the way, then test again."
        return failed("host", f"{base} took the call and did not answer.", fix)
    if isinstance(error, ServerFault) and (error.status or 0) >= 500:
        fix = "Nothing is wrong on your side as far as one can see. Test again in some minutes."
        return failed("host", f"{base} answers with an error of its own ({error.status}).", fix)
    status = error.status or 0
    if 200 <= status < 400 or (status in (404, 405, 410) and not _names_tenant(error)):
        fix = f"Correct the Tenant URL. It is {API_HOST} unless 8x8 told you otherwise."
        return failed("host", f"{base} answers, but it is not 8x8's API ({error.status}).", fix)
    return None


def _why(error: EightError) -> str:
    """The network's own words, without the call and the address they were said of."""
    said = re.search(r"\(([^()]+)\)\.?$", str(error))
    return f": {said[1].rstrip('.')}" if said else ""


def _unreachable_fix(error: EightError) -> str:
    said = str(error).casefold()
    if "certificate" in said or "ssl" in said:
        return "Its certificate is not trusted here. Correct the Tenant URL, or your proxy."
    if any(word in said for word in ("name or service", "nodename", "getaddrinfo", "host name")):
        return "There is no host of this name. Correct the Tenant URL, or your DNS."
    return "Correct the Tenant URL, or let this machine reach it."


def _names_tenant(error: EightError) -> bool:
    return "tenant" in str(error).casefold()


def _key_unknown() -> Check:
    return failed(
        "key",
        "8x8 does not know this API key (401).",
        f"{WHERE_KEYS} copy the key of your app once more: the key, not its secret.",
    )


def _product_missing() -> Check:
    return failed(
        "key",
        "8x8 knows this API key, but it may not use the Chat Gateway (403).",
        f"{WHERE_KEYS} add the product Chat Gateway to the app; it works a few minutes later.",
    )


def _tenant_good(settings: Settings) -> Check:
    if settings.tenant_id:
        return good("tenant", f"Tenant `{settings.tenant_id}` belongs to this key.")
    return warning(
        "tenant",
        "No Tenant ID is set. That works as long as your organisation has one tenant.",
        "Enter the name shown in Configuration Manager > Home > Profile.",
    )


def _tenant_wrong(settings: Settings, error: EightError) -> Check:
    return failed(
        "tenant",
        f"8x8 refuses tenant `{settings.tenant_id or ''}` for this key ({error.status}).",
        "Enter the tenant name shown in Configuration Manager > Home > Profile, "
        "and use a key of the same organisation.",
    )
