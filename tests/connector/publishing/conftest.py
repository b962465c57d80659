"""A home that the tests of one file share: each publishes on top of what is there."""

from __future__ import annotations

import pytest

from connector.access import Actor, Role

ANN = Actor("Ann", Role.MANAGER)


@pytest.fixture
def home(shared_home):
    return shared_home


@pytest.fixture
def lake(home):
    return home.lake
