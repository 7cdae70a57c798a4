"""Temporary folders of killed processes are removed by a later one; those in use, and those of others, never."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ALIVE = os.getpid()


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_dead_processes_left_behind_goes_with_the_next_history(tmp_path: Path) -> None:
    dead = ended_process()
    names = {
        f"devops-mlops-report-{dead}": False,
        f"devops-mlops-report-{dead}-abc_1": False,
        f"devops-mlops-report-{dead}-young": True,
        f"devops-mlops-report-{ALIVE}-abc": True,
        "devops-mlops-report-pending-abc": True,
        f"other-{dead}": True,
        f"devops-mlops-report-{dead}.csv": True,
    }
    for name in names:
        (tmp_path / name / "in").mkdir(parents=True)
        if not name.endswith("young"):
            os.utime(tmp_path / name, (0, 0))
    link = tmp_path / f"devops-mlops-report-{dead}-link"
    link.symlink_to(tmp_path / f"other-{dead}")

    subprocess.run(
        [sys.executable, "-c", "from devops_mlops_report import open_history; open_history(None).close()"],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        check=True,
    )

    assert {name: (tmp_path / name).exists() for name in names} == names
    assert link.is_symlink()
