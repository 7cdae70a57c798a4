"""What each view answers: one folder a case, `tests/views/<view>/<case>/`.

`given.csv`     rows of the history; only the columns that matter. `metrics/loss`, `ci_metrics/tests_total`,
                `params/lr` give single entries of the JSON objects (an empty cell: no such entry).
`expect.csv`    the columns to compare, and every row that the view gives. `NULL` is NULL, nothing is the
                empty text, `NaN` is NaN; numbers are compared by their first nine digits.
`settings.yml`  fields of `Settings`, where the case needs any.
                `focus_on` names the metrics that a report is about, `answer_for` the commits that it shows,
                `accepted_changes` commits.
`ancestry.csv`  `commit_sha,distance`, where the case has a checkout, and `merge_distance`, where it has merges;
                `releases.csv`  `commit_sha,tag`.

A column `rule` in front says in words what a row shows; it is not compared. Rows stand in the order of
`ORDER`. On a mismatch the actual rows are kept in `tests/.actual/views/`.
"""

import csv
import difflib
import io
import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from devops_mlops_report.history import AcceptedChange, History, MetricRule, Settings, open_history
from devops_mlops_report.history.columns import COLUMN_NAMES

FOLDER = Path(__file__).parent
ACTUAL = FOLDER.parent / ".actual" / "views"
CASES = sorted(file.parent for file in FOLDER.glob("*/*/expect.csv"))

ORDER = {
    "run_attempts": "recorded_order",
    "measurements": "repository, recorded_order, kind, metric",
    "reported_numbers": "recorded_order, kind, metric",
    "metric_points": "repository, line, line_branch, kind, metric, place",
    "deltas": "repository, recorded_order, kind, metric",
    "level_stretches": "line_id, number",
    "stretch_points": "line_id, position",
    "level_standings": "line_id, number",
    "standings": "line_id, place",
    "reasons": "line_id, place",
    "verdicts": "line_id, place",
    "newest_points": "line, line_branch, commit_sha, metric",
    "commit_standings": "line, line_branch, commit_sha, metric",
    "open_regressions": "branch, metric",
    "charted_lines": "metric, line_id",
    "change_beginnings": "metric, commit_sha",
    "line_ends": "line, branch",
    "commit_changes": "commit_sha",
    "out_of_bounds": "line_id, place",
    "trends": "repository, recorded_order, kind, metric",
    "regressions": "repository, recorded_order, kind, metric",
    "change_points": "repository, branch, kind, metric, recorded_at, commit_sha",
    "highlight_trend": None,  # It has an order of its own.
    "latest_model": "repository, branch",
    "param_changes": "repository, recorded_at, commit_sha, param",
    "pipeline_health": "repository, branch, workflow",
    "jobs": "recorded_order, place",
    "tests": "recorded_order, name",
    "environment_changes": "recorded_order, part",
    "tested_attempts": "recorded_order",
    "repeated_values": "recorded_order, metric",
    "compared_tests": "commit_sha, workflow",
    "known_environments": "recorded_order",
}
"""The order in which a case lists a view's rows; of a view that is not here, by all columns."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_view_answers_as_the_case_says(case: Path) -> None:
    columns, rows = read_table(case / "expect.csv")
    view = case.parent.name
    relation = load(case).sql(f"select * from {view}")  # noqa: S608
    missing = [column for column in columns if column not in relation.columns]
    assert not missing, f"{view} has no column {', '.join(missing)}; it has {', '.join(relation.columns)}"
    order = ORDER.get(view, "all")
    ordered = relation if order is None else relation.order(order)
    # Selected after the sort: a view may be ordered by a column that the case does not compare.
    places = [ordered.columns.index(column) for column in columns]
    actual = [[spelled(row[place]) for place in places] for row in ordered.fetchall()]
    numeric = [str(ordered.types[place]) == "DOUBLE" for place in places]
    expected = [
        [rounded(cell) if is_number else cell for cell, is_number in zip(row, numeric, strict=True)]
        for row in rows
    ]
    if actual != expected:
        pytest.fail(difference(view, case.name, columns, expected, actual), pytrace=False)


def load(case: Path) -> History:
    """The case's history, with its settings and its ancestry."""
    history = open_history(given_csv(case / "given.csv"), settings_of(case / "settings.yml"))
    ancestry = case / "ancestry.csv"
    if ancestry.exists():
        _, rows = read_table(ancestry)
        history.set_ancestry(
            (commit_sha, int(distance), int(merge[0] if merge else distance))
            for commit_sha, distance, *merge in rows
        )
    releases = case / "releases.csv"
    if releases.exists():
        history.set_release_tags((commit_sha, tag) for commit_sha, tag in read_table(releases)[1])
    if metrics := fields_of(case / "settings.yml").get("focus_on"):
        history.focus_on(metrics)
    if commits := fields_of(case / "settings.yml").get("answer_for"):
        history.answer_for(commits)
    assert not history.rejected, f"{case.name}: rows that can't be read: {history.rejected}"
    return history


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """The columns and the rows of a file of a case, without the column `rule`."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, strict=True)
    uneven = [line for line, row in enumerate(rows, 2) if len(row) != len(header)]
    assert not uneven, f"{path}: the lines {uneven} have another number of cells than the header"
    start = 1 if header[0] == "rule" else 0
    return header[start:], [row[start:] for row in rows]


def given_csv(path: Path) -> str:
    """The rows of `given.csv` as a CSV of today's layout."""
    columns, rows = read_table(path)
    unknown = [column for column in columns if column.partition("/")[0] not in COLUMN_NAMES]
    assert not unknown, f"{path}: today's layout has no column {', '.join(unknown)}"
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMN_NAMES, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        cells = dict(zip(columns, row, strict=True))
        whole = {name: cell for name, cell in cells.items() if "/" not in name}
        writer.writerow(whole | objects(cells))
    return text.getvalue()


