"""The workflows of a checkout for GitHub Actions: how the report is called, and what there is to report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ...history.errors import UnusableFileError
from ...history.late_dataclass import dataclass
from ...history.regular_files import read_regular

FOLDER = ".github/workflows"
_MAX_BYTES = 1_000_000
_CALLED = "/.github/workflows/report.yml@"
_COMMANDS = ("devops-mlops-report run", "devops_mlops_report run")


@dataclass(frozen=True)
class WorkflowJob:
    """One job of one workflow, as its file describes it."""

    workflow: str
    """The file, relative to the repository."""
    name: str
    content: Mapping[str, Any]
    defaults: Any
    """The workflow's `permissions`; None where it has none."""
    events: frozenset[str] = frozenset()
    """What starts the workflow."""

    @property
    def uses(self) -> str:
        """The called workflow; '' for a job with steps."""
        return str(self.content.get("uses") or "")

    @property
    def steps(self) -> list[Mapping[str, Any]]:
        """Its steps; none for a job that calls a workflow."""
        steps = self.content.get("steps")
        return [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []

    @property
    def commands(self) -> str:
        """What its steps run, one after the other."""
        return "\n".join(str(step.get("run") or "") for step in self.steps)

    @property
    def is_report(self) -> bool:
        """Whether it reports: it calls the report's workflow, or runs the command."""
        is_call = "devops-mlops-report" in self.uses and _CALLED in self.uses
        return is_call or any(command in self.commands for command in _COMMANDS)

    def may(self, permission: str) -> str | None:
        """`read`, `write` or `none`, as the job or its workflow says; None where nobody says it.

        Source: GitHub, "Workflow syntax", `permissions`: what is named takes away all that is not.
        """
        said = self.content.get("permissions", self.defaults)
        if isinstance(said, str):
            return {"read-all": "read", "write-all": "write"}.get(said, "none")
        return str(said.get(permission, "none")) if isinstance(said, dict) else None

    @property
    def secrets(self) -> frozenset[str] | None:
        """The secrets that it hands to the workflow which it calls; None for all of them."""
        said = self.content.get("secrets")
        return None if said == "inherit" else frozenset(map(str, said if isinstance(said, dict) else ()))


def read_jobs(root: Path) -> tuple[list[WorkflowJob], list[str]]:
    """The jobs of all workflows in the checkout, and a sentence for each file that can't be read."""
    jobs: list[WorkflowJob] = []
    notices: list[str] = []
    folder = root / FOLDER
    for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
        name = f"{FOLDER}/{path.name}"
        try:
            jobs += _jobs(name, yaml.safe_load(read_regular(path, _MAX_BYTES)))
        except (UnusableFileError, OSError, yaml.YAMLError, RecursionError, ValueError):
            notices.append(f"{name} can't be read as a workflow.")
    return jobs, notices


def _jobs(name: str, content: Any) -> Iterator[WorkflowJob]:
    jobs = content.get("jobs") if isinstance(content, dict) else None
    for job, described in jobs.items() if isinstance(jobs, dict) else ():
        if isinstance(described, dict):
            # YAML 1.1 reads the key `on` as true.
            said = content.get("on", content.get(True))
            events = frozenset(map(str, said if isinstance(said, list | dict) else [said]))
            yield WorkflowJob(name, str(job), described, content.get("permissions"), events)
