"""What an exported file holds, told to other tools: `datapackage.json` beside it, as Data Package has it, version 2.

Source: https://datapackage.org/standard/data-package/ and https://datapackage.org/standard/table-schema/.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

from .columns import COLUMNS
from .errors import HistoryError
from .sql_files import views
from .store import History

NAME = "datapackage.json"
FORMATS = {".csv": ("csv", "text/csv"), ".parquet": ("parquet", "application/vnd.apache.parquet")}

_PROFILES = "https://datapackage.org/profiles/2.0"
_TYPES = {
    "varchar": "string",
    "bigint": "integer",
    "integer": "integer",
    "hugeint": "integer",
    "double": "number",
    "boolean": "boolean",
    "timestamp": "datetime",
    "date": "date",
}
_OF_CELLS = {"json_list": "array", "json_object": "object"}


def data_package(history: History, written: Path, table: str, now: datetime) -> bytes:
    """The text of `datapackage.json` for a file that `export` wrote of a table or view.

    Raises `HistoryError` for a format that such a description is not for.
    """
    suffix = written.suffix.lower()
    if suffix not in FORMATS:
        raise HistoryError(f"{written}: found the suffix {suffix!r}, wanted .csv or .parquet for a {NAME}")
    kind, media_type = FORMATS[suffix]
    with written.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    resource = {
        "name": table,
        "type": "table",
        "path": written.name,
        "format": kind,
        "mediatype": media_type,
        **({"encoding": "utf-8"} if suffix == ".csv" else {}),
        "bytes": written.stat().st_size,
        "hash": f"sha256:{digest}",
        "description": _purpose(table),
        "schema": {
            "$schema": f"{_PROFILES}/tableschema.json",
            "fields": _fields(history, table, is_csv=suffix == ".csv"),
            **({"missingValues": [""]} if suffix == ".csv" else {}),
        },
    }
    package = {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": f"history-{table.replace('_', '-')}",
        "created": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resources": [resource],
    }
    return (json.dumps(package, indent=2, ensure_ascii=False) + "\n").encode()


def _purpose(table: str) -> str:
    of_views = {view.name: f"{view.purpose} Grain: {view.grain}." for view in views() if view.is_public}
    return of_views.get(table, "One row per workflow run attempt." if table == "commits" else table)


def _fields(history: History, table: str, *, is_csv: bool) -> list[dict[str, object]]:
    known = {column.name: column for column in COLUMNS} if table == "commits" else {}
    listed = history.rows(
        "select column_name, lower(data_type) as kind from duckdb_columns() where table_name = ? order by column_index",
        [table],
    )
    fields: list[dict[str, object]] = []
    for row in listed:
        name, kind = row["column_name"], row["kind"]
        column = known.get(name)
        field: dict[str, object] = {"name": name, "type": _TYPES.get(kind, "any")}
        if column is not None:
            field["type"] = _OF_CELLS.get(column.type, field["type"])
            field["description"] = column.meaning
        elif kind == "timestamp" and is_csv:
            field["format"] = "%Y-%m-%d %H:%M:%S"
        fields.append(field)
    return fields
