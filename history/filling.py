"""The tables beside `commits`: settings, rules, accepted changes, and the lines that can't be read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields as dataclass_fields
from dataclasses import replace

import duckdb

from .csv_records import Record
from .settings import MetricRule, Settings

_NOT_IN_SQL = ("metric_rules", "accepted_changes", "keep", "keep_days")


def fill_rejected(
    connection: duckdb.DuckDBPyConnection, rejected: tuple[Record, ...], archived: tuple[Record, ...] = ()
) -> None:
    """Put the lines into `rejected_rows`, in place of those that are there; those of the archive are named as such."""
    records = [*rejected, *(replace(row, reason=f"in the archive: {row.reason}") for row in archived)]
    rows = [
        (record.line, record.raw.decode("utf-8", "backslashreplace"), record.reason) for record in records
    ]
    refill(connection, "rejected_rows", rows, ("bigint", "varchar", "varchar"))


def refill(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: Iterable[Sequence[object]],
    types: Sequence[str],
) -> None:
    """Put `rows` into a table whose columns have these types, in place of those that are there."""
    connection.execute(f"truncate {table}")
    # As JSON: the database takes half the time over one text that it does over a list of values.
    columns = [json.dumps(column) for column in zip(*rows, strict=True)]
    if columns:
        lists = ", ".join(f"unnest(?::json::{type_}[])" for type_ in types)
        connection.execute(f"insert into {table} select {lists}", columns)


def fill_settings(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Put settings, rules and accepted changes into their tables, in place of those that are there."""
    connection.execute("truncate settings; truncate metric_rules; truncate accepted_changes")
    values = {
        f.name: getattr(settings, f.name) for f in dataclass_fields(settings) if f.name not in _NOT_IN_SQL
    }
    for name in ("repository", "branch", "commit_sha", "report", "workflow"):
        values[f"reported_{name}"] = values.pop(name)
    _insert(connection, "settings", values)
    for change in settings.accepted_changes:
        _insert(connection, "accepted_changes", {"commit_sha": change.commit_sha, "metric": change.metric})
    for rule in settings.metric_rules:
        _insert(
            connection, "metric_rules", {f.name: getattr(rule, f.name) for f in dataclass_fields(MetricRule)}
        )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, values: Mapping[str, object]) -> None:
    marks = ", ".join("?" * len(values))
    connection.execute(f"insert into {table} ({', '.join(values)}) values ({marks})", list(values.values()))
