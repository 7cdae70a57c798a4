"""Today's layout of the CSV: its columns, their order, and the type that each has in the table `commits`.

The order and the names are what users' scripts rely on: they change only by adding, with a migration.
"""

from __future__ import annotations

from typing import Literal

from .late_dataclass import dataclass

CellType = Literal["text", "timestamp", "integer", "boolean", "number", "json_list", "json_object"]

SQL_TYPES: dict[CellType, str] = {
    "text": "varchar",
    "timestamp": "timestamp",
    "integer": "bigint",
    "boolean": "boolean",
    "number": "double",
    "json_list": "json",
    "json_object": "json",
}

WANTED: dict[CellType, str] = {
    "text": "text",
    "timestamp": "a UTC time such as 2026-11-22T19:17:03Z",
    "integer": "a whole number",
    "boolean": "true or false",
    "number": "a number",
    "json_list": "a JSON list",
    "json_object": "a JSON object",
}


@dataclass(frozen=True)
class Column:
    """One column of today's layout."""

    name: str
    type: CellType
    meaning: str


COLUMNS: tuple[Column, ...] = (
    Column("repository", "text", "owner/name; empty for a local repository without a remote"),
    Column("commit_sha", "text", "full hash of the commit"),
    Column("parent_sha", "text", "full hash of its first parent"),
    Column("branch", "text", "head branch"),
    Column("base_branch", "text", "the pull request's target branch"),
    Column("pull_request", "text", "the pull request's number"),
    Column("author", "text", "the commit's author"),
    Column("commit_message", "text", "the commit's subject line"),
    Column("committed_at", "timestamp", "when it was committed, UTC"),
    Column("recorded_at", "timestamp", "when this row was recorded, UTC"),
    Column("event", "text", "what started the workflow run"),
    Column("workflow", "text", "the workflow's name"),
    Column("workflow_run_id", "text", "which workflow run"),
    Column("run_attempt", "integer", "which attempt of that run"),
    Column("workflow_status", "text", "success, failure, cancelled, skipped or unknown"),
    Column("jobs", "json_list", "the run's jobs: name, conclusion, duration_seconds"),
    Column("ci_metrics", "json_object", "numbers of the run: duration_seconds, tests_total, ..."),
    Column("mlflow_project_detected", "boolean", "whether there is an MLflow project in the repository"),
    Column("training", "text", "trained, failed, skipped (nothing relevant changed) or none"),
    Column("cause", "text", "Data, Script, Both or empty"),
    Column("changed_inputs", "json_list", "the changed paths that made the cause"),
    Column("mlflow_run_id", "text", "the MLflow run that was read"),
    Column("mlflow_experiment_id", "text", "its experiment"),
    Column("model_name", "text", "the registered model's name"),
    Column("model_version", "text", "the registered model's version"),
    Column("training_seconds", "number", "how long the training took, seconds"),
    Column("params", "json_object", "parameters, as strings"),
    Column("metrics", "json_object", 'metrics, as numbers; "NaN", "Infinity", "-Infinity" as strings'),
    Column("report", "text", "the report's name, where a repository has several; empty for one"),
    Column("failed_tests", "json_list", "names of the tests that failed, 200 at most"),
    Column(
        "environment", "json_object", "where it ran: runner image, OS, CPU, GPU, Python, versions of packages"
    ),
    Column("metric_facts", "json_object", "metrics' units and goals, where the data told them"),
    Column(
        "repeats",
        "json_object",
        "metrics' values where a run measured several times; `metrics`: their median",
    ),
)

COLUMN_NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)

KEY: tuple[str, ...] = ("repository", "report", "commit_sha", "workflow_run_id", "run_attempt")
"""Two rows with the same key are about the same run attempt, if they have a `workflow_run_id` at all."""


def quote_text(text: str) -> str:
    """A text of our own as an SQL literal, where a parameter can't stand (`comment on`)."""
    return "'" + text.replace("'", "''") + "'"


def quote_identifier(name: str) -> str:
    """The one place where a name from outside becomes part of SQL."""
    return '"' + name.replace('"', '""') + '"'
