"""The journal: what is acknowledged is on disk, and group commit keeps it quick."""

import asyncio
import json
import os
import subprocess
import sys
import time

import pytest

from connector.errors import LogError
from connector.log import Entry, Outbox
from connector.log.journals import Journal

from .writing import NOON, ended, noted, started


def lines(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def until_written(path):
    deadline = time.monotonic() + 10
    while not path.stat().st_size and time.monotonic() < deadline:
        time.sleep(0.02)


def test_an_appended_entry_is_a_whole_line_of_the_journal(tmp_path):
    async def scenario():
        outbox = Outbox(tmp_path / "outbox", "me-1")
        await outbox.append(started(1))
        written = lines(outbox.path)
        await outbox.close()
        return written

    [line] = asyncio.run(scenario())
    assert line["kind"] == "started"
    assert line["attempt_id"] == "a1"
    assert line["at"] == "2026-11-24T12:00:01"
    assert line["data"]["attempt"]["handoff_id"] == "h1"


def test_entries_that_wait_together_share_writes(tmp_path, monkeypatch):
    writes = []
    pwrite = os.pwrite

    def slow(file, text, offset):
        writes.append(len(text))
        time.sleep(0.01)
        return pwrite(file, text, offset)

    monkeypatch.setattr(os, "pwrite", slow)

    async def scenario():
        outbox = Outbox(tmp_path, "me-1")
        await asyncio.gather(*(outbox.append(started(number)) for number in range(200)))
        await outbox.close()
        return lines(outbox.path)

    written = asyncio.run(scenario())
    assert [line["attempt_id"] for line in written] == [f"a{number}" for number in range(200)]
    assert len(writes) <= 5


def test_an_entry_put_without_waiting_is_written_with_the_next_one(tmp_path):
    async def scenario():
        outbox = Outbox(tmp_path, "me-1")
        outbox.put(noted(1))
        await outbox.append(noted(2))
        written = lines(outbox.path)
        await outbox.close()
        return written

    assert [line["attempt_id"] for line in asyncio.run(scenario())] == ["a1", "a2"]


def test_an_entry_put_without_waiting_is_written_soon_when_nothing_follows(tmp_path):
    async def scenario():
        outbox = Outbox(tmp_path, "me-1")
        outbox.put(noted(1))
        await asyncio.to_thread(until_written, outbox.path)
        written = lines(outbox.path)
        await outbox.close()
        return written

    assert len(asyncio.run(scenario())) == 1


def test_closing_writes_what_was_put(tmp_path):
    async def scenario():
        outbox = Outbox(tmp_path, "me-1")
        outbox.put(noted(1))
        await outbox.close()
        with pytest.raises(LogError, match="closed"):
            outbox.put(noted(2))
        return lines(outbox.path)

    assert len(asyncio.run(scenario())) == 1


def test_every_line_of_an_attempt_says_when_it_began(tmp_path):
    async def scenario():
        outbox = Outbox(tmp_path, "me-1")
        for entry in (started(1), noted(1), Entry("feedback", "a1", NOON, {"resolved": True})):
            outbox.put(entry)
        await outbox.close()
        return lines(outbox.path)

    assert [line["started_at"] for line in asyncio.run(scenario())[1:]] == [
        "2026-11-24T12:00:01"
    ] * 2


def test_the_loop_goes_on_while_the_disk_is_slow(tmp_path, monkeypatch):
    pwrite = os.pwrite

    def slow(file, text, offset):
        time.sleep(0.3)
        return pwrite(file, text, offset)

    monkeypatch.setattr(os, "pwrite", slow)

    async def scenario():
        outbox = Outbox(tmp_path, "me-1")
        appending = asyncio.create_task(outbox.append(started(1)))
        turns = 0
        while not appending.done():
            await asyncio.sleep(0.005)
            turns += 1
        await outbox.close()
        return turns

    assert asyncio.run(scenario()) > 10


def test_a_full_disk_is_told_and_the_entry_goes_with_the_next_write(tmp_path, monkeypatch):
    pwrite, full = os.pwrite, [True]

    def filling(file, text, offset):
        if not full[0]:
            return pwrite(file, text, offset)
        pwrite(file, bytes(text)[:10], offset)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", filling)

    async def scenario():
        outbox = Outbox(tmp_path, "me-1")
        with pytest.raises(LogError, match="No space left"):
            await outbox.append(started(1))
        full[0] = False
        await outbox.append(ended(1))
        await outbox.close()
        return lines(outbox.path)

    assert [line["kind"] for line in asyncio.run(scenario())] == ["started", "ended"]


def test_entries_kept_in_memory_are_written_without_another_append(tmp_path, monkeypatch):
    pwrite, failures = os.pwrite, [1]

    def once(file, text, offset):
        if failures:
            failures.pop()
            raise OSError(5, "Input/output error")
        return pwrite(file, text, offset)

    monkeypatch.setattr(os, "pwrite", once)

    async def scenario():
        outbox = Outbox(tmp_path, "me-1")
        with pytest.raises(LogError):
            await outbox.append(started(1))
        await asyncio.to_thread(until_written, outbox.path)
        await outbox.close()
        return lines(outbox.path)

    assert len(asyncio.run(scenario())) == 1


def test_closing_says_so_when_lines_were_lost(tmp_path, monkeypatch):
    def broken(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", broken)

    async def scenario():
        outbox = Outbox(tmp_path, "me-1")
        outbox.put(started(1))
        with pytest.raises(LogError, match="incomplete"):
            await outbox.close()

    asyncio.run(scenario())


def test_a_home_that_cannot_be_written_is_an_error_of_the_log(tmp_path):
    (tmp_path / "outbox").write_text("a file where a folder should be")
    with pytest.raises(LogError, match="cannot be made"):
        Outbox(tmp_path / "outbox", "me-1")


def test_others_can_tell_whether_the_owner_lives(tmp_path):
    async def scenario():
        outbox = Outbox(tmp_path, "me-1")
        journal = Journal(outbox.path)
        alive = journal.owner_lives()
        await outbox.close()
        return alive, journal.owner_lives()

    assert asyncio.run(scenario()) == (True, False)


OWNER = """
import asyncio, sys
from pathlib import Path
from connector.log import Outbox
async def main():
    outbox = Outbox(Path(sys.argv[1]), "other-1")
    print("ready", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def test_a_killed_owner_is_known_to_be_dead(tmp_path):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout.readline() == "ready\n"
        journal = Journal(tmp_path / "other-1.jsonl")
        assert journal.owner_lives()
        owner.kill()
    assert not journal.owner_lives()


def test_odd_values_are_written_as_json(tmp_path):
    async def scenario():
        outbox = Outbox(tmp_path, "me-1")
        names = frozenset({"b", "a"})
        await outbox.append(noted(1, when=NOON, names=names, text='a\nb "quoted" 😀 \ud800'))
        await outbox.close()
        return lines(outbox.path)

    [line] = asyncio.run(scenario())
    assert line["data"]["when"] == "2026-11-24T12:00:00"
    assert line["data"]["names"] == ["a", "b"]
    assert line["data"]["text"] == 'a\nb "quoted" 😀 \ud800'
