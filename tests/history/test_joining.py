"""A run attempt that reports several times adds to its row, whichever report comes first and by whatever way."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from csv_samples import ROW, csv_bytes, examples
from devops_mlops_report.history import History, Settings, open_history
from devops_mlops_report.history.columns import COLUMN_NAMES
from devops_mlops_report.history.stores import FileLocation
from hypothesis import given
from hypothesis import strategies as st

Report = dict[str, str]
KEY = {name: ROW[name] for name in ("repository", "commit_sha", "workflow_run_id", "run_attempt")}
OBJECTS = ("params", "metrics", "ci_metrics", "environment", "metric_facts", "repeats")
NOTED = [*COLUMN_NAMES, "note"]


def report(hour: int, **cells: str) -> Report:
    """A report of the run attempt, at an hour of the day."""
    return KEY | {"recorded_at": f"2026-03-01T{hour:02}:00:00Z"} | cells


def content(*reports: Report) -> bytes:
    return csv_bytes(reports, NOTED)


def joined(*contents: bytes) -> History:
    history = open_history(contents[0])
    for each in contents[1:]:
        history.merge(each)
    return history


def the_row(history: History) -> dict[str, Any]:
    """What `commits` says of the run attempt, objects read, without what is empty."""
    (row,) = history.rows("select * replace (recorded_at::varchar as recorded_at) from commits")
    filled = {name: value for name, value in row.items() if value is not None and name not in KEY}
    return {name: json.loads(value) if name in OBJECTS else value for name, value in filled.items()}


# What a report may say in each column, few things each, so that reports meet.
_OBJECT = st.dictionaries(st.sampled_from("ab"), st.sampled_from([1, 2, None]), max_size=2).map(json.dumps)
_CELLS = {
    "recorded_at": st.sampled_from(["", *(f"2026-03-01T{hour:02}:00:00Z" for hour in (7, 8, 9))]),
    "branch": st.sampled_from(["", "main", "dev"]),
    "training": st.sampled_from(["", "none", "skipped", "trained", "failed"]),
    "workflow_status": st.sampled_from(["", "unknown", "success", "failure"]),
    "jobs": st.sampled_from(["", "[]", '[{"name":"test"}]']),
    "note": st.sampled_from(["", "mine"]),
    "metrics": st.just("") | _OBJECT,
    "repeats": st.just("") | st.sampled_from(['{"a":[1,2]}', '{"b":[3]}', '{"a":[4],"c":[5]}']),
    "environment": st.just("") | _OBJECT,
}
_REPORTS = st.fixed_dictionaries(_CELLS).map(lambda cells: KEY | cells)


def reference(reports: Sequence[Report]) -> tuple[dict[str, Any], list[Report]]:
    """The row that the reports make together, and those that it takes, from the definition."""
    oldest_first = sorted(reports, key=lambda cells: [cells.get(name, "") for name in _ORDER])
    row: dict[str, Any] = {}
    needed = {len(oldest_first) - 1}
    for name in (name for name in _CELLS if name not in ("metrics", "repeats", "environment")):
        filled = [place for place, cells in enumerate(oldest_first) if cells[name]]
        if filled:
            place = max(filled, key=lambda place: (_weight(name, oldest_first[place][name]), place))
            needed.add(place)
            row[name] = oldest_first[place][name]
    for slot in ("environment", "metrics"):
        needed |= _join_objects(row, slot, oldest_first)
    return row, [cells for place, cells in enumerate(oldest_first) if place in needed]


_ORDER = ("recorded_at", *sorted(name for name in _CELLS if name != "recorded_at"))


def _weight(name: str, word: str) -> int:
    words = {"training": {"none": 0, "skipped": 1}, "workflow_status": {"unknown": 0}}.get(name, {})
    return words.get(word, 2)


def _join_objects(row: dict[str, Any], slot: str, oldest_first: Sequence[Report]) -> set[int]:
    columns = ("metrics", "repeats") if slot == "metrics" else (slot,)
    objects = [{name: json.loads(cells[name] or "{}") for name in columns} for cells in oldest_first]
    taken = set()
    for name in sorted({name for each in objects for column in columns for name in each[column]}):
        chosen = max(
            (place for place, each in enumerate(objects) if any(name in each[column] for column in columns)),
            key=lambda place: (_worth(objects[place], columns, name), place),
        )
        taken.add(chosen)
        for column in columns:
            if name in objects[chosen][column]:
                row.setdefault(column, {})[name] = objects[chosen][column][name]
    for column in columns:
        if column not in row and oldest_first[-1][column]:
            row[column] = json.loads(oldest_first[-1][column])
    return taken


def _worth(objects: Mapping[str, Mapping[str, Any]], columns: Sequence[str], name: str) -> int:
    """A number says more than none, and a metric more than values without their median."""
    return max(
        (objects[column][name] is not None) + (column != "repeats")
        for column in columns
        if name in objects[column]
    )


@examples(12)
@given(st.lists(_REPORTS, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_reports_in_any_order_make_the_same_row(reports: list[Report], random: Any) -> None:
    expected, needed = reference(reports)
    history = joined(*(content(each) for each in reports))
    assert the_row(history) == _as_read(expected)
    assert history.to_csv() == open_history(content(*_unlike(needed))).to_csv()
    shuffled = random.sample(reports, len(reports))
    half = len(shuffled) // 2
    halves = [joined(b"", *(content(each) for each in part)) for part in (shuffled[:half], shuffled[half:])]
    halves[1].merge(halves[0])
    halves[1].merge(content(shuffled[0]))
    assert halves[1].to_csv() == history.to_csv()
    assert the_row(open_history(history.to_csv())) == the_row(history)


@examples(8)
@given(
    st.lists(st.tuples(st.sampled_from(["", "fraud", "churn"]), _REPORTS), min_size=1, max_size=5),
    st.randoms(use_true_random=False),
)
def test_reports_of_several_names_join_by_name_in_any_order(
    named: list[tuple[str, Report]], random: Any
) -> None:
    reports = [cells | {"report": name} for name, cells in named]
    history = joined(*(content(each) for each in reports))
    rows = {
        row.pop("report") or "": row
        for row in history.rows("select * replace (recorded_at::varchar as recorded_at) from commits")
    }
    assert set(rows) == {name for name, _ in named}
    for name, row in rows.items():
        expected, _ = reference([cells for other, cells in named if other == name])
        filled = {key: value for key, value in row.items() if value is not None and key not in KEY}
        read = {key: json.loads(value) if key in OBJECTS else value for key, value in filled.items()}
        assert read == _as_read(expected)
    shuffled = random.sample(reports, len(reports))
    assert joined(*(content(each) for each in shuffled)).to_csv() == history.to_csv()


@examples(5)
@given(st.lists(_REPORTS, min_size=2, max_size=3), st.randoms(use_true_random=False))
def test_writers_of_one_file_in_any_order_leave_the_same_file(
    tmp_path_factory: pytest.TempPathFactory, reports: list[Report], random: Any
) -> None:
    """Each loads what is there, maybe before the others saved, and saves its own report after that."""
    files = []
    for _ in range(2):
        path = tmp_path_factory.mktemp("writers") / "history.csv"
        writers = [(FileLocation(path), each) for each in random.sample(reports, len(reports))]
        loaded: list[tuple[FileLocation, History]] = []
        for location, each in writers:
            history = location.load(Settings())
            history.merge(content(each))
            loaded.append((location, history))
            if random.random() < 0.5:
                _save_all(loaded)
        random.shuffle(loaded)
        _save_all(loaded)
        files.append(path.read_bytes())
    assert files[0] == files[1] == joined(*(content(each) for each in reports)).to_csv()


def _save_all(loaded: list[tuple[FileLocation, History]]) -> None:
    for location, history in loaded:
        location.save(history, {})
    loaded.clear()


def _as_read(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.replace("T", " ").removesuffix("Z") if name == "recorded_at" else value
        for name, value in row.items()
    }


def _unlike(reports: Sequence[Report]) -> list[Report]:
    return [dict(cells) for cells in {tuple(sorted(each.items())): each for each in reports}.values()]


def test_a_training_job_and_a_report_job_have_one_row() -> None:
    training = report(7, training="trained", cause="Data", metrics='{"auc":0.9}', workflow_status="unknown")
    reporting = report(8, training="none", ci_metrics='{"tests_total":5}', workflow_status="success")
    for order in permutations([training, reporting]):
        history = joined(*map(content, order))
        assert the_row(history) == {
            "recorded_at": "2026-03-01 08:00:00",
            "workflow_status": "success",
            "training": "trained",
            "cause": "Data",
            "metrics": {"auc": 0.9},
            "ci_metrics": {"tests_total": 5},
        }
        assert history.rows("select commit_sha, metric, value from measurements order by metric") == [
            {"commit_sha": "a" * 40, "metric": "auc", "value": 0.9},
            {"commit_sha": "a" * 40, "metric": "tests_total", "value": 5.0},
        ]


def test_a_column_that_was_added_by_hand_stays_when_the_run_reports_again() -> None:
    history = open_history(content(report(7, note="looked at", branch="main")))
    history.append(
        {
            **KEY,
            "run_attempt": 1,
            "recorded_at": open_history(content(report(8))).rows("from commits")[0]["recorded_at"],
            "branch": "dev",
        }
    )
    assert the_row(history) == {"recorded_at": "2026-03-01 08:00:00", "branch": "dev", "note": "looked at"}
    assert b"looked at" in history.to_csv()


def test_a_report_that_fills_all_that_the_older_one_did_takes_its_place() -> None:
    older, newer = (
        report(7, branch="main", metrics='{"a":1}'),
        report(8, branch="dev", metrics='{"a":2,"b":3}'),
    )
    history = joined(content(older), content(newer))
    assert history.to_csv() == content(newer)
    assert history.count_rows == 1


def test_a_report_between_two_others_has_its_say_whenever_it_arrives() -> None:
    first, second, third = (
        report(7, branch="a", note="x"),
        report(8, branch="b", note="y"),
        report(9, branch="c"),
    )
    for order in permutations([first, second, third]):
        assert the_row(joined(*map(content, order)))["note"] == "y"


def test_reports_with_names_of_their_own_have_rows_of_their_own() -> None:
    history = open_history(content(report(7, report="tiny", branch="main"), report(8, report="large")))
    assert history.rows("select report, branch from commits order by report") == [
        {"report": "large", "branch": None},
        {"report": "tiny", "branch": "main"},
    ]


def test_no_name_and_an_empty_one_are_the_same_report() -> None:
    named = content(report(7, branch="main", note="x")).replace(b",x\n", b",x\n")
    empty = content(report(8, event="push")).replace(b"octo/model,", b"octo/model,", 1)
    header, line = empty.decode().splitlines()
    cells = line.split(",")
    cells[header.split(",").index("report")] = '""'
    history = joined(named, f"{header}\n{','.join(cells)}\n".encode())
    assert the_row(history)["note"] == "x"
    assert history.rows("select count(*) as n from commits") == [{"n": 1}]


def test_what_was_measured_several_times_goes_with_its_median() -> None:
    several = report(7, metrics='{"a":2,"b":5}', repeats='{"a":[1,2,3],"b":[4,5,6]}')
    once = report(8, metrics='{"a":9}')
    row = the_row(joined(content(several), content(once)))
    assert (row["metrics"], row["repeats"]) == ({"a": 9, "b": 5}, {"b": [4, 5, 6]})


def test_numbers_are_joined_as_they_were_written() -> None:
    one, two = report(7, metrics='{"a":12345678901234567890123}'), report(8, metrics='{"b":1e400}')
    history = joined(content(one), content(two))
    assert history.rows("select metrics from commits") == [
        {"metrics": '{"a":12345678901234567890123,"b":1e400}'}
    ]


def test_columns_named_as_our_own_steps_are_joined_too() -> None:
    names = ["rank", "run", "place", "line", "key", "name", "weight", "object", "joined_metrics", "suspect"]
    columns = [*COLUMN_NAMES, *names]
    older = csv_bytes([report(7, **{name: f"old {name}" for name in names})], columns)
    newer = csv_bytes([report(8, **{name: f"new {name}" for name in names[::2]})], columns)
    row = the_row(joined(older, newer))
    assert {name: row[name] for name in names} == {
        name: f"{'new' if place % 2 == 0 else 'old'} {name}" for place, name in enumerate(names)
    }


def test_reports_of_one_run_attempt_are_archived_together(tmp_path: Path) -> None:
    reports = content(report(7, note="x"), report(8, branch="main"))
    location = FileLocation(tmp_path / "history.csv")
    (tmp_path / "history.csv").write_bytes(reports)
    history = location.load(Settings(keep=1))
    for hour in range(3):
        history.merge(content(report(10 + hour, workflow_run_id=str(hour))))
    receipt = location.save(history, {})
    assert (receipt.count_rows, receipt.count_archived) == (1, 4)
    again = FileLocation(tmp_path / "history.csv").load(Settings())
    assert again.rows("select note, branch from commits where workflow_run_id = '71'") == [
        {"note": "x", "branch": "main"}
    ]


def test_a_run_whose_first_report_is_in_the_archive_adds_to_it() -> None:
    history = open_history(content(report(8, branch="main")), archive=content(report(7, note="x")))
    assert the_row(history) == {"recorded_at": "2026-03-01 08:00:00", "branch": "main", "note": "x"}
    assert (history.count_rows, history.count_archived) == (1, 1)
    assert history.to_csv() == content(report(8, branch="main"))
