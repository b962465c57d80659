"""A draft: a published version, what was made of it, and how to go back step by step. Pure."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from connector.drafts.merge import merged_policy
from connector.drafts.undo import Undo
from connector.policy import Policy
from connector.publishing import Change, difference

MOST_UNDO = 200
"""Steps that can be undone; older ones are forgotten."""


class Draft(BaseModel):
    """`base` is the version it was made from; `revision` grows with every change of the draft."""

    model_config = ConfigDict(frozen=True)

    base: int = Field(ge=1)
    policy: Policy
    revision: int = Field(default=0, ge=0)
    undo: tuple[Undo, ...] = ()

    @classmethod
    def of(cls, published: Policy) -> Draft:
        """A draft of a published policy without any change."""
        return cls.model_construct(
            base=published.version, policy=published.model_copy(update={"version": 0})
        )

    def edited(self, policy: Policy, said: str) -> Draft:
        """The draft with `policy` in place of its own; itself when that is the same."""
        policy = policy.model_copy(update={"version": 0})
        if policy == self.policy:
            return self
        step = Undo.between(self.policy, policy, said)
        return self._with(policy, (*self.undo, step)[-MOST_UNDO:])

    @property
    def undoes(self) -> str | None:
        """The edit that `undone` takes back, in words."""
        return self.undo[-1].said if self.undo else None

    def undone(self) -> Draft:
        """The draft before its last edit; itself when there is none."""
        if not self.undo:
            return self
        *rest, last = self.undo
        return self._with(last.applied(self.policy), tuple(rest))

    def on(self, base: Policy, newest: Policy) -> Draft:
        """The same changes made on `newest`: where both changed a thing, the draft's stays.

        Steps before it cannot be undone any more: they would undo what others published.
        """
        policy = merged_policy(base, newest, self.policy)
        return self.model_copy(
            update={
                "base": newest.version,
                "policy": policy,
                "revision": self.revision + 1,
                "undo": (),
            }
        )

    def changes(self, published: Policy) -> tuple[Change, ...]:
        """What it changes of the version it was made from."""
        return difference(published, self.policy)

    def _with(self, policy: Policy, undo: tuple[Undo, ...]) -> Draft:
        return Draft.model_construct(
            base=self.base, policy=policy, revision=self.revision + 1, undo=undo
        )
