"""Installed from a wheel, in a clone with a hyphen in its name, it is one package that nothing can shadow."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from checkouts import Checkout

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    clone = folder / "devops-mlops-report"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    command = [
        sys.executable,
        "-m",
        "uv",
        "build",
        "--quiet",
        "--wheel",
        "--out-dir",
        str(folder),
        str(clone),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_a_wheel_holds_every_file_that_is_read_at_run_time(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "history", "views", "migrations", "report", "py.typed"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    wanted = {f"devops_mlops_report/{name}" for name in listed}
    assert wanted <= packed
    assert {name.split("/")[0] for name in packed if ".dist-info" not in name} == {"devops_mlops_report"}
    assert not any(name.startswith("devops_mlops_report/tests") for name in packed)


def test_an_adopters_own_folders_do_not_shadow_it(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    checkout = Checkout.create(tmp_path / "adopter")
    checkout.commit(
        "Begin",
        {f"{name}/__init__.py": "raise SystemExit('shadowed')\n" for name in ("report", "history", "views")},
    )
    answer = subprocess.run(
        [sys.executable, "-c", "from devops_mlops_report.report.commands import main; main()", "run"],
        cwd=checkout.root,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{checkout.root}:{installed}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    assert "Begin" in answer.stdout
