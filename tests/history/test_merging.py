"""Rows are a set by key: merging commutes, associates and is idempotent, byte for byte."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from csv_samples import ROW, csv_bytes, examples, histories
from devops_mlops_report.history import CsvError, History, HistoryError, open_history
from devops_mlops_report.history.columns import COLUMN_NAMES
from hypothesis import given

few = examples(8)


def merged(*contents: bytes) -> bytes:
    history = open_history(contents[0])
    for content in contents[1:]:
        history.merge(content)
    return closed(history)


def closed(history: History) -> bytes:
    content = history.to_csv()
    history.close()
    return content


def exported(content: bytes) -> bytes:
    return closed(open_history(content))


@few
@given(histories(), histories())
def test_merging_commutes(mine: bytes, theirs: bytes) -> None:
    assert merged(mine, theirs) == merged(theirs, mine)


@few
@given(histories(most_rows=3), histories(most_rows=3), histories(most_rows=3))
def test_merging_associates(first: bytes, second: bytes, third: bytes) -> None:
    assert merged(first, second, third) == merged(first, merged(second, third))


@few
@given(histories())
def test_merging_a_history_with_itself_changes_nothing(content: bytes) -> None:
    once = exported(content)
    assert merged(content, content) == once
    assert merged(once, content) == once


@few
@given(histories(), histories())
def test_merging_again_changes_nothing(mine: bytes, theirs: bytes) -> None:
    together = merged(mine, theirs)
    assert merged(together, theirs) == together
    assert merged(together, mine) == together


@few
@given(histories(), histories())
def test_what_was_merged_in_memory_loads_as_it_is(mine: bytes, theirs: bytes) -> None:
    together = merged(mine, theirs)
    assert exported(together) == together


@few
@given(histories())
def test_an_empty_history_adds_nothing(content: bytes) -> None:
    history = open_history(content)
    rows = history.rows("select * from commits")
    history.merge(b"")
    assert history.rows("select * from commits") == rows
    history.close()


@few
@given(histories(), histories())
def test_no_row_without_a_run_is_lost(mine: bytes, theirs: bytes) -> None:
    query = (
        "select repository, commit_sha, branch, recorded_at::varchar as recorded_at, metrics from "
        "(from commits union all by name from commits_repeated) where nullif(workflow_run_id, '') is null"
    )

    def counted(content: bytes) -> Counter[tuple[object, ...]]:
        history = open_history(content)
        rows = Counter(tuple(row.values()) for row in history.rows(query))
        history.close()
        return rows

    together = counted(merged(mine, theirs))
    for content in (mine, theirs):
        assert not counted(content) - together


def test_of_two_rows_of_one_run_attempt_the_newer_one_stays() -> None:
    older = csv_bytes([ROW | {"workflow_status": "unknown"}])
    newer = csv_bytes([ROW | {"recorded_at": "2026-11-22T19:20:00Z", "workflow_status": "success"}])
    assert merged(older, newer) == merged(newer, older) == exported(newer)


@pytest.mark.parametrize("count_theirs", [1, 3])
def test_what_one_side_has_beside_what_it_needs_stays_as_often_as_the_side_has_it_that_has_more(
    count_theirs: int,
) -> None:
    """Copies of a report, and reports that a later one of the same file writes over, are nobody's to take away."""
    older = ROW | {"workflow_status": "unknown"}
    newer = ROW | {"recorded_at": "2026-11-22T19:20:00Z", "workflow_status": "success"}
    newest = ROW | {"recorded_at": "2026-11-22T19:30:00Z", "workflow_status": "failure"}
    mine = csv_bytes([older, newer, newer])
    theirs = csv_bytes([newer] * count_theirs + [newest])
    assert merged(mine, theirs) == merged(theirs, mine)
    lines = Counter(merged(mine, theirs).splitlines())
    kept = {row["recorded_at"]: csv_bytes([row]).splitlines()[1] for row in (older, newer, newest)}
    needless = max(1, count_theirs)  # Of `newer`: mine needs one of its two, theirs none of its own.
    assert [lines[line] for line in kept.values()] == [1, needless, 1]


def test_another_attempt_is_another_row() -> None:
    history = open_history(csv_bytes([ROW]))
    history.merge(csv_bytes([ROW | {"run_attempt": "2"}]))
    assert history.count_rows == 2


def test_columns_that_differ_in_case_alone_stay_apart() -> None:
    mine = csv_bytes([ROW | {"note": "mine"}], [*COLUMN_NAMES, "note"])
    theirs = csv_bytes([ROW | {"workflow_run_id": "72", "Note": "theirs"}], [*COLUMN_NAMES, "Note"])
    together = merged(mine, theirs)
    assert together == merged(theirs, mine)
    header, *lines = together.decode().splitlines()
    assert header.endswith(",Note,note")
    assert [line.rsplit(",", 2)[1:] for line in lines] == [["", "mine"], ["theirs", ""]]


def test_histories_of_different_layouts_merge() -> None:
    older = (
        "timestamp_toronto,branch,author,commit_sha,commit_message,workflow_status,is_trained,cause\n"
        "2026-01-02 03:04:05,main,Ada,b1,Train,success,true,Data\n"
    )
    history = open_history(csv_bytes([ROW]))
    history.merge(older)
    assert [
        row["commit_sha"] for row in history.rows("select commit_sha from commits order by recorded_at")
    ] == [
        "b1",
        "a" * 40,
    ]
    assert merged(older.encode(), csv_bytes([ROW])) == history.to_csv()


