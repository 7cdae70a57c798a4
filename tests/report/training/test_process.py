"""A training as a process: live, quoted, limited in time, and nothing of it left behind."""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path

from devops_mlops_report.report.training.process import Ended, run_process


def run(
    code: str, tmp_path: Path, *, limit: float = 60, hidden: tuple[str, ...] = (), is_in_actions: bool = False
) -> tuple[Ended, str]:
    output = io.BytesIO()
    ended = run_process(
        [sys.executable, "-c", code],
        tmp_path,
        os.environ,
        limit_seconds=limit,
        hidden=hidden,
        output=output,
        is_in_actions=is_in_actions,
    )
    return ended, output.getvalue().decode()


def test_what_it_prints_is_copied_and_its_end_is_kept(tmp_path: Path) -> None:
    ended, printed = run("for n in range(100): print(n)\nraise SystemExit(3)", tmp_path)
    assert printed.split() == [str(n) for n in range(100)]
    assert ended.tail == tuple(str(n) for n in range(60, 100))
    assert (ended.exit_code, ended.problem) == (3, "ended with exit code 3")


def test_output_comes_live(tmp_path: Path) -> None:
    class Timed(io.BytesIO):
        def write(self, data: object) -> int:
            moments.append(time.monotonic())
            return super().write(data)  # type: ignore[arg-type]

    moments: list[float] = []
    run_process(
        [sys.executable, "-u", "-c", "import time; print(1); time.sleep(1); print(2)"],
        tmp_path,
        os.environ,
        limit_seconds=60,
        hidden=(),
        output=Timed(),
        is_in_actions=False,
    )
    assert moments[-1] - moments[0] > 0.7


def test_in_actions_the_runner_takes_no_command_from_it(tmp_path: Path) -> None:
    _, printed = run("print('::error::x', end='')", tmp_path, is_in_actions=True)
    lines = printed.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    assert lines == [f"::stop-commands::{token}", "::error::x", f"::{token}::"]
    assert len(token) == 32


def test_secrets_are_taken_out_of_log_and_tail(tmp_path: Path) -> None:
    ended, printed = run("print('password is topsecret!')", tmp_path, hidden=("topsecret",))
    assert printed == "password is ***!\n"
    assert ended.tail == ("password is ***!",)


def test_a_training_beyond_its_time_ends_with_everything_that_it_started(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)"
    )
    began = time.monotonic()
    ended, printed = run(code, tmp_path, limit=1)
    assert time.monotonic() - began < 15
    assert ended.exit_code is None
    assert "took longer than 1 s" in str(ended.problem)
    assert not _is_running(int(printed))


def test_a_child_that_goes_on_does_not_hold_the_report_up(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)"
    )
    began = time.monotonic()
    ended, printed = run(code, tmp_path)
    assert time.monotonic() - began < 20
    assert ended.problem is None
    assert not _is_running(int(printed))


def test_a_line_without_end_and_progress_bars_are_shown(tmp_path: Path) -> None:
    ended, printed = run(
        "import sys; sys.stdout.write('x' * 100_000); sys.stdout.write('10%\\r20%\\rdone')", tmp_path
    )
    assert len(printed) == 100_000 + 12
    assert ended.tail[-1] == "done"
    assert max(map(len, ended.tail)) <= 300


def test_a_command_that_is_not_there_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    ended = run_process(
        ["/nowhere/python"],
        tmp_path,
        {},
        limit_seconds=1,
        hidden=(),
        output=io.BytesIO(),
        is_in_actions=False,
    )
    assert str(ended.problem).startswith("could not be started: /nowhere/python")


def _is_running(pid: int) -> bool:
    path = Path(f"/proc/{pid}/stat")
    return path.exists() and path.read_text().split()[2] != "Z"
