"""Which layout a header belongs to, and what becomes of columns that it does not know."""

import pytest
from devops_mlops_report.history import LayoutError, open_history
from devops_mlops_report.history.columns import COLUMN_NAMES
from devops_mlops_report.history.layouts import TODAY, Migration, all_migrations

LAYOUT_8 = next(step for step in all_migrations() if step.name == "prototype_8").required


def lines(*rows: tuple[str, ...]) -> str:
    return "".join(",".join(row) + "\n" for row in rows)


@pytest.mark.parametrize("step", all_migrations(), ids=lambda step: step.name)
def test_a_layout_is_recognised_in_any_order_and_with_columns_between(step: Migration) -> None:
    columns = step.required
    header = ("first", *reversed(columns), "last")
    assert open_history(lines(header)).layout == step.name


@pytest.mark.parametrize(
    "name", ["Reviewer", "metrics", "recorded_at", "Metrics", "AUTHOR", "select", 'a"b', "ü"]
)
def test_an_unknown_column_of_an_older_layout_is_kept(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    row = tuple("2026-01-02" if column == "timestamp_local" else "" for column in LAYOUT_8)
    history = open_history(lines((quoted, *LAYOUT_8), ("mine", *row)))
    header, cells = history.to_csv().decode().splitlines()
    kept = name + "_before" if name in COLUMN_NAMES else name
    assert header == ",".join([*COLUMN_NAMES, kept if '"' not in kept else quoted])
    assert cells.endswith(",mine")
    day = history.connection.execute("select recorded_at::date::varchar from commits").fetchall()
    assert day == [("2026-01-02",)]
    assert open_history(history.to_csv()).to_csv() == history.to_csv()


def test_columns_of_an_older_layout_that_todays_has_no_place_for_are_kept() -> None:
    step = next(step for step in all_migrations() if step.name == "prototype_2")
    row = tuple("" if column == "timestamp_toronto" else f"its {column}" for column in step.required)
    row = tuple("Yes" if cell.endswith("detected") else cell for cell in row)
    history = open_history(lines(step.required, row))
    names = ("changed_files_count", "script_path", "data_paths", "script_hit", "data_hit")
    kept = history.connection.execute(f"select {', '.join(names)} from commits").fetchall()  # noqa: S608
    assert kept == [tuple(f"its {name}" for name in names)]


@pytest.mark.parametrize(
    "header",
    [
        tuple(reversed(COLUMN_NAMES)),
        ("Reviewer", *COLUMN_NAMES[:9], "Metrics", *COLUMN_NAMES[9:], "note"),
        (*COLUMN_NAMES, "timestamp_local", "is_trained"),
    ],
)
def test_todays_layout_keeps_the_order_of_its_columns(header: tuple[str, ...]) -> None:
    values = {"recorded_at": "2026-01-02T03:04:05Z", "run_attempt": "1", "training_seconds": "1.5"}
    typed = {
        "jobs",
        "ci_metrics",
        "mlflow_project_detected",
        "committed_at",
        "changed_inputs",
        "params",
        "metrics",
    }
    row = tuple(values.get(name, "" if name in typed else f"its {name}") for name in header)
    history = open_history(lines(header, row))
    assert history.layout == TODAY
    assert history.to_csv().decode() == lines(header, row)


@pytest.mark.parametrize(
    ("header", "found", "missing"),
    [
        (tuple(name for name in COLUMN_NAMES if name != "metrics"), "today's", "metrics"),
        (tuple(name for name in LAYOUT_8 if name not in ("cause", "branch")), "prototype_8", "branch, cause"),
        (("Timestamp (Toronto)", "accuracy"), "plugin_wide", "commit_id"),
    ],
)
def test_an_unknown_layout_names_what_is_missing(header: tuple[str, ...], found: str, missing: str) -> None:
    with pytest.raises(LayoutError, match="unknown layout") as caught:
        open_history(lines(header, tuple("x" for _ in header)))
    assert found in str(caught.value)
    assert f"is missing: {missing};" in str(caught.value)


def test_a_header_that_resembles_nothing_says_what_was_found() -> None:
    with pytest.raises(LayoutError, match=r"found the columns 'date, price'; wanted the header"):
        open_history("date,price\n2026-01-01,5\n")
