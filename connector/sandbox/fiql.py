"""Filters of lists in FIQL, such as `name==Bank*;(routingOptions.id==101,type!=SMS)`.

`;` is and, `,` is or, `;` binds tighter. `*` stands for any text. Source of the format: FIQL, the
Feed Item Query Language, as 8x8 Chat Gateway v1 names it; which fields are filterable is not
published, here every field of the resource is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

Test = Callable[[Mapping[str, Any]], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<mark>[();,])|(?P<field>[A-Za-z_][\w.]*)(?P<sign>==|!=|=[a-z]+=)"
    r"(?P<value>\"[^\"]*\"|'[^']*'|[^();,]*))"
)
_ORDER: dict[str, Callable[[str, str], bool]] = {
    "=lt=": lambda found, given: found < given,
    "=le=": lambda found, given: found <= given,
    "=gt=": lambda found, given: found > given,
    "=ge=": lambda found, given: found >= given,
}


class BadFilter(ValueError):
    """A filter that cannot be read."""


def parse(text: str) -> Test:
    """Raises BadFilter."""
    tokens = _tokens(text)
    test = _either(tokens)
    if tokens:
        raise BadFilter(f"unexpected `{tokens[0][0]}`")
    return test


def field_of(resource: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None when it is not there."""
    value: Any = resource
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _tokens(text: str) -> list[tuple[str, ...]]:
    tokens: list[tuple[str, ...]] = []
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise BadFilter(f"cannot read `{text[at : at + 20]}`")
        mark = found["mark"]
        tokens.append((mark,) if mark else (found["field"], found["sign"], found["value"]))
        at = found.end()
    return tokens


def _either(tokens: list[tuple[str, ...]]) -> Test:
    parts = [_all(tokens)]
    while tokens and tokens[0] == (",",):
        tokens.pop(0)
        parts.append(_all(tokens))
    return lambda resource: any(part(resource) for part in parts)


def _all(tokens: list[tuple[str, ...]]) -> Test:
    parts = [_one(tokens)]
    while tokens and tokens[0] == (";",):
        tokens.pop(0)
        parts.append(_one(tokens))
    return lambda resource: all(part(resource) for part in parts)


def _one(tokens: list[tuple[str, ...]]) -> Test:
    if not tokens:
        raise BadFilter("it ends too early")
    token = tokens.pop(0)
    if token == ("(",):
        inner = _either(tokens)
        if not tokens or tokens.pop(0) != (")",):
            raise BadFilter("a bracket is not closed")
        return inner
    if len(token) != 3:
        raise BadFilter(f"unexpected `{token[0]}`")
    return _comparison(*token)


def _comparison(field: str, sign: str, value: str) -> Test:
    given = unquote(value.strip("\"'"))
    if sign in ("==", "!="):
        # Only `*` is special in FIQL; the other wildcards of fnmatch are taken as they are.
        pattern = re.sub(r"([\[?])", r"[\1]", given)
        wanted = sign == "=="
        return lambda resource: fnmatchcase(_text(resource, field), pattern) is wanted
    if sign not in _ORDER:
        raise BadFilter(f"unknown operator `{sign}`")
    compare = _ORDER[sign]
    return lambda resource: compare(_text(resource, field), given)


def _text(resource: Mapping[str, Any], field: str) -> str:
    value = field_of(resource, field)
    return "" if value is None else str(value)
