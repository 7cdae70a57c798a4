"""What changed beside a metric: the tests that fail, and the place where it was measured."""

from __future__ import annotations

import json
from pathlib import Path

from commands import run_here
from csv_samples import csv_bytes, many_rows
from devops_mlops_report.history import Settings, open_history
from devops_mlops_report.report.verdicts.answers import Answers, ask, focus

CONFIG = "version: 3\nreport: {highlight_metric: loss}\n"
PLACE = {"os": "Ubuntu 24.04", "cpu": "EPYC", "packages.torch": "2.8.0", "config": "a.yml"}


def answers_about(failed: list[list[str] | None], commits: list[int] | None = None) -> Answers:
    """What a report on the last of these runs is told; each has the names of its failed tests."""
    rows = many_rows(len(failed))
    for row, names, commit in zip(rows, failed, commits or range(len(failed)), strict=True):
        row["commit_sha"] = f"{commit:040x}"
        row["ci_metrics"] = "" if names is None else '{"tests_total":10}'
        row["failed_tests"] = json.dumps(names) if names else ""
    told = {"training": "", "workflow": "", "base_branch": "", "pull_request": "", "report": ""}
    last = rows[-1] | told | {"ci_metrics": json.loads(rows[-1]["ci_metrics"] or "{}")}
    with open_history(csv_bytes(rows), Settings(report="", workflow="")) as history:
        focus(history, last, "loss")
        return ask(history, last)


def states(answers: Answers) -> dict[str, str]:
    return {row["name"]: row["state"] for row in answers.tests}


def test_newly_failing_known_and_fixed_tests_are_told_apart() -> None:
    answers = answers_about([["old", "mended"], None, ["old", "broken"]])
    assert states(answers) == {"broken": "new", "old": "known", "mended": "fixed"}
    assert [row["state"] for row in answers.tests] == ["new", "known", "fixed"]
    assert {row["baseline_commit_sha"] for row in answers.tests} == {f"{0:040x}"}


def test_where_all_tests_pass_the_fixed_ones_are_told() -> None:
    assert states(answers_about([["mended"], []])) == {"mended": "fixed"}
    assert states(answers_about([[], []])) == {}


def test_a_test_that_passes_and_fails_at_one_commit_is_flaky() -> None:
    answers = answers_about([[], ["shaky", "broken"], ["broken"]], commits=[0, 1, 1])
    assert states(answers) == {"broken": "new", "shaky": "flaky"}


def test_the_first_results_tell_nothing_of_what_is_new() -> None:
    assert states(answers_about([["one"]])) == {"one": "failing"}


def test_a_change_that_coincides_with_another_machine_names_it_before_the_code(tmp_path: Path) -> None:
    rows = many_rows(12)
    for place, row in enumerate(rows):
        is_later = place >= 10
        row["metrics"] = json.dumps({"loss": (5.0 if is_later else 1.0) + place % 2 / 100})
        row["cause"], row["changed_inputs"] = "Script", '["train.py"]'
        row["environment"] = json.dumps(
            PLACE | ({"cpu": "Xeon", "packages.torch": "2.9.0", "config": "b.yml"} if is_later else {})
        )
    (tmp_path / "report-config.yml").write_text(CONFIG)
    (tmp_path / "history.csv").write_bytes(csv_bytes(rows))
    answer = run_here("explain", rows[11]["commit_sha"], "--history", tmp_path / "history.csv", cwd=tmp_path)
    told = answer.stdout.partition("What else changed")[2].partition("Before and after")[0]
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert f"at {rows[10]['commit_sha'][:7]}, against {rows[9]['commit_sha'][:7]}" in lines[0]
    assert lines[1:4] == ["the environment cpu EPYC → Xeon", "torch 2.8.0 → 2.9.0", "the code train.py"]
