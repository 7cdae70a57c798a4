"""A job that is cancelled: whatever signals come, at whatever moment, the row is recorded or pending."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from checkouts import Checkout
from gist_runs import environment_of_ci
from servers.git_server import Fault, GitServer

ORDERS = [
    (signal.SIGINT,),
    (signal.SIGTERM,),
    (signal.SIGINT, signal.SIGTERM),
    (signal.SIGTERM, signal.SIGINT),
    (signal.SIGINT, signal.SIGINT, signal.SIGTERM),
]


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _start(
    checkout: Checkout, folder: Path, history: str, environment: Mapping[str, str]
) -> subprocess.Popen[str]:
    """A run, as soon as it watches for signals: its first step is behind it."""
    options = ("run", "--history", history, "--output", str(folder / "out"))
    process = subprocess.Popen(
        [sys.executable, "-I", "-m", "devops_mlops_report", *options],
        cwd=checkout.root,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not list((folder / "out").glob("pending/*.csv")):
        time.sleep(0.005)
    return process


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(each.name for each in order))
def test_signals_while_the_gist_does_not_answer_leave_the_row_and_the_summary(
    server: GitServer, checkout: Checkout, tmp_path: Path, order: tuple[signal.Signals, ...]
) -> None:
    server.inject(Fault("fetch", "hang", seconds=15, times=9))
    process = _start(checkout, tmp_path, f"{server.url}/history", environment_of_ci())
    for each in order:
        process.send_signal(each)
        time.sleep(0.7)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (0, 1), errors
    assert "Traceback" not in errors
    [pending] = (tmp_path / "out/pending").iterdir()
    assert len(_rows(pending)) == 1
    summary = (tmp_path / "out/summary.md").read_text()
    assert "Reading the history was cut short, as the job was cancelled" in summary.replace("&#58;", ":")


def test_a_signal_at_any_moment_leaves_the_row_recorded_or_pending(
    checkout: Checkout, tmp_path: Path
) -> None:
    """Signals spread over the time that a run takes, the second one soon after the first, then the end by force."""
    for moment in range(6):
        folder = tmp_path / f"at-{moment}"
        folder.mkdir()
        process = _start(checkout, folder, str(folder / "history.csv"), {})
        time.sleep(moment * 0.12)
        for each in (signal.SIGINT, signal.SIGTERM):
            process.send_signal(each)
            time.sleep(0.02)
        if moment % 3 == 2:
            process.kill()
        _, errors = process.communicate(timeout=60)
        kept = [
            *_rows(folder / "history.csv"),
            *(row for path in folder.glob("out/pending/*.csv") for row in _rows(path)),
        ]
        assert len(kept) >= 1, (moment, errors)
        assert {row["commit_sha"] for row in kept} == {checkout.git("rev-parse", "HEAD")}
        assert "Traceback" not in errors
        if moment % 3 != 2:
            assert (folder / "out/summary.md").exists(), (moment, errors)
