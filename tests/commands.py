"""Run the real command as a user does: a process of its own, with an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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
    variables = {name: os.environ[name] for name in KEPT if name in os.environ} | {"HOME": str(cwd)}
    answer = subprocess.run(
        [sys.executable, "-I", "-m", "devops_mlops_report", *map(str, arguments)],
        cwd=cwd,
        env=variables | dict(environment or {}),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return Answer(answer.returncode, answer.stdout, answer.stderr)
