"""What is withheld from a training, it does not get by looking into our process; what it leaves behind ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import IDENTITY, GitRepository

TOKEN = "gho_a1B2c3D4e5F6g7H8i9J0"

# What it looks for stands in it backwards, so that it does not find itself.
SPY = f"""
import base64, ctypes, json, os, re
token = {TOKEN[::-1]!r}[::-1].encode()
parent = f"/proc/{{os.getppid()}}"
found = {{"uid": os.geteuid(), "own": any(token in value for value in os.environb.values())}}

def look(what, read):
    try:
        found[what] = token in read()
    except OSError as error:
        found[what] = type(error).__name__

def memory():
    parts = []
    with open(parent + "/maps") as maps, open(parent + "/mem", "rb", 0) as memory:
        for line in maps:
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            if "rw" in line.split()[1] and end - start < 100_000_000:
                memory.seek(start)
                parts.append(memory.read(end - start))
    return b"".join(parts)

look("environ", lambda: open(parent + "/environ", "rb").read())
look("memory", memory)
libc = ctypes.CDLL(None, use_errno=True)
found["ptrace"] = libc.ptrace(0x4206, os.getppid(), None, None) == 0  # PTRACE_SEIZE, which stops nothing
with open("found.json", "w") as file:
    json.dump(found, file)
"""


def trained(root: Path, user: int, *, is_shielded: bool = True) -> dict[str, object]:
    """Report on a commit as the user of that number, and give what its training has found."""
    repository = GitRepository(root / "checkout")
    config = f"project: {{train_script: train.py, python: {json.dumps(sys.executable)}}}\n"
    repository.commit(
        "first",
        {"train.py": SPY, "report-config.yml": f"version: 3\nreport: {{highlight_metric: r2}}\n{config}"},
    )
    for path in (root, *root.rglob("*")):
        shutil.chown(path, user, user)
    start = "from devops_mlops_report.report.commands import main\n"
    if not is_shielded:
        start += (
            "from devops_mlops_report.report.training import process, shielding\n"
            "import subprocess\n"
            "process.shield = lambda given: True\n"
            "process.start = subprocess.Popen\n"
        )
    answer = subprocess.run(
        [sys.executable, "-c", f"{start}main()", "run", "--repo", repository.root, "--train"],
        env={
            **IDENTITY,
            "PATH": os.environ["PATH"],
            "HOME": str(root),
            "GIST_TOKEN": TOKEN,
            "MLFLOW_TRACKING_URI": f"file:{root}/mlruns",
        },
        cwd=root,
        user=user,
        group=user,
        extra_groups=[] if os.geteuid() == 0 else None,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    assert "can read what is withheld" not in answer.stderr
    found: dict[str, object] = json.loads((repository.root / "found.json").read_text())
    return found


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere, processes are closed in other ways, or not at all"
)
@pytest.mark.parametrize("is_ourselves", [True, False])
def test_a_training_finds_nothing_in_our_environment_and_our_memory(
    tmp_path: Path, is_ourselves: bool
) -> None:
    user = os.geteuid() if is_ourselves else 65_534
    if not is_ourselves and not _can_run_as(user):
        pytest.skip("only root can become another user, where that one can read this interpreter")
    root = _reachable(tmp_path, user)
    try:
        found = trained(root, user)
        assert (found["uid"], found["own"]) == (user, False)
        assert found["environ"] in (False, "PermissionError")
        assert (found["memory"], found["ptrace"]) == ("PermissionError", False)
    finally:
        shutil.rmtree(root)


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_without_that_it_would_have_found_it(tmp_path: Path) -> None:
    root = _reachable(tmp_path, os.geteuid())
    try:
        assert trained(root, os.geteuid(), is_shielded=False)["environ"] is True
    finally:
        shutil.rmtree(root)


def _can_run_as(user: int) -> bool:
    if os.geteuid() != 0:
        return False
    try:
        return subprocess.run([sys.executable, "-c", "import duckdb"], user=user, check=False).returncode == 0
    except PermissionError:
        return False


def _reachable(tmp_path: Path, user: int) -> Path:
    """A folder that the user gets to, which pytest's own are not for another one."""
    if user == os.geteuid():
        (tmp_path / "as ourselves").mkdir()
        return tmp_path / "as ourselves"
    root = Path("/var/tmp") / f"devops-mlops-report-test-{os.getpid()}"
    root.mkdir()
    return root
