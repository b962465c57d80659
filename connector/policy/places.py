"""Where in a YAML text the parts of its content stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml


@dataclass(frozen=True)
class Key:
    """A key of a mapping and its line, counted from 1."""

    name: str
    line: int


def line_of(node: Any, place: tuple[int | str, ...]) -> int | None:
    """The line of the deepest part of `place` that the text holds, counted from 1."""
    line = node.start_mark.line + 1 if node is not None else None
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(part)]
            if not found:
                return line
            # What a merge key brings stands before the part's own keys, which win.
            line, node = found[-1][0].start_mark.line + 1, found[-1][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            if part >= len(node.value):
                return line
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


def key_given_twice(root: Any) -> Key | None:
    """The first key that a mapping holds twice; YAML would silently take the last."""
    for node in _mappings(root):
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    return Key(key.value, key.start_mark.line + 1)
                seen.add(key.value)
    return None


def _mappings(root: Any) -> Iterator[yaml.MappingNode]:
    # An alias leads to a node met before, perhaps to one that holds it.
    left, met = [root], set()
    while left:
        node = left.pop()
        if id(node) in met:
            continue
        met.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield node
            left += [part for pair in reversed(node.value) for part in reversed(pair)]
        elif isinstance(node, yaml.SequenceNode):
            left += reversed(node.value)
