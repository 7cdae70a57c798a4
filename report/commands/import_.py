"""`devops-mlops-report import`: what other tools have kept becomes a part of the history."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ..adopting.bencher_exports import read_export
from ..adopting.benchmark_files import read_benchmarks
from ..adopting.csv_tables import Mapped, read_table
from ..adopting.dvc_metrics import read_metrics
from ..adopting.github_runs import SECONDS_AT_MOST, RunsWanted, read_runs
from ..adopting.importing import Commits, Found, take_in, time_span
from ..adopting.tracked_runs import RUNS_AT_MOST, rows_of_runs
from ..delivery.printing import note, tell
from ..delivery.progress import progress
from ..errors import UsageError
from ..facts.ci import read_ci
from ..facts.github_api import GitHubApi, GitHubApiError
from ..mlflow_client.address import find_address
from ..mlflow_client.tracking import open_tracking
from ..rendering.quantities import plural
from ..training.starting import python_if_there
from .places import Place, on_a_history

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NAMED_METRICS = 8


@click.group("import")
def import_() -> None:
    """Take in what other tools have kept. Doing it again changes nothing; --dry-run says what would be new.

    \b
    Examples:
      devops-mlops-report import git --dry-run
      devops-mlops-report import github-action-benchmark https://you.github.io/name/dev/bench/data.js
    """


def _importing(command: Callable[..., Found]) -> Callable[..., Any]:
    """Give a command the options that all of them have; what it finds is taken in."""

    @click.option(
        "--branch", metavar="NAME", help="The branch that the rows stand on. Default: the checkout's."
    )
    @click.option("--dry-run", is_flag=True, help="Tell what would be new, and write nothing.")
    @on_a_history
    @wraps(command)
    def imported(place: Place, branch: str | None, dry_run: bool, **others: Any) -> None:
        found = command(place=place, commits=Commits(place.root, branch), **others)
        for notice in found.notices:
            tell(notice)
        with place.open(may_be_new=True) as history:
            count = take_in(history, found.rows, os.environ)
            _tell_found(found)
            if dry_run:
                note(f"{plural(count, 'row')} would be new in {place.location.shown}; nothing was written.")
                return
            with progress("writing the history"):
                receipt = place.location.save(history, {}) if count else None
        total = f", which makes {receipt.count_rows + receipt.count_archived}" if receipt else ""
        note(f"{plural(count, 'row is', 'rows are')} new in {place.location.shown}{total}.")

    return imported


def _tell_found(found: Found) -> None:
    metrics: dict[str, int] = {}
    for row in found.rows:
        values = row.get("metrics")
        for name in values if isinstance(values, Mapping) else ():
            metrics[name] = metrics.get(name, 0) + 1
    shas = {str(row["commit_sha"]) for row in found.rows}
    span = time_span(found.rows)
    note(
        f"Found: {plural(len(found.rows), 'row')} of {plural(len(shas), 'commit')}{f', {span}' if span else ''}."
    )
    names = sorted(metrics, key=lambda name: (-metrics[name], name))
    if names:
        more = f" and {len(names) - _NAMED_METRICS} more" if len(names) > _NAMED_METRICS else ""
        listed = ", ".join(f"{name} ({metrics[name]})" for name in names[:_NAMED_METRICS])
        note(f"Metrics: {listed}{more}.")


@import_.command("github-action-benchmark")
@click.argument("source", metavar="FILE|URL|BRANCH")
@_importing
def github_action_benchmark(place: Place, commits: Commits, source: str) -> Found:
    """The data.js that github-action-benchmark keeps on its branch of pages.

    A file, a URL, or the branch itself: `gh-pages`, with a path where it is not dev/bench/data.js. Units come with the
    numbers, and which way is better with the tool that measured.

    \b
    Examples:
      devops-mlops-report import github-action-benchmark gh-pages
      devops-mlops-report import github-action-benchmark gh-pages:bench/data.js
      devops-mlops-report import github-action-benchmark https://you.github.io/name/dev/bench/data.js --dry-run
    """
    return read_benchmarks(source, commits, place.root)


@import_.command("csv")
@click.argument("file", type=_FILE)
@click.option("--commit", required=True, metavar="COLUMN", help="The column of the commit's hash.")
@click.option("--time", metavar="COLUMN", help="When it was measured. Default: when it was committed.")
@click.option("--branch-column", metavar="COLUMN", help="The column of the branch.")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="COLUMN[=NAME]",
    help="A metric; NAME is what the history calls it. Repeatable. Default: every column of numbers.",
)
@click.option("--param", "params", multiple=True, metavar="COLUMN[=NAME]", help="A param. Repeatable.")
@click.option("--delimiter", default=",", show_default=True, help="What stands between the cells.")
@_importing
def csv(
    place: Place,
    commits: Commits,
    file: Path,
    commit: str,
    time: str | None,
    branch_column: str | None,
    metrics: tuple[str, ...],
    params: tuple[str, ...],
    delimiter: str,
) -> Found:
    """A table with a header and one line a measured commit.

    \b
    Examples:
      devops-mlops-report import csv results.csv --commit sha --metric acc=val_accuracy --metric loss
      devops-mlops-report import csv results.csv --commit sha --time when --param lr --dry-run
    """
    if len(delimiter) != 1:
        raise UsageError(f"--delimiter {delimiter!r}: wanted one character")
    mapped = Mapped(commit, time, branch_column, _renamed(metrics), _renamed(params))
    return read_table(file, mapped, commits, delimiter)


def _renamed(given: tuple[str, ...]) -> dict[str, str]:
    """Name → column, of `COLUMN` or `COLUMN=NAME`."""
    pairs = [each.partition("=") for each in given]
    return {name or column: column for column, _, name in pairs}


@import_.command("mlflow")
@click.option("--experiment", metavar="NAME", help="Default: the config's `mlflow.experiment`, else all.")
@_importing
def mlflow(place: Place, commits: Commits, experiment: str | None) -> Found:
    """The finished runs of the MLflow server or store that the config, or MLFLOW_TRACKING_URI, names.

    A run belongs to the commit of its tag `mlflow.source.git.commit`, else to the newest commit of HEAD's line that
    was there when it began. Nested runs are left out. `mlflow.total_seconds` bounds the time.

    \b
    Examples:
      devops-mlops-report import mlflow --dry-run
      devops-mlops-report import mlflow --experiment churn
    """
    config, root = place.config, place.root
    is_trusted = not read_ci(os.environ).untrusted
    address = find_address(config, os.environ, root, is_trusted=is_trusted)
    if not address.uris:
        raise UsageError(
            "no MLflow store is there: wanted `mlflow.tracking_uri` in the config, or MLFLOW_TRACKING_URI"
        )
    python = python_if_there(root, config.project)
    tracking = open_tracking(address, config, os.environ, root, python, is_trusted=is_trusted)
    try:
        with progress("reading the runs"):
            runs = tracking.finished(experiment or config.mlflow.experiment, RUNS_AT_MOST)
        found = rows_of_runs(runs, commits)
    finally:
        tracking.session.close()
    found.notices += tracking.session.notices
    return found


@import_.command("github")
@click.option("--repository", metavar="OWNER/NAME", help="Default: the checkout's.")
@click.option(
    "--months", type=click.IntRange(1, 120), default=12, show_default=True, help="How far back it goes."
)
@click.option("--workflow", "workflows", multiple=True, metavar="NAME", help="Only this one. Repeatable.")
@_importing
def github(
    place: Place, commits: Commits, repository: str | None, months: int, workflows: tuple[str, ...]
) -> Found:
    """The finished workflow runs of GitHub: how they ended, their jobs, their durations. Needs GITHUB_TOKEN.

    Each run is recorded as a report of its own would have recorded it, in its newest attempt; those that the history
    has are not asked for. GitHub takes 5,000 requests an hour, one for each run: where they are used up, what came
    is taken in, and the same command goes on from there.

    \b
    Examples:
      devops-mlops-report import github --dry-run
      devops-mlops-report import github --months 3 --workflow ci
    """
    name = repository or commits.repository
    if not name:
        raise UsageError("the checkout names no repository on GitHub: wanted --repository OWNER/NAME")
    if read_ci(os.environ).untrusted:
        raise UsageError("a stranger's commit imports nothing")
    if not os.environ.get("GITHUB_TOKEN", "").strip():
        raise UsageError("GITHUB_TOKEN is empty: wanted a token that may read the repository's actions")
    with place.open(may_be_new=True) as history:
        listed = history.rows("select distinct workflow_run_id, run_attempt from commits")
    known = {(str(row["workflow_run_id"]), row["run_attempt"]) for row in listed}
    now = datetime.now(UTC).replace(microsecond=0)
    wanted = RunsWanted(name, now - timedelta(days=30 * months), now, known, workflows)
    try:
        with GitHubApi(os.environ, "actions: read", SECONDS_AT_MOST) as api:
            return read_runs(api, wanted, commits, note)
    except GitHubApiError as error:
        raise UsageError(str(error)) from error


@import_.command("dvc")
@_importing
def dvc(place: Place, commits: Commits) -> Found:
    """The metrics, and the params, that the dvc.yaml files of each commit name, on HEAD's first parents' line.

    They are read by git, without DVC: files that DVC keeps elsewhere are left out and named. A commit that writes no
    metric anew measured nothing, and has no row.

    \b
    Examples:
      devops-mlops-report import dvc --dry-run
    """
    if not commits.line:
        raise UsageError(f"{place.root}: is no git checkout with commits")
    return read_metrics(commits, place.root)


@import_.command("bencher")
@click.argument("file", type=_FILE)
@_importing
def bencher(place: Place, commits: Commits, file: Path) -> Found:
    """What Bencher exports: the JSON of `bencher perf`, with branches, commits, iterations and units.

    \b
    Examples:
      bencher perf --project my-project --format json > perf.json
      devops-mlops-report import bencher perf.json
    """
    return read_export(file, commits)


@import_.command("git")
@_importing
def git(place: Place, commits: Commits) -> Found:
    """The commits of HEAD's first parents' line alone, without numbers: who, when, what.

    \b
    Examples:
      devops-mlops-report import git
    """
    if not commits.line:
        raise UsageError(f"{place.root}: is no git checkout with commits")
    rows = [commits.row(each.commit_sha, "git", "", each.committed_at, {}) for each in commits.line]
    return Found(rows)