def test_a_history_merges_with_a_history() -> None:
    mine, theirs = open_history(csv_bytes([ROW])), open_history(csv_bytes([ROW | {"workflow_run_id": "72"}]))
    mine.merge(theirs)
    assert mine.count_rows == 2
    assert theirs.count_rows == 1


def test_a_history_with_fewer_columns_leaves_the_columns_in_their_places() -> None:
    columns = ["note", *COLUMN_NAMES]
    mine, theirs = csv_bytes([ROW | {"note": "x"}], columns), csv_bytes([ROW | {"workflow_run_id": "72"}])
    assert merged(mine, theirs) == merged(theirs, mine)
    assert merged(mine, theirs).startswith(b"note,repository,")


def test_lines_that_can_not_be_read_are_merged_too() -> None:
    mine = csv_bytes([ROW]) + b"two,fields\nx\nx\n"
    theirs = csv_bytes([]) + b"x\nanother,one\n"
    together = merged(mine, theirs)
    assert together == merged(theirs, mine)
    assert together.splitlines()[-4:] == [b"another,one", b"two,fields", b"x", b"x"]


@pytest.mark.parametrize("content", [b"no,history\n1,2\n", b"\xff\xfea\x00", b'"open\n'])
def test_what_is_no_history_is_refused_and_changes_nothing(content: bytes) -> None:
    history = open_history(csv_bytes([ROW]) + b"two,fields\n")
    before = history.to_csv(), history.rows("select * from rejected_rows")
    with pytest.raises(CsvError, match="line 1"):
        history.merge(content)
    assert (history.to_csv(), history.rows("select * from rejected_rows")) == before


def test_merging_the_same_history_late_does_not_disorder_the_rows() -> None:
    rows = [ROW | {"workflow_run_id": str(n), "recorded_at": f"2026-11-22T19:17:{n:02}Z"} for n in range(20)]
    assert merged(csv_bytes(rows[::2]), csv_bytes(rows[1::2])) == csv_bytes(rows)


def appended(content: bytes, *rows: dict[str, object]) -> bytes:
    history = open_history(content)
    for row in rows:
        history.append(row)
    return closed(history)


NEW = {
    "repository": "octo/model",
    "commit_sha": "b" * 40,
    "recorded_at": datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC),
    "workflow_run_id": "72",
    "run_attempt": 1,
    "metrics": {"loss": float("nan"), "accuracy": 0.5},
}


@few
@given(histories())
def test_appending_is_merging_one_row(content: bytes) -> None:
    one_row = appended(b"", NEW)
    assert appended(content, NEW) == merged(content, one_row)


@few
@given(histories())
def test_appending_twice_is_appending_once(content: bytes) -> None:
    once = appended(content, NEW)
    assert appended(content, NEW, NEW) == once
    assert appended(once, NEW) == once


def test_a_row_without_a_run_is_appended_once() -> None:
    row = {key: value for key, value in NEW.items() if key != "workflow_run_id"}
    assert appended(b"", row, row).count(b"\n") == 2


def test_the_same_run_attempt_reporting_again_updates_its_row() -> None:
    again = NEW | {"recorded_at": datetime(2026, 11, 23, 1, 9, tzinfo=UTC), "workflow_status": "success"}
    history = open_history(csv_bytes([ROW]))
    history.append(NEW)
    history.append(again)
    assert [row["workflow_status"] for row in history.rows("select workflow_status from commits")] == [
        None,
        "success",
    ]


def test_a_row_that_is_older_than_the_last_takes_its_place_in_time() -> None:
    history = open_history(csv_bytes([ROW]))
    history.append(NEW | {"recorded_at": datetime(2026, 1, 1, tzinfo=UTC)})
    assert [row["workflow_run_id"] for row in history.rows("select workflow_run_id from commits")] == [
        "72",
        "71",
    ]


def test_numbers_that_json_has_no_word_for_are_texts() -> None:
    metrics = {"a": float("nan"), "b": float("inf"), "c": float("-inf"), "d": [float("nan")]}
    history = open_history(None)
    history.append(NEW | {"metrics": metrics})
    (row,) = history.rows("select metrics from commits")
    assert json.loads(row["metrics"]) == {"a": "NaN", "b": "Infinity", "c": "-Infinity", "d": ["NaN"]}


@pytest.mark.parametrize(
    "wrong",
    [{"metrics": "no JSON"}, {"run_attempt": 1.5}, {"recorded_at": "yesterday"}, {"no_such_column": 1}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_value_that_could_not_be_read_again_is_refused(wrong: dict[str, object]) -> None:
    history = open_history(csv_bytes([ROW]))
    before = history.to_csv()
    with pytest.raises(HistoryError):
        history.append(NEW | wrong)
    assert history.to_csv() == before


def test_a_text_that_is_no_unicode_is_kept_as_far_as_it_can_be() -> None:
    history = open_history(None)
    history.append(NEW | {"commit_message": "caf\udce9", "params": {"name": "\ud800"}})
    assert open_history(history.to_csv()).count_rows == 1
