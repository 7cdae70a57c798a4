"""What the report asks the history: each question a query of `questions/`, each answer a list of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from ...history import History
from ...history.charting.drawing import chart_points
from ...history.late_dataclass import dataclass
from .questions import read_question

Row = dict[str, Any]

CHANGED = ("regressed", "improved", "recovered", "suspected")
"""The verdicts that tell of a change."""
_RECENT_ATTEMPTS = 100
"""Run attempts whose metrics are looked at first: most often those of the shown commits are among them."""
_LAST_TRAININGS = 100
RECENT_VALUES = 20
"""Values of a metric that a table draws beside it."""
WORSE_SIGNS = {"minimize": 1, "maximize": -1}
"""Goal -> the sign of a change for the worse."""


@dataclass(frozen=True)
class Answers:
    """The views' answers about one commit; empty where there is nothing to say."""

    metrics: list[Row] = field(default_factory=list)
    """One row per metric of the commit: deltas, baseline, best, verdict; the highlight metric first."""
    standings: list[Row] = field(default_factory=list)
    """Where the commit leaves every metric, measured there or before; the highlight metric first (the question
    `standings_at_commit`)."""
    highlight_points: list[Row] = field(default_factory=list)
    """The charted points, oldest first: rows of `highlight_trend`."""
    charted_points: dict[str, list[Row]] = field(default_factory=dict)
    """Metric -> its charted points, oldest first, of the other metrics that are to be charted."""
    changed_params: list[Row] = field(default_factory=list)
    pipeline: Row | None = None
    """`pipeline_health` of this branch and workflow."""
    newest_model: Row | None = None
    """`latest_model` of this branch, else of the default branch; asked for a commit that trained none."""
    branches: dict[str, str] = field(default_factory=dict)
    """Commit -> branch, of the commits that the answers compare with."""
    other_workflows: list[Row] = field(default_factory=list)
    """How other workflows ended at this commit, as far as they reported (the question `other_workflows`)."""
    successes_before: int | None = None
    """Runs of this branch and workflow that succeeded in a row before this one, the first that failed; else None."""
    units: dict[str, str] = field(default_factory=dict)
    """Metric -> its unit, of the metrics whose data told one."""
    recent_values: dict[tuple[str, str], list[float | None]] = field(default_factory=dict)
    """Kind and metric -> its last values up to the commit, oldest first, of the metrics of `standings`."""
    tests: list[Row] = field(default_factory=list)
    """Tests that fail or did at the commit compared with (the question `changed_tests`): name, state, which is `new`,
    `failing` (nobody knows since when), `flaky`, `known` or `fixed`, and baseline_commit_sha."""
    base_branch: str = ""
    """What a pull request goes into; empty for none."""

    @property
    def highlight(self) -> Row | None:
        """The highlight metric's row at this commit."""
        return next((row for row in self.metrics if row["is_highlight"]), None)

    @property
    def told(self) -> Row | None:
        """The standing that headline and badge are about: of a metric that fails the run, else the highlight's."""
        failing = (row for row in self.standings if row["is_failing"])
        return next(failing, None) or next((row for row in self.standings if row["is_highlight"]), None)


def ask(history: History, row: Mapping[str, Any], charted: Sequence[str] = ()) -> Answers:
    """Everything that a report on the commit of `row` shows of the history, which holds that row.

    `charted`: the metrics that have small charts.
    """
    commit_sha, branch = row["commit_sha"], row["branch"] or ""
    has_trained = row["training"] == "trained"
    repository = ask_question(history, "repository_of_commit", commit_sha=commit_sha)[0]["repository"]
    metrics = judged_metrics(history, repository=repository, commit_sha=commit_sha)
    standings, base_branch = ask_standings(history, row)
    compared = {row[f"{name}_commit_sha"] for row in metrics for name in ("previous", "baseline")}
    branches = ask_question(history, "branches_of_commits", commits=sorted(sha for sha in compared if sha))
    workflow = row["workflow"] or ""
    pipeline = ask_question(
        history, "health_of_pipeline", repository=repository, branch=branch, workflow=workflow
    )
    others = []
    if workflow:
        there = {"repository": repository, "commit_sha": commit_sha, "workflow": workflow}
        others = ask_question(history, "other_workflows", **there)
    before = []
    if pipeline and row.get("workflow_status") == "failure" and pipeline[0]["current_streak"] == -1:
        asked = {"repository": repository, "branch": branch, "workflow": workflow}
        before = ask_question(history, "successes_before", **asked)
    tested = []
    if row.get("failed_tests") or "tests_total" in (row.get("ci_metrics") or {}):
        there = {"repository": repository, "commit_sha": commit_sha, "workflow": workflow}
        tested = ask_question(history, "changed_tests", **there, report=row.get("report") or "")
    models, changes = [], []
    if has_trained:
        changes = ask_changed_params(history, repository, commit_sha)
    else:
        models = ask_question(history, "newest_model", repository=repository, branch=branch)
    return Answers(
        metrics=metrics,
        standings=standings,
        base_branch=base_branch,
        highlight_points=ask_question(history, "highlight_points", repository=repository),
        charted_points=chart_points(history, charted, last=history.settings.trend_window) if charted else {},
        changed_params=changes,
        pipeline=next(iter(pipeline), None),
        newest_model=next(iter(models), None),
        branches={row["commit_sha"]: row["branch"] for row in branches},
        other_workflows=others,
        successes_before=next((row["count_successes"] for row in before), None),
        units={
            row["metric"]: row["unit"] for row in ask_question(history, "told_units", repository=repository)
        },
        recent_values=_recent_values(history, standings),
        tests=tested,
    )


