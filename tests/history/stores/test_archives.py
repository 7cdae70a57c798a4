"""The archive beside a history, in a folder and in a gist: read with it, written before it, lost never."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from devops_mlops_report.history import CsvError, LocationError, Settings, open_history
from devops_mlops_report.history.stores import FileLocation, GistLocation, Location
from servers.git_server import GitServer
from servers.writers import csv_of, numbers_in, row

NAME, ARCHIVE = "commitHistory.csv", "commitHistory.archive.csv"
KEEP_3 = Settings(keep=3)
Locate = Callable[..., GistLocation]


def add(location: Location, *numbers: int, settings: Settings = KEEP_3) -> None:
    history = location.load(settings)
    for number in numbers:
        history.append(row(number))
    location.save(history, {})
    history.close()


def in_folder(folder: Path) -> dict[str, list[int]]:
    return {path.name: numbers_in(path.read_bytes()) for path in sorted(folder.glob("*.csv"))}


def in_gist(host: GitServer) -> dict[str, list[int]]:
    return {name: numbers_in(host.read(name)) for name in (ARCHIVE, NAME)}


def test_old_rows_move_to_a_file_beside_the_history(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / NAME)
    history = location.load(KEEP_3)
    for number in range(5):
        history.append(row(number))
    receipt = location.save(history, {})

    assert (receipt.count_rows, receipt.count_archived) == (3, 2)
    assert in_folder(tmp_path) == {ARCHIVE: [0, 1], NAME: [2, 3, 4]}

    add(FileLocation(tmp_path / NAME), 5)
    assert in_folder(tmp_path) == {ARCHIVE: [0, 1, 2], NAME: [3, 4, 5]}
    assert FileLocation(tmp_path / NAME).load(Settings()).sql("from commits").count("*").fetchall() == [(6,)]


def test_the_archive_is_left_alone_while_nothing_moves(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / NAME)
    add(location, *range(5))
    before = (tmp_path / ARCHIVE).stat()

    add(location, 5, settings=Settings())

    assert (tmp_path / ARCHIVE).stat().st_ino == before.st_ino
    assert in_folder(tmp_path) == {ARCHIVE: [0, 1], NAME: [2, 3, 4, 5]}


def test_a_process_that_ends_between_the_two_files_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = FileLocation(tmp_path / NAME)
    add(location, *range(3))
    history = location.load(KEEP_3)
    for number in range(3, 6):
        history.append(row(number))
    with monkeypatch.context() as patch:
        patch.setattr(type(history), "write_csv", _full_disk)
        with pytest.raises(LocationError, match="No space left"):
            location.save(history, {})
    assert in_folder(tmp_path) == {ARCHIVE: [0, 1, 2], NAME: [0, 1, 2]}

    add(FileLocation(tmp_path / NAME), 3, 4, 5)
    assert in_folder(tmp_path) == {ARCHIVE: [0, 1, 2], NAME: [3, 4, 5]}


def _full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_rows_that_another_process_archived_in_between_stay_in_the_archive(tmp_path: Path) -> None:
    add(FileLocation(tmp_path / NAME), *range(3))
    slow = FileLocation(tmp_path / NAME)
    history = slow.load(KEEP_3)
    add(FileLocation(tmp_path / NAME), 3, 4, 5)
    assert in_folder(tmp_path) == {ARCHIVE: [0, 1, 2], NAME: [3, 4, 5]}

    history.append(row(6))
    slow.save(history, {})

    assert in_folder(tmp_path) == {ARCHIVE: [0, 1, 2, 3], NAME: [4, 5, 6]}


def test_an_archive_that_was_taken_away_comes_back(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / NAME)
    add(location, *range(5))
    history = location.load(KEEP_3)
    (tmp_path / ARCHIVE).unlink()
    location.save(history, {})
    assert in_folder(tmp_path) == {ARCHIVE: [0, 1], NAME: [2, 3, 4]}


def test_a_link_to_a_history_has_its_archive_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "real" / NAME)
    add(FileLocation(tmp_path / "link.csv"), *range(5))
    assert in_folder(tmp_path / "real") == {ARCHIVE: [0, 1], NAME: [2, 3, 4]}
    assert FileLocation(tmp_path / "link.csv").load(Settings()).count_archived == 2


def test_an_archive_that_cannot_be_read_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    location = FileLocation(tmp_path / NAME)
    add(location, *range(5))
    history = location.load(KEEP_3)
    (tmp_path / ARCHIVE).write_bytes(b"<html>\n")

    with pytest.raises(LocationError, match=rf"{ARCHIVE}: line 1: .*left as it is"):
        location.save(history, {})
    with pytest.raises(CsvError, match=rf"{ARCHIVE}: line 1"):
        FileLocation(tmp_path / NAME).load(KEEP_3)

    assert (tmp_path / ARCHIVE).read_bytes() == b"<html>\n"
    assert numbers_in((tmp_path / NAME).read_bytes()) == [2, 3, 4]


def test_a_history_from_elsewhere_brings_its_archive(tmp_path: Path) -> None:
    history = open_history(csv_of([3, 4]), KEEP_3, csv_of([1, 2]))
    FileLocation(tmp_path / NAME).save(history, {})
    assert in_folder(tmp_path) == {ARCHIVE: [1, 2], NAME: [3, 4]}


def test_a_gist_gets_both_files_in_one_commit(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of(range(4)), "notes.md": b"mine"}))
    add(location, 4)

    assert in_gist(host) == {ARCHIVE: [0, 1], NAME: [2, 3, 4]}
    assert host.count_revisions() == 2
    assert host.read("notes.md") == b"mine"
    assert locate(host.url + "/history").load(Settings()).sql("from commits").count("*").fetchall() == [(5,)]


def test_writers_of_a_gist_who_archive_at_once_agree(host: GitServer, locate: Locate) -> None:
    url = host.create_gist("history", {NAME: csv_of(range(3))})
    slow, fast = locate(url), locate(url)
    history = slow.load(KEEP_3)
    history.append(row(6))
    add(fast, 3, 4, 5)
    assert in_gist(host) == {ARCHIVE: [0, 1, 2], NAME: [3, 4, 5]}

    receipt = slow.save(history, {})

    assert in_gist(host) == {ARCHIVE: [0, 1, 2, 3], NAME: [4, 5, 6]}
    assert (receipt.count_rows, receipt.count_archived) == (3, 4)


def test_an_archive_in_a_gist_that_cannot_be_read_is_named(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1]), ARCHIVE: b"<html>\n"}))
    with pytest.raises(CsvError, match=rf"gist .*: {ARCHIVE}: line 1"):
        location.load(KEEP_3)


def test_no_attachment_takes_the_archives_name(host: GitServer, locate: Locate) -> None:
    location = locate(host.create_gist("history", {NAME: csv_of([1])}))
    history = location.load(KEEP_3)
    with pytest.raises(LocationError, match="named as the history"):
        location.save(history, {ARCHIVE: b""})
