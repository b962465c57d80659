"""Settings of one home: environment first, then `connection.toml`, then the sandbox that runs here.

Every setting is an environment variable with the prefix `HANDOFF_`, such as `HANDOFF_API_KEY`.
What an admin saves on the Connection page is `connection.toml` in the home, mode 0600.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import tomli_w
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from connector.clock import Anchor, Clock
from connector.errors import SettingsError
from connector.follow_up_settings import Addresses, ContactKey, ConversationUrl

Source = Literal["live", "test", "sandbox", "demo", "import"]
API_HOST = "https://api.8x8.com"
SAVED_FIELDS = (
    "api_key",
    "tenant_url",
    "tenant_id",
    "public_url",
    "webhook_id",
    "webhook_path",
    "channel_id",
    "default_queue",
    "queue_map",
)
_CLUSTER = re.compile(r"^(vcc-)?(na|eu|ap|au|ca|sb)\d+[a-z]?\.8x8\.com$")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Settings(BaseSettings):
    """One home's settings; frozen, built once and passed in."""

    model_config = SettingsConfigDict(env_prefix="HANDOFF_", frozen=True, extra="ignore")

    home: Path = Path("data")
    api_key: SecretStr | None = None
    tenant_url: str | None = None
    tenant_id: str | None = None
    public_url: str | None = None
    webhook_id: str | None = None
    webhook_path: str = "webhook"
    channel_id: str | None = None
    default_queue: str | None = None
    queue_map: Annotated[dict[str, str], NoDecode] = Field(default_factory=dict)
    source: Source | None = None
    tokens: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    lake: str | None = None
    lake_files: str | None = None
    hash_key: SecretStr | None = None
    contact_key: ContactKey = None
    conversation_url: ConversationUrl = None
    follow_up_due_h: float = Field(default=4.0, gt=0, le=720)
    notify: Annotated[Addresses, NoDecode] = ()
    roles: str | None = None

    @field_validator("tokens", mode="before")
    @classmethod
    def _tokens(cls, given: object) -> object:
        """One token, several with commas between them, or a JSON list; none of them blank."""
        if not isinstance(given, str):
            return given
        if not given.strip():
            return ()
        found = _decoded(given) if given.lstrip().startswith("[") else given.split(",")
        tokens = [token.strip() if isinstance(token, str) else "" for token in found]
        if not all(tokens):
            raise ValueError("holds a blank token, or something that is no text")
        return tokens

    @field_validator("queue_map", mode="before")
    @classmethod
    def _queue_map(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        found = _decoded(given) if given.strip() else {}
        if not isinstance(found, dict):
            raise ValueError('is not a JSON object such as {"Cards": "103"}')
        return {name: str(queue) for name, queue in found.items()}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        given = init_settings()
        home = Path(given.get("home") or os.environ.get("HANDOFF_HOME") or "data")
        saved = InitSettingsSource(settings_cls, init_kwargs=saved_connection(home))
        return init_settings, env_settings, saved

    @classmethod
    def load(cls, home: Path | str | None = None, **given: Any) -> Settings:
        """Settings of a home. With no tenant configured, those of a sandbox that runs on it.

        Raises SettingsError with the name of each setting that cannot be used.
        """
        if home is not None:
            given["home"] = Path(home)
        try:
            settings = cls(**given)
        except ValidationError as error:
            raise SettingsError(_problems(error)) from None
        if settings.configured:
            return settings
        running = running_sandbox(settings.home)
        return settings.model_copy(update=running.connection) if running else settings

    @property
    def configured(self) -> bool:
        """Whether key and tenant address are there."""
        return self.api_key is not None and bool(self.tenant_url)

    @property
    def api_base(self) -> str:
        """The API host that follows from the tenant URL; empty without one.

        8x8 serves the Chat Gateway of every cluster from one host; a cluster URL such as
        `https://na1.8x8.com` is therefore accepted and answered by it.
        """
        return api_base(self.tenant_url) if self.tenant_url else ""

    @property
    def is_loopback(self) -> bool:
        return (urlsplit(self.api_base).hostname or "") in _LOOPBACK

    @property
    def attempt_source(self) -> Source:
        """How attempts made with these settings are marked in the log.

        Without a tenant no attempt is a live one: it would hide those of every other source.
        """
        if not self.configured:
            return self.source if self.source not in (None, "live") else "test"
        return self.source or ("sandbox" if self.is_loopback else "live")

    @property
    def lacking(self) -> str | None:
        """What keeps these settings from reaching a tenant, in words; None when nothing does."""
        if self.configured:
            return None
        part = "API key" if self.tenant_url else "tenant address"
        return (
            f"No tenant is configured: the {part} is missing. "
            f"Enter it on the Connection page, or start `handoff sandbox`."
        )

    def set_by_environment(self) -> frozenset[str]:
        """Names of the saved fields that the environment decides."""
        return frozenset(name for name in SAVED_FIELDS if f"HANDOFF_{name.upper()}" in os.environ)


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise ValueError("is not JSON") from None


def _problems(error: ValidationError) -> str:
    """Each setting that cannot be used, by its variable, and why; values are not shown."""
    found = error.errors(include_url=False, include_input=False)
    texts = [
        f"HANDOFF_{str(problem['loc'][0] if problem['loc'] else '').upper()}: "
        f"{problem['msg'].removeprefix('Value error, ')}"
        for problem in found
    ]
    return (
        f"These settings cannot be used. {'; '.join(texts)}. Correct them in the environment, "
        "or in connection.toml in the home."
    )


def api_base(tenant_url: str) -> str:
    """Raises SettingsError when `tenant_url` is not an http(s) address."""
    text = tenant_url.strip()
    try:
        address = urlsplit(text if "://" in text else f"https://{text}")
        address.port  # noqa: B018, a port that is no number is only found when read
    except ValueError:
        address = urlsplit("")
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise SettingsError(
            f"`{tenant_url}` is not an address. Tenant URL looks like {API_HOST} "
            f"or https://na1.8x8.com."
        )
    if address.scheme == "http" and address.hostname not in _LOOPBACK:
        raise SettingsError("Tenant URL must begin with https://: the API key travels with it.")
    if _CLUSTER.match(address.hostname):
        return API_HOST
    return f"{address.scheme}://{address.netloc}"


def saved_connection(home: Path) -> dict[str, Any]:
    """What `connection.toml` of a home holds; empty when there is none."""
    path = home / "connection.toml"
    try:
        saved = tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}. Mend it or remove it.") from None
    return {name: value for name, value in saved.items() if name in SAVED_FIELDS}


