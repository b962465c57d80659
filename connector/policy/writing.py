"""Policies to YAML, without loss."""

from __future__ import annotations

import re
from typing import Any

import yaml

from connector.policy.model import Policy
from connector.policy.rules import CONDITIONS

# Line ends of YAML that a reader turns into others, unless they are escaped.
_ODD_ENDS = re.compile("[\x85\u2028\u2029\ufeff]")


class _Dumper(yaml.SafeDumper):
    """Writes texts with odd line ends in double quotes, where they are escaped."""


def dump_policy(policy: Policy) -> str:
    """The policy as YAML; `parse_policy` reads it back without loss."""
    content = policy.model_dump(mode="json", exclude_defaults=True)
    if "rules" in content:
        content["rules"] = [_conditions_first(rule) for rule in content["rules"]]
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _conditions_first(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule in the order in which people read it: its name, what it matches, where it leads."""
    return {name: rule[name] for name in ("name", *CONDITIONS) if name in rule} | rule


def _text(dumper: Any, text: str) -> Any:
    style = '"' if _ODD_ENDS.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
