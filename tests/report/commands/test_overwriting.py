"""No command writes over the history, nor without a question over a file of the user's."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import Answer, run_here
from csv_samples import ROW, csv_bytes

CONTENT = csv_bytes([ROW])


@pytest.fixture
def history(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "history.csv"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path


def export(history: Path, target: Path | str, *options: str) -> Answer:
    return run_here("export", target, "--history", history, *options, cwd=history.parent)


def other_name(history: Path, kind: str) -> str:
    """Another name for the history, by which a careless user may call it."""
    folder = history.parent
    if kind == "by a link":
        (folder / "link.csv").symlink_to(history)
        return "link.csv"
    if kind == "by a hard link":
        os.link(history, folder / "hard.csv")
        return "hard.csv"
    if kind == "through a linked folder":
        (folder / "linked").symlink_to(folder)
        return "linked/history.csv"
    return "../data/history.csv" if kind == "by another spelling" else "history.csv"


@pytest.mark.parametrize("options", [[], ["--force"], ["--for-spreadsheet", "--force"]], ids=str)
@pytest.mark.parametrize(
    "kind", ["by its name", "by a link", "by a hard link", "by another spelling", "through a linked folder"]
)
def test_an_export_never_takes_the_place_of_the_history(history: Path, kind: str, options: list[str]) -> None:
    target = other_name(history, kind)
    answer = export(history, target, *options)
    assert answer.code == 2
    assert answer.stderr == (
        f"devops-mlops-report: {target}: is the history itself, or its archive; wanted another file to write\n"
    )
    assert history.read_bytes() == CONTENT


@pytest.mark.parametrize("is_there", [True, False])
def test_an_export_never_takes_the_place_of_the_archive(history: Path, *, is_there: bool) -> None:
    archive = history.with_name("history.archive.csv")
    if is_there:
        archive.write_bytes(CONTENT)
    answer = export(history, "history.archive.csv", "--force")
    assert (answer.code, answer.is_one_line()) == (2, True)
    assert archive.exists() == is_there
    assert not is_there or archive.read_bytes() == CONTENT


def test_a_link_to_the_history_does_not_let_an_export_overwrite_it(history: Path) -> None:
    link = history.with_name("link.csv")
    link.symlink_to(history)
    assert export(link, "history.csv", "--force").code == 2
    assert history.read_bytes() == CONTENT


def test_a_file_that_is_there_is_replaced_by_force_alone(history: Path) -> None:
    target = history.with_name("out.csv")
    target.write_text("mine")
    answer = export(history, target)
    assert answer.code == 2
    assert answer.stderr == f"devops-mlops-report: {target}: is there already; --force replaces it\n"
    assert target.read_text() == "mine"
    assert export(history, target, "--force").code == 0
    assert target.read_bytes() == CONTENT


def test_what_is_no_file_is_never_replaced(history: Path) -> None:
    pipe = history.with_name("pipe.csv")
    os.mkfifo(pipe)
    answer = export(history, pipe, "--force")
    assert (answer.code, answer.stderr) == (
        2,
        f"devops-mlops-report: {pipe}: is a named pipe, wanted a file to write\n",
    )
    assert pipe.is_fifo()


@pytest.mark.parametrize(("said", "code", "content"), [("y", 0, CONTENT), ("n", 1, b"mine")])
def test_on_a_terminal_it_is_asked_about(history: Path, said: str, code: int, content: bytes) -> None:
    target = history.with_name("out.csv")
    target.write_bytes(b"mine")
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{said}\n".encode())
        answer = subprocess.run(
            [sys.executable, "-m", "devops_mlops_report", "export", "out.csv", "--history", "history.csv"],
            cwd=history.parent,
            stdin=theirs,
            capture_output=True,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert answer.returncode == code
    assert b"out.csv is there already. Replace it? [y/N]: " in answer.stderr
    assert (b"out.csv: left as it is" in answer.stderr) == (code == 1)
    assert target.read_bytes() == content


@pytest.mark.parametrize(
    ("history_name", "output"),
    [
        ("summary.md", "."),
        ("out/badge.json", "out"),
        ("out/link.csv", "out"),
        ("out/chart.svg", "out/../out"),
        ("out/pending/history.csv", "out"),
        ("out/summary.md/history.csv", "out"),
        ("history.csv", "history.csv"),
        ("history.csv", "history.csv/out"),
    ],
)
def test_the_output_never_takes_the_place_of_the_history(
    tmp_path: Path, history_name: str, output: str
) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    checkout.commit("Begin", {"train.py": "print(1)\n"})
    history = checkout.root / history_name
    history.parent.mkdir(parents=True, exist_ok=True)
    if history.name == "link.csv":
        history.with_name("summary.md").write_bytes(CONTENT)
        history.symlink_to("summary.md")
    elif history_name != "history.csv":
        history.write_bytes(CONTENT)
    before = sorted(checkout.root.rglob("*"))

    answer = run_here("run", "--history", history_name, "--output", output, cwd=checkout.root)

    assert (answer.code, answer.is_one_line()) == (2, True), answer.stderr
    assert sorted(checkout.root.rglob("*")) == before
    assert not history.exists() or history.read_bytes() == CONTENT
