"""What a repository tells about how it wants to be reported: its metric, its workflows, where a history can be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ...history.errors import LocationError, UnusableFileError
from ...history.late_dataclass import dataclass
from ...history.regular_files import read_regular
from ...history.stores import BranchAddress
from ..errors import ReportError
from ..facts.git import read_default_branch, read_origin, resolve_commit, run_git
from ..facts.measurement_files import read_metrics
from ..facts.workflows import WorkflowJob, read_jobs

UNKNOWN_TOOL = "OWNER/devops-mlops-report"
UNKNOWN_COMMIT = "0" * 40

_FILES_AT_MOST = 500
_BYTES_AT_MOST = 500_000
_LOGGED = re.compile(r"""log_metric\(\s*(?:key\s*=\s*)?["']([^"'{}\\]{1,80})["']""")
_QUALITY = re.compile(r"acc|auc|f1|r2|bleu|rouge|map|iou|precision|recall|score|ndcg|mrr", re.I)
_LOSS = re.compile(r"loss|error|rmse|mae|mse|perplexity|wer|cer", re.I)
_HELD_OUT = re.compile(r"val|test|eval|dev", re.I)


@dataclass(frozen=True)
class Metric:
    """The metric that the report may be about, and where it was seen."""

    name: str
    seen_in: str


@dataclass(frozen=True)
class Tool:
    """Where this tool's own workflow is."""

    repository: str
    commit: str

    @property
    def is_known(self) -> bool:
        """Whether both could be told."""
        return self.repository != UNKNOWN_TOOL


@dataclass(frozen=True)
class Guess:
    """All that could be told."""

    metric: Metric
    address: BranchAddress | None
    """The repository's own branch for a history; None without a remote that can keep one."""
    default_branch: str | None
    workdir: str | None
    """The folder of the `MLproject`, '' for the root; None without one."""
    job: WorkflowJob | None
    """A job of the workflow that the report may join."""
    jobs: tuple[WorkflowJob, ...]
    """All of that workflow."""
    artifact: str
    """The artifact of that workflow which holds results; '' where it uploads none."""
    is_tested: bool
    """Whether one of its jobs runs pytest."""
    is_reported: bool
    """Whether a workflow reports already."""
    tool: Tool
    notices: tuple[str, ...]

    @property
    def is_on_github(self) -> bool:
        """Whether its CI is GitHub Actions, as far as the remote or its workflows tell."""
        return bool(self.jobs) or self.address is None or self.address.host == "github.com"


def guess(root: Path) -> Guess:
    """Look at the checkout. Raises `ReportError` where there is none."""
    files = _files(root)
    jobs, notices = read_jobs(root)
    job = _joined(jobs)
    of_workflow = tuple(each for each in jobs if job and each.workflow == job.workflow)
    return Guess(
        metric=_metric(root, files, jobs),
        address=_address(root),
        default_branch=read_default_branch(root),
        workdir=next((str(Path(name).parent) for name in files if Path(name).name == "MLproject"), None),
        job=job,
        jobs=of_workflow,
        artifact=_artifact(of_workflow),
        is_tested=any("pytest" in each.commands for each in of_workflow),
        is_reported=any(each.is_report for each in jobs),
        tool=find_tool(),
        notices=tuple(notices),
    )


def _files(root: Path) -> list[str]:
    """The files of the checkout that git tracks or would, the nearest to the root first."""
    listed = run_git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return sorted(filter(None, listed.split("\0")), key=lambda name: (name.count("/"), name))


def _address(root: Path) -> BranchAddress | None:
    try:
        return BranchAddress.parse(read_origin(root))
    except LocationError:
        return None


def _metric(root: Path, files: Iterable[str], jobs: Iterable[WorkflowJob]) -> Metric:
    """The best of those that files and scripts name; without any, one that every CI run has."""
    found = [*_measured(root, files), *_logged(root, files)]
    if found:
        return max(found, key=lambda metric: _rank(metric.name))
    has_coverage = any("--cov" in job.commands or "coverage" in job.commands for job in jobs)
    if has_coverage:
        return Metric(
            "coverage_percent", "no metric of a model was found, and the workflow measures coverage"
        )
    return Metric("duration_seconds", "no metric of a model was found")


def _rank(name: str) -> tuple[bool, bool, bool]:
    return bool(_QUALITY.search(name)), bool(_LOSS.search(name)), bool(_HELD_OUT.search(name))


def _measured(root: Path, files: Iterable[str]) -> Iterator[Metric]:
    for name in [name for name in files if name.endswith("metrics.json")][:20]:
        for metric in read_metrics(root / name).values:
            yield Metric(metric, name)
    for path in sorted(root.glob("mlruns/*/*/metrics/*"))[:_FILES_AT_MOST]:
        yield Metric(path.name, "the runs in mlruns")


def _logged(root: Path, files: Iterable[str]) -> Iterator[Metric]:
    for name in [name for name in files if name.endswith(".py")][:_FILES_AT_MOST]:
        try:
            text = read_regular(root / name, _BYTES_AT_MOST).decode("utf-8", "replace")
        except (UnusableFileError, OSError):
            # A link that leads nowhere, a file that is too large: the others tell enough.
            continue
        for metric in _LOGGED.findall(text):
            yield Metric(metric, name)


def _joined(jobs: Iterable[WorkflowJob]) -> WorkflowJob | None:
    """The job whose workflow the report joins: one that a push starts and that tests, else builds."""
    pushed = [job for job in jobs if "push" in job.events and not job.is_report]
    return max(pushed, key=lambda job: ("pytest" in job.commands, "train" in job.commands), default=None)


def _artifact(jobs: Iterable[WorkflowJob]) -> str:
    for job in jobs:
        for step in job.steps:
            given = step.get("with")
            if "actions/upload-artifact@" in str(step.get("uses")) and isinstance(given, dict):
                name = str(given.get("name") or "artifact")
                holds = f"{name} {given.get('path')}".lower()
                if re.search(r"metric|result|junit|coverage|report", holds) and "${{" not in name:
                    return name
    return ""


def find_tool() -> Tool:
    """This tool's repository and commit, as its installation tells them.

    Source: PEP 610, `direct_url.json`: a repository and a commit, or a folder, which may be a clone.
    """
    unknown = Tool(UNKNOWN_TOOL, UNKNOWN_COMMIT)
    try:
        told = json.loads(distribution("devops-mlops-report").read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return unknown
    url, commit = str(told.get("url", "")), str(told.get("vcs_info", {}).get("commit_id", ""))
    try:
        if url.startswith("file:"):
            folder = Path(url2pathname(urlsplit(url).path))
            url, commit = read_origin(folder), resolve_commit(folder, "HEAD")
        address = BranchAddress.parse(url)
    except (ReportError, LocationError):
        return unknown
    is_usable = address.host == "github.com" and re.fullmatch(r"[0-9a-f]{40}", commit)
    return Tool(address.path, commit) if is_usable else unknown
