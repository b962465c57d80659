"""A home of its own for each test."""

from __future__ import annotations

import shutil

import pytest

from connector.log import open_home
from connector.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings.load(tmp_path / "home")


@pytest.fixture
def home(settings, empty_home):
    shutil.copytree(empty_home, settings.home)
    opened = open_home(settings)
    yield opened
    opened.close()
