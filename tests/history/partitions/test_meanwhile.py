"""Runs append, readers read and compactions compact at once: at no moment is a row lost, and none is read twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from csv_samples import ROW, csv_bytes
from devops_mlops_report.history import LocationError, open_history
from devops_mlops_report.history.partitions import LocalFolder, append_history, compact, open_partitioned

REPOSITORIES = ("one", "two")
RUNS = ("7", "8")
EVERY_ROW = {(repository, run) for repository in REPOSITORIES for run in RUNS}


class _Busy(LocalFolder):
    """A folder in which something happens before the call of a certain number, or a call is the last one."""

    def __init__(self, path: Path, at: int, happens: Callable[[], object]) -> None:
        super().__init__(path)
        self.calls = 0
        self._at, self._happens = at, happens

    def _call(self) -> None:
        self.calls += 1
        if self.calls == self._at:
            self._happens()

    def names(self, partition: str | None = None) -> list[str]:
        if partition is not None:
            self._call()
            return super().names(partition)
        # As object storage lists page after page: what happens in between is seen in part.
        return [name for each in self.partitions() for name in self.names(each)]

    @contextmanager
    def opened(self, names: Sequence[str]) -> Iterator[list[Path]]:
        self._call()
        with super().opened(names) as paths:
            yield paths

    def put(self, name: str, file: Path) -> None:
        self._call()
        super().put(name, file)
        self._call()

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            self._call()
            super().remove([name])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for run in RUNS:
        _append(tmp_path, [(repository, run) for repository in REPOSITORIES])
    assert len(LocalFolder(tmp_path).names()) == len(EVERY_ROW)
    return tmp_path


def _append(root: Path | LocalFolder, keys: Sequence[tuple[str, str]]) -> None:
    rows = [ROW | {"repository": repository, "workflow_run_id": run} for repository, run in keys]
    with open_history(csv_bytes(rows)) as history:
        append_history(history, root if isinstance(root, LocalFolder) else LocalFolder(root))


def _rows(folder: LocalFolder) -> list[tuple[str, str]]:
    with open_partitioned(folder) as history:
        assert history.sql("from rejected_rows").fetchall() == []
        rows: list[tuple[str, str]] = history.sql(
            "select repository, workflow_run_id from commits"
        ).fetchall()
        assert history.count_rows == len(rows)
    return sorted(rows)


@pytest.mark.parametrize("at", range(1, 6))
def test_reader_sees_every_row_once_whenever_a_compaction_comes(root: Path, at: int) -> None:
    assert _rows(_Busy(root, at, lambda: compact(LocalFolder(root)))) == sorted(EVERY_ROW)


@pytest.mark.parametrize("at", range(1, 13, 2))
def test_every_row_is_there_once_during_a_compaction(root: Path, at: int) -> None:
    seen: list[object] = []
    compact(_Busy(root, at, lambda: seen.append(_rows(LocalFolder(root)))))
    assert seen == [sorted(EVERY_ROW)]
    assert _rows(LocalFolder(root)) == sorted(EVERY_ROW)


@pytest.mark.parametrize("at", range(1, 13, 4))
def test_two_compactions_at_once_and_a_run_lose_nothing(root: Path, at: int) -> None:
    def others() -> None:
        _append(root, [("one", "10"), ("four", "7")])
        compact(LocalFolder(root))

    compact(_Busy(root, at, others))
    wanted = sorted(EVERY_ROW | {("one", "10"), ("four", "7")})
    assert _rows(LocalFolder(root)) == wanted
    compact(LocalFolder(root))
    assert _rows(LocalFolder(root)) == wanted
    assert len(LocalFolder(root).names()) == 3


@pytest.mark.parametrize("at", range(1, 13, 4))
def test_compaction_that_is_killed_loses_nothing_and_the_next_one_goes_on(root: Path, at: int) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compact(_Busy(root, at, die))
    assert _rows(LocalFolder(root)) == sorted(EVERY_ROW)
    compact(LocalFolder(root))
    assert _rows(LocalFolder(root)) == sorted(EVERY_ROW)
    assert len(LocalFolder(root).names()) == len(REPOSITORIES)


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_run_adds_its_rows_whatever_a_compaction_does_meanwhile(root: Path, at: int) -> None:
    compact(LocalFolder(root))
    _append(root, [("one", "10")])
    _append(
        _Busy(root, at, lambda: compact(LocalFolder(root))), [("one", run) for run in (*RUNS, "10", "11")]
    )
    assert _rows(LocalFolder(root)) == sorted(EVERY_ROW | {("one", "10"), ("one", "11")})


def test_export_that_is_cut_short_leaves_what_it_wrote_and_the_next_one_adds_the_rest(tmp_path: Path) -> None:
    def full() -> None:
        raise LocationError("no space left")

    with pytest.raises(LocationError):
        _append(_Busy(tmp_path, 5, full), sorted(EVERY_ROW))
    written = _rows(LocalFolder(tmp_path))
    assert 0 < len(written) < len(EVERY_ROW)
    _append(tmp_path, sorted(EVERY_ROW))
    assert _rows(LocalFolder(tmp_path)) == sorted(EVERY_ROW)
    assert len(LocalFolder(tmp_path).names()) == len(REPOSITORIES)
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]
