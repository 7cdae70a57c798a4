"""What a history is read from: files, and what another command prints; nothing that never ends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from csv_samples import ROW, csv_bytes
from devops_mlops_report.history import CsvError, HistoryError, open_history


@pytest.fixture
def strange(tmp_path: Path) -> dict[str, Path]:
    """What can stand where a file is wanted, by its kind."""
    pipe, folder = tmp_path / "pipe.csv", tmp_path / "folder.csv"
    os.mkfifo(pipe)
    folder.mkdir()
    link = tmp_path / "link.csv"
    link.symlink_to(pipe)
    return {
        "a named pipe": pipe,
        "a folder": folder,
        "a device": Path("/dev/zero"),
        "a named pipe by a link": link,
    }


@pytest.mark.parametrize("kind", ["a named pipe", "a folder", "a device", "a named pipe by a link"])
def test_what_is_no_file_is_refused_before_it_is_read(kind: str, strange: dict[str, Path]) -> None:
    wanted = f"{strange[kind]}: is {kind.removesuffix(' by a link')}, wanted a CSV file"
    history = open_history(csv_bytes([ROW]))
    for read in (
        open_history,
        history.merge,
        history.merge_archive,
        lambda path: open_history(None, archive=path),
    ):
        with pytest.raises(CsvError) as raised:
            read(strange[kind])
        assert str(raised.value) == wanted
    assert history.to_csv() == csv_bytes([ROW])


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.csv")
        with pytest.raises(CsvError, match="is a socket"):
            open_history(Path("socket.csv"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"absent\.csv: can't be read: No such file or directory"):
        open_history(tmp_path / "absent.csv")


def test_what_another_command_prints_is_read(tmp_path: Path) -> None:
    script = "from devops_mlops_report import open_history; print(open_history('/dev/stdin').count_rows)"
    answer = subprocess.run(
        [sys.executable, "-c", script], input=csv_bytes([ROW]), capture_output=True, check=True, cwd=tmp_path
    )
    assert answer.stdout == b"1\n"
