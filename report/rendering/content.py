"""Everything that a summary is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from ...history.late_dataclass import dataclass
from ..verdicts.answers import Answers
from ..verdicts.attribution import Attribution
from ..verdicts.changes import Changes
from ..verdicts.panels import Found, Panel


@dataclass(frozen=True)
class Trace:
    """Links and places along the way commit → workflow run → MLflow run → model version → CSV."""

    repository_url: str | None = None
    """Of the web page whose paths lead to commits, comparisons and pull requests."""
    is_gitlab: bool = False
    """Its pages stand below `/-/`."""
    run_url: str | None = None
    mlflow_run_url: str | None = None
    dagshub_run_url: str | None = None
    model_version_url: str | None = None
    history: str | None = None
    """Where the history is kept, as a person names it; `None` when nothing was recorded."""
    history_url: str | None = None
    history_revision: str | None = None
    count_rows: int | None = None
    count_archived: int = 0
    pull_request: int | None = None
    page_url: str | None = None
    """Of the commit on the page of the history, or of the place where that page is kept."""

    def url_of(self, commit_sha: str) -> str | None:
        """The page of a commit."""
        return self._page(f"commit/{commit_sha}")

    def compare_url(self, base_sha: str, head_sha: str) -> str | None:
        """The page that shows what differs between two commits."""
        return self._page(f"compare/{base_sha}...{head_sha}")

    @property
    def pull_request_url(self) -> str | None:
        """The page of the pull request, or merge request."""
        kind = "merge_requests" if self.is_gitlab else "pull"
        return self._page(f"{kind}/{self.pull_request}") if self.pull_request else None

    def _page(self, path: str) -> str | None:
        if not self.repository_url:
            return None
        return f"{self.repository_url}/{'-/' if self.is_gitlab else ''}{path}"


@dataclass(frozen=True)
class Picture:
    """The chart as the summary shows it: images by URL or path, or a Mermaid block."""

    light: str | None = None
    dark: str | None = None
    fallback: str | None = None
    """Markdown, used where there is no image."""
    page: str | None = None
    """Where who may see it finds the image that the summary can't show, as that of a private repository."""


@dataclass(frozen=True)
class RanJob:
    """One finished job of the run."""

    name: str
    conclusion: str
    duration_seconds: float | None = None
    has_failed: bool = False
    log_url: str | None = None
    failed_steps: Sequence[tuple[str, str | None]] = ()
    """Names, and where the log of each begins."""


@dataclass(frozen=True)
class FailingTest:
    """One test that failed, or could not be run."""

    name: str
    message: str = ""
    """The first line of what it says."""
    place: str = ""
    """`tests/test_fit.py:12`, as far as it is known."""
    url: str | None = None
    """The place at this commit."""
    file: str = ""
    """Relative to the checkout, where it holds that file."""
    line: int | None = None


@dataclass(frozen=True)
class KeptFile:
    """One artifact of the run."""

    name: str
    size_bytes: int | None = None
    url: str | None = None


@dataclass(frozen=True)
class Ran:
    """What ran beside the report: jobs, tests, and what they left."""

    jobs: Sequence[RanJob] = ()
    """Those that failed first, then in the order of their source."""
    failing_tests: Sequence[FailingTest] = ()
    """Each name once; as many at most as the history keeps."""
    count_failing: int = 0
    """How many there are, those of equal names counted each."""
    flaky_tests: Sequence[str] = ()
    """Names of those that failed first and passed when they were tried again."""
    slowest_tests: Sequence[tuple[str, float]] = ()
    """Names and seconds, the slowest first."""
    artifacts: Sequence[KeptFile] = ()
    successes_before: int | None = None
    """How many runs in a row succeeded before this one, the first that failed; None where it is not that."""


@dataclass(frozen=True)
class Content:
    """One commit's report before it is text. Nothing in it is escaped."""

    row: Mapping[str, Any]
    """The row that was added to the history (keys of the CSV; times aware, JSON columns as Python values)."""
    answers: Answers
    highlight_metric: str | None
    default_branch: str
    timezone: str
    trace: Trace = field(default_factory=Trace)
    picture: Picture = field(default_factory=Picture)
    ran: Ran = field(default_factory=Ran)
    attribution: Attribution | None = None
    """What else changed where the told metric did."""
    changes: Changes | None = None
    """The files that the commit changed; None where the checkout can't tell."""
    panels: Sequence[Panel] = ()
    """What the repository asks of its history besides."""
    checks: Sequence[Found] = ()
    failed_rules: Sequence[str] = ()
    """The metrics whose rules fail the run: texts that may quote."""
    training_headline: str = ""
    """What the headline says of the training where its state alone would say too much, or too little."""
    training_note: str = ""
    """Why the training failed or was not started: a sentence that may quote, below the headline."""
    output_tail: Sequence[str] = ()
    """The last lines that a failed training printed."""
    is_history_known: bool = True
    """The history could be read: there is something that the commit is compared with."""
    unrecorded: str = ""
    """The row as a CSV, where it was not recorded and no file could take it."""
    remedies: Sequence[tuple[str, str]] = ()
    """What the workflow withholds from the report, and how to mend it, where anything is absent."""
    promotion: str = ""
    """What the alias's gate decided about this commit's model version: a sentence that may quote."""
    problems: Sequence[str] = ()
    """What failed in this run: named at the top."""
    notices: Sequence[str] = ()
    """What is absent and why."""
