"""Take a partitioned history into DuckLake: snapshots, time travel and SQL that many write, the catalogue in SQLite.

Runs add Parquet files with `devops-mlops-report export --partitioned FOLDER`; this takes in those that the catalogue
has not seen, and may be run as often as you like. DuckLake has no extension for DuckDB 2 yet, so it has an environment
of its own:

    python3 -m venv ducklake
    ducklake/bin/pip install "duckdb>=1.5,<2" duckdb-extension-ducklake duckdb-extension-sqlite-scanner
    ducklake/bin/python examples/ducklake.py FOLDER catalogue.sqlite data/

`lake.commits` then has every row, each cell as its text in the CSV; `lake.newest` the newest row of each run attempt.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import duckdb

EXTENSIONS = ("sqlite_scanner", "ducklake")
READ = "read_parquet(?, union_by_name = true, hive_partitioning = false)"
KEY = "repository, report, commit_sha, workflow_run_id, run_attempt"


def open_lake(catalogue: Path, data: Path) -> duckdb.DuckDBPyConnection:
    """A connection with the lake attached as `lake`; catalogue and data are made when they are not there."""
    connection = duckdb.connect()
    for name in EXTENSIONS:
        connection.load_extension(str(_extension(name)))
    connection.execute(f"attach 'ducklake:sqlite:{_quoted(catalogue)}' as lake (data_path '{_quoted(data)}')")
    connection.execute("create table if not exists lake.taken (file varchar)")
    return connection


def take_in(connection: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """Add the rows of the files that were not taken in yet, all of them or none; returns how many are new."""
    taken = {file for (file,) in connection.execute("from lake.taken").fetchall()}
    found = {str(path.relative_to(folder)): str(path) for path in folder.glob("repository=*/*.parquet")}
    new = sorted(found.keys() - taken)
    if not new:
        return 0
    paths = [found[name] for name in new]
    connection.execute("begin")
    try:
        count = _insert(connection, paths)
        connection.execute("insert into lake.taken select unnest(?)", [new])
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return count


def _insert(connection: duckdb.DuckDBPyConnection, paths: list[str]) -> int:
    connection.execute(f"create table if not exists lake.commits as from {READ} limit 0", [paths])
    known = {name for name, *_ in connection.execute("describe lake.commits").fetchall()}
    columns = [name for name, *_ in connection.execute(f"describe from {READ}", [paths]).fetchall()]
    for name in columns:
        if name not in known:
            connection.execute(f"alter table lake.commits add column {_identifier(name)} varchar")
    # A file that `devops-mlops-report compact` wrote holds rows that are here already. What only others have is empty.
    names = ", ".join(map(_identifier, columns))
    others = " and ".join(f"{_identifier(name)} is null" for name in known - set(columns)) or "true"
    [(count,)] = connection.execute(
        f"insert into lake.commits by name select distinct {names} from {READ} "
        f"except select {names} from lake.commits where {others}",
        [paths],
    ).fetchall()
    connection.execute(
        f"create or replace view lake.newest as from lake.commits qualify nullif(workflow_run_id, '') is null "
        f"or row_number() over (partition by {KEY} order by recorded_at desc) = 1"
    )
    return int(count)


def _extension(name: str) -> Path:
    """The file that a package from the registry brings."""
    found = importlib.util.find_spec(f"duckdb_extension_{name}")
    folders = [Path(folder) for folder in (found and found.submodule_search_locations) or ()]
    files = [file for folder in folders for file in folder.glob("extensions/*/*.duckdb_extension")]
    if not files:
        sys.exit(
            f"duckdb-extension-{name.replace('_', '-')} is not installed; the head of this file says how"
        )
    return files[0]


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: ducklake.py FOLDER CATALOGUE.sqlite DATA_FOLDER")
    history, catalogue, data = map(Path, sys.argv[1:])
    with open_lake(catalogue, data) as lake:
        print(f"{take_in(lake, history)} rows are new")
