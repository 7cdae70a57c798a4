"""Collect the facts of one run. A source that fails costs its own facts, and leaves a notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from ...history.late_dataclass import dataclass
from ...history.settings import Goal
from ..errors import ReportError, UsageError
from ..parts import Parts
from .ci import read_ci
from .ci_facts import CiFacts
from .coverage import CoverageFacts, read_coverage
from .git import CommitFacts, GitError, read_ancestry, read_commit
from .jobs import JobsFacts, read_jobs
from .measurement_files import median_of, read_metrics, read_params, repeats_of
from .result_files import read_results
from .row import TrainingFacts
from .tested_cases import TestResults


@dataclass(frozen=True)
class Inputs:
    """What the command line and the environment give a run."""

    root: Path
    environment: Mapping[str, str]
    metrics: Path | None = None
    params: Path | None = None
    junit: tuple[str, ...] = ()
    """Patterns of test results, JUnit's or CTRF's, relative to `root`."""
    coverage: tuple[str, ...] = ()
    """Patterns of coverage files, relative to the current folder."""
    status: str | None = None
    mlflow_run: str | None = None
    """The MLflow run to read."""
    is_train: bool | None = None
    """Train, or don't, whatever the cause; None: as cause and config say."""
    repeat_metrics: tuple[Path, ...] = ()
    """Metrics of the same training done again, each beside those of `metrics`."""
    metrics_goal: Goal | None = None
    """Which way is better for the metrics of these files that they do not tell it of."""
    keeps_all_tests: bool = False
    """Every test's outcome is wanted, and not the failing ones' alone."""


@dataclass(frozen=True)
class Facts:
    """All that is known of the commit before the history is asked."""

    ci: CiFacts
    commit: CommitFacts
    jobs: JobsFacts
    ci_metrics: Mapping[str, float]
    tests: TestResults
    training: TrainingFacts
    ancestry: list[tuple[str, int, int]]
    notices: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Where the run takes place; what is asked depends on the config, so it is added when that is known."""


def collect(inputs: Inputs, parts: Parts) -> Facts:
    """Ask every source once; one that fails unforeseen costs its own facts.

    Raises `ReportError` where there is no commit, and for a `--status` that is none.
    """
    training = _training(inputs, parts)
    # Where the CI can't be told, its code is a stranger's.
    unknown = CiFacts(provider="unknown", is_pull_request=True)
    ci = parts.attempt("reading the CI's variables", lambda: read_ci(inputs.environment), unknown)
    notices = list(ci.notices)
    commit = _commit(inputs.root, ci, parts, notices)
    jobs = parts.attempt(
        "reading the jobs",
        lambda: read_jobs(inputs.environment, ci, inputs.status),
        JobsFacts((), inputs.status or "unknown"),
        may_take_long=True,
    )
    tests = parts.attempt("reading the test results", lambda: _tests(inputs), TestResults())
    coverage = parts.attempt(
        "reading the coverage", lambda: read_coverage(inputs.coverage, Path()), CoverageFacts()
    )
    measured = {
        "duration_seconds": jobs.elapsed_seconds,
        "tests_total": tests.tests_total,
        "tests_failed": tests.tests_failed,
        "tests_errored": tests.tests_errored,
        "tests_skipped": tests.tests_skipped,
        "tests_seconds": tests.tests_seconds,
        "coverage_percent": coverage.coverage_percent,
    }
    unrelated: list[tuple[str, int, int]] = []
    ancestry = parts.attempt(
        "reading the ancestors", lambda: _ancestry(inputs.root, commit, notices), unrelated
    )
    return Facts(
        ci=ci,
        commit=commit,
        jobs=jobs,
        ci_metrics={name: value for name, value in measured.items() if value is not None},
        tests=tests,
        training=training,
        ancestry=ancestry,
        notices=(*notices, *commit.notices, *jobs.notices, *tests.notices, *coverage.notices),
    )


def _tests(inputs: Inputs) -> TestResults:
    return read_results(inputs.junit, inputs.root, keeps_all=inputs.keeps_all_tests)


_UNREAD = "The training's numbers can't be read"


def _training(inputs: Inputs, parts: Parts) -> TrainingFacts:
    """What the files of the command line tell. One that is none is what a failed training leaves behind."""
    unread = TrainingFacts(training="failed", headline=_UNREAD)
    return parts.attempt("reading the training's files", lambda: _read_training(inputs), unread)


def _read_training(inputs: Inputs) -> TrainingFacts:
    paths = [*filter(None, (inputs.metrics,)), *inputs.repeat_metrics]
    metrics = [read_metrics(path, inputs.metrics_goal) for path in paths]
    params = read_params(inputs.params) if inputs.params else None
    given = [each for each in (*metrics, params) if each is not None]
    measured = repeats_of([each.values for each in metrics])
    if metrics and not any(each.is_usable for each in metrics):
        training = "failed"
    elif any(each.is_usable and not each.is_empty for each in given):
        training = "trained"
    else:
        training = "none" if all(each.is_usable for each in given) else "failed"
    return TrainingFacts(
        training=training,
        headline=_UNREAD if training == "failed" else "",
        params=params.values if params else {},
        metrics={name: median_of(values) for name, values in measured.items()},
        repeats={name: values for name, values in measured.items() if len(values) > 1},
        metric_facts={name: fact for each in metrics for name, fact in each.facts.items()},
        notices=tuple(notice for each in given for notice in each.notices),
    )


def _commit(root: Path, ci: CiFacts, parts: Parts, notices: list[str]) -> CommitFacts:
    """The commit that the CI names, else HEAD. Raises `ReportError` where neither is known."""

    def read() -> CommitFacts | ReportError:
        try:
            return _read_commit(root, ci, notices)
        except ReportError as error:
            return error

    bare = CommitFacts("", ci.commit_sha or "", "", "", "", "", None, None, is_shallow=False)
    commit = parts.attempt("reading the commit", read, bare)
    if isinstance(commit, ReportError):
        raise commit
    if not commit.commit_sha:
        raise ReportError(f"there is no commit to report on: {parts.problems[-1]}")
    return commit


def _read_commit(root: Path, ci: CiFacts, notices: list[str]) -> CommitFacts:
    if not ci.commit_sha:
        return read_commit(root)
    try:
        return read_commit(root, ci.commit_sha)
    except UsageError:
        notices.append(
            "The checkout does not have the commit that this run is for, so its author, message and ancestors "
            "are unknown: check out that commit (`ref`), with its history."
        )
        return replace(
            read_commit(root),
            commit_sha=ci.commit_sha,
            parent_sha="",
            author="",
            commit_message="",
            committed_at=None,
        )


def _ancestry(root: Path, commit: CommitFacts, notices: list[str]) -> list[tuple[str, int, int]]:
    try:
        return read_ancestry(root, commit.commit_sha, is_cut=commit.is_shallow)
    except (GitError, UsageError) as error:
        notices.append(f"The commit's ancestors are unknown, so it is compared by time: {error}.")
        return []
