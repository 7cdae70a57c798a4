"""Run the real command as a user does: a process of its own, with an environment of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
from devops_mlops_report.report.commands import main

KEPT = ("PATH", "LANG", "SSL_CERT_FILE", "TMPDIR")


@dataclass(frozen=True)
class Answer:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    def is_one_line(self) -> bool:
        """Whether stderr is one line of ours, no traceback."""
        return self.stderr.count("\n") == 1 and self.stderr.startswith("devops-mlops-report: ")


def run_command(
    *arguments: str | Path, cwd: Path, environment: Mapping[str, str] | None = None, stdin: str | None = None
) -> Answer:
    """`devops-mlops-report <arguments>` in `cwd`, outside of any CI unless `environment` says so."""
    answer = subprocess.run(
        [sys.executable, "-I", "-m", "devops_mlops_report", *map(str, arguments)],
        cwd=cwd,
        env=_variables(cwd, environment),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return Answer(answer.returncode, answer.stdout, answer.stderr)


def run_here(
    *arguments: str | Path,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: str = "",
) -> Answer:
    """The same in this process: quick, where it is the answer that matters and not the process."""
    stdout, stderr = io.StringIO(), io.StringIO()
    cwd = cwd or Path.cwd()
    with (
        chdir(cwd),
        patch.dict(os.environ, _variables(cwd, environment), clear=True),
        patch.object(sys, "argv", ["devops-mlops-report", *map(str, arguments)]),
        patch.object(sys, "stdin", io.StringIO(stdin)),
        redirect_stdout(stdout),
        redirect_stderr(stderr),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    return Answer(int(ended.value.code or 0), stdout.getvalue(), stderr.getvalue())


def _variables(cwd: Path, environment: Mapping[str, str] | None) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {"HOME": str(cwd)} | dict(environment or {})