def objects(cells: dict[str, str]) -> dict[str, str]:
    """The JSON objects that are given entry by entry."""
    found: dict[str, list[str]] = {}
    for name, cell in cells.items():
        column, _, key = name.partition("/")
        if key and cell:
            entry = f"{json.dumps(key)}:{cell if is_json_number(column, cell) else json.dumps(cell)}"
            found.setdefault(column, []).append(entry)
    return {column: "{" + ",".join(entries) + "}" for column, entries in found.items()}


def is_json_number(column: str, cell: str) -> bool:
    """Whether an entry stands without quotes: params are texts, and so is what JSON has no number for."""
    try:
        value = json.loads(cell)
    except ValueError:
        return False
    return column != "params" and isinstance(value, (int, float)) and math.isfinite(value)


def settings_of(path: Path) -> Settings:
    """The settings that a case asks for; without a file, the defaults."""
    fields = fields_of(path)
    for name in ("focus_on", "answer_for"):
        fields.pop(name, None)
    rules = tuple(MetricRule(**rule) for rule in fields.pop("metric_rules", ()))
    accepted = tuple(AcceptedChange(**change) for change in fields.pop("accepted_changes", ()))
    return Settings(**fields, metric_rules=rules, accepted_changes=accepted)


def fields_of(path: Path) -> dict[str, Any]:
    """What stands in a case's `settings.yml`; without a file, nothing."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


def spelled(value: object) -> str:
    """A value of the view as `expect.csv` spells it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return rounded(str(value))
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    return str(value)


def rounded(cell: str) -> str:
    """The spelling of a number: nine significant digits."""
    try:
        number = float(cell)
    except ValueError:
        return cell
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return f"{number or 0.0:.9g}"


def difference(
    view: str, case: str, columns: list[str], expected: list[list[str]], actual: list[list[str]]
) -> str:
    """What differs, row by row; the actual rows are written beside it, ready to be copied."""
    path = ACTUAL / view / f"{case}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *actual])
    wanted, found = (as_text([columns, *rows]) for rows in (expected, actual))
    lines = difflib.unified_diff(wanted, found, "expected", "actual", n=99, lineterm="")
    return "\n".join([f"{view}/{case}: the view answers otherwise (kept in {path})", *lines])


def as_text(rows: list[list[str]]) -> list[str]:
    """The rows with their columns aligned."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
