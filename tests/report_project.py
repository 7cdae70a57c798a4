"""Projects that train, in real repositories, and the command as a CI runs it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repositories import GitRepository


@dataclass
class Project:
    """A repository with a config, whose history is a file beside it."""

    repository: GitRepository
    history: Path

    def configure(self, text: str) -> None:
        head = "version: 3\nreport: {highlight_metric: r2, minimum_points: 1}\n"
        self.repository.put("report-config.yml", head + text)

    def report(self, *arguments: str, **environment: str) -> Reported:
        """`devops-mlops-report run` on HEAD."""
        process = self.start(*arguments, **environment)
        with process:
            try:
                _, errors = process.communicate(timeout=300)
            finally:
                process.kill()
        return self.reported(process.returncode, errors)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """The same, still running."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        command = [sys.executable, "-X", "importtime", "-I", "-m", "devops_mlops_report", "run"]
        options = {"--status": "success", "--repo": self.repository.root, "--history": self.history}
        options |= {"--output": self.output}
        given = [str(part) for option in options.items() for part in option]
        return subprocess.Popen(
            [*command, *given, *arguments],
            env={**kept, "HOME": str(self.history.parent), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def output(self) -> Path:
        """The folder of the summary and the chart."""
        return self.history.parent / "output"

    def reported(self, code: int, errors: str) -> Reported:
        """What a run that has ended gave."""
        rows, summary = self.rows(), self.output / "summary.md"
        text = summary.read_text(encoding="utf-8") if summary.exists() else ""
        return Reported(code, errors, text, rows[-1] if rows else {})

    def rows(self) -> list[dict[str, str]]:
        if not self.history.exists():
            return []
        with self.history.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@dataclass(frozen=True)
class Reported:
    """What a run gave."""

    code: int
    stderr: str
    summary: str
    row: Mapping[str, str]

    def has_imported(self, package: str) -> bool:
        """Whether the report's own process imported a package (by `-X importtime`)."""
        return any(
            line.startswith("import time:") and line.rpartition("|")[2].strip() == package
            for line in self.stderr.splitlines()
        )

    @property
    def told(self) -> str:
        """What stderr says, without the import times."""
        return "\n".join(line for line in self.stderr.splitlines() if not line.startswith("import time:"))

    def json(self, column: str) -> Any:
        return json.loads(self.row[column] or "null")
