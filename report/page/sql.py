"""The second page: the history asked with SQL in the browser, by DuckDB compiled to WebAssembly.

DuckDB is brought along by who makes the page: the folder of the npm package, of one version, whose files are known by
their hashes. The page is served over http; it fetches its own three files, and nothing else.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from ..errors import UsageError
from .head import page_head, read_asset, source_of

SQL_PAGE = "sql.html"
FOLDER = "sql"
"""Beside the page, for what it fetches."""
PACKAGE = "@duckdb/duckdb-wasm"
VERSION = "1.32.0"
_FILES = {
    "duckdb-eh.wasm": (
        "duckdb.wasm.packed",
        "4c221bfa59c11f24dbd750e70c90b9252eca6eec5633936e6a2ec766e55fd879",
    ),
    "duckdb-browser-eh.worker.js": (
        "worker.js.packed",
        "f8ab72b6b90b3ad83077d47426d4a99d5d9a4c7e07cba1a2be37d655adc7c1ab",
    ),
}
"""File of the package -> how it is called beside the page, and its SHA-256."""
_DATABASE = "history.duckdb.packed"
_LEVEL = 6
_EXAMPLES = (
    (
        "The newest commits",
        "select recorded_at, branch, author, commit_message, metrics\nfrom commits\norder by recorded_at desc\n"
        "limit 20",
    ),
    (
        "What is worse now, and since when",
        "select metric, branch, value, reference_level, change_percent, worse_since_author, worse_since_message\n"
        "from open_regressions\norder by worse_since_at desc",
    ),
    (
        "The best commit of each branch",
        "select branch, metric, max_by(commit_sha, value) as commit_sha, max(value) as best\nfrom deltas\n"
        "where kind = 'ml'\ngroup by branch, metric\norder by branch, metric",
    ),
    (
        "How long the jobs take",
        "select name, count(*) as runs, median(duration_seconds) as median_seconds, max(duration_seconds) as longest\n"
        "from jobs\ngroup by name\norder by median_seconds desc",
    ),
    ("All tables and their columns", "select name, column_names, column_types\nfrom (show all tables)"),
)


@dataclass(frozen=True)
class SqlPage:
    """The files of the page, by their names beside `index.html`."""

    files: Mapping[str, bytes]

    @property
    def count_bytes_duckdb(self) -> int:
        """What a browser fetches of DuckDB, once, as it keeps it."""
        return sum(len(self.files[f"{FOLDER}/{name}"]) for name, _ in _FILES.values())

    @property
    def count_bytes_history(self) -> int:
        """What a browser fetches of the history."""
        return len(self.files[f"{FOLDER}/{_DATABASE}"])


def read_package(folder: Path) -> dict[str, bytes]:
    """The files of the npm package that the page needs, by their names there.

    Raises `UsageError` where it is not that package in that version, file by file.
    """
    wanted = (
        f"wanted the folder of the npm package {PACKAGE} {VERSION} (`npm install {PACKAGE}@{VERSION}` puts it into "
        f"node_modules/{PACKAGE})"
    )
    found = {}
    for name, (_, digest) in _FILES.items():
        path = folder / "dist" / name
        try:
            found[name] = path.read_bytes()
        except OSError as error:
            raise UsageError(
                f"--sql {folder}: dist/{name} can't be read ({error.strerror or error}); {wanted}"
            ) from error
        if hashlib.sha256(found[name]).hexdigest() != digest:
            raise UsageError(f"--sql {folder}: dist/{name} is of another version; {wanted}")
    return found


def make_sql_page(
    title: str, package: Mapping[str, bytes], database: bytes, comments: Mapping[str, str]
) -> SqlPage:
    """The page over a DuckDB database. `comments`: what each of its tables is about."""
    packed = {named: gzip.compress(package[name], _LEVEL, mtime=0) for name, (named, _) in _FILES.items()} | {
        _DATABASE: gzip.compress(database, _LEVEL, mtime=0)
    }
    told: dict[str, Any] = {
        "files": {
            name: {"bytes": len(content), "integrity": _integrity(content)}
            for name, content in packed.items()
        },
        "database_bytes": len(database),
        "examples": [{"title": name, "query": query} for name, query in _EXAMPLES],
        "tables": dict(comments),
        "duckdb": f"{PACKAGE} {VERSION}",
    }
    script = read_asset("sql.js")
    # Its worker takes the policy over: it runs DuckDB, and fetches from where the page is.
    head = page_head(
        f"SQL · {title}",
        [source_of(script), "'wasm-unsafe-eval'"],
        ["worker-src blob:", "connect-src 'self' blob:"],
    )
    filled = Template(read_asset("sql.html")).substitute(
        title=html.escape(title),
        head=head,
        # What could end the element: the JSON itself stays as it is.
        told=json.dumps(told, separators=(",", ":")).replace("<", "\\u003c"),
        script=script,
    )
    files = {SQL_PAGE: filled.encode()} | {f"{FOLDER}/{name}": content for name, content in packed.items()}
    return SqlPage(files)


def _integrity(content: bytes) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}"
