"""The tables beside `commits`: settings, rules, accepted changes, and the lines that can't be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import replace

import duckdb

from .csv_records import Record
from .settings import MetricRule, Settings

_NOT_IN_SQL = ("metric_rules", "accepted_changes", "keep", "keep_days")


def fill_rejected(
    connection: duckdb.DuckDBPyConnection, rejected: tuple[Record, ...], archived: tuple[Record, ...] = ()
) -> None:
    connection.execute("truncate rejected_rows")
    if rejected or archived:
        records = [*rejected, *(replace(row, reason=f"in the archive: {row.reason}") for row in archived)]
        connection.execute(
            "insert into rejected_rows select unnest(?::bigint[]), unnest(?::varchar[]), unnest(?::varchar[])",
            [
                [record.line for record in records],
                [record.raw.decode("utf-8", "backslashreplace") for record in records],
                [record.reason for record in records],
            ],
        )


def fill_settings(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    connection.execute("truncate settings; truncate metric_rules; truncate accepted_changes")
    values = {
        f.name: getattr(settings, f.name) for f in dataclass_fields(settings) if f.name not in _NOT_IN_SQL
    }
    for name in ("repository", "branch", "commit_sha"):
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