def save_connection(home: Path, changes: Mapping[str, Any]) -> None:
    """Write `connection.toml` (mode 0600), whole or not at all; None removes a field."""
    saved = {**saved_connection(home), **changes}
    kept = {name: value for name, value in saved.items() if value is not None}
    write_toml(home / "connection.toml", kept)


def write_toml(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file (mode 0600), whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}.{os.getpid()}.toml")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        tomli_w.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class RunningSandbox:
    """A sandbox that wrote `sandbox.json` into the home and still lives."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self.pid = int(found["pid"])
        self.connection: dict[str, Any] = {
            "api_key": SecretStr(found["api_key"]),
            "tenant_url": found["tenant_url"],
            "tenant_id": found["tenant_id"],
        }
        clock = found["clock"]
        self.anchor = Anchor(
            datetime.fromisoformat(clock["t0"]), float(clock["wall0"]), float(clock["speed"])
        )


def running_sandbox(home: Path) -> RunningSandbox | None:
    """The sandbox that runs on this home, if any."""
    try:
        found = RunningSandbox(json.loads((home / "sandbox.json").read_text()))
        os.kill(found.pid, 0)
    except (OSError, ValueError, KeyError):
        return None
    return found


def sandbox_of(settings: Settings) -> RunningSandbox | None:
    """The sandbox that runs on this home, when it is the tenant of these settings."""
    running = running_sandbox(settings.home)
    same = running is not None and running.connection["tenant_url"] == settings.tenant_url
    return running if same else None


def clock_of(settings: Settings) -> Clock:
    """World time: that of the sandbox these settings lead to and that runs here, else UTC now."""
    sandbox = sandbox_of(settings)
    return Clock(sandbox.anchor) if sandbox else Clock()
