"""`devops-mlops-report run`: report on a commit and record it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import get_args

import click

from ...history.errors import HistoryError
from ...history.settings import Goal
from ...history.stores import FileLocation, Location, UnknownLocation
from ..cancelling import watched
from ..config import Config, load_config
from ..delivery.printing import annotate, say, show, tell
from ..delivery.publishing import (
    OUTPUT_NAMES,
    OWN_FOLDER,
    linked_part,
    publish_summary,
    write_file,
)
from ..errors import ExitCode, ReportError, UsageError, unexpected
from ..facts.ci import read_ci
from ..facts.collecting import Inputs
from ..facts.ctrf import ctrf_document
from ..facts.jobs import WORKFLOW_STATUSES
from ..parts import Parts
from ..rendering.quantities import plural
from ..rendering.summary import render_afterwards, render_problem
from ..rendering.terminal import render_report
from ..run import Report, make_report
from .places import FOLDER, find_location, history_options, name_option

# Whatever stands there, the commit is reported: a file that is none costs what it should have told.
_INPUT = click.Path(path_type=Path)
_OUTPUT = click.Path(dir_okay=False, path_type=Path)


@click.command()
@history_options
@name_option
@click.option(
    "--output",
    type=FOLDER,
    help="Where summary.md and the chart go. Default: .devops-mlops-report/, in it a folder of a report with a name.",
)
@click.option(
    "--metrics",
    type=_INPUT,
    help="JSON object of numbers: the metrics of a training by any framework. Also files of github-action-benchmark, "
    "Bencher (BMF) and pytest-benchmark.",
)
@click.option(
    "--metrics-goal",
    type=click.Choice(get_args(Goal)),
    help="Which way is better for the metrics that their file does not tell it of; the config goes before it.",
)
@click.option(
    "--repeat-metrics",
    type=_INPUT,
    multiple=True,
    help="The metrics of the same training done again: the medians count. Repeatable.",
)
@click.option("--params", type=_INPUT, help="JSON object of scalars: its params.")
@click.option(
    "--junit",
    multiple=True,
    metavar="GLOB",
    help="Test results as JUnit XML or CTRF JSON; `**` crosses folders. Repeatable.",
)
@click.option(
    "--coverage",
    multiple=True,
    metavar="GLOB",
    help="Coverage as Cobertura XML, LCOV or coverage.py's JSON. Repeatable: a line counts as run where any file says "
    "so.",
)
@click.option("--write-ctrf", type=_OUTPUT, metavar="FILE", help="Write the test results as CTRF JSON.")
@click.option(
    "--status", type=click.Choice(WORKFLOW_STATUSES), help="How the workflow ended, over what is found."
)
@click.option("--mlflow-run", metavar="ID", help="Read this MLflow run, made by another step.")
@click.option(
    "--train/--no-train", default=None, help="Train, or don't, whatever changed. Default: as the config says."
)
@click.option("--dry-run", is_flag=True, help="Report, but train, register and record nothing.")
def run(
    config: Path | None,
    repo: Path,
    history: str | None,
    name: str | None,
    output: Path | None,
    metrics: Path | None,
    metrics_goal: Goal | None,
    repeat_metrics: tuple[Path, ...],
    params: Path | None,
    junit: tuple[str, ...],
    coverage: tuple[str, ...],
    write_ctrf: Path | None,
    status: str | None,
    mlflow_run: str | None,
    train: bool | None,
    dry_run: bool,
) -> int:
    """Report on a commit: collect facts, add a row to the history, render summary and chart.

    The commit is the one that the CI names, else HEAD. In GitHub Actions the summary goes to the job's page; elsewhere
    its first part is printed, in a terminal with colours, else as plain text. All of it goes to --output, both times.

    \b
    Examples:
      devops-mlops-report run
      devops-mlops-report run --metrics metrics.json --params params.json
      devops-mlops-report run --history https://gist.github.com/you/0123456789abcdef0123 --dry-run
      devops-mlops-report run --config models/fraud/report-config.yml --name fraud
    """
    inputs = Inputs(
        *(repo, os.environ, metrics, params, junit, coverage, status, mlflow_run, train, repeat_metrics),
        metrics_goal=metrics_goal,
        keeps_all_tests=write_ctrf is not None,
    )
    folder = output or repo / OWN_FOLDER / (name or "")
    with watched() as cancellation:
        parts = Parts(cancellation)
        try:
            loaded = parts.attempt("reading the config", lambda: _load_config(config, repo), None)
            if isinstance(loaded, ReportError):
                raise loaded
            if loaded is not None:
                loaded = loaded.renamed(name)
                folder = output or repo / OWN_FOLDER / loaded.report_name
            settled, location = _find_history(history, loaded, repo, parts)
            _refuse_to_overwrite(location, folder, write_ctrf)
            report = make_report(
                settled, location, inputs, datetime.now(UTC), is_dry_run=dry_run, output=folder, parts=parts
            )
        except (ReportError, HistoryError) as error:
            is_usage = getattr(error, "exit_code", ExitCode.ERROR) == ExitCode.USAGE
            title = "The report's config can't be used" if is_usage else "No report could be made"
            publish_summary(render_problem(title, str(error)), os.environ)
            raise
        except Exception as error:
            publish_summary(render_problem("No report could be made", unexpected(error)), os.environ)
            raise
        if write_ctrf is not None:
            document = ctrf_document(report.tests, report.row, datetime.now(UTC))
            parts.attempt(
                "writing the test results",
                partial(
                    write_file, write_ctrf.parent, write_ctrf.name, document.encode(), repo, is_text=True
                ),
                None,
            )
        _publish(report, folder, repo)
        _tell_afterwards(report, folder, repo)
        return report.exit_code


def _load_config(path: Path | None, root: Path) -> Config | ReportError:
    try:
        return load_config(path, root=root, is_trusted=not read_ci(os.environ).untrusted)
    except ReportError as error:
        return error


def _find_history(
    history: str | None, loaded: Config | None, root: Path, parts: Parts
) -> tuple[Config, Location]:
    """The config and the place of the history; a place that can't be told keeps nothing, and says why."""
    if loaded is None:
        return Config.defaults(), UnknownLocation("the config could not be read")

    def find() -> Location:
        try:
            return find_location(history, loaded, root)
        except HistoryError as error:
            return UnknownLocation(str(error))

    unknown = UnknownLocation("its place is not known")
    return loaded, parts.attempt("finding the history", find, unknown)


