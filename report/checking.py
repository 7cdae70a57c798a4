"""What a report needs, looked at part by part: whether it is there, and how to mend what is not. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from ..history import History, HistoryError
from ..history.late_dataclass import dataclass
from ..history.stores import BranchLocation, FileLocation, GistLocation, Location
from .config import Config
from .errors import ReportError
from .facts.ci import read_ci
from .facts.git import read_commit
from .facts.workflows import WorkflowJob, read_jobs
from .mlflow_client.address import find_address
from .mlflow_client.errors import TrackingError
from .mlflow_client.registered_model import RegisteredModel
from .mlflow_client.tracking import open_tracking
from .rendering.quantities import plural
from .training.starting import python_if_there
from .verdicts.answers import ask_question

State = Literal["ok", "notice", "problem"]


@dataclass(frozen=True)
class Finding:
    """One part of what a report needs. Its texts may quote what is from outside."""

    subject: str
    state: State
    text: str
    remedy: str = ""
    """What to do; '' where it is ok."""


@dataclass(frozen=True)
class Subject:
    """What is looked at: a config and the checkout that it is for, where the history is, what the environment tells."""

    config: Config
    root: Path
    location: Location
    environment: Mapping[str, str]

    @property
    def python(self) -> str | None:
        """The interpreter that trains, where it is there."""
        return python_if_there(self.root, self.config.project)


def check(subject: Subject) -> Iterator[Finding]:
    """The findings, one by one as they are made. Raises nothing that is foreseen."""
    yield from _config(subject)
    yield from _checkout(subject)
    yield from _history(subject)
    yield from _tracking(subject)
    yield from _registry(subject)
    yield from _workflow(subject)


def remedies(subject: Subject) -> list[tuple[str, str]]:
    """What can be told without asking anybody: what the workflow withholds from the report, and how to mend it."""
    return [(found.text, found.remedy) for found in _workflow(subject) if found.state == "problem"]


def _config(subject: Subject) -> Iterator[Finding]:
    config = subject.config
    if config.source is None:
        text = "there is none, so the report is about CI alone, and its history a local file"
        yield Finding("config", "notice", text, "`devops-mlops-report init` writes one")
    else:
        yield Finding("config", "ok", f"{config.source} can be used")
    for notice in config.notices:
        yield Finding("config", "notice", notice, "mend the file")


def _checkout(subject: Subject) -> Iterator[Finding]:
    try:
        commit = read_commit(subject.root)
    except ReportError as error:
        yield Finding("git", "problem", str(error), "run it in a clone of the repository")
        return
    if commit.is_shallow:
        text = "the clone is shallow, so a commit is compared with few others, or none"
        yield Finding("git", "problem", text, "fetch all history: `fetch-depth: 0` for actions/checkout")
    else:
        yield Finding("git", "ok", f"commit {commit.commit_sha[:7]}, with its whole history")
    if not commit.repository:
        text = "the repository has no name, as there is no remote `origin` with one"
        yield Finding("git", "notice", text, "`git remote add origin URL`")


def _history(subject: Subject) -> Iterator[Finding]:
    location, config = subject.location, subject.config
    settings = config.to_settings(repository=None, branch=None, commit_sha=None, default_branch=None)
    try:
        history = location.load(settings)
    except HistoryError as error:
        yield Finding("history", "problem", str(error), "nothing is recorded until it can be read")
        return
    with history:
        count = history.count_rows + history.count_archived
        kept = "none yet, the first run begins it" if location.is_new else plural(count, "row")
        yield Finding("history", "ok", f"{location.shown}: {kept}")
        if history.rejected:
            text = f"{plural(len(history.rejected), 'line')} can't be read, kept as before"
            yield Finding(
                "history", "notice", text, "`devops-mlops-report sql 'from rejected_rows'` shows why"
            )
        yield _writable(subject)
        yield from _metric(history, config, is_new=location.is_new)


def _writable(subject: Subject) -> Finding:
    location = subject.location
    if isinstance(location, FileLocation) and read_ci(subject.environment).provider:
        text = f"{location.shown} is in this checkout, and ends with the job"
        return Finding("writing", "problem", text, "`storage.branch: commit-history` in the config keeps it")
    try:
        location.probe()
    except HistoryError as error:
        return Finding("writing", "problem", str(error), _right_to_write(location))
    return Finding("writing", "ok", f"{location.shown} can be written (tried without writing)")


def _right_to_write(location: Location) -> str:
    if isinstance(location, BranchLocation):
        return (
            "in GitHub Actions: `permissions: contents: write` for the job; elsewhere a token in HISTORY_TOKEN "
            "(HISTORY_TOKEN=$(gh auth token) for a try by hand)"
        )
    if isinstance(location, GistLocation):
        return "a personal token with the `gist` scope in GIST_TOKEN, in GitHub Actions from a secret"
    return "another place, or the right to write there"


def _metric(history: History, config: Config, *, is_new: bool) -> Iterator[Finding]:
    metric = config.report.highlight_metric
    if metric is None:
        yield Finding("metric", "notice", "the report is about no metric", "`report.highlight_metric`")
        return
    counts = {str(row["metric"]): int(row["count_values"]) for row in ask_question(history, "known_metrics")}
    if metric in counts:
        yield Finding("metric", "ok", f"{metric} has {counts[metric]} values")
    elif is_new or not counts:
        text = f"{metric} has no value yet"
        yield Finding("metric", "notice", text, "the first measured commit brings it (--metrics, or MLflow)")
    else:
        close = get_close_matches(metric, counts, n=1, cutoff=0.5)
        hint = f"was {close[0]} meant?" if close else f"there are: {', '.join(list(counts)[:10])}"
        yield Finding("metric", "problem", f"{metric} was never seen in the history", hint)


def _tracking(subject: Subject) -> Iterator[Finding]:
    config, environment, root = subject.config, subject.environment, subject.root
    if config.mlflow.tracking_uri is None and not environment.get("MLFLOW_TRACKING_URI"):
        yield Finding("tracking", "ok", "no MLflow server is named, and none is needed")
        return
    is_trusted = not read_ci(environment).untrusted
    address = find_address(config, environment, root, is_trusted=is_trusted)
    tracking = open_tracking(address, config, environment, root, subject.python, is_trusted=is_trusted)
    name = config.mlflow.experiment or environment.get("MLFLOW_EXPERIMENT_NAME") or "Default"
    try:
        found = tracking.find_experiment(name, tracking.uri)
        shown = address.shown(tracking.uri)
    except TrackingError as error:
        remedy = "mlflow.tracking_uri, and its credentials in the environment (docs/training.md)"
        yield Finding("tracking", "problem", str(error), remedy)
    else:
        state = "is there" if found else "is not there yet, a training makes it"
        yield Finding("tracking", "ok", f"{shown} answers; the experiment {name} {state}")
    finally:
        tracking.session.close()


def _registry(subject: Subject) -> Iterator[Finding]:
    section = subject.config.registry
    if section is None:
        yield Finding("registry", "ok", "the config has none, and none is needed")
        return
    registered = None
    try:
        registered = RegisteredModel.of(subject.config, subject.environment, subject.root, subject.python)
        aliases = registered.registry.aliases(section.model_name)
    except (ReportError, TrackingError) as error:
        yield Finding("registry", "problem", str(error), "a server with a registry as mlflow.tracking_uri")
        return
    finally:
        if registered is not None:
            registered.close()
    if aliases is None:
        text = f"it answers; {section.model_name} is not there yet, the first training registers it"
    elif section.alias in aliases:
        text = f"{section.model_name}: {section.alias} is version {aliases[section.alias]}"
    else:
        text = f"{section.model_name} has no {section.alias} yet"
    yield Finding("registry", "ok", text)


def _workflow(subject: Subject) -> Iterator[Finding]:
    jobs, notices = read_jobs(subject.root)
    for notice in notices:
        yield Finding("workflow", "notice", notice, "mend the file")
    reporting = [job for job in jobs if job.is_report]
    if not reporting:
        if not (subject.root / ".github").is_dir():
            return
        text = "no workflow of this checkout calls the report"
        yield Finding("workflow", "notice", text, "`devops-mlops-report init` writes one")
    for job in reporting:
        problems = list(_problems_of(job, subject.location))
        where = f"{job.workflow}, job {job.name}"
        if not problems:
            yield Finding("workflow", "ok", f"{where}: it has the permissions that it needs")
        for text, remedy in problems:
            yield Finding("workflow", "problem", f"{where}: {text}", remedy)


_Check = Callable[[WorkflowJob, Location], tuple[str, str] | None]


def _problems_of(job: WorkflowJob, location: Location) -> Iterator[tuple[str, str]]:
    for look in _CHECKS:
        if found := look(job, location):
            yield found


def _contents(job: WorkflowJob, location: Location) -> tuple[str, str] | None:
    wanted = "write" if isinstance(location, BranchLocation) else "read"
    if job.may("contents") not in (None, wanted, "write"):
        return f"its token may not {wanted} the repository", f"`permissions: contents: {wanted}` in the job"
    if wanted == "write" and job.may("contents") is None:
        return "whether its token may write is left to the repository's settings", (
            "`permissions: contents: write` in the job says it"
        )
    return None


def _actions(job: WorkflowJob, location: Location) -> tuple[str, str] | None:
    if job.may("actions") == "none":
        return "its token can't read the run's jobs and their durations", "`permissions: actions: read`"
    return None


def _always(job: WorkflowJob, location: Location) -> tuple[str, str] | None:
    condition = str(job.content.get("if") or "")
    if job.content.get("needs") and "always()" not in condition and "cancelled()" not in condition:
        return "a commit whose other jobs failed is not reported", "`if: ${{ always() }}` in the job"
    return None


def _gist_token(job: WorkflowJob, location: Location) -> tuple[str, str] | None:
    if not isinstance(location, GistLocation) or not job.uses:
        return None
    if job.secrets is None or "GIST_TOKEN" in job.secrets:
        return None
    return (
        "it does not get the secret GIST_TOKEN",
        "`secrets: GIST_TOKEN: ${{ secrets.GIST_TOKEN }}` in the job",
    )


_CHECKS: tuple[_Check, ...] = (_contents, _actions, _always, _gist_token)
