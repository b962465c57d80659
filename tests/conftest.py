"""Where tests find real data and the contract, which are never part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
SHARED = PROJECT.parent / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--browser", action="store_true", help="include tests that drive chromium")
    parser.addoption("--slow", action="store_true", help="include tests that take seconds each")
    parser.addoption("--full", action="store_true", help="the long tests too, at their full size")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    full, crowded = config.getoption("--full"), "PYTEST_XDIST_WORKER" in os.environ
    left_out = {
        "browser": (not config.getoption("--browser"), "drives chromium: ./run test --browser"),
        "slow": (not (full or config.getoption("--slow")), "takes seconds: ./run test --slow"),
        "full": (not full, "takes long: ./run test --full"),
        "alone": (crowded, "loads the machine: ./run test -m alone -n 0"),
    }
    for keyword, (is_left_out, reason) in left_out.items():
        if is_left_out:
            for item in items:
                if item.get_closest_marker(keyword):
                    item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def full(pytestconfig: pytest.Config) -> bool:
    """Whether the long tests run at their full size; without it they are a taste of themselves."""
    return bool(pytestconfig.getoption("--full"))


def _folder(path: Path, what: str) -> Path:
    if not path.is_dir():
        pytest.skip(f"{what} is not here: expected beside the project in shared/{path.name}")
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with the call center's month and the real conversations."""
    return _folder(SHARED / "data", "real data")


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """Folder with 8x8's own OpenAPI files."""
    return _folder(SHARED / "reference", "the API contract")
