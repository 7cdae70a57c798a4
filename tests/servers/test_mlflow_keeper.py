"""A server for tests ends with the tests, however these end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

KEEPER = Path(__file__).with_name("mlflow_keeper.py")
SERVER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def test_a_server_ends_with_its_owner_though_that_was_killed(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as owner:
        command = [sys.executable, str(KEEPER), str(owner.pid), str(folder), sys.executable, "-c", SERVER]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as keeper:
            assert keeper.stdout is not None
            child = int(keeper.stdout.readline())
            owner.kill()
            # Its end is the end of the pipe that the server and its child hold open, too.
            assert keeper.communicate(timeout=20)[0] == ""
    assert not Path(f"/proc/{child}/cwd").exists()
    assert not folder.exists()


def test_a_server_that_ends_by_itself_leaves_its_log(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        command = [sys.executable, str(KEEPER), str(owner.pid), str(tmp_path), sys.executable, "-c", "1/0"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
        owner.communicate(b"\n")
    assert "ZeroDivisionError" in ended.stderr
    assert tmp_path.exists()
