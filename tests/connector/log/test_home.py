"""A home is made on first use, once, and says what is wrong when it cannot be."""

import subprocess
import sys

import pytest

from connector.errors import LogError, PolicyError
from connector.log import home as homes
from connector.log import migrations, open_home
from connector.publishing import current
from connector.settings import Settings


def test_an_empty_folder_becomes_a_home_with_policy_version_1(home):
    assert current(home.lake).version == 1
    assert home.lake.query("SELECT version FROM policies") == [(1,)]
    assert sorted(path.name for path in home.path.iterdir()) == ["lake", "outbox"]


def test_opening_again_changes_nothing(home, settings):
    before = home.lake.snapshot_id()
    again = open_home(settings)
    assert again.lake.snapshot_id() == before
    again.close()


def test_a_homes_own_policy_file_is_its_first_version(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "policy.yaml").write_text("default_queue: Desk\ndefault:\n  steps: [{queue: Desk}]\n")
    home = open_home(Settings.load(folder))
    assert current(home.lake).default_queue == "Desk"
    home.close()


def test_a_policy_file_with_a_mistake_is_told_with_its_line_and_mended_later(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "policy.yaml").write_text("default_queue: Desk\ndefault:\n  stepz: []\n")
    with pytest.raises(PolicyError, match=r"policy\.yaml:\d"):
        open_home(Settings.load(folder))
    (folder / "policy.yaml").write_text("default_queue: A\ndefault:\n  steps: [{queue: A}]\n")
    home = open_home(Settings.load(folder))
    assert current(home.lake).default_queue == "A"
    home.close()


def test_a_file_in_place_of_the_home_is_told(tmp_path):
    settings = Settings.load(tmp_path / "home")
    (tmp_path / "home").write_text("")
    with pytest.raises(LogError, match="cannot be used as a home"):
        open_home(settings)


def test_migrations_are_recorded_by_name_and_run_once(home, monkeypatch):
    names = [step.__name__ for step in migrations._MIGRATIONS]
    assert home.lake.query("SELECT name FROM migrations") == [(name,) for name in names]
    assert migrations.migrate(home.lake) == []

    def add_notes(cursor):
        cursor.execute("ALTER TABLE attempts ADD COLUMN notes VARCHAR")

    monkeypatch.setattr(migrations, "_MIGRATIONS", [*migrations._MIGRATIONS, add_notes])
    assert not migrations.is_current(home.lake)
    assert migrations.migrate(home.lake) == ["add_notes"]
    assert migrations.is_current(home.lake)
    assert home.lake.query("SELECT notes FROM attempts") == []


def test_a_migration_that_fails_leaves_the_lake_as_it_was(home, monkeypatch):
    def good(cursor):
        cursor.execute("CREATE TABLE extra (x INTEGER)")

    def bad(cursor):
        raise RuntimeError("no")

    monkeypatch.setattr(migrations, "_MIGRATIONS", [*migrations._MIGRATIONS, good, bad])
    with pytest.raises(RuntimeError):
        migrations.migrate(home.lake)
    assert ("extra",) not in home.lake.query("SHOW TABLES")


def test_months_are_partitions(home):
    parts = home.lake.query(
        "SELECT count(*) FROM __ducklake_metadata_lake.ducklake_partition_column"
    )
    assert parts == [(10,)]


OPEN = """
import sys
from pathlib import Path
from connector.log import open_home
from connector.settings import Settings
open_home(Settings.load(Path(sys.argv[1])))
print(len([name for name in ("pandas", "pyarrow") if name in sys.modules]))
"""


@pytest.mark.full
def test_processes_that_make_the_same_home_at_once_agree(tmp_path):
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, str(tmp_path / "home")], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    told = [maker.communicate(timeout=60)[0] for maker in makers]
    assert [maker.returncode for maker in makers] == [0, 0, 0, 0]
    assert told == ["0\n"] * 4, "a process that only writes needs neither pandas nor pyarrow"
    home = open_home(Settings.load(tmp_path / "home"))
    assert home.lake.query("SELECT count(*) FROM policies") == [(1,)]
    home.close()


def test_the_shipped_policy_is_there():
    assert homes.publishing.SHIPPED.is_file()
