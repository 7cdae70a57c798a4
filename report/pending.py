"""The row of a run whose history could not be written: kept as a file, so that a later run can take it in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..history import open_history

FOLDER = "pending"


def pending_file(row: Mapping[str, object]) -> dict[str, bytes]:
    """The file's name in the output folder, and its content: a CSV of this one row."""
    history = open_history(None)
    history.append(row)
    parts = [
        str(row["commit_sha"])[:12],
        str(row["workflow_run_id"] or "local"),
        str(row["run_attempt"] or 1),
    ]
    name = re.sub(r"[^A-Za-z0-9.-]", "_", "-".join(parts))
    return {f"{FOLDER}/{name}.csv": history.to_csv()}


def how_to_take_in(name: str) -> str:
    """The sentence that tells where the row is, and the command that adds it to the history."""
    return (
        f"The row of this run is kept in `{name}` of the output folder (in GitHub Actions an artifact of the run); "
        f"`devops-mlops-report merge {name}` takes it in."
    )
