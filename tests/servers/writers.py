"""Rows to write, and what processes of their own do with them. Importable, so that another process can."""

from __future__ import annotations

import csv
import io
import itertools
import resource
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from devops_mlops_report.history import LocationError, Settings
from devops_mlops_report.history.columns import COLUMN_NAMES
from devops_mlops_report.history.stores import FileLocation, GistLocation, GistUrl, Patience

FIRST_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def row(number: int, **cells: object) -> dict[str, object]:
    """One workflow run's row; another number is another run."""
    return {
        "repository": "owner/name",
        "commit_sha": f"{number:040x}",
        "workflow_run_id": str(number),
        "run_attempt": 1,
        "recorded_at": _time_of(number),
        **cells,
    }


def csv_of(numbers: Iterable[int]) -> bytes:
    """A history's CSV with these rows, as the store writes it."""
    names = ["repository", "commit_sha", "workflow_run_id", "run_attempt", "recorded_at"]
    text = io.StringIO()
    lines = csv.DictWriter(text, COLUMN_NAMES, lineterminator="\n")
    lines.writeheader()
    for number in numbers:
        cells = row(number)
        lines.writerow({name: cells[name] for name in names} | {"recorded_at": f"{_time_of(number):%FT%TZ}"})
    return text.getvalue().encode()


def numbers_in(content: bytes) -> list[int]:
    """The numbers of the rows in a CSV, in order, doubled ones twice."""
    csv.field_size_limit(2**31 - 1)
    return [int(cells["workflow_run_id"]) for cells in csv.DictReader(io.StringIO(content.decode()))]


def push_row(url: str, token: str, number: int, patience: Patience) -> int:
    """Add one row to a gist; returns how many attempts it took."""
    location = GistLocation(GistUrl.parse(url), token, patience=patience)
    history = location.load(Settings())
    history.append(row(number))
    location.save(history, {"badge.svg": b"<svg>%d</svg>" % number})
    history.close()
    location.close()
    return location.attempts


def _time_of(number: int) -> datetime:
    return FIRST_TIME + timedelta(minutes=number)


def write_rows(path: Path, numbers: Iterable[int]) -> None:
    """Add the rows to a file, one save each, loading anew each time."""
    for number in numbers:
        location = FileLocation(path)
        history = location.load(Settings())
        history.append(row(number))
        location.save(history, {})
        history.close()


def write_rows_until_killed(path: Path, first: int, saved: Any, has_begun: Any) -> None:
    """Add row after row to a file; the shared integer `saved` holds the number of the newest whole save.

    The first one is whole when it has begun, so that even on a slow machine there is one more each time.
    """
    location = FileLocation(path)
    history = location.load(Settings())
    for number in itertools.count(first):
        history.append(row(number))
        location.save(history, {})
        saved.value = number
        has_begun.set()


def write_rows_on_a_full_disk(path: Path, bytes_free: int, said: Any) -> None:
    """Try to add many rows where no file can grow beyond `bytes_free`; tells what the error says."""
    location = FileLocation(path)
    history = location.load(Settings())
    history.merge(csv_of(range(1000)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_free, bytes_free))
    try:
        location.save(history, {})
    except LocationError as error:
        said.put(str(error))
    else:
        said.put("nothing went wrong")
