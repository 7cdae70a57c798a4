"""A job that is cancelled in the middle of a training: it ends with all that it started, and is reported."""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from pathlib import Path

import pytest
from report_project import Project

TRAIN = """
import signal, subprocess, sys, time
ignored = {ignored}
if ignored:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
code = "import time; time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", code])
print("training", child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize(
    ("number", "is_stubborn"), [(signal.SIGTERM, False), (signal.SIGINT, False), (signal.SIGTERM, True)]
)
def test_a_cancelled_training_is_ended_and_recorded(
    project: Project, number: signal.Signals, is_stubborn: bool
) -> None:
    project.configure(f"project: {{train_script: train.py, python: {json.dumps(sys.executable)}}}\n")
    project.repository.commit("first", {"train.py": TRAIN.format(ignored=is_stubborn)})
    with project.start() as process:
        assert process.stderr is not None
        printed = ""
        while "training " not in (printed := process.stderr.readline()):
            assert printed, "it ended before it trained"
        child = int(printed.split()[-1])
        process.send_signal(number)
        began = time.monotonic()
        _, errors = process.communicate(timeout=60)
    # GitHub ends a job ten seconds after it asked.
    assert time.monotonic() - began < 10
    answer = project.reported(process.returncode, errors)
    assert (answer.code, answer.row["training"], answer.row["cause"]) == (0, "failed", "Script")
    assert f"was ended, as the job was cancelled ({number.name})" in answer.summary
    assert not _is_running(child)
    assert not re.search(r"Traceback|KeyboardInterrupt", errors)


def _is_running(pid: int) -> bool:
    path = Path(f"/proc/{pid}/stat")
    return path.exists() and path.read_text().split()[2] != "Z"
