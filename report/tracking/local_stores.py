"""MLflow's local stores, read as files: `mlflow.db` (SQLite) and `mlruns` (a folder a run). Never written.

Reading them so takes milliseconds, where opening them with MLflow takes seconds.
"""

from __future__ import annotations

from pathlib import Path

from .errors import TrackingError
from .folder_store import read_folders
from .runs import TrackedRun
from .sqlite_store import read_sqlite

RUNS_AT_MOST = 10_000


def read_store(path: Path) -> list[TrackedRun]:
    """Every active run of a store; none where there is no store. Raises `TrackingError` for one that is broken."""
    if path.is_file():
        return read_sqlite(path, RUNS_AT_MOST)
    if not path.is_dir():
        return []
    try:
        return list(read_folders(path, RUNS_AT_MOST))
    except (OSError, ValueError, TypeError) as error:
        raise TrackingError(f"{path} can't be read as an MLflow store: {error}") from error
