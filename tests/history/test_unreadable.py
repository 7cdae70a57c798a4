"""What can't be read stays in the file byte for byte, run after run, with the header that it belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest
from csv_samples import ROW, csv_bytes, examples
from devops_mlops_report.history import History, open_history
from devops_mlops_report.history.columns import COLUMN_NAMES
from devops_mlops_report.history.csv_records import GUARD, Record
from devops_mlops_report.history.layouts import all_migrations
from devops_mlops_report.history.unreadable import MOST_SECTIONS, SECTION
from hypothesis import example, given
from hypothesis import strategies as st

OLD = next(step for step in all_migrations() if step.name == "prototype_8").required
HEADERS = [COLUMN_NAMES, (*COLUMN_NAMES, "note"), *(step.required for step in all_migrations())]
PARAGRAPHS = '"first paragraph\n\nsecond paragraph"'


def line(names: tuple[str, ...], **cells: str) -> bytes:
    return ",".join(cells.get(name, "") for name in names).encode() + b"\n"


def kept(history: History) -> list[tuple[bytes, str | None, tuple[str, ...]]]:
    return sorted((record.raw, record.reason, record.header) for record in history.rejected)


def stays(content: bytes) -> History:
    """The history of the content, once it is proved that two more runs keep what this one could not read."""
    history = open_history(content)
    written = history.to_csv()
    for _ in range(2):
        again = open_history(written)
        assert kept(again) == kept(history)
        assert again.count_rows == history.count_rows
        assert again.to_csv() == written
    return history


PIECES = (
    '"', '"', ",", "\n", "\n", "\r\n", "\r", "a", "1", " ", "é", "\0", "#", "\t", "\udcff",
    '"a,b', 'x"', "2026-01-02 03:04:05", "," * 12, "," * 13, "," * 27, '"p\n\nq"' + "," * 13, PARAGRAPHS,
    f"\n{GUARD.decode()}\n", f"\n{SECTION.decode()}\n", f"\n{SECTION.decode()}\n{','.join(OLD)}\n",
    f"\n{','.join(COLUMN_NAMES)}\n",
)  # fmt: skip


@examples(40)
@given(st.sampled_from(HEADERS), st.sampled_from(["\n", "\r\n", "\r"]), st.lists(st.sampled_from(PIECES)))
@example(COLUMN_NAMES, "\n", ['"a,b', "\n", "1", "," * 27, "\n", 'x"', "\n"])
@example(OLD, "\n", ["x,", PARAGRAPHS, "," * 11, "\n"])
@example(OLD, "\r", ['"a,b', "\r", "\r", 'x"'])
@example(COLUMN_NAMES, "\n", ['"a,b', "\r", "\r\n", "\n", " ", "\n", "a", "\r", "\r\n"])
def test_whatever_bytes_can_not_be_read_stay_with_their_reasons(
    header: tuple[str, ...], ending: str, pieces: list[str]
) -> None:
    stays((",".join(header) + ending + "".join(pieces)).encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("names", HEADERS, ids=lambda names: f"{len(names)} columns")
def test_a_cell_of_several_paragraphs_stays_whole(names: tuple[str, ...]) -> None:
    text = "commit_message" if "commit_message" in names else "branch"
    time = next(name for name in names if name in COLUMN_NAMES[9:10] or name.lower().startswith("timestamp"))
    row = line(names, **{text: PARAGRAPHS, time: "some day"})
    history = stays(line(names, **dict(zip(names, names, strict=True))) + row)
    assert [record.raw for record in history.rejected] == [row[:-1]]
    assert row in history.to_csv()


def test_blank_lines_after_an_open_quote_stay() -> None:
    broken = b'x,"first paragraph\n\n \r\n\nsecond paragraph",y\n'
    history = stays(csv_bytes([ROW]) + broken + b"\n\n")
    assert history.to_csv() == csv_bytes([ROW]) + broken


def test_carriage_returns_before_a_line_end_stay() -> None:
    history = stays(csv_bytes([ROW]) + b"x\r\r\r\ny\r\n")
    assert history.to_csv() == csv_bytes([ROW]) + b"x\r\r\r\ny\n"


def test_lines_that_together_would_be_a_row_are_kept_apart() -> None:
    first, between, last = (
        b'1,"open',
        b'3,4"x' + b"," * (len(COLUMN_NAMES) - 2),
        b'foo"' + b"," * (len(COLUMN_NAMES) - 2),
    )
    history = stays(b"\n".join([csv_bytes([]).rstrip(b"\n"), first, between, last, b""]))
    assert [record.raw for record in history.rejected] == [first, last]
    assert history.count_rows == 1
    assert GUARD in history.to_csv()


def test_a_line_of_an_older_layout_stands_below_its_own_header() -> None:
    row = line(OLD, timestamp_local="some day", branch="main")
    history = stays(line(OLD, **dict(zip(OLD, OLD, strict=True))) + row)
    assert history.to_csv() == csv_bytes([]) + SECTION + b"\n" + ",".join(OLD).encode() + b"\n" + row


def test_a_line_that_somebody_mended_is_a_row_again() -> None:
    row = line(OLD, timestamp_local="some day", branch="main", commit_sha="b1")
    good = line(OLD, timestamp_local="2026-01-02 03:04:05", branch="main", commit_sha="b2")
    written = open_history(line(OLD, **dict(zip(OLD, OLD, strict=True))) + row + good).to_csv()

    mended = open_history(written.replace(b"some day", b"2026-01-01 00:00:00"))

    assert not mended.rejected
    assert mended.rows("select commit_sha, recorded_at::varchar as at from commits") == [
        {"commit_sha": "b1", "at": "2026-01-01 00:00:00"},
        {"commit_sha": "b2", "at": "2026-01-02 03:04:05"},
    ]
    assert SECTION not in mended.to_csv()


def test_a_mended_line_brings_the_columns_that_only_it_has() -> None:
    header = (*COLUMN_NAMES, "note")
    section = SECTION + b"\n" + ",".join(header).encode() + b"\n"
    history = stays(csv_bytes([ROW]) + section + line(header, commit_sha="b1", note="mine") + b"x\n")
    assert history.rows("select commit_sha, note from commits order by commit_sha desc") == [
        {"commit_sha": "b1", "note": "mine"},
        {"commit_sha": "a" * 40, "note": None},
    ]
    assert kept(history) == [(b"x", f"found 1 fields, wanted {len(header)}", header)]


def test_lines_keep_their_header_when_a_merge_adds_columns() -> None:
    bad = line(COLUMN_NAMES, commit_message=PARAGRAPHS, recorded_at="some day")
    mine, theirs = csv_bytes([ROW]) + bad, csv_bytes([ROW | {"note": "x"}], [*COLUMN_NAMES, "note"]) + b"x\n"
    one, two = open_history(mine), open_history(theirs)
    one.merge(theirs)
    two.merge(mine)
    assert one.to_csv() == two.to_csv()
    assert [(record.raw, record.header) for record in stays(one.to_csv()).rejected] == [
        (b"x", (*COLUMN_NAMES, "note")),
        (bad[:-1], COLUMN_NAMES),
    ]


def test_a_line_that_was_merged_in_keeps_its_reason() -> None:
    history = open_history(csv_bytes([ROW]) + b"x\n")
    history.merge(csv_bytes([]) + b"x,y\n")
    assert history.rows("select text, reason from rejected_rows order by text") == [
        {"text": "x", "reason": f"found 1 fields, wanted {len(COLUMN_NAMES)}"},
        {"text": "x,y", "reason": f"found 2 fields, wanted {len(COLUMN_NAMES)}"},
    ]


def test_the_line_of_a_record_is_that_of_the_file() -> None:
    section = SECTION + b"\n" + ",".join(OLD).encode() + b"\nold\n"
    history = open_history(csv_bytes([ROW | {"commit_message": "one\ntwo"}]) + b"\nx\n" + section)
    assert [(record.line, record.raw) for record in history.rejected] == [(5, b"x"), (8, b"old")]


def test_a_mark_without_a_header_is_a_line_like_others() -> None:
    history = stays(csv_bytes([ROW]) + SECTION + b"\nno,history\n")
    assert [record.raw for record in history.rejected] == [SECTION, b"no,history"]


def test_marks_beyond_a_bound_are_lines_like_others() -> None:
    section = SECTION + b"\n" + ",".join(OLD).encode() + b"\nold\n"
    history = stays(csv_bytes([ROW]) + section * (MOST_SECTIONS + 1))
    assert len(history.rejected) == MOST_SECTIONS + 1 + 2 * 2
    assert history.count_rows == 1


def test_an_export_of_everything_holds_the_lines_of_the_archive(tmp_path: Path) -> None:
    old = line(COLUMN_NAMES, **dict(zip(COLUMN_NAMES, COLUMN_NAMES, strict=True))) + b"old\n"
    history = open_history(csv_bytes([ROW]) + b"x\n", archive=old)
    history.write_all(tmp_path / "all.csv")
    alone = open_history(tmp_path / "all.csv")
    assert kept(alone) == sorted(
        (raw, f"found 1 fields, wanted {len(COLUMN_NAMES)}", COLUMN_NAMES) for raw in (b"old", b"x")
    )


def test_a_record_knows_its_header() -> None:
    (record,) = open_history(csv_bytes([ROW]) + b"x\n").rejected
    assert record == Record(3, b"x", f"found 1 fields, wanted {len(COLUMN_NAMES)}", COLUMN_NAMES)
