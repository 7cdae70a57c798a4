"""One commit's report, from facts to exit code: the steps of a run, strung together.

A step that fails is named in the summary, and the ones after it still happen as far as they can.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..history import History, HistoryError, ReadOnlyError, open_history
from ..history.locations import FileLocation, Location, Receipt
from .accepting import settle_accepted
from .answers import Answers, ask
from .attribution import find_attribution
from .baselines import tell_compared_releases, with_tags_resolved
from .collecting import Facts, Inputs, collect
from .configuration import Config
from .errors import ExitCode
from .gate import Gate, judge
from .mlops import Mlops
from .pending import how_to_take_in, pending_file
from .rendering.badge import render_badge
from .rendering.chart import Chart, ChartError, ChartLabels, mermaid_chart, render_chart
from .rendering.content import Content, Picture
from .rendering.summary import render_summary
from .row import make_row
from .tracing import make_trace


@dataclass(frozen=True)
class Report:
    """What a run made, and what it could not do."""

    summary: str
    files: dict[str, bytes]
    """Files for the output folder, by name: the chart's, and the row that could not be recorded."""
    row: dict[str, Any]
    receipt: Receipt | None
    """What was written to the history; `None` when nothing was."""
    gate: Gate
    problems: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """What the run ends with."""
        if self.problems:
            return ExitCode.ERROR
        return ExitCode.REGRESSED if self.gate.failed else ExitCode.REPORTED


def make_report(
    config: Config, location: Location, inputs: Inputs, now: datetime, *, is_dry_run: bool = False
) -> Report:
    """Report on one commit and record it. `now` is aware.

    Raises `ReportError` only where there is nothing to report on: no commit, or an unusable input file.
    """
    facts = collect(inputs)
    config, absent_tags = with_tags_resolved(config, inputs.root)
    problems: list[str] = []
    notices = [*config.notices, *facts.notices, *absent_tags]
    row = make_row(facts.commit, facts.ci, facts.jobs, facts.ci_metrics, facts.training, now)
    if facts.ci.provider and isinstance(location, FileLocation):
        notices.append(
            "The history is a file of this checkout and ends with the job, unless a later step keeps it: "
            "`storage.gist_url` in the config keeps it in a gist."
        )
    history, is_readable = _load(location, config, facts, row, problems)
    history.set_ancestry(facts.ancestry)
    notices += tell_compared_releases(history, config, inputs.root, facts.commit.commit_sha)
    mlops = Mlops(config, inputs, facts, is_dry_run=is_dry_run)
    training = mlops.make_training(history)
    notices += training.notices
    row = make_row(facts.commit, facts.ci, facts.jobs, facts.ci_metrics, training, now)
    history.append(row)
    notices += settle_accepted(history)
    history.focus_on([*facts.ci_metrics, *training.metrics, config.report.highlight_metric or ""])
    notices += _rejected(history)
    answers = ask(history, row)
    gate = judge(answers, config.metrics)
    highlight = answers.highlight
    promotion = mlops.promote(highlight)
    chart = _chart(config, answers, notices)
    files = {"badge.json": render_badge(highlight, facts.jobs.workflow_status).encode()}
    files |= _chart_files(chart)
    receipt = None
    if is_dry_run:
        notices.append("A dry run: nothing was recorded.")
    elif is_readable:
        # A gist keeps every version of a file, so the picture that no page shows stays out of it.
        attachments = {name: content for name, content in files.items() if name != "chart.png"}
        receipt = _save(location, history, attachments, problems, notices)
    if is_readable:
        notices += mlops.retain(history, training)
    pending = {}
    if problems and not is_dry_run:
        pending = pending_file(row)
        problems += [how_to_take_in(name) for name in pending]
    content = Content(
        row=row,
        answers=answers,
        highlight_metric=config.report.highlight_metric,
        default_branch=history.settings.default_branch,
        timezone=config.timezone,
        trace=make_trace(facts, row, config, location, receipt, mlops.links(training)),
        picture=_picture(answers, config, chart, receipt, inputs),
        attribution=find_attribution(history, highlight, inputs.root) if highlight else None,
        failed_rules=gate.failed_rules,
        output_tail=training.output_tail,
        promotion=promotion.sentence if promotion else "",
        problems=problems,
        notices=notices,
    )
    return Report(render_summary(content), files | pending, row, receipt, gate, problems, notices)


def _load(
    location: Location, config: Config, facts: Facts, row: dict[str, Any], problems: list[str]
) -> tuple[History, bool]:
    """The history, or an empty one in its place: what can't be read is never written over."""
    settings = config.to_settings(
        repository=row["repository"] or None,
        branch=row["branch"],
        commit_sha=row["commit_sha"],
        default_branch=facts.ci.default_branch or facts.commit.default_branch,
    )
    try:
        return location.load(settings), True
    except HistoryError as error:
        problems.append(f"The history could not be read, and was left as it is: {error}")
        return open_history(None, settings), False


def _save(
    location: Location,
    history: History,
    attachments: dict[str, bytes],
    problems: list[str],
    notices: list[str],
) -> Receipt | None:
    try:
        return location.save(history, attachments)
    except ReadOnlyError as error:
        notices.append(f"Nothing was recorded: {error}.")
    except HistoryError as error:
        problems.append(f"The history could not be written: {error}")
    return None


def _rejected(history: History) -> list[str]:
    count = len(history.rejected)
    if not count:
        return []
    first = history.rejected[0]
    where = f"line {first.line}: " if first.line else ""
    lines, are = ("line", "is") if count == 1 else ("lines", "are")
    return [
        f"{count} {lines} of the history can't be read and {are} kept as before ({where}{first.reason}): "
        "ask `rejected_rows` for all."
    ]


def _chart(config: Config, answers: Answers, notices: list[str]) -> Chart | None:
    labels = _labels(config, answers)
    if labels is None:
        return None
    try:
        return render_chart(answers.highlight_points, labels)
    except ChartError as error:
        notices.append(f"There is no picture: {error}.")
        return None


def _picture(
    answers: Answers, config: Config, chart: Chart | None, receipt: Receipt | None, inputs: Inputs
) -> Picture:
    labels = _labels(config, answers)
    if labels is None:
        return Picture()
    urls = receipt.attachment_urls if receipt else {}
    if chart and "GITHUB_STEP_SUMMARY" not in inputs.environment:
        # The summary is read beside the files, in the output folder.
        urls = {"chart.svg": "chart.svg", "chart-dark.svg": "chart-dark.svg"} | dict(urls)
    return Picture(
        light=urls.get("chart.svg"),
        dark=urls.get("chart-dark.svg"),
        fallback=mermaid_chart(answers.highlight_points, labels),
    )


def _labels(config: Config, answers: Answers) -> ChartLabels | None:
    if not config.report.highlight_metric or not answers.highlight_points:
        return None
    return ChartLabels(config.report.highlight_metric, answers.highlight_points[-1]["goal"])


def _chart_files(chart: Chart | None) -> dict[str, bytes]:
    if chart is None:
        return {}
    return {
        "chart.svg": chart.svg.encode(),
        "chart-dark.svg": chart.svg_dark.encode(),
        "chart.png": chart.png,
    }
