"""Drafts of the policy: one per person, kept in the home until it is published or thrown away."""

from connector.drafts.draft import Draft
from connector.drafts.edits import (
    DEFAULT,
    add_rule,
    duplicated,
    moved,
    new_name,
    place_of,
    removed,
    rule_of,
    with_fields,
    with_rule,
)
from connector.drafts.merge import changed_fields, merged_policy
from connector.drafts.store import Kept, drop_draft, keep_draft, kept_draft

__all__ = [
    "DEFAULT",
    "Draft",
    "Kept",
    "add_rule",
    "changed_fields",
    "drop_draft",
    "duplicated",
    "keep_draft",
    "kept_draft",
    "merged_policy",
    "moved",
    "new_name",
    "place_of",
    "removed",
    "rule_of",
    "with_fields",
    "with_rule",
]
