"""Old rows move to an archive and are never lost: both files together are the history, whenever a process ends."""

from collections import Counter
from dataclasses import replace

import pytest
from csv_samples import ROW, csv_bytes, examples, histories, many_rows
from devops_mlops_report.history import CsvError, History, Settings, open_history
from devops_mlops_report.history.csv_reader import as_file
from hypothesis import given
from hypothesis import strategies as st

KEEP_20 = Settings(keep=20)


def archive_of(history: History) -> bytes:
    with as_file(b"") as path:
        history.write_archive(path)
        return path.read_bytes()


def lines(content: bytes) -> Counter[bytes]:
    return Counter(content.splitlines(keepends=True)[1:])


def test_the_newest_rows_stay_and_the_views_read_both() -> None:
    history = open_history(csv_bytes(many_rows(30)), KEEP_20)
    before = history.rows("select * from deltas order by recorded_order")

    assert history.archive_old() == 10

    assert (history.count_rows, history.count_archived) == (20, 10)
    assert lines(history.to_csv()) == lines(csv_bytes(many_rows(30)[10:]))
    assert lines(archive_of(history)) == lines(csv_bytes(many_rows(30)[:10]))
    assert history.rows("select * from deltas order by recorded_order") == before

    again = open_history(history.to_csv(), KEEP_20, archive_of(history))
    assert again.rows("select * from deltas order by recorded_order") == before
    assert (again.count_rows, again.count_archived) == (20, 10)


def test_one_row_alone_in_the_archive_stays_there() -> None:
    rows = many_rows(5)
    history = open_history(csv_bytes(rows[1:]), Settings(), csv_bytes(rows[:1]))
    assert (history.count_rows, history.count_archived) == (4, 1)
    assert lines(history.to_csv()) == lines(csv_bytes(rows[1:]))
    assert lines(archive_of(history)) == lines(csv_bytes(rows[:1]))


def test_a_tenth_beyond_the_limit_is_let_pass() -> None:
    assert open_history(csv_bytes(many_rows(22)), KEEP_20).archive_old() == 0
    assert open_history(csv_bytes(many_rows(23)), KEEP_20).archive_old() == 3


def test_age_counts_from_the_newest_row_and_not_by_a_clock() -> None:
    days = [f"2020-01-{day:02}T00:00:00Z" for day in range(1, 31)]
    rows = [ROW | {"workflow_run_id": str(place), "recorded_at": day} for place, day in enumerate(days)]
    history = open_history(csv_bytes(rows), Settings(keep_days=10))

    assert history.archive_old() == 19

    assert history.rows("select min(recorded_at)::date::varchar as day from commits") == [
        {"day": "2020-01-01"}
    ]
    assert history.to_csv() == csv_bytes(rows[19:])


def test_without_a_limit_everything_stays() -> None:
    history = open_history(csv_bytes(many_rows(30)))
    assert history.archive_old() == 0
    assert history.count_rows == 30


def test_a_row_without_a_time_is_older_than_every_other() -> None:
    rows = [ROW | {"workflow_run_id": "none", "recorded_at": ""}, *many_rows(25)]
    history = open_history(csv_bytes(rows), KEEP_20)
    assert history.archive_old() == 6
    assert csv_bytes(rows[:1]).splitlines()[1] in archive_of(history).splitlines()


def test_a_row_in_both_files_counts_once_as_after_a_crash_between_them() -> None:
    everything = csv_bytes(many_rows(30))
    history = open_history(everything, KEEP_20)
    history.archive_old()

    crashed = open_history(everything, KEEP_20, archive_of(history))

    assert crashed.sql("select count(*) from commits").fetchall() == [(30,)]
    assert (crashed.count_rows, crashed.count_archived) == (20, 10)
    assert (crashed.to_csv(), archive_of(crashed)) == (history.to_csv(), archive_of(history))


def test_a_run_that_reports_again_updates_its_archived_row() -> None:
    history = open_history(csv_bytes(many_rows(30)), KEEP_20)
    history.archive_old()
    later = ROW | {
        "commit_sha": f"{0:040x}",
        "workflow_run_id": "1000",
        "recorded_at": "2027-01-01T00:00:00Z",
    }

    history.merge(csv_bytes([later | {"training": "failed"}]))

    assert history.rows("select training from commits where commit_sha = ?", [f"{0:040x}"]) == [
        {"training": "failed"}
    ]
    assert b"failed" in history.to_csv()
    assert lines(archive_of(history)) == lines(csv_bytes(many_rows(30)[1:10]))
    again = open_history(history.to_csv(), KEEP_20, csv_bytes(many_rows(30)[:10]))
    assert (again.to_csv(), archive_of(again)) == (history.to_csv(), archive_of(history))


def test_two_writers_who_archive_apart_agree() -> None:
    rows = many_rows(40)
    one, two = (open_history(csv_bytes(rows[:30]), KEEP_20) for _ in range(2))
    one.merge(csv_bytes(rows[30:]))
    one.archive_old()

    two.merge(one.to_csv())
    two.merge_archive(archive_of(one))
    two.archive_old()

    assert (two.to_csv(), archive_of(two)) == (one.to_csv(), archive_of(one))


def test_lines_that_cannot_be_read_stay_in_their_file() -> None:
    history = open_history(csv_bytes(many_rows(3)) + b"mine\n", archive=csv_bytes(many_rows(2)) + b"old\n")
    assert history.to_csv().endswith(b"mine\n")
    assert archive_of(history).endswith(b"old\n")
    assert sorted(row["text"] for row in history.rows("from rejected_rows")) == ["mine", "old"]


def test_an_archive_that_is_no_history_is_an_error_of_its_own() -> None:
    with pytest.raises(CsvError, match="line 1"):
        open_history(csv_bytes(many_rows(3)), archive=b"<html>\n")


@examples(15)
@given(histories(), st.integers(1, 4), histories())
def test_whatever_the_file_holds_both_together_hold_it(content: bytes, keep: int, more: bytes) -> None:
    whole = open_history(content)
    split = open_history(content, replace(KEEP_20, keep=keep))
    assert all_of(split) == all_of(whole)

    split.archive_old()
    assert all_of(split) == all_of(whole)

    again = open_history(split.to_csv(), split.settings, archive_of(split))
    assert all_of(again) == all_of(whole)
    again.merge(more)
    again.archive_old()
    whole.merge(more)
    assert all_of(again) == all_of(whole)


def all_of(history: History) -> tuple[list[dict[str, object]], Counter[bytes]]:
    """The rows that the views see, and the lines that can't be read."""
    rows = history.rows("from commits order by all")
    return rows, Counter(record.raw for record in history.rejected)
