"""Temporary folders of killed processes are removed by a later one; those in use, and those of others, never."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import devops_mlops_report
import pytest
from devops_mlops_report.history.temporary import temporary_folder

ALIVE = os.getpid()


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_dead_processes_left_behind_goes_with_the_next_history(tmp_path: Path) -> None:
    dead = ended_process()
    names = {
        f"devops-mlops-report-{dead}-spill": False,
        f"devops-mlops-report-{dead}-abc_1234": False,
        f"devops-mlops-report-{dead}-is_young": True,
        f"devops-mlops-report-{ALIVE}-abc_1234": True,
        # As a clone may be called.
        f"devops-mlops-report-{dead}": True,
        f"devops-mlops-report-{dead}-old": True,
        "devops-mlops-report-pending-abc": True,
        f"other-{dead}": True,
        f"devops-mlops-report-{dead}.csv": True,
    }
    for name in names:
        (tmp_path / name / "in").mkdir(parents=True)
        if not name.endswith("young"):
            os.utime(tmp_path / name, (0, 0))
    link = tmp_path / f"devops-mlops-report-{dead}-the_link"
    link.symlink_to(tmp_path / f"other-{dead}")

    subprocess.run(
        [sys.executable, "-c", "from devops_mlops_report import open_history; open_history(None).close()"],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        check=True,
    )

    assert {name: (tmp_path / name).exists() for name in names} == names
    assert link.is_symlink()


@pytest.mark.parametrize("is_beside", [False, True])
def test_a_folder_of_a_killed_process_is_told_for_what_it_is(
    tmp_path: Path, is_beside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = tmp_path / "kept" / "export.parquet" if is_beside else None
    place = tmp_path / ("kept" if is_beside else "tmp")
    place.mkdir()
    code = (
        "import os, sys; from pathlib import Path\n"
        "from devops_mlops_report.history.temporary import temporary_folder\n"
        "with temporary_folder(*map(Path, sys.argv[1:])) as folder:\n"
        "    (folder / 'half').touch()\n"
        "    os.utime(folder, (0, 0))\n"
        "    os._exit(9)\n"
    )
    arguments = [str(beside)] if beside else []
    subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | {"TMPDIR": str(tmp_path / "tmp")},
        check=False,
    )
    [left] = place.iterdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    with temporary_folder(beside) as folder:
        assert list(place.iterdir()) == [folder]
        assert folder != left
    assert list(place.iterdir()) == []


def test_nobody_makes_a_temporary_folder_of_another_name() -> None:
    root = Path(devops_mlops_report.__file__).parent
    makers = {
        str(path.relative_to(root))
        for room in ("history", "report")
        for path in (root / room).rglob("*.py")
        if re.search(
            r"\b(TemporaryDirectory|TemporaryFile|NamedTemporaryFile|mkdtemp|mkstemp)\b", path.read_text()
        )
    }
    # A folder beside a file tells by its name which file's it is; where a row waits, and what somebody is to look at,
    # nothing is removed.
    others = {"history/stores/replacing.py", "report/mlflow_client/pulling.py"}
    others |= {"report/delivery/pending.py", "report/adopting/demo.py"}
    assert makers == {"history/temporary.py", *others}
