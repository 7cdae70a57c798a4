"""CSV texts of histories, and hypothesis strategies that make them."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence

from devops_mlops_report.history.columns import COLUMN_NAMES
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

ROW = {
    "repository": "octo/model",
    "commit_sha": "a" * 40,
    "branch": "main",
    "recorded_at": "2026-11-22T19:17:03Z",
    "workflow_run_id": "71",
    "run_attempt": "1",
    "training": "trained",
    "metrics": '{"loss":0.25}',
}
"""A row as good as any."""


def csv_bytes(rows: Iterable[Mapping[str, str]], columns: Sequence[str] = COLUMN_NAMES) -> bytes:
    """A CSV of these rows in which nothing is `None`, hence nothing quoted without need."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    # The names as they are: a header in which one is there twice is wanted now and then.
    csv.writer(text, lineterminator="\n").writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def many_rows(count: int) -> list[dict[str, str]]:
    """Rows of one branch, a minute apart."""
    return [
        ROW
        | {
            "commit_sha": f"{number:040x}",
            "recorded_at": f"2026-{1 + number // 40000:02}-{1 + number // 1440 % 28:02}"
            f"T{number // 60 % 24:02}:{number % 60:02}:00Z",
            "workflow_run_id": str(1000 + number),
            "metrics": json.dumps({"loss": round(1 / (number + 1), 6)}, separators=(",", ":")),
        }
        for number in range(count)
    ]


UNKNOWN_NAMES = ("note", "Note", "NOTE", "Metrics", "rowid", "note_2", "größe", "a,b", '"q"', "x y")
"""Names of columns that today's layout does not know: some differ in case alone, one is the database's own."""

# Few values each, so that keys meet, and so do rows that differ in one cell.
_CELLS = {
    "repository": st.sampled_from(["", "octo/model", "Octo/Model"]),
    "commit_sha": st.sampled_from(["", "a1", "12e4567"]),
    "workflow_run_id": st.sampled_from(["", "", "7", "8", "07"]),
    "run_attempt": st.sampled_from(["", "1", "2"]),
    "recorded_at": st.sampled_from(
        ["", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "0001-01-01T00:00:00Z"]
    ),
    "committed_at": st.sampled_from(["", "2025-12-31T23:59:59.5Z"]),
    "branch": st.sampled_from(["", "main", "=cmd|' /C calc'!A0", "multi\nline", 'q"q', " pad ", "é"]),
    "training_seconds": st.sampled_from(["", "1", "0.1", "1e+300"]),
    "mlflow_project_detected": st.sampled_from(["", "true", "false"]),
    "metrics": st.sampled_from(["", "{}", '{"loss":0.5}', '{"loss": 0.5}', '{"loss":"NaN"}', '{"auc":1}']),
    "report": st.sampled_from(["", "", "tiny"]),
    "training": st.sampled_from(["", "none", "trained"]),
    "environment": st.sampled_from(["", '{"os":"a"}', '{"os":"b","gpu":null}']),
}

UNREADABLE = (b"two,fields", b'stray"quote,x', b'"open', b"\xff\xfe,x", b"x", b"# a comment", b'a "b" c')
"""Lines that can't be read whatever the header is."""


@st.composite
def histories(draw: st.DrawFn, *, most_rows: int = 5) -> bytes:
    """A small history: rows with and without a run, several reports of a run, copies, unknown columns, bad lines."""
    unknown = draw(st.lists(st.sampled_from(UNKNOWN_NAMES), unique=True, max_size=3))
    columns = [*COLUMN_NAMES, *unknown]
    if unknown and draw(st.booleans()):
        columns = [unknown[0], *COLUMN_NAMES, *unknown[1:]]
    cells = _CELLS | dict.fromkeys(unknown, st.sampled_from(["", "x", "1"]))
    rows = draw(st.lists(st.fixed_dictionaries(cells), max_size=most_rows))
    copies = draw(st.lists(st.sampled_from(rows), max_size=2)) if rows else []
    lines = draw(st.lists(st.sampled_from(UNREADABLE), max_size=2))
    return csv_bytes([*rows, *copies], columns) + b"".join(line + b"\n" for line in lines)


def examples(count: int) -> settings:
    """As many examples, the same in each run; `EXAMPLES=10` in the environment gives ten times as many, anew."""
    factor = int(os.environ.get("EXAMPLES", "1"))
    return settings(
        derandomize=factor == 1,
        database=None,
        deadline=None,
        max_examples=count * factor,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
