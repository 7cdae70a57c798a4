"""What holds for every view, whatever the history: its file, its columns, its grain."""

import csv
import io
import json
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from devops_mlops_report.history import History, MetricRule, Settings, open_history, opening
from devops_mlops_report.history.columns import COLUMN_NAMES
from devops_mlops_report.history.queries import read_by
from devops_mlops_report.history.sql_files import View, folder, macros, plan_of, views

FOLDER = Path(__file__).parent
INVARIANTS = sorted((FOLDER / "invariants").glob("*.sql"))
MOST_LINES, MOST_LINES_OF_A_RECURSION = 130, 230

MEASUREMENT = ["repository", "branch", "commit_sha", "recorded_at", "kind", "metric", "value", "goal"]
CONTRACT = {
    "measurements": MEASUREMENT,
    "deltas": [
        *MEASUREMENT,
        *("previous_commit_sha", "previous_value", "delta", "delta_percent"),
        *("baseline_kind", "baseline_commit_sha", "baseline_value", "baseline_distance", "baseline_delta"),
        *("best_value", "is_best"),
    ],
    "trends": [*MEASUREMENT, "moving_average", "rolling_median", "rolling_mad", "slope", "run_number"],
    "regressions": [*MEASUREMENT, "verdict", "reason", "threshold", "score", "is_sharp", "standing"],
    "open_regressions": [
        *(
            "repository",
            "branch",
            "kind",
            "metric",
            "goal",
            "commit_sha",
            "recorded_at",
            "measured_commit_sha",
        ),
        *("value", "level", "reference_level", "change", "change_percent", "worse_since_commit_sha"),
        *("worse_since_at", "worse_since_author", "worse_since_message", "count_commits", "days"),
        *(
            "step_commits",
            "count_steps",
            "cause",
            "changed_inputs",
            "changed_params",
            "changed_data_sets",
            "changed_environment",
        ),
    ],
    "change_points": [
        *("repository", "branch", "metric", "commit_sha", "recorded_at"),
        *("before_mean", "after_mean", "change_percent", "score"),
    ],
    "highlight_trend": [
        *("repository", "branch", "metric", "goal", "position", "commit_sha", "recorded_at", "value"),
        *("moving_average", "previous_value", "delta", "delta_percent", "is_best", "verdict", "reason"),
    ],
    "latest_model": [
        *("repository", "branch", "commit_sha", "recorded_at", "mlflow_run_id", "model_name"),
        *("model_version", "metric", "value", "delta", "baseline_delta", "best_value", "verdict"),
    ],
    "jobs": [
        *("repository", "branch", "commit_sha", "workflow", "workflow_run_id", "run_attempt"),
        *("name", "conclusion", "duration_seconds"),
    ],
    "tests": [
        *("repository", "report", "branch", "commit_sha", "workflow", "workflow_run_id", "run_attempt"),
        *("name", "is_new", "is_flaky", "baseline_commit_sha"),
    ],
    "environment_changes": [
        *("repository", "report", "branch", "commit_sha", "workflow", "part", "old_value", "new_value"),
        "previous_commit_sha",
    ],
    "param_changes": ["commit_sha", "param", "old_value", "new_value"],
    "pipeline_health": [
        *("repository", "branch", "workflow", "count_runs", "success_rate", "current_streak"),
        *("median_duration_seconds", "latest_duration_seconds", "duration_verdict"),
    ],
}
"""Columns that users' scripts may rely on: a view may gain others, and never lose one of these."""

each_view = pytest.mark.parametrize("view", views(), ids=lambda view: view.name)


@each_view
def test_a_view_has_a_case(view: View) -> None:
    assert list((FOLDER / view.name).glob("*/expect.csv")), f"tests/views/{view.name}/ has no case"


@each_view
def test_a_view_opens_with_purpose_grain_and_units(view: View) -> None:
    assert view.purpose
    assert re.match(r"(at most )?one row per ", view.grain)
    assert view.units


@each_view
def test_a_view_is_short(view: View) -> None:
    most = MOST_LINES_OF_A_RECURSION if "with recursive" in view.select else MOST_LINES
    assert len(view.select.splitlines()) <= most


