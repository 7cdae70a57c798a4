"""A history in a local file: whole at every moment, by whatever way a run ends, and one writer at a time."""

from __future__ import annotations

import multiprocessing
import os
import random
import stat
import time
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
from devops_mlops_report.history import CsvError, LocationError, Settings, open_history
from devops_mlops_report.history.stores import FileLocation
from filelock import FileLock
from servers.writers import (
    csv_of,
    numbers_in,
    row,
    write_rows,
    write_rows_on_a_full_disk,
    write_rows_until_killed,
)

COUNT_KILLS = 50


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Processes that start fast, as what they need is loaded already."""
    context = multiprocessing.get_context("forkserver")
    # With pytest, which every process would otherwise load anew as its main module.
    context.set_forkserver_preload(["servers.writers", "pytest"])
    return context


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "commitHistory.csv"


def add(path: Path, number: int) -> None:
    write_rows(path, [number])


def names_beside(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir() if entry != path)


def test_no_file_is_an_empty_history_and_folders_are_made_when_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "commitHistory.csv"
    history = FileLocation(path).load(Settings())
    assert history.count_rows == 0
    assert not path.parent.exists()

    add(path, 1)

    assert numbers_in(path.read_bytes()) == [1]
    assert names_beside(path) == [".commitHistory.csv.lock"]


def test_what_was_read_to_be_asked_can_be_saved_and_loses_nothing_that_is_there(path: Path) -> None:
    location = FileLocation(path)
    location.load(Settings()).close()
    add(path, 1)
    history = location.read(Settings())
    assert (history.count_rows, location.is_new) == (1, False)
    history.append(row(2))
    add(path, 3)

    assert location.save(history, {}).count_rows == 3

    assert sorted(numbers_in(path.read_bytes())) == [1, 2, 3]


def test_a_row_that_somebody_wrote_in_between_is_kept(path: Path) -> None:
    location = FileLocation(path)
    history = location.load(Settings())
    history.append(row(1))
    add(path, 2)

    receipt = location.save(history, {"badge.svg": b"left to the caller"})

    assert numbers_in(path.read_bytes()) == [1, 2]
    assert (receipt.count_rows, receipt.revision, receipt.attachment_urls) == (2, None, {})


def test_rows_of_a_history_that_was_loaded_elsewhere_join_those_in_the_file(path: Path) -> None:
    path.write_bytes(csv_of([1, 2]))
    location = FileLocation(path)
    location.load(Settings())

    location.save(open_history(csv_of([2, 3])), {})

    assert numbers_in(path.read_bytes()) == [1, 2, 3]


def test_a_file_that_cannot_be_read_is_never_overwritten(path: Path) -> None:
    location = FileLocation(path)
    history = location.load(Settings())
    history.append(row(1))
    path.write_bytes(b"broken,by,hand\n1,2,3\n")

    with pytest.raises(CsvError, match="broken"):
        FileLocation(path).load(Settings())
    with pytest.raises(LocationError, match="left as it is"):
        location.save(history, {})

    assert path.read_bytes() == b"broken,by,hand\n1,2,3\n"


def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(
    path: Path, processes: ForkServerContext
) -> None:
    moments = random.Random(20261122)
    path.write_bytes(csv_of(range(100)))
    newest = 99
    for _ in range(COUNT_KILLS):
        saved, has_begun = processes.Value("q", newest, lock=False), processes.Event()
        writer = processes.Process(target=write_rows_until_killed, args=(path, newest + 1, saved, has_begun))
        writer.start()
        assert has_begun.wait(120)
        time.sleep(moments.uniform(0, 0.15))
        writer.kill()
        writer.join()

        content = path.read_bytes()
        found = numbers_in(content)[-1]
        assert saved.value <= found <= saved.value + 1
        assert content == csv_of(range(found + 1))
        newest = found

    assert newest > 99 + COUNT_KILLS // 5
    left_behind = [name for name in names_beside(path) if name.endswith(".new")]
    long_ago = time.time() - 7200
    for name in left_behind:
        os.utime(path.with_name(name), (long_ago, long_ago))
    add(path, newest + 1)
    assert names_beside(path) == [".commitHistory.csv.lock"]


def test_what_a_run_has_under_way_is_not_taken_for_left_behind(path: Path) -> None:
    under_way = path.with_name(".commitHistory.csv.abc.new")
    under_way.mkdir()
    another = path.with_name(".another.csv.abc.new")
    another.mkdir()
    os.utime(another, (0, 0))
    add(path, 1)
    assert under_way.exists()
    assert another.exists()


def test_two_processes_at_once_lose_nothing(path: Path, processes: ForkServerContext) -> None:
    writers = [processes.Process(target=write_rows, args=(path, range(first, 30, 3))) for first in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=240)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert path.read_bytes() == csv_of(range(30))


def test_a_lock_that_is_not_let_go_of_ends_in_an_error(path: Path) -> None:
    location = FileLocation(path, lock_seconds=0.1)
    history = location.load(Settings())
    with (
        FileLock(path.with_name(".commitHistory.csv.lock")),
        pytest.raises(LocationError, match=r"another process has held it for 0\.1 s"),
    ):
        location.save(history, {})
    assert not path.exists()


@pytest.mark.parametrize("is_dangling", [False, True])
def test_a_link_stays_a_link_and_what_it_points_at_is_written(tmp_path: Path, *, is_dangling: bool) -> None:
    target = tmp_path / "elsewhere" / "real.csv"
    (tmp_path / "links").mkdir()
    first, second = tmp_path / "links" / "first.csv", tmp_path / "links" / "second.csv"
    second.symlink_to("first.csv")
    first.symlink_to(Path("..") / "elsewhere" / "real.csv")
    if not is_dangling:
        target.parent.mkdir()
        target.write_bytes(csv_of([1]))

    add(second, 2)

    assert first.is_symlink()
    assert second.is_symlink()
    assert numbers_in(target.read_bytes()) == ([2] if is_dangling else [1, 2])
    assert names_beside(target) == [".real.csv.lock"]
    assert names_beside(first) == ["second.csv"]


def test_the_files_permissions_are_kept(path: Path) -> None:
    path.write_bytes(csv_of([1]))
    path.chmod(0o640)
    add(path, 2)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.fixture
def _strict_umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_strict_umask")
def test_a_new_files_permissions_are_those_that_the_user_gives_new_files(path: Path) -> None:
    add(path, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_files_owner_is_kept(path: Path) -> None:
    path.write_bytes(csv_of([1]))
    os.chown(path, 12345, 23456)
    add(path, 2)
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


def test_what_is_no_file_is_refused_in_one_line(tmp_path: Path) -> None:
    loop, pipe, beneath_a_file = (
        tmp_path / "loop.csv",
        tmp_path / "pipe.csv",
        tmp_path / "file" / "history.csv",
    )
    loop.symlink_to("loop.csv")
    os.mkfifo(pipe)
    beneath_a_file.parent.write_bytes(b"")
    for path in (tmp_path, loop, pipe, beneath_a_file):
        with pytest.raises(LocationError) as raised:
            FileLocation(path).load(Settings())
        assert str(raised.value).startswith(str(path))
        with pytest.raises(LocationError) as raised:
            FileLocation(path).save(open_history(csv_of([1])), {})
        assert str(raised.value).startswith(str(path))
        assert "\n" not in str(raised.value)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir()
    folder.chmod(0o555)
    # Permissions do not bind root; no file can be made in /proc by anybody.
    path = (Path("/proc/self") if os.geteuid() == 0 else folder) / "commitHistory.csv"
    with pytest.raises(LocationError, match="can't be written") as raised:
        FileLocation(path).save(open_history(csv_of([1])), {})
    assert "\n" not in str(raised.value)


def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(
    path: Path, processes: ForkServerContext
) -> None:
    path.write_bytes(csv_of([1]))
    said = processes.Queue()
    writer = processes.Process(target=write_rows_on_a_full_disk, args=(path, 20_000, said))
    writer.start()
    message = said.get(timeout=120)
    writer.join()

    assert "can't be written" in message
    assert "\n" not in message
    assert path.read_bytes() == csv_of([1])
    assert names_beside(path) == [".commitHistory.csv.lock"]


def test_a_new_file_lasts_through_a_power_cut_before_it_takes_the_old_ones_place(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new bytes are on the disk before the name points at them, and the name is before the run goes on."""
    path.write_bytes(csv_of([1]))
    before, sync, synced = path.stat().st_ino, os.fsync, []

    def recorded(descriptor: int) -> None:
        found, at_the_name = os.fstat(descriptor), path.stat().st_ino
        sync(descriptor)
        synced.append(("folder" if stat.S_ISDIR(found.st_mode) else "file", found.st_ino, at_the_name))

    monkeypatch.setattr(os, "fsync", recorded)
    add(path, 2)
    after = path.stat().st_ino
    assert synced == [("file", after, before), ("folder", path.parent.stat().st_ino, after)]


def test_the_archive_is_on_the_disk_before_the_history_leaves_its_rows_out(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(csv_of(range(5)))
    location = FileLocation(path)
    history = location.load(Settings(keep=2))
    sync, counts = os.fsync, []

    def recorded(descriptor: int) -> None:
        sync(descriptor)
        counts.append(len(numbers_in(path.read_bytes())))

    monkeypatch.setattr(os, "fsync", recorded)
    location.save(history, {})
    assert counts == [5, 5, 5, 2]
