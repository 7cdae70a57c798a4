"""A training as a process: live, quoted, limited in time, and nothing of it left behind."""

from __future__ import annotations

import base64
import io
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from devops_mlops_report.report.redaction import HIDDEN, Redaction
from devops_mlops_report.report.training import process
from devops_mlops_report.report.training.process import Ended, last_error, run_process


def run(
    code: str,
    tmp_path: Path,
    *,
    limit: float = 60,
    environment: Mapping[str, str] | None = None,
    is_in_actions: bool = False,
) -> tuple[Ended, str]:
    output = io.BytesIO()
    ended = run_process(
        [sys.executable, "-c", code],
        tmp_path,
        os.environ,
        limit_seconds=limit,
        redaction=Redaction.of(environment or {}),
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
        redaction=Redaction.of({}),
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
    ended, printed = run("print('password is topsecret!')", tmp_path, environment={"A_TOKEN": "topsecret"})
    assert printed == f"password is {HIDDEN}!\n"
    assert ended.tail == (f"password is {HIDDEN}!",)


@pytest.mark.parametrize("before", [8_185, 8_190, 65_530, 131_066])
@pytest.mark.parametrize("form", ["raw", "base64", "in pieces"])
def test_no_cut_of_the_output_parts_a_secret(tmp_path: Path, before: int, form: str) -> None:
    secret = "gho_a1b2c3d4e5f6g7h8"
    shown = base64.b64encode(f"user:{secret}".encode()).decode() if form == "base64" else secret
    half = len(shown) // 2
    write = (
        f"sys.stdout.write({shown[:half]!r}); time.sleep(0.3); sys.stdout.write({shown[half:]!r})"
        if form == "in pieces"
        else f"sys.stdout.write({shown!r})"
    )
    code = f"import sys, time; sys.stdout.write('.' * {before}); {write}; sys.stdout.write(' end')"
    ended, printed = run(code, tmp_path, environment={"A_TOKEN": secret})
    assert printed == "." * before + HIDDEN + " end"
    assert not any(shown[at : at + 6] in "".join(ended.tail) for at in range(len(shown) - 5))


def test_a_carriage_return_within_a_secret_parts_it_not(tmp_path: Path) -> None:
    code = (
        "import sys; sys.stdout.write('a topsec'); sys.stdout.flush(); sys.stdout.write('\\rret-word b\\n')"
    )
    ended, printed = run(code, tmp_path, environment={"A_TOKEN": "topsecret-word"})
    assert printed == f"a {HIDDEN} b\n"
    assert ended.tail == (f"a {HIDDEN} b",)


def test_empty_lines_and_long_lines_cost_in_proportion_to_their_bytes(tmp_path: Path) -> None:
    def cpu_seconds(count: int) -> float:
        began = time.process_time()
        code = f"import sys; sys.stdout.write('\\n' * {count} + 'x' * {count})"
        _, printed = run(code, tmp_path, environment={"A_TOKEN": "gho_a1b2c3d4e5f6g7h8"})
        assert len(printed) == 2 * count
        return time.process_time() - began

    # Quadratic, it was 64 times as much.
    assert cpu_seconds(2_000_000) < 24 * max(cpu_seconds(250_000), 0.02)


def test_the_tail_keeps_whole_lines_and_their_indentation(tmp_path: Path) -> None:
    ended, _ = run(
        "import sys\n"
        "sys.stdout.write('  10%\\r  20%\\r 100%\\n\\n')\n"
        "sys.stdout.write('Traceback:\\n    raise ValueError\\r\\n' + 'x' * 5000 + '\\n')\n"
        "sys.stdout.write('ValueError: ' + 'y' * 400)\n",
        tmp_path,
    )
    assert ended.tail == (
        " 100%",
        "Traceback:",
        "    raise ValueError",
        "x" * 999 + "…",
        "ValueError: " + "y" * 400,
    )


def test_what_it_prints_while_it_ends_is_kept(tmp_path: Path) -> None:
    ended, _ = run(
        "import signal, sys, time\n"
        "def stop(*_):\n    print('stopped at epoch 3', flush=True)\n    sys.exit(1)\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "time.sleep(60)\n",
        tmp_path,
        limit=1.5,
    )
    assert ended.tail == ("stopped at epoch 3",)


def test_what_a_child_prints_after_the_end_of_the_process_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However busy the machine is; the wait ends with the child.
    monkeypatch.setattr(process, "OUTPUT_SECONDS", 120.0)
    late = "import os, time\nwhile os.getppid() == {pid}: time.sleep(0.01)\ntime.sleep(1.5)\nprint('late')"
    code = (
        "import os, subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {late!r}.replace('{{pid}}', str(os.getpid()))])\n"
        "print('first', flush=True)"
    )
    ended, printed = run(code, tmp_path)
    assert (ended.problem, ended.tail) == (None, ("first", "late"))
    assert printed.split() == ["first", "late"]


@pytest.mark.parametrize(
    ("tail", "error"),
    [
        ([], ""),
        (["epoch 1", "  ", "out of memory", ""], "out of memory"),
        (
            ["Traceback (most recent call last):", "  File", "ValueError: `x`", "=== Run failed ==="],
            "ValueError: 'x'",
        ),
        (["a.b.FitError: first", "During handling", "RuntimeError", "done"], "RuntimeError"),
        (["Error in f(x) : no rows", "Calls: f"], "Error in f(x) : no rows"),
        (["errors were found later", "Exceptional", "last"], "last"),
        (["fatal: not a git repository", "bye"], "fatal: not a git repository"),
    ],
)
def test_the_last_error_is_found_in_the_tail(tail: list[str], error: str) -> None:
    assert last_error(tail) == error


def test_a_training_goes_on_when_nobody_reads_its_output(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def write(self, data: object) -> int:
            raise BrokenPipeError

    ended = run_process(
        [sys.executable, "-c", "print(1)"],
        tmp_path,
        os.environ,
        limit_seconds=60,
        redaction=Redaction.of({}),
        output=Broken(),
        is_in_actions=True,
    )
    assert (ended.exit_code, ended.tail) == (0, ("1",))


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


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, what left its session is not found")
@pytest.mark.parametrize("ends_by", ["itself", "its time"])
def test_what_it_left_in_a_session_of_its_own_ends_too(tmp_path: Path, ends_by: str) -> None:
    code = (
        "import subprocess, sys, time\n"
        "sleep = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        "again = f'import subprocess; print(subprocess.Popen({sleep}, start_new_session=True).pid, flush=True)'\n"
        "print(subprocess.Popen(sleep, start_new_session=True).pid, flush=True)\n"
        "subprocess.run([sys.executable, '-c', again], start_new_session=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as bystander:
        wait = "" if ends_by == "itself" else "time.sleep(600)\n"
        _, printed = run(code + wait, tmp_path, limit=60 if ends_by == "itself" else 4)
        first, second = map(int, printed.split())
        assert not _is_running(first)
        assert not _is_running(second)
        assert bystander.poll() is None
        bystander.kill()


def test_a_line_without_end_and_progress_bars_are_shown(tmp_path: Path) -> None:
    ended, printed = run(
        "import sys; sys.stdout.write('x' * 100_000); sys.stdout.write('10%\\r20%\\rdone')", tmp_path
    )
    assert len(printed) == 100_000 + 12
    assert ended.tail == ("done",)


def test_a_command_that_is_not_there_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    ended = run_process(
        ["/nowhere/python"],
        tmp_path,
        {},
        limit_seconds=1,
        redaction=Redaction.of({}),
        output=io.BytesIO(),
        is_in_actions=False,
    )
    assert str(ended.problem).startswith("could not be started: /nowhere/python")


def _is_running(pid: int) -> bool:
    path = Path(f"/proc/{pid}/stat")
    return path.exists() and path.read_text().split()[2] != "Z"