@each_view
def test_a_view_lists_its_columns(view: View) -> None:
    final = re.findall(r"^select\b(.*?)^from\b", view.select, flags=re.DOTALL | re.MULTILINE)
    assert final
    assert not [
        part for part in final if re.search(r"^\s*(distinct\s+)?(\w+\.)?\*", part, flags=re.MULTILINE)
    ]


@each_view
def test_no_step_within_a_view_bears_the_name_of_a_table(view: View) -> None:
    with open_history(None) as history:
        tables = {
            name
            for (name,) in history.connection.execute("select table_name from duckdb_tables()").fetchall()
        }
        defined = read_by(history.connection, view.select).defined
    assert not defined & {*tables, *(other.name for other in views())} - {view.name}


def test_public_views_are_those_of_the_contract() -> None:
    assert {view.name for view in views() if view.is_public} == set(CONTRACT)


@pytest.mark.parametrize(
    "subject", sorted({view.folder for view in views()}), ids=lambda subject: subject or "views"
)
def test_the_drawing_of_a_folder_shows_what_reads_what(subject: str) -> None:
    drawing = folder("views").joinpath(subject, "README.md").read_text(encoding="utf-8")
    wanted = {(read, view.name) for view in views() if view.folder == subject for read in view.reads}
    drawn = {
        (read, reader)
        for line in drawing.splitlines()
        if "-->" in line
        for read in re.split(r"\s*&\s*", line.split("-->")[0].strip())
        for reader in re.split(r"\s*&\s*", line.split("-->")[1].strip())
    }
    assert drawn == wanted


@pytest.mark.parametrize("name", CONTRACT)
def test_a_public_view_has_the_columns_of_the_contract(name: str) -> None:
    columns = open_history(None).sql(f"select * from {name}").columns  # noqa: S608
    assert [column for column in CONTRACT[name] if column not in columns] == []


