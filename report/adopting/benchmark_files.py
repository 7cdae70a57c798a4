"""The file in which github-action-benchmark keeps its results (`data.js`), as rows of a history."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from ...history.errors import UnusableFileError
from ...history.regular_files import read_regular
from ...history.stores.branch import is_branch
from ..bounded_http import BoundedHttp, HttpCallError
from ..errors import UsageError
from ..facts.git import GitError, run_git
from ..facts.metric_formats import Entry, MetricFact, stored_runs
from .importing import Commits, Found, Row, is_hash

SOURCE = "github-action-benchmark"
BYTES_AT_MOST = 100_000_000
SECONDS = 60.0
DEFAULT_PATH = "dev/bench/data.js"
"""Where the action keeps it, unless it is told otherwise."""

_ASSIGNED = re.compile(rb"^\s*window\.BENCHMARK_DATA\s*=\s*")


def read_benchmarks(source: str, commits: Commits, root: Path) -> Found:
    """The rows of a file, a branch or of what a URL holds: one for each commit and suite that was measured.

    A branch is one of the checkout at `root`, or of its remote: `gh-pages`, or with a path `gh-pages:bench/data.js`.
    Raises `UsageError` where it is none of the action's files.
    """
    if "://" in source:
        content = _download(source)
    else:
        of_branch = None if Path(source).exists() else _of_branch(source, root)
        content = _read(Path(source)) if of_branch is None else of_branch
    try:
        document = json.loads(_ASSIGNED.sub(b"", content).strip().rstrip(b";"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{source}: is no JSON: wanted the action's data.js") from error
    runs = stored_runs(document)
    if runs is None:
        raise UsageError(f"{source}: holds no `entries` with lists of runs: wanted the action's data.js")
    repository = _repository(document)
    found = Found()
    left_out = 0
    for run in runs:
        sha, when = str(run.commit.get("id") or ""), _time(run.date)
        metrics, facts, odd = _numbers(run.entries or [])
        if not is_hash(sha) or when is None or not metrics:
            left_out += 1
            continue
        if odd:
            found.notices.append(
                f"{sha[:7]}, {run.suite}: {odd} of its values are no numbers, and are left out."
            )
        record = f"{run.date}" if _is_alone(document) else f"{run.suite}:{run.date}"
        cells = _cells(run.commit, metrics, facts)
        found.rows.append(commits.row(commits.full(sha), SOURCE, record, when, cells, repository=repository))
    if left_out:
        found.notices.append(f"{left_out} runs have no commit, no date or no number, and are left out.")
    return found


def _cells(commit: object, metrics: dict[str, float], facts: dict[str, MetricFact]) -> Row:
    told = commit if isinstance(commit, dict) else {}
    author = told.get("author")
    return {
        "author": str(author.get("name") or "") if isinstance(author, dict) else "",
        "commit_message": str(told.get("message") or "").partition("\n")[0],
        "committed_at": _iso(told.get("timestamp")),
        "training": "trained",
        "metrics": metrics,
        "metric_facts": {name: fact.as_json() for name, fact in facts.items() if fact.as_json()},
    }


def _numbers(entries: Sequence[Entry]) -> tuple[dict[str, float], dict[str, MetricFact], int]:
    """The numbers, what is told of them, and how many are none."""
    metrics: dict[str, float] = {}
    facts: dict[str, MetricFact] = {}
    for entry in entries:
        value = _number(entry.value)
        if isinstance(entry.name, str) and entry.name and value is not None:
            metrics[entry.name], facts[entry.name] = value, entry.fact
    return metrics, facts, len(entries) - len(metrics)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _time(milliseconds: object) -> datetime | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _iso(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_alone(document: object) -> bool:
    return isinstance(document, dict) and len(document.get("entries", {})) == 1


def _repository(document: object) -> str:
    url = document.get("repoUrl") if isinstance(document, dict) else None
    parts = [part for part in urlsplit(str(url or "")).path.split("/") if part]
    return "/".join(parts[:2]) if len(parts) == 2 else ""


def _of_branch(source: str, root: Path) -> bytes | None:
    """The file as a branch has it; None where nothing of that name is a branch with one."""
    branch, _, path = source.partition(":")
    if not is_branch(branch):
        return None
    for revision in (f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"):
        blob = f"{revision}:{path or DEFAULT_PATH}"
        try:
            size = int(run_git(root, "cat-file", "-s", blob))
            if size > BYTES_AT_MOST:
                raise UsageError(f"{source}: is larger than {BYTES_AT_MOST:,} bytes")
            return run_git(root, "cat-file", "blob", blob).encode()
        except (GitError, ValueError):
            continue
    return None


def _read(path: Path) -> bytes:
    try:
        return read_regular(path, BYTES_AT_MOST)
    except UnusableFileError as error:
        raise UsageError(f"{path}: {error}, wanted the action's data.js") from error


def _download(url: str) -> bytes:
    try:
        with BoundedHttp() as http:
            answer = http.call("GET", url, seconds=SECONDS, bytes_at_most=BYTES_AT_MOST)
    except HttpCallError as error:
        raise UsageError(f"{url}: {error}") from error
    if answer.status != 200:
        raise UsageError(f"{url}: the answer is {answer.status}, wanted the action's data.js")
    return answer.body
