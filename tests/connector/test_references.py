"""Customers are known again without being known."""

import stat
from concurrent.futures import ThreadPoolExecutor

from connector.references import KEY_FILE, customer_ref
from connector.settings import Settings


def test_the_same_person_has_the_same_reference_in_one_home_only(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir(), second.mkdir()
    settings = Settings(home=first)

    ours = customer_ref("c-4711", first, settings)

    assert ours == customer_ref("c-4711", first, settings)
    assert ours != customer_ref("c-4712", first, settings)
    assert ours != customer_ref("c-4711", second, settings)
    assert "4711" not in ours
    assert stat.S_IMODE((first / KEY_FILE).stat().st_mode) == 0o600


def test_nobody_without_a_reference_gets_one(tmp_path):
    assert customer_ref(None, tmp_path, Settings(home=tmp_path)) is None


def test_many_at_once_agree_on_the_key(tmp_path):
    settings = Settings(home=tmp_path)

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: customer_ref("c", tmp_path, settings), range(64)))

    assert len(found) == 1
