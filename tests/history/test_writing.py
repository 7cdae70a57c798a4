"""The laws of reading and writing: nothing is lost, and what was written is written again as it is."""

from __future__ import annotations

import csv
import io

from devops_mlops_report.history import open_history
from devops_mlops_report.history.columns import COLUMN_NAMES
from hypothesis import given, settings
from hypothesis import strategies as st

LAW = settings(derandomize=True, max_examples=10, deadline=None)

_RUNS = st.sampled_from([("", ""), ("7", "1"), ("7", "2"), ("8", "1")])
_TEXTS = st.one_of(st.just(""), st.text(alphabet="ab,\"'\n\r=|é ", max_size=6))


@st.composite
def histories(draw: st.DrawFn) -> bytes:
    """CSVs with few distinct keys, so that rows collide: copies, older versions, unknown columns, broken lines."""
    unknown = draw(st.lists(st.sampled_from(["Metrics", "team", "Team", "x"]), unique=True, max_size=2))
    at = draw(st.integers(0, len(COLUMN_NAMES)))
    header = [*COLUMN_NAMES[:at], *unknown, *COLUMN_NAMES[at:]]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for _ in range(draw(st.integers(0, 5))):
        run, attempt = draw(_RUNS)
        row = dict.fromkeys(header, "") | {
            "commit_sha": draw(st.sampled_from(["a" * 40, "b" * 40])),
            "recorded_at": draw(st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", ""])),
            "workflow_run_id": run,
            "run_attempt": attempt,
            "commit_message": draw(_TEXTS),
            "metrics": draw(st.sampled_from(["", '{"acc":1}', '{"acc":"NaN"}'])),
        }
        row |= {name: draw(_TEXTS) for name in unknown}
        writer.writerow([row[name] for name in header])
    broken = draw(st.lists(st.sampled_from(["1,2", 'a"b', "\x00", "x" * 20, ',"']), max_size=2))
    return (text.getvalue() + "".join(f"{line}\n" for line in broken)).encode()


@LAW
@given(histories())
def test_writing_what_was_read_changes_nothing_any_more(content: bytes) -> None:
    written = open_history(content).to_csv()
    assert open_history(written).to_csv() == written


@LAW
@given(histories())
def test_every_value_and_every_broken_line_is_in_what_is_written(content: bytes) -> None:
    history = open_history(content)
    written = history.to_csv()
    assert all(line.raw in written for line in history.rejected)
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    count_broken = sum(len(line.raw.split(b"\n")) for line in history.rejected)
    assert history.count_rows + count_broken >= len([row for row in rows if row]) - 1


def test_a_copy_that_the_file_holds_stays_in_it_and_is_counted_once() -> None:
    line = ",".join("a" * 40 if name == "commit_sha" else "" for name in COLUMN_NAMES)
    content = f"{','.join(COLUMN_NAMES)}\n{line}\n{line}\n".encode()
    history = open_history(content)
    assert history.count_rows == 2
    assert history.sql("select count(*) from commits").fetchall() == [(1,)]
    assert history.to_csv() == content


def test_unknown_columns_stay_in_their_place_whatever_their_case() -> None:
    header = ["Metrics", *COLUMN_NAMES[:3], "team", *COLUMN_NAMES[3:]]
    values = ["kept" if name in ("Metrics", "team") else "" for name in header]
    content = f"{','.join(header)}\n{','.join(values)}\n".encode()
    assert open_history(content).to_csv() == content
