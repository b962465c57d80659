"""What brings a policy back to what it was before an edit: only what the edit touched."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from connector.policy import Policy, Rule


class Undo(BaseModel):
    """`said` is the edit in words; the rest is how things were before it.

    `order` names the rules in their old order (None: it did not change), `rules` are those that
    looked otherwise or are gone, `fields` other parts of the policy as JSON has them.
    """

    model_config = ConfigDict(frozen=True)

    said: str
    order: tuple[str, ...] | None = None
    rules: tuple[Rule, ...] = ()
    fields: dict[str, Any] = {}

    @classmethod
    def between(cls, before: Policy, after: Policy, said: str) -> Undo:
        """How to come from `after` back to `before`."""
        now = {rule.name: rule for rule in after.rules}
        order = tuple(rule.name for rule in before.rules)
        fields = {
            name: before.model_dump(mode="json", include={name})[name]
            for name in type(before).model_fields
            if name != "rules" and getattr(before, name) != getattr(after, name)
        }
        return cls(
            said=said,
            order=order if order != tuple(now) else None,
            rules=tuple(rule for rule in before.rules if now.get(rule.name) != rule),
            fields=fields,
        )

    def applied(self, policy: Policy) -> Policy:
        """The policy before the edit, from the one after it."""
        rules = {rule.name: rule for rule in (*policy.rules, *self.rules)}
        order = self.order if self.order is not None else [rule.name for rule in policy.rules]
        restored = tuple(rules[name] for name in order)
        return Policy.model_validate(dict(policy) | self.fields | {"rules": restored})
