"""Published policies: version 1 of a new home, and what is current."""

import pytest

from connector.errors import PolicyError
from connector.policy import load_policy
from connector.publishing import SHIPPED, current, seed, version


def test_the_shipped_policy_comes_back_from_the_lake_as_it_is(lake):
    assert current(lake) == load_policy(SHIPPED).model_copy(update={"version": 1})
    assert version(lake, 1) == current(lake)


def test_seeding_a_home_that_has_a_policy_changes_nothing(lake, policy):
    assert seed(lake, policy) == 1
    assert current(lake).default_queue == load_policy(SHIPPED).default_queue


def test_a_version_that_was_never_published_is_told(lake):
    with pytest.raises(PolicyError, match="version 7"):
        version(lake, 7)


def test_a_policy_given_as_a_value_is_version_1_of_a_home_without_one(lake, policy):
    lake.transaction(lambda cursor: cursor.execute("DELETE FROM policies").fetchall())
    lake.transaction(lambda cursor: cursor.execute("DELETE FROM policy_head").fetchall())
    with pytest.raises(PolicyError, match="No policy is published"):
        current(lake)
    text = "Tschüß, wir 'rufen' zurück; \"bald\""
    route = policy.default.model_copy(
        update={"failure_path": policy.default.failure_path.model_copy(update={"text": text})}
    )
    given = policy.model_copy(update={"default": route})
    assert seed(lake, given) == 1
    assert current(lake) == given.model_copy(update={"version": 1})
