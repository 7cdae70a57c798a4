"""The histories of a fleet: what a year of runs leaves in the CSVs of many repositories, the same each time.

In each of them there are regressions, recoveries, branches that are merged, values that are no numbers, runs that
failed, and run attempts that report twice. Two are forks: they share commits. Some rows name no repository.
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from devops_mlops_report.history.columns import COLUMN_NAMES

_BEGAN = datetime(2026, 1, 5, 8)
_ODD_VALUES = ("NaN", "Infinity", "-Infinity")

Row = dict[str, str]


def write_fleet(folder: Path, repositories: int, commits: int) -> list[Path]:
    """A CSV for each repository, with about so many rows; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(repositories):
        path = folder / f"history-{number:04}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMN_NAMES, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows_of(number, commits))
        paths.append(path)
    return paths


def rows_of(number: int, commits: int) -> Iterator[Row]:
    """The rows of one repository, the oldest first."""
    # The second is a fork of the first: a third of its commits are the other's.
    shared = commits // 3 if number == 1 else 0
    for row in _story(0 if shared else number, shared):
        yield row | {"repository": name_of(number)}
    yield from _story(number, commits, shared)


def name_of(number: int) -> str:
    """Of a few, one has odd letters, and one is not named in its rows."""
    odd = {3: "", 4: "acme/größe und maß", 5: "acme/a%2Fb=c"}
    return odd.get(number, f"acme/model-{number:04}")


def _story(number: int, commits: int, first: int = 0) -> Iterator[Row]:
    chance = random.Random(f"{number}/{first}")
    commit_of_main = _sha(0, first - 1) if first else ""
    branch, tip = "main", commit_of_main
    worse_from, worse_until = (
        sorted(chance.sample(range(commits // 4, max(commits, commits // 4 + 2)), 2))
        if commits > 7
        else (2, 4)
    )
    for at in range(first, commits):
        sha = _sha(number, at)
        # A branch of five commits now and then; its sixth is the merge, whose first parent is main's.
        place = at % 20
        branch = f"topic-{at // 20}" if 10 <= place < 15 else "main"
        parent = tip if branch != "main" and place > 10 else commit_of_main
        row = _row(number, at, sha, parent, branch, chance, is_worse=worse_from <= at < worse_until)
        yield row
        if at % 17 == 5:
            # A report job beside the one that trained: the same run attempt.
            yield {
                name: row[name]
                for name in ("repository", "commit_sha", "branch", "workflow_run_id", "run_attempt")
            } | {
                "recorded_at": _time(number, at, minutes=7),
                "training": "none",
                "ci_metrics": json.dumps({"coverage": round(80 + chance.gauss(0, 0.3), 2)}),
            }
        tip = sha
        if branch == "main":
            commit_of_main = sha


def _row(
    number: int, at: int, sha: str, parent: str, branch: str, chance: random.Random, *, is_worse: bool
) -> Row:
    accuracy: object = round(0.9 + chance.gauss(0, 0.004) - (0.03 if is_worse else 0), 6)
    loss: object = 0.3 + chance.gauss(0, 0.01) + (0.08 if is_worse else 0)
    if chance.random() < 0.03:
        accuracy = chance.choice(_ODD_VALUES)
    if chance.random() < 0.03:
        loss = chance.choice(_ODD_VALUES)
    has_failed = chance.random() < 0.07
    is_trained = not has_failed and chance.random() < 0.8
    return {
        "repository": name_of(number),
        "commit_sha": sha,
        "parent_sha": parent,
        "branch": branch,
        "author": chance.choice(("Ada", 'Zoë, "the" second', "李雷")),
        "commit_message": chance.choice(("Tune", "Fix a, b", "Two\nlines")),
        "committed_at": _time(number, at),
        "recorded_at": _time(number, at, minutes=5),
        "workflow": "ci",
        "workflow_run_id": str(number * 100_000 + at),
        "run_attempt": "1",
        "workflow_status": "failure" if has_failed else "success",
        "ci_metrics": json.dumps(
            {"duration_seconds": round(chance.uniform(100, 130) * (1.6 if is_worse else 1), 1)}
        ),
        "training": "trained" if is_trained else "none",
        "cause": "Script" if is_trained else "",
        "mlflow_run_id": hashlib.md5(sha.encode(), usedforsecurity=False).hexdigest() if is_trained else "",
        "model_name": "wine" if is_trained else "",
        "model_version": str(at) if is_trained else "",
        "training_seconds": str(chance.uniform(5, 9)) if is_trained else "",
        "params": json.dumps({"lr": "0.1" if is_worse else "0.01"}) if is_trained else "",
        "metrics": json.dumps({"val_accuracy": accuracy, "loss": loss}) if is_trained else "",
    }


def _sha(number: int, at: int) -> str:
    return hashlib.sha1(f"{number}/{at}".encode(), usedforsecurity=False).hexdigest()


def _time(number: int, at: int, minutes: int = 0) -> str:
    time = _BEGAN + timedelta(hours=at * 7, minutes=number % 60 + minutes)
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
