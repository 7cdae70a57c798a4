"""`devops-mlops-report explain`: what it says about typical verdicts, and what it can't explain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import run_here
from csv_samples import csv_bytes, many_rows

ACCURACIES = (0.9, 0.905, 0.903, 0.91, 0.908, 0.907, 0.911, 0.85, 0.851, 0.85, 0.78)
CONFIG = """\
version: 3
report: {highlight_metric: val_accuracy, sharp_delta: 0.3}
metrics: {val_accuracy: {max_drop: 0.1, on_regression: fail}}
"""


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Eleven commits: a drop at the eighth that the ninth confirms, and a fall below it at the last."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report-config.yml").write_text(CONFIG)
    rows = many_rows(len(ACCURACIES))
    for number, (row, accuracy) in enumerate(zip(rows, ACCURACIES, strict=True)):
        is_late = number >= 7
        row["commit_sha"] = f"{number:02}abcdef" + "0" * 32
        row["commit_message"] = "Try \x1b[31mred ::error::no"
        row["metrics"] = json.dumps({"val_accuracy": accuracy, "loss": 0.3})
        row["params"] = json.dumps(
            {"seed": str(number), "rate": "0.5" if is_late else "0.1", "mlflow.dataset.train": str(is_late)}
        )
        row["cause"], row["changed_inputs"] = ("Data", '["data.csv"]') if number == 7 else ("", "")
    (tmp_path / "history.csv").write_bytes(csv_bytes(rows))
    return tmp_path / "history.csv"


def _explain(*arguments: str) -> str:
    answer = run_here("explain", "--history", "history.csv", *arguments)
    assert (answer.code, answer.stderr) == (0, "")
    return answer.stdout


def test_a_confirmed_change_is_explained_from_the_level_to_what_else_changed(history: Path) -> None:
    text = _explain("08abcde")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for line in (
        "val_accuracy 0.851: still worse",
        "level 0.9063, of 7 commits",
        "standing confirms the suspicion on 07abcde",
        "leaves it worse than 0.9063, since 07abcde",
        "baseline previous default",
        "goal maximize the metric's name",
        "max_drop 0.1 metrics.val_accuracy.max_drop",
        "sharp_delta 0.3 report.sharp_delta",
        "on_regression fail metrics.val_accuracy.on_regression",
        "What else changed at 07abcde, against 06abcde",
        "the data data.csv",
        "Not explained (--metric does): loss (as usual)",
    ):
        assert line in lines, line
    assert text.index("the data set") < text.index("rate  0.1 → 0.5") < text.index("seed  6 → 7")
    assert "accept 07abcde --metric val_accuracy" in text


def test_the_commit_where_it_began_says_what_became_of_the_suspicion(history: Path) -> None:
    lines = [" ".join(line.split()) for line in _explain("07abcde").splitlines()]
    assert "val_accuracy 0.85: probably worse" in lines
    assert "standing confirmed at 08abcde" in lines
    assert not any("next commit" in line for line in lines)
    [metric] = json.loads(_explain("07abcde", "--format", "json"))["metrics"]
    assert (metric["outcome"]["commit_sha"][:7], metric["outcome"]["verdict"]) == ("08abcde", "regressed")


def test_the_values_are_drawn_beside_the_level_and_its_threshold(history: Path) -> None:
    """One row a commit, none wider than a terminal: what lies in the band is usual, what lies out of it is not."""
    drawn = _explain("07abcde").partition("The values (●)")[2].partition("Before and after")[0].splitlines()
    rows = {line.split()[0]: line for line in drawn if "┤" in line}
    assert list(rows) == [f"{number:02}abcde" for number in range(1, 11)]
    assert "←" in rows["07abcde"]
    assert max(map(len, drawn)) < 80
    usual = [
        sha for sha, row in rows.items() if "░" in row.partition("●")[0] and "░" in row.partition("●")[2]
    ]
    assert usual == [f"{number:02}abcde" for number in range(1, 7)]
    assert drawn[-2].split() == ["0.78", "0.9347"]


def test_what_comes_from_outside_is_shown_and_does_nothing(history: Path) -> None:
    text = _explain("08abcde")
    assert "red ::error::no" in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert "\x1b" not in text


def test_without_a_commit_the_newest_is_explained(history: Path) -> None:
    text = _explain()
    assert text.startswith("commit 10abcde on main")
    assert "val_accuracy 0.78: still worse\n" in text
    assert "not confirmed: the next commit decides" in text
    assert "one as far off confirms it" in text


def test_a_steady_metric_is_explained_when_it_is_named(history: Path) -> None:
    text = _explain("06abcde", "--metric", "loss")
    assert "loss 0.3: as usual" in text
    assert "val_accuracy 0" not in text


def test_a_commit_without_metrics_says_what_it_leaves_worse(history: Path) -> None:
    rows = history.read_text().splitlines()
    columns = rows[0].split(",")
    guide = dict.fromkeys(columns, "") | {"commit_sha": "11abcdef" + "0" * 32, "branch": "main"}
    guide |= {"recorded_at": "2027-01-01T00:00:00Z", "workflow_run_id": "99", "training": "none"}
    repository = dict(zip(columns, rows[1].split(","), strict=False))["repository"]
    history.write_text("\n".join([*rows, ",".join((guide | {"repository": repository}).values()), ""]))
    text = _explain("11abcde")
    assert "It has no metrics, so there is no verdict.\nIt leaves val_accuracy at 0.78, worse than" in text
    assert text.endswith("since 07abcde.\n")
    [left] = json.loads(_explain("11abcde", "--format", "json"))["left"]
    assert (left["metric"], left["worse_since_commit_sha"][:7]) == ("val_accuracy", "07abcde")


def test_json_has_the_same(history: Path) -> None:
    explained = json.loads(_explain("08abcde", "--format", "json"))
    [metric] = explained["metrics"]
    assert (explained["commit_sha"][:8], metric["verdict"]) == ("08abcdef", "regressed")
    assert metric["rule"]["max_drop"] == {"value": 0.1, "source": "metrics.val_accuracy.max_drop"}
    assert metric["what_else_changed"]["changes"]["the data"] == ["data.csv"]
    assert len(metric["neighbours"]) == 9


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nope"], "commit 'nope' is not in the history"),
        (["--metric", "nope"], "metric 'nope' has no value at 10abcde, which has loss, val_accuracy"),
        (["0000000"], "is not in the history"),
    ],
)
def test_what_is_not_there_ends_in_one_line(history: Path, arguments: list[str], told: str) -> None:
    answer = run_here("explain", "--history", "history.csv", *arguments)
    assert answer.code == 2
    assert answer.is_one_line(), answer.stderr
    assert told in answer.stderr


def test_an_empty_history_ends_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run_here("explain")
    assert answer.code == 2
    assert "the history is empty" in answer.stderr


def test_in_a_checkout_git_names_the_commit_and_tells_its_ancestors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    monkeypatch.chdir(checkout.root)
    rows = many_rows(2)
    for row in rows:
        row["commit_sha"] = checkout.commit("Go on", {"uv.lock": row["commit_sha"]})
    rows[1]["metrics"] = '{"loss":"NaN"}'
    (checkout.root / "history.csv").write_bytes(csv_bytes(rows))
    text = _explain("HEAD", "--repo", ".")
    assert "ancestors are not known" not in text
    assert "uv.lock" in text
