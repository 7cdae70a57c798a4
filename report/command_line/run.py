"""`devops-mlops-report run`: report on a commit and record it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from ...history.errors import HistoryError
from ..collecting import Inputs
from ..configuration import load_config
from ..errors import ExitCode, ReportError, unexpected
from ..facts.jobs import WORKFLOW_STATUSES
from ..publishing import annotation, harmless, publish_summary, write_files
from ..rendering.summary import render_problem
from ..run import Report, make_report
from .places import FILE, FOLDER, find_location, history_options


@click.command()
@history_options
@click.option(
    "--output", type=FOLDER, help="Where summary.md and the chart go. Default: .devops-mlops-report/"
)
@click.option(
    "--metrics", type=FILE, help="JSON object of numbers: the metrics of a training by any framework."
)
@click.option("--params", type=FILE, help="JSON object of scalars: its params.")
@click.option(
    "--junit", multiple=True, metavar="GLOB", help="JUnit XML files; `**` crosses folders. Repeatable."
)
@click.option("--coverage", type=FILE, help="Coverage as Cobertura XML.")
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
    output: Path | None,
    metrics: Path | None,
    params: Path | None,
    junit: tuple[str, ...],
    coverage: Path | None,
    status: str | None,
    mlflow_run: str | None,
    train: bool | None,
    dry_run: bool,
) -> int:
    """Report on a commit: collect facts, add a row to the history, render summary and chart.

    The commit is the one that the CI names, else HEAD. In GitHub Actions the summary goes to the job's page,
    elsewhere to the terminal; both times also to --output.

    \b
    Examples:
      devops-mlops-report run
      devops-mlops-report run --metrics metrics.json --params params.json
      devops-mlops-report run --history https://gist.github.com/you/0123456789abcdef0123 --dry-run
    """
    inputs = Inputs(repo, os.environ, metrics, params, junit, coverage, status, mlflow_run, train)
    try:
        loaded = load_config(config, root=repo)
        location = find_location(history, loaded, repo)
        report = make_report(loaded, location, inputs, datetime.now(UTC), is_dry_run=dry_run)
    except (ReportError, HistoryError) as error:
        is_usage = getattr(error, "exit_code", ExitCode.ERROR) == ExitCode.USAGE
        title = "The report's config can't be used" if is_usage else "No report could be made"
        publish_summary(render_problem(title, str(error)), os.environ)
        raise
    except Exception as error:
        publish_summary(render_problem("No report could be made", unexpected(error)), os.environ)
        raise
    _publish(report, output or repo / ".devops-mlops-report")
    return report.exit_code


def _publish(report: Report, folder: Path) -> None:
    """The summary first: whatever else fails, it is there."""
    is_in_actions = publish_summary(report.summary, os.environ)
    write_files(folder, {"summary.md": report.summary.encode(), **report.files})
    if is_in_actions:
        for sentence in report.gate.warned:
            click.echo(annotation("warning", "Regression", sentence))
        for sentence in report.gate.failed:
            click.echo(annotation("error", "Regression", sentence))
        recorded = report.receipt.count_rows if report.receipt else 0
        click.echo(harmless(f"Reported {report.row['commit_sha']}; the history has {recorded} rows."))
    else:
        click.echo(report.summary, nl=False)
    for problem in report.problems:
        click.echo(f"devops-mlops-report: {harmless(problem)}", err=True)
    if not is_in_actions:
        for sentence in report.gate.failed:
            click.echo(f"devops-mlops-report: {harmless(sentence)}", err=True)
