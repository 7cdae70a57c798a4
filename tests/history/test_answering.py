"""Frames in, frames out: many repositories at once are answered for as each alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from devops_mlops_report import MetricRule, Settings, answers, open_history
from devops_mlops_report.history import ANSWERS, CsvError, HistoryError
from devops_mlops_report.history.columns import COLUMN_NAMES
from fleet_histories import rows_of, write_fleet
from frames import difference, frame_of, own_answer

COMMITS = 40


def own(path: Path, name: str) -> pa.Table:
    """What the repository's own history says, opened as a script opens it."""
    with open_history(path) as history:
        return own_answer(history, name)


def test_repositories_are_answered_for_together_as_each_by_its_own_history_to_the_bit(tmp_path: Path) -> None:
    # Of these the second is a fork of the first, the third names no repository.
    numbers = (0, 1, 3)
    paths = write_fleet(tmp_path, 4, COMMITS)
    together = answers(frame_of([paths[number] for number in numbers]))
    assert list(together) == list(ANSWERS)
    for name in ANSWERS:
        alone = pa.concat_tables([own(paths[number], name) for number in numbers])
        assert alone.num_rows or name == "open_regressions", name
        assert difference(together[name], alone) == (0, 0), name


def test_each_repository_has_the_ancestors_of_its_own_newest_commit(tmp_path: Path) -> None:
    rows = [
        {"repository": "a", "commit_sha": "shared", "parent_sha": ""},
        {"repository": "a", "commit_sha": "a1", "parent_sha": "shared"},
        {"repository": "b", "commit_sha": "shared", "parent_sha": ""},
        {"repository": "b", "commit_sha": "topic", "parent_sha": "shared", "branch": "topic"},
        {"repository": "b", "commit_sha": "b1", "parent_sha": "shared"},
        {"repository": "b", "commit_sha": "merge", "parent_sha": "b1"},
    ]
    with open_history(_csv(rows)) as history:
        told = history.sql("select repository, commit_sha, distance from ancestry order by all").fetchall()
    assert told == [("a", "a1", 0), ("a", "shared", 1), ("b", "b1", 1), ("b", "merge", 0), ("b", "shared", 2)]


def test_a_pandas_frame_gives_what_an_arrow_table_gives(tmp_path: Path) -> None:
    table = frame_of(write_fleet(tmp_path, 1, 20))
    frame = table.to_pandas()
    # As a column is that pandas had nothing to put into.
    frame["failed_tests"] = float("nan")
    for name, answer in answers(frame, ["commits", "regressions"]).items():
        assert difference(answer, answers(table, [name])[name]) == (0, 0)


def test_a_row_that_can_not_be_read_is_told_and_costs_itself_alone() -> None:
    rows = [row | {"repository": "a"} for row in rows_of(0, 8)]
    rows[3]["run_attempt"] = "first"
    told = answers(_table(rows), ["commits", "rejected_rows"])
    assert told["commits"].num_rows == len({row["workflow_run_id"] for row in rows}) - 1
    [reason] = told["rejected_rows"]["reason"].to_pylist()
    assert reason == 'run_attempt: found "first", wanted a whole number'


def test_settings_and_rules_are_those_that_are_handed_over() -> None:
    rows = [row | {"repository": "a"} for row in rows_of(0, 8)]
    settings = Settings(metric_rules=(MetricRule("loss", goal="maximize"),))
    goals = {
        name: answers(_table(rows), ["deltas"], given)["deltas"].to_pylist()
        for name, given in (("none", None), ("rule", settings))
    }
    assert {row["goal"] for row in goals["none"] if row["metric"] == "loss"} == {"minimize"}
    assert {row["goal"] for row in goals["rule"] if row["metric"] == "loss"} == {"maximize"}


def test_no_rows_give_the_columns_alone() -> None:
    for name, answer in answers(_table([]), ANSWERS).items():
        assert (answer.num_rows, answer.num_columns > 5) == (0, True), name


def test_an_unknown_name_is_refused_before_anything_is_read() -> None:
    with pytest.raises(HistoryError, match="unknown answer 'delta', wanted one of commits, rejected_rows, "):
        answers(_table([]), ["delta"])


def test_a_frame_that_is_of_no_history_is_told_by_its_columns() -> None:
    with pytest.raises(CsvError, match="unknown layout: found the columns 'a, b'"):
        answers(pa.table({"a": ["1"], "b": ["2"]}))
    with pytest.raises(HistoryError, match="the frame can't be read"):
        answers(7)  # type: ignore[arg-type]


def _csv(rows: Sequence[dict[str, str]]) -> bytes:
    lines = [
        ",".join(
            {"recorded_at": f"2026-01-01T00:00:{at:02}Z"}.get(name, row.get(name, ""))
            for name in COLUMN_NAMES
        )
        for at, row in enumerate(rows)
    ]
    return "\n".join([",".join(COLUMN_NAMES), *lines, ""]).encode()


def _table(rows: Sequence[dict[str, str]]) -> pa.Table:
    return pa.table(
        {name: pa.array([row.get(name) or None for row in rows], pa.string()) for name in COLUMN_NAMES}
    )
