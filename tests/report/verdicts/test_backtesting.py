"""A replayed history: each rule's verdicts, commit by commit, as they were when the commit was the newest."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from commands import run_here
from csv_samples import csv_bytes, many_rows
from devops_mlops_report.history import History, MetricRule, Settings, open_history
from devops_mlops_report.report.verdicts.answers import judged_metrics
from devops_mlops_report.report.verdicts.backtesting import Candidate, backtest, usual_candidates

SETTINGS = Settings(highlight_metric="score", sharp_delta=9.0)


def _rows(values: list[float]) -> list[dict[str, str]]:
    rows = many_rows(len(values))
    for row, value in zip(rows, values, strict=True):
        row["metrics"] = json.dumps({"score": value, "loss": 1.0})
    return rows


def _noisy(count: int = 40) -> list[float]:
    """Noise of 0.01 around 0.8, an outlier at 12, and a drop to 0.76 at 25."""
    dice = random.Random(7)
    return [
        0.8 + dice.gauss(0, 0.01) + (0.1 if at == 12 else 0) - (0.04 if at >= 25 else 0)
        for at in range(count)
    ]


@pytest.fixture
def history() -> History:
    return open_history(csv_bytes(_rows(_noisy())), SETTINGS)


def test_a_verdict_of_the_replay_is_the_one_that_the_commit_got_as_the_newest(history: History) -> None:
    [outcome] = backtest(history, "score", [Candidate()])
    flagged = {row["commit_sha"]: row["verdict"] for row in outcome.flagged}
    rows = _rows(_noisy())
    for count in (6, 13, 14, 26, 27, 28, 33):
        sha = rows[count - 1]["commit_sha"]
        [newest] = judged_metrics(
            open_history(csv_bytes(rows[:count]), SETTINGS), commit_sha=sha, metric="score"
        )
        expected = (
            newest["verdict"] in ("regressed", "improved", "recovered", "suspected")
            or newest["withdrawn_commit_sha"]
        )
        assert flagged.get(sha) == (newest["verdict"] if expected else None)


def test_each_rule_is_counted_by_its_own_verdicts(history: History) -> None:
    plain, large, bound = backtest(
        history,
        "score",
        [Candidate(), Candidate((("min_effect", 0.2),)), Candidate((("max_drop", 0.03),))],
    )
    assert (plain.count_commits, plain.count("regressed"), plain.count_withdrawn) == (40, 1, 1)
    # From where it was sure to the end: nothing brought it back.
    [sure] = [row["recorded_order"] for row in plain.flagged if row["verdict"] == "regressed"]
    assert (plain.count_worse, large.count_worse) == (41 - sure, 0)
    assert plain.count("suspected") > plain.count_suspected_worse  # the outlier was for the better
    assert (large.count("regressed", "suspected", "improved"), large.count_withdrawn) == (0, 0)
    assert bound.count("regressed") > plain.count("regressed")


def test_the_settings_are_as_before_when_it_is_over(history: History) -> None:
    backtest(history, "score", [Candidate((("target", 2.0),))])
    assert history.settings == SETTINGS
    assert history.rows("from metric_rules") == []


def test_the_other_keys_of_a_rule_and_other_metrics_keep_what_is_configured() -> None:
    rule = MetricRule("score", goal="minimize", min_effect=0.5, max_drop=0.1)
    assert Candidate((("min_effect_percent", 2.0),)).applied_to(rule) == MetricRule(
        "score", goal="minimize", min_effect_percent=2.0, max_drop=0.1
    )
    assert Candidate().applied_to(rule) == rule


def test_the_usual_rules_are_effects_and_bounds_that_the_history_suggests(history: History) -> None:
    names = [candidate.name for candidate in usual_candidates(history, "score")]
    assert names[:4] == [f"min_effect_percent {percent}" for percent in (0, 1, 2, 5)]
    assert 1 <= sum(name.startswith("max_drop 0.") for name in names[4:]) == len(names) - 4
    assert not any("max_drop" in each.name for each in usual_candidates(history, "loss"))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report-config.yml").write_text(
        "version: 3\nreport: {highlight_metric: score, sharp_delta: 9}\n"
    )
    (tmp_path / "history.csv").write_bytes(csv_bytes(_rows(_noisy())))
    return tmp_path


def test_the_command_lists_rules_and_what_the_chosen_one_flags(place: Path) -> None:
    answer = run_here(
        "backtest", "--history", "history.csv", "--min-effect", "0.2", "--max-drop", "0.5", "--show", "2"
    )
    assert answer.code == 0, answer.stderr
    assert [line.split()[:2] for line in answer.stdout.splitlines()[3:6]] == [
        ["1", "as"],
        ["2", "min_effect"],
        ["3", "max_drop"],
    ]
    assert "Flagged by rule 2, min_effect 0.2:\n  none\n" in answer.stdout
    explained = json.loads(run_here("backtest", "--history", "history.csv", "--format", "json").stdout)
    [regressed] = [row for row in explained["rules"][0]["flagged"] if row["verdict"] == "regressed"]
    assert regressed["since_commit_sha"] == f"{25:040x}"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--metric", "nope"], "metric 'nope' has no value in the history"),
        (["--branch", "nope"], "on branch 'nope'"),
        (["--show", "0"], "--show: wanted a number of the table, 1 to 7; found 0"),
        (["--max-drop", "nan"], "--max-drop: wanted a finite number, at least 0; found nan"),
    ],
)
def test_what_can_not_be_replayed_ends_in_one_line(place: Path, arguments: list[str], told: str) -> None:
    answer = run_here("backtest", "--history", "history.csv", *arguments)
    assert answer.code == 2
    assert answer.is_one_line(), answer.stderr
    assert told in answer.stderr
