"""What an admin typed into the Connection form: what it changes, and when it is refused.

The key is write-only. It is kept where it is, so it may not be sent to a host that was typed later:
whoever can open this page could otherwise have it delivered to a server of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from connector.errors import SettingsError
from connector.settings import API_HOST, Settings, api_base

OF_ONE_TENANT = ("webhook_id", "webhook_path", "channel_id", "default_queue", "queue_map")
"""Saved fields that mean nothing in another tenant."""
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Typed:
    """The four fields of the form; an empty key means: keep the one that is saved."""

    api_key: str = ""
    tenant_url: str = ""
    tenant_id: str = ""
    public_url: str = ""


def host_of(tenant_url: str) -> str | None:
    """The API host that follows from a tenant URL; None when nothing is typed."""
    return api_base(tenant_url) if tenant_url.strip() else None


def changes(typed: Typed, settings: Settings) -> dict[str, Any]:
    """What saving would write; fields decided by the environment are left alone.

    `settings` are the home's own, without a sandbox standing in. A new host or tenant takes the
    webhook, channel and queues of the old one along. Raises SettingsError when something typed
    cannot be used.
    """
    fixed = settings.set_by_environment()
    key = typed.api_key.strip()
    fields: dict[str, Any] = {
        "tenant_url": _tenant_url(typed.tenant_url),
        "tenant_id": typed.tenant_id.strip() or None,
        "public_url": _public_url(typed.public_url),
    }
    _guard_key(fields["tenant_url"], key, settings)
    if key:
        fields["api_key"] = key
    if other_tenant(fields, settings):
        fields |= dict.fromkeys(OF_ONE_TENANT)
    return {name: value for name, value in fields.items() if name not in fixed}


def other_tenant(fields: dict[str, Any], settings: Settings) -> bool:
    """Whether host or tenant differ from what the home has, or stood in for it until now."""
    if not settings.configured:
        return True
    before = (settings.api_base, settings.tenant_id)
    return before != (host_of(fields["tenant_url"] or "") or API_HOST, fields["tenant_id"])


def tried(typed: Typed, settings: Settings) -> Settings:
    """Settings as they would be after saving, to test them before. Raises SettingsError."""
    given = {**changes(typed, settings)}
    if "queue_map" in given:
        given |= {"queue_map": {}, "webhook_path": "webhook"}
    return Settings.load(settings.home, **given)


def _tenant_url(text: str) -> str | None:
    if not text.strip():
        return None
    _refuse_space(text.strip(), "Tenant URL")
    api_base(text)
    return text.strip().rstrip("/")


def _public_url(text: str) -> str | None:
    address = text.strip()
    if not address:
        return None
    _refuse_space(address, "Public webhook address")
    parts = urlsplit(address if "://" in address else f"https://{address}")
    here = parts.hostname in _LOOPBACK
    if not parts.hostname or parts.scheme not in ({"http", "https"} if here else {"https"}):
        raise SettingsError(
            "Public webhook address must begin with https:// and be reachable by 8x8, "
            "such as https://handoff.example.com. Leave it empty to run by polling."
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _refuse_space(address: str, name: str) -> None:
    if any(sign.isspace() for sign in address):
        raise SettingsError(f"{name} must not contain spaces: `{address}`.")


def _guard_key(tenant_url: str | None, typed_key: str, settings: Settings) -> None:
    if typed_key or settings.api_key is None or tenant_url is None:
        return
    if settings.tenant_url is not None and host_of(tenant_url) == settings.api_base:
        return
    if host_of(tenant_url) == API_HOST:
        return
    again = "Type the API Key again"
    if "api_key" in settings.set_by_environment():
        again = "Set HANDOFF_TENANT_URL beside HANDOFF_API_KEY"
    raise SettingsError(
        f"{again}: the key is not sent to a host it was not given for ({host_of(tenant_url)})."
    )
