"""Which role somebody who logged in has: `roles.toml` of the home, and HANDOFF_ROLES over it.

    default = "viewer"          # whoever is not listed; "none" lets only those in who are
    group_claim = "groups"
    [people]
    "ann@example.com" = "admin"
    [groups]
    "contact center" = "manager"

HANDOFF_ROLES is the same as JSON. Without a log-in none of it matters: see the dashboard's pages.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from connector import audit
from connector.access import Actor, Role
from connector.errors import SettingsError
from connector.settings import Settings, write_toml

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from connector.log import Home

FILE = "roles.toml"
Kind = Literal["people", "groups", "default"]


class Roles(BaseModel):
    """Roles by e-mail and by group; `default` (None: nobody) is that of everybody else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: Role | None = Role.VIEWER
    group_claim: str = Field(default="groups", min_length=1)
    people: dict[str, Role] = Field(default_factory=dict)
    groups: dict[str, Role] = Field(default_factory=dict)

    @field_validator("default", mode="before")
    @classmethod
    def _none(cls, given: object) -> object:
        return None if given == "none" else given

    @field_validator("people", mode="before")
    @classmethod
    def _without_case(cls, given: object) -> object:
        return {name.casefold(): role for name, role in given.items()} if _named(given) else given

    def role_of(self, claims: Mapping[str, Any]) -> Role | None:
        """The role of whoever has these claims: their own, else the highest of their groups', else
        the default. None lets them do nothing."""
        email = verified_email(claims)
        if email is not None and email.casefold() in self.people:
            return self.people[email.casefold()]
        groups = claims.get(self.group_claim) or ()
        names = [groups] if isinstance(groups, str) else list(groups)
        found = [self.groups[name] for name in names if name in self.groups]
        return max(found, key=list(Role).index) if found else self.default


def verified_email(claims: Mapping[str, Any]) -> str | None:
    """The e-mail, unless whoever vouches for it says that nobody has verified it."""
    email, verified = claims.get("email"), claims.get("email_verified", True)
    vouched = verified is True or str(verified).casefold() == "true"
    return str(email) if email and vouched else None


def actor_of(claims: Mapping[str, Any], roles: Roles) -> Actor | None:
    """Whoever logged in with these claims; None when they have no role.

    Named by the e-mail, else by the provider's own id: any other name can be chosen freely.
    """
    role = roles.role_of(claims)
    name = verified_email(claims) or f"user {claims.get('sub', 'unknown')}"
    return Actor(name, role) if role else None


def load_roles(settings: Settings) -> Roles:
    """The roles as they are now. Raises SettingsError when they cannot be read."""
    merged = _merged(saved_roles(settings.home), _given(settings))
    return _checked(merged, "HANDOFF_ROLES" if settings.roles else settings.home / FILE)


def saved_roles(home: Path) -> dict[str, Any]:
    """What the file of a home holds. Raises SettingsError when it is no TOML."""
    path = home / FILE
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}. Mend it or remove it.") from None


def set_role(home: Home, kind: Kind, name: str, role: Role | None, *, actor: Actor) -> None:
    """Give a person or a group a role, or the default one (`name` is "" then); None takes it away.

    Audited. Raises NotAllowed, and SettingsError when there is nothing to take away.
    """
    actor.must_be(Role.ADMIN, to="give roles")
    saved = saved_roles(home.path)
    _checked(saved, home.path / FILE)
    changed, before, after = _changed(saved, kind, name.strip(), role)
    _checked(changed, home.path / FILE)

    def once(cursor: DuckDBPyConnection) -> None:
        subject = "default" if kind == "default" else name.strip()
        audit.record(
            cursor,
            actor,
            "give role" if role else "take role away",
            subject,
            before={kind: before},
            after={kind: after},
        )
        write_toml(home.path / FILE, changed)

    try:
        home.lake.transaction(once)
    except BaseException:
        write_toml(home.path / FILE, saved)
        raise


def _changed(
    saved: Mapping[str, Any], kind: Kind, name: str, role: Role | None
) -> tuple[dict[str, Any], str | None, str | None]:
    """The file's content, and the role before and after."""
    given = role.value if role else None
    if kind == "default":
        return {**saved, "default": given or "none"}, saved.get("default"), given or "none"
    name = name.casefold() if kind == "people" else name
    if not name:
        raise SettingsError("Say whose role it is: an e-mail address, or the name of a group.")
    listed = {_key(kind, key): held for key, held in dict(saved.get(kind, {})).items()}
    before = listed.pop(name, None)
    if given is None and before is None:
        raise SettingsError(f"`{name}` has no role in {FILE}.")
    return {**saved, kind: listed | ({name: given} if given else {})}, before, given


def _key(kind: Kind, name: str) -> str:
    return name.casefold() if kind == "people" else name


def _merged(saved: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**saved, **given}
    kinds: tuple[Kind, ...] = ("people", "groups")
    for kind in kinds:
        parts = [part.get(kind, {}) for part in (saved, given)]
        if all(map(_named, parts)):
            merged[kind] = {_key(kind, name): role for part in parts for name, role in part.items()}
    return merged


def _given(settings: Settings) -> dict[str, Any]:
    if not (settings.roles or "").strip():
        return {}
    try:
        found = json.loads(settings.roles or "")
    except ValueError as error:
        raise SettingsError(f"HANDOFF_ROLES is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise SettingsError("HANDOFF_ROLES is no JSON object with people, groups or default.")
    return found


def _named(given: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(given, dict) and all(isinstance(name, str) for name in given)


def _checked(content: Mapping[str, Any], place: Path | str) -> Roles:
    try:
        return Roles.model_validate(content)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        raise SettingsError(
            f"{place}, `{where}`: {problem['msg']}. Roles are {', '.join(Role)}."
        ) from None
