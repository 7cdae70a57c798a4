"""What ran beside the report, as it is shown: jobs with their logs, tests with their places, files with their links."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from .facts.artifacts import Artifact
from .facts.collecting import Facts
from .facts.jobs import Job
from .facts.tested_cases import TestedCase
from .rendering.content import FailingTest, KeptFile, Ran, RanJob
from .verdicts.answers import Answers


def make_ran(facts: Facts, artifacts: Sequence[Artifact], answers: Answers, root: Path) -> Ran:
    """The facts with every link that they allow."""
    tests = facts.tests
    blob = None
    if facts.ci.server_url and facts.ci.repository:
        server, repository = facts.ci.server_url.rstrip("/"), quote(facts.ci.repository)
        blob = f"{server}/{repository}/blob/{facts.commit.commit_sha}"
    jobs = [_job(job) for job in facts.jobs.jobs]
    return Ran(
        jobs=sorted(jobs, key=lambda job: not job.has_failed),
        failing_tests=[_failing(case, blob, root) for case in tests.failing],
        count_failing=(tests.tests_failed or 0) + (tests.tests_errored or 0),
        flaky_tests=tests.flaky,
        slowest_tests=[(case.name, case.seconds) for case in tests.slowest if case.seconds is not None],
        artifacts=[KeptFile(artifact.name, artifact.size_bytes, artifact.url) for artifact in artifacts],
        successes_before=answers.successes_before,
    )


def _job(job: Job) -> RanJob:
    # GitHub's page of a job opens the log of a step at `#step:<number>:<line>`.
    steps = [(step.name, f"{job.url}#step:{step.number}:1" if job.url else None) for step in job.failed_steps]
    return RanJob(job.name, job.conclusion, job.duration_seconds, job.has_failed, job.url, steps)


def _failing(case: TestedCase, blob: str | None, root: Path) -> FailingTest:
    file = _within(case.file, root)
    place = f"{file or case.file}:{case.line}" if case.file and case.line else case.file
    anchor = f"#L{case.line}" if case.line else ""
    url = f"{blob}/{quote(file)}{anchor}" if blob and file else None
    return FailingTest(case.name, case.message, place, url, file, case.line)


def _within(file: str, root: Path) -> str:
    """The file's path in the checkout; empty for one that it does not hold."""
    if not file:
        return ""
    try:
        path = (root / file).resolve()
        if path.is_file() and path.is_relative_to(root.resolve()):
            return PurePosixPath(path.relative_to(root.resolve())).as_posix()
    except (OSError, ValueError):
        return ""  # a name that no file can have
    return ""
