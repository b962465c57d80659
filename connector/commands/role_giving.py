"""`handoff roles`: who may do what once they have logged in to the dashboard."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from connector.access import Role, local_actor
from connector.commands.home import opened
from connector.commands.options import AsJson, settings_of
from connector.commands.output import Format, show, show_rows
from connector.errors import SettingsError
from connector.roles import FILE, Kind, load_roles, saved_roles, set_role

roles = typer.Typer(no_args_is_help=True, help="Who may do what on the dashboard.")
Who = Annotated[str, typer.Argument(help="An e-mail address, a group with --group, or `default`.")]
Group = Annotated[bool, typer.Option("--group", help="WHO is a group that the log-in tells of.")]
COLUMNS = ("who", "kind", "role", "set_in")


@roles.command("list")
def list_roles(
    context: typer.Context,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    as_json: AsJson = False,
) -> None:
    """List roles; `default` is whoever logs in and is not listed."""
    settings = settings_of(context)
    found, saved = load_roles(settings), saved_roles(settings.home)
    rows: list[dict[str, Any]] = []
    for kind, listed in (("people", found.people), ("groups", found.groups)):
        in_file = {name.casefold(): role for name, role in saved.get(kind, {}).items()}
        rows += [
            _row(name, kind, role, in_file.get(name.casefold()) == role)
            for name, role in sorted(listed.items())
        ]
    default = found.default.value if found.default else "none"
    rows.append(_row("default", "default", default, saved.get("default", "viewer") == default))
    show_rows(COLUMNS, rows, Format.JSON if as_json else form)


@roles.command("set")
def set_one(
    context: typer.Context,
    who: Who,
    role: Annotated[str, typer.Argument(help="viewer, manager or admin; for default also none.")],
    group: Group = False,
    as_json: AsJson = False,
) -> None:
    """Give a role; it holds from the next click of that person on."""
    kind = _kind(who, group)
    given = None if kind == "default" and role == "none" else _role(role)
    _set(context, kind, who, given)
    show({"who": who, "kind": kind, "role": role}, as_json=as_json, words=lambda: f"{who}: {role}.")


@roles.command("remove")
def remove_one(
    context: typer.Context, who: Who, group: Group = False, as_json: AsJson = False
) -> None:
    """Take a role away; whoever is not listed has the default one."""
    kind = _kind(who, group)
    if kind == "default":
        raise SettingsError("The default role is set, not removed: `handoff roles set default …`.")
    _set(context, kind, who, None)
    show(
        {"who": who, "kind": kind, "role": None},
        as_json=as_json,
        words=lambda: f"{who} is not listed any more.",
    )


def _set(context: typer.Context, kind: Kind, who: str, role: Role | None) -> None:
    with opened(settings_of(context)) as home:
        set_role(home, kind, who, role, actor=local_actor())


def _kind(who: str, group: bool) -> Kind:
    if group:
        return "groups"
    return "default" if who == "default" else "people"


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise SettingsError(f"`{text}` is no role. Roles are {', '.join(Role)}.") from None


def _row(who: str, kind: str, role: str, in_file: bool) -> dict[str, Any]:
    return {"who": who, "kind": kind, "role": role, "set_in": FILE if in_file else "HANDOFF_ROLES"}
