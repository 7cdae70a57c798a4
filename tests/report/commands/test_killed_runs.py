"""A run that is killed, at whatever moment, leaves the old history or the new one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from checkouts import Checkout
from gist_runs import OLD, rows_of

KILLS = int(os.environ.get("KILLS", "20"))


def test_a_run_that_is_killed_at_any_moment_leaves_a_whole_history(
    checkout: Checkout, tmp_path: Path
) -> None:
    """Kills spread over the time that a run takes; then one run that ends."""
    history = tmp_path / "history.csv"
    history.write_bytes(OLD)
    run = [sys.executable, "-I", "-m", "devops_mlops_report", "run", "--history", str(history)]
    begun = time.monotonic()
    subprocess.run(run, cwd=checkout.root, check=True, capture_output=True)
    seconds = time.monotonic() - begun
    for kill in range(KILLS):
        process = subprocess.Popen(
            run, cwd=checkout.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(seconds * (0.5 + kill / KILLS * 0.6))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        content = history.read_bytes()
        assert content.endswith(b"\n")
        rows = rows_of(content)
        assert sum(row["commit_sha"].startswith("old") for row in rows) == 8
        assert all(None not in row and None not in row.values() for row in rows)
    subprocess.run(run, cwd=checkout.root, check=True, capture_output=True)
    leftovers = {path.name for path in tmp_path.iterdir()} - {"wine", "history.csv", ".history.csv.lock"}
    assert all(name.startswith(".history.csv.") for name in leftovers)
