"""A home: one tenant's settings, lake, journals and claims. It is made on first use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from connector import publishing
from connector.errors import LogError
from connector.log.lake import Lake
from connector.log.ledger_file import prepare
from connector.log.locks import locked
from connector.log.migrations import is_current, migrate
from connector.settings import Settings

SET_UP_S = 60.0


@dataclass(frozen=True)
class Home:
    """Where one tenant's attempt log is; `lake` is open for reading and writing."""

    path: Path
    settings: Settings
    lake: Lake

    @property
    def outbox_path(self) -> Path:
        """The folder of all journals."""
        return self.path / "outbox"

    @property
    def ledger_path(self) -> Path:
        return ledger_path(self.path)

    def close(self) -> None:
        """Detach the lake; files stay as they are."""
        self.lake.close()


def ledger_path(home: Path) -> Path:
    """Claims, inbox and presences: a plain SQLite file beside the lake's catalog."""
    return home / "lake" / "ledger.sqlite"


def open_home(settings: Settings) -> Home:
    """Open a home, and create whatever it lacks: folders, lake, tables, policy version 1.

    Raises LogError when it cannot be written, PolicyError when its policy file has a mistake.
    """
    path = settings.home.resolve()
    try:
        for folder in (path / "outbox", path / "lake" / "files"):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LogError(f"{path} cannot be used as a home: {error}.") from None
    with locked(path / "lake" / "setup.lock", wait_s=SET_UP_S):
        prepare(ledger_path(path))
        lake = Lake.open(settings)
        if not is_current(lake):
            migrate(lake)
        publishing.seed(lake, publishing.first_policy(path))
    return Home(path, settings, lake)
