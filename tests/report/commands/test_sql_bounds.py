"""`sql`: a query ends in time, in the memory that it may take, and with an answer that can be shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import run_here
from csv_samples import csv_bytes, many_rows


@pytest.fixture
def history(tmp_path: Path) -> Path:
    path = tmp_path / "history.csv"
    path.write_bytes(csv_bytes(many_rows(3)))
    return path


@pytest.mark.parametrize(
    ("options", "query", "told"),
    [
        (
            ("--timeout", "0.5"),
            "select sum(a.range + b.range) from range(100000000) a, range(1000) b",
            "what was asked of the history took longer than 0.5 s",
        ),
        (
            ("--memory", "50MB"),
            "select list(range) from range(100000000)",
            "the query needs more memory than it may take",
        ),
        ((), "select * from range(50000000)", "more than 1,000,000 rows; wanted fewer"),
    ],
)
def test_a_query_that_is_too_much_ends_in_one_line(
    history: Path, options: tuple[str, ...], query: str, told: str
) -> None:
    answer = run_here("sql", query, "--history", history, *options)
    assert answer.code == 1
    assert answer.is_one_line(), answer.stderr
    assert told in answer.stderr


def test_within_its_bounds_a_query_is_answered_in_order(history: Path) -> None:
    query = "select commit_sha from commits order by commit_sha desc"
    answer = run_here(
        "sql", query, "--history", history, "--timeout", "60", "--memory", "500MB", "--format", "csv"
    )
    hashes = answer.stdout.split()[1:]
    assert hashes == sorted(hashes, reverse=True)
    assert len(hashes) == 3


@pytest.mark.parametrize("size", ["lots", "-1GB", "500", "1GB; select 1"])
def test_a_size_that_is_none_is_refused(history: Path, size: str) -> None:
    answer = run_here("sql", "select 1", "--history", history, "--memory", size)
    assert answer.code == 2
    assert "wanted one such as 500MB" in answer.stderr