def _refuse_to_overwrite(location: Location, folder: Path, ctrf: Path | None) -> None:
    """Raises `UsageError` where a file of the output would take the place of the history, or stand in its way."""
    if not isinstance(location, FileLocation):
        return
    if ctrf is not None and (location.is_at(ctrf) or location.is_below(ctrf)):
        raise UsageError(f"--write-ctrf {ctrf}: is the history itself, wanted another file")
    if location.is_at(folder) or any(location.is_at(parent) for parent in folder.absolute().parents):
        raise UsageError(f"--output {folder}: is the history itself, wanted a folder")
    for name in OUTPUT_NAMES:
        if location.is_at(folder / name) or location.is_below(folder / name):
            raise UsageError(
                f"the history {location.shown}: the report writes its own {name} there; wanted another place"
            )


def _publish(report: Report, folder: Path, root: Path) -> None:
    """Every place by itself: what one can't take, the others have."""
    parts = report.parts
    before = len(parts.problems)
    is_in_actions = parts.attempt(
        "publishing the summary",
        lambda: publish_summary(report.summary, os.environ),
        bool(os.environ.get("GITHUB_STEP_SUMMARY")),
    )
    files = {"summary.md": report.summary.encode(), **report.files}
    for name, content in files.items() if _may_write(folder, root, parts) else ():
        parts.attempt(f"writing {name}", partial(write_file, folder, name, content, root), None)
    parts.attempt("printing the report", lambda: _print(report, folder, is_in_actions=is_in_actions), None)
    for problem in [*report.problems[:before], *dict.fromkeys(parts.problems[before:])]:
        tell(problem)


def _may_write(folder: Path, root: Path, parts: Parts) -> bool:
    """Whether the output stays where it is meant to be; said once, and not for each file."""
    link = parts.attempt("finding the output folder", lambda: linked_part(folder, root), None)
    if link is not None:
        parts.fail(
            f"Nothing is written into `{folder}`, as `{link}` is a symbolic link within the checkout: remove it, "
            "or give another folder (`--output`)."
        )
    return link is None


def _print(report: Report, folder: Path, *, is_in_actions: bool) -> None:
    if not is_in_actions:
        if (content := report.content) is None:
            say(report.summary)
        else:
            written = {"Report": "summary.md", "Chart": "chart.svg"}
            paths = {what: str(folder / name) for what, name in written.items() if (folder / name).exists()}
            show(lambda hide, screen: render_report(content, paths, hide, screen))
        for sentence in (*report.gate.warned, *report.gate.failed):
            tell(sentence)
        return
    for sentence in report.gate.warned:
        annotate("warning", "Regression", sentence)
    for sentence in report.gate.failed:
        annotate("error", "Regression", sentence)
    recorded = report.receipt.count_rows if report.receipt else 0
    say(f"Reported {report.row['commit_sha']}; the history has {plural(recorded, 'row')}.\n")


def _tell_afterwards(report: Report, folder: Path, root: Path) -> None:
    """Do what the report need not wait for, and tell of it below the report."""
    notices = [*report.announce(), *report.retain()]
    if not notices:
        return
    more = render_afterwards(notices)
    report.parts.attempt("publishing what was deleted", lambda: publish_summary(more, os.environ), False)
    whole = (report.summary + more).encode()
    if linked_part(folder, root) is None:
        report.parts.attempt(
            "writing summary.md", lambda: write_file(folder, "summary.md", whole, root), None
        )
    for notice in notices:
        tell(notice)
