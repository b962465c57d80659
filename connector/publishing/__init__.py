"""Published policies: seed, publish, roll back, history, and what differs between two of them."""

from connector.publishing.difference import Change, Place, ThreeWay, difference, three_way
from connector.publishing.mapping import read_mapping, write_mapping
from connector.publishing.publish import Finding, enter, publish, roll_back
from connector.publishing.queue_names import resolved
from connector.publishing.table import COLUMNS, is_mapping
from connector.publishing.versions import (
    SHIPPED,
    Published,
    current,
    first_policy,
    history,
    newest_number,
    seed,
    version,
)
from connector.publishing.wording import step_in_words, words

__all__ = [
    "COLUMNS",
    "SHIPPED",
    "Change",
    "Finding",
    "Place",
    "Published",
    "ThreeWay",
    "current",
    "difference",
    "enter",
    "first_policy",
    "history",
    "is_mapping",
    "newest_number",
    "publish",
    "read_mapping",
    "resolved",
    "roll_back",
    "seed",
    "step_in_words",
    "three_way",
    "version",
    "words",
    "write_mapping",
]