def ask_changed_params(history: History, repository: str, commit_sha: str) -> list[Row]:
    """What the training at a commit changed in its params, the most telling first (the question `changed_params`)."""
    # Rare among the last trainings: all of a long history would cost more than it tells.
    last = ask_question(history, "last_trainings", repository=repository, at_most=_LAST_TRAININGS)
    commits = sorted({commit_sha, *(row["commit_sha"] for row in last if row["commit_sha"])})
    return ask_question(
        history, "changed_params", repository=repository, commit_sha=commit_sha, commits=commits
    )


def _recent_values(history: History, standings: list[Row]) -> dict[tuple[str, str], list[float | None]]:
    found = ask_question(
        history,
        "recent_values",
        line_ids=[row["line_id"] for row in standings],
        places=[row["place"] for row in standings],
        at_most=RECENT_VALUES,
    )
    by_line = {(row["line_id"], row["place"]): row["recent_values"] for row in found}
    return {
        (row["kind"], row["metric"]): by_line.get((row["line_id"], row["place"]), []) for row in standings
    }


def ask_standings(history: History, row: Mapping[str, Any]) -> tuple[list[Row], str]:
    """Where the commit of `row` leaves every metric, and what the rules make of it; and a pull request's base."""
    commit_sha, is_pull_request = row["commit_sha"], bool(row["pull_request"])
    repository = ask_question(history, "repository_of_commit", commit_sha=commit_sha)[0]["repository"]
    base_branch = (row["base_branch"] or history.settings.default_branch) if is_pull_request else ""
    standings = ask_question(
        history,
        "standings_at_commit",
        repository=repository,
        commit_sha=commit_sha,
        branch=row["branch"] or "",
        base_branch=base_branch,
        is_pull_request=is_pull_request,
    )
    return standings, base_branch


def focus(
    history: History, row: Mapping[str, Any], highlight_metric: str | None, charted: Sequence[str] = ()
) -> None:
    """Let the history answer for what a report on the commit of `row` shows, and spare itself the rest.

    A verdict depends on what else was measured at its commit: so all metrics of the shown commits are judged.
    """
    recent = ask_question(history, "recent_metrics", at_most=_RECENT_ATTEMPTS)
    metrics = {str(answer["metric"]) for answer in recent} | {highlight_metric or "", *charted}
    history.focus_on(metrics)
    answers = ask_question(history, "shown_commits", commit_sha=row["commit_sha"], charted=list(charted))
    shown = [answer["commit_sha"] for answer in answers if answer["commit_sha"]]
    measured = {
        str(answer["metric"]) for answer in ask_question(history, "metrics_of_commits", commits=shown)
    }
    if measured - metrics:
        history.focus_on(metrics | measured)
    history.answer_for(shown)


def configs_of_run(history: History, row: Mapping[str, Any]) -> list[str]:
    """The paths of the configs by which the run of `row` has been reported, '' for the default one."""
    if not row["workflow_run_id"]:
        return []
    asked = {name: row[name] or "" for name in ("repository", "report", "commit_sha", "workflow_run_id")} | {
        "run_attempt": row["run_attempt"] or 0
    }
    return [str(answer["config"]) for answer in ask_question(history, "configs_of_run", **asked)]


def judged_metrics(
    history: History,
    *,
    repository: str | None = None,
    commit_sha: str | None = None,
    branch: str | None = None,
    metric: str | None = None,
) -> list[Row]:
    """Measurements with deltas and verdicts, by commit, the highlight metric first; `None` asks for all."""
    asked = {"repository": repository, "commit_sha": commit_sha, "branch": branch, "metric": metric}
    return ask_question(history, "judged_metrics", **asked)


def ask_question(history: History, question: str, **parameters: object) -> list[Row]:
    """The rows that one query of `questions/` gives, with its parameters."""
    return history.ask(read_question(question), parameters)