@each_view
def test_an_empty_history_gives_an_empty_view(view: View) -> None:
    assert open_history(None).rows(f"select * from {view.name}") == []  # noqa: S608


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda file: file.stem)
@pytest.mark.parametrize("seed", range(8))
def test_an_invariant_holds_for_a_random_history(
    seed: int, invariant: Path, histories: dict[int, History]
) -> None:
    assert histories[seed].rows(invariant.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_report_is_told_of_its_lines_what_the_whole_history_says_of_them(seed: int) -> None:
    history = random_history(seed)
    own = "where report = 'second' and (kind = 'ml' or workflow = 'ci') order by recorded_order, kind, metric"
    told = [f"select * exclude (line_id) from {view} {own}" for view in ("deltas", "regressions", "trends")]  # noqa: S608
    whole = [repr(history.rows(query)) for query in told]
    assert all("second" in answer for answer in whole)
    history.change_settings(replace(history.settings, report="second", workflow="ci"))
    assert [repr(history.rows(query)) for query in told] == whole
    assert history.rows("select distinct report, workflow from measurements order by all") == [
        {"report": "second", "workflow": ""},
        {"report": "second", "workflow": "ci"},
    ]


@pytest.mark.parametrize("seed", range(1, 3))
def test_a_small_history_is_told_what_one_with_every_optimizer_is(
    histories: dict[int, History], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "SMALL_HISTORY", 0)
    optimized = random_history(seed)
    for history, is_small in ((histories[seed], True), (optimized, False)):
        [(disabled,)] = history.connection.execute("select current_setting('disabled_optimizers')").fetchall()
        assert bool(disabled) == is_small
    for view in views():
        told, expected = (
            sorted(map(repr, history.rows(f"from {view.name}"))) for history in (histories[seed], optimized)
        )
        assert told == expected, view.name


def test_no_statement_asks_a_macro_for_what_is_a_number() -> None:
    text = folder("views").joinpath("macros.sql").read_text()
    limits = re.findall(r"macro (\w+)\(\) as [0-9.e-]+;", text)
    assert {"sure", "longest_base"} < set(limits)
    for statement in (macros(), *(plan_of(view.select).text for view in views())):
        assert not [limit for limit in limits if re.search(rf"\b{limit}\(\)", statement)]


@pytest.fixture(scope="module")
def histories() -> dict[int, History]:
    """A history per seed: every second one is a report's, with an ancestry."""
    return {seed: random_history(seed) for seed in range(8)}


def random_history(seed: int) -> History:
    """Several repositories and branches; re-runs, copies, gaps, ties; numbers of every kind."""
    dice = random.Random(seed)
    shas = [f"{dice.getrandbits(160):040x}" for _ in range(60)]
    rows = [random_row(dice, shas, at) for at in range(250)]
    rows += dice.sample(rows, 10)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMN_NAMES, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    is_report = seed % 2 == 1
    history = open_history(
        text.getvalue(),
        Settings(
            highlight_metric="val_accuracy",
            baseline=dice.choice(["previous", "default_branch", "best"]),
            trend_window=dice.choice([3, 10]),
            repository="owner/one" if is_report else None,
            branch="feature" if is_report else None,
            commit_sha=shas[-1] if is_report else None,
            metric_rules=(
                MetricRule("odd", goal="minimize", baseline="best"),
                MetricRule("rmse", baseline="default_branch"),
            ),
        ),
    )
    if is_report:
        depth = dice.choice([1, 5, 40])
        history.set_ancestry((sha, distance) for distance, sha in enumerate(reversed(shas[-depth:])))
    assert history.rejected == ()
    return history


def random_row(dice: random.Random, shas: list[str], at: int) -> dict[str, str]:
    """One row, at about its place in the course of the history."""
    place = min(len(shas) - 1, at * len(shas) // 250 + dice.choice([0, 0, 0, 0, 1, -5]))
    minute = at // 3
    row = {
        "repository": dice.choice(["owner/one", "owner/one", "owner/one", "owner/two", ""]),
        "commit_sha": dice.choice([shas[max(place, 0)]] * 20 + [""]),
        "branch": dice.choice(["main", "main", "main", "feature", "dev", ""]),
        "recorded_at": f"2026-01-01T{minute // 60:02d}:{minute % 60:02d}:00Z" if dice.random() < 0.95 else "",
        "workflow": dice.choice(["ci", "ci", "train", ""]),
        "workflow_status": dice.choice(["success", "success", "failure", "cancelled", "unknown", ""]),
        "workflow_run_id": dice.choice(["", str(at), str(at // 2)]),
        "run_attempt": dice.choice(["1", "1", "2", ""]),
        "report": dice.choice(["", "", "", "second"]),
        "training": dice.choice(["trained", "trained", "failed", "none", ""]),
    }
    if dice.random() < 0.8:
        row["metrics"] = random_numbers(dice, ["val_accuracy", "loss", "rmse", "odd", "nothing known"])
        row["params"] = json.dumps({"lr": dice.choice(["0.1", "0.2"]), dice.choice("ab/"): "1"})
    if dice.random() < 0.6:
        row["ci_metrics"] = random_numbers(dice, ["duration_seconds", "tests_failed", "val_accuracy"])
    return row


def random_numbers(dice: random.Random, names: list[str]) -> str:
    """A JSON object of some of the names; few values, so that many are equal."""
    values = [0, 0.0, 0.5, 0.25, 1, -1, 0.9, 12, 1e300, -1e-300, "NaN", "Infinity", "-Infinity", None, "text"]
    return json.dumps({name: dice.choice(values) for name in names if dice.random() < 0.7})


def test_trainings_with_thousands_of_params_and_long_texts_are_compared_in_little_memory() -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMN_NAMES, lineterminator="\n")
    writer.writeheader()
    for at in (1, 2):
        params = json.dumps({f"p{number}": f"{number * at} {'x' * 300}" for number in range(2000)})
        row = {"repository": "owner/one", "branch": "main", "workflow_run_id": str(at), "training": "trained"}
        times = {"commit_sha": str(at) * 40, "recorded_at": f"2026-01-01T00:0{at}:00Z"}
        writer.writerow(row | times | {"params": params})
    with open_history(text.getvalue()) as history:
        history.limit(None, memory="300MB")
        assert history.rows("select count(*) as n, min(rank) as first from param_changes") == [
            {"n": 1999, "first": 1}
        ]
