"""What is compared with what, played through in real repositories: merges, and no checkout at all."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import Answer, run_here
from csv_samples import csv_bytes, many_rows

CONFIG = "version: 3\nreport: {highlight_metric: accuracy, baseline: default_branch}\n"


class Project:
    """A checkout whose commits are measured one after the other, and their history."""

    def __init__(self, folder: Path) -> None:
        self.checkout = Checkout.create(folder / "wine")
        self.history = folder / "history.csv"
        self.rows: list[dict[str, str]] = []
        self.checkout.commit("Begin", {"report-config.yml": CONFIG})

    def measure(self, value: float) -> str:
        """Record HEAD as a report on it did."""
        head, *parents = self.checkout.git("rev-list", "--parents", "--max-count=1", "HEAD").split()
        row = many_rows(len(self.rows) + 1)[-1] | {
            "repository": "acme/wine",
            "commit_sha": head,
            "parent_sha": parents[0],
            "branch": self.checkout.git("branch", "--show-current"),
            "metrics": json.dumps({"accuracy": value}),
        }
        self.rows.append(row)
        self.history.write_bytes(csv_bytes(self.rows))
        return head

    def report(self, value: float) -> str:
        """Let the command report on HEAD; returns its hash."""
        metrics = self.checkout.root.parent / "metrics.json"
        metrics.write_text(json.dumps({"accuracy": value}))
        answer = run_here("run", "--metrics", metrics, "--history", self.history, cwd=self.checkout.root)
        assert answer.code == 0, answer.stderr
        return self.checkout.git("rev-parse", "HEAD")

    def answers(self, cwd: Path | None = None) -> dict[str, dict[str, str]]:
        """Of each commit what it is compared with, and its verdict."""
        query = "from deltas join regressions using (line_id, place)"
        answer = run_here(
            *("sql", query, "--history", self.history, "--format", "csv"), cwd=cwd or self.checkout.root
        )
        assert answer.code == 0, answer.stderr
        return {row["commit_sha"]: row for row in csv.DictReader(io.StringIO(answer.stdout))}


@pytest.fixture
def merged(tmp_path: Path) -> Project:
    """Main at .90 and, beside it, a branch at .80, merged with `--no-ff`."""
    project = Project(tmp_path)
    checkout = project.checkout
    for place in range(16):
        checkout.commit("Train")
        project.measure(0.9 + 0.002 * (place % 2))
        if place == 7:
            checkout.git("branch", "topic")
        if place > 9:
            checkout.git("switch", "--quiet", "topic")
            checkout.commit("Try")
            project.measure(0.8 + 0.002 * (place % 2))
            checkout.git("switch", "--quiet", "main")
    checkout.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
    project.measure(0.901)
    return project


def test_a_branch_that_was_merged_does_not_change_the_line_of_main(merged: Project) -> None:
    merged.checkout.commit("Break it")
    dropped = merged.report(0.86)
    merged.checkout.commit("Write docs")
    after = merged.report(0.861)
    answers = merged.answers()
    on_main = [row for row in answers.values() if row["branch"] == "main" and float(row["value"]) > 0.89]
    assert len(on_main) == 17
    assert {abs(round(float(row["delta"]), 3)) for row in on_main if row["delta"]} <= {0.001, 0.002}
    assert {row["verdict"] for row in on_main} <= {"steady", "too_few"}
    assert float(answers[dropped]["previous_value"]) == 0.901
    assert answers[dropped]["direction"] == "worse"
    assert (answers[after]["verdict"], answers[after]["since_commit_sha"]) == ("regressed", dropped)


def test_a_merged_branch_has_a_line_of_its_own(merged: Project) -> None:
    on_topic = [row for row in merged.answers().values() if row["branch"] == "topic"]
    assert [row["previous_value"] for row in on_topic] == ["", "0.8", "0.802", "0.8", "0.802", "0.8"]
    assert {row["baseline_found_by"] for row in on_topic} <= {"time", "ancestry"}


def test_a_branch_that_merged_main_is_compared_with_what_it_merged(merged: Project) -> None:
    checkout = merged.checkout
    checkout.git("switch", "--quiet", "--create", "feature", "HEAD~3")
    checkout.commit("Begin a feature")
    began = merged.report(0.9)
    checkout.git("merge", "--quiet", "--no-ff", "--message", "Take in main", "main")
    checkout.commit("Go on")
    went_on = merged.report(0.903)
    answers = merged.answers()
    assert answers[began]["baseline_commit_sha"] == checkout.git("rev-parse", "main~3")
    assert answers[went_on]["previous_commit_sha"] == began
    assert answers[went_on]["baseline_commit_sha"] == checkout.git("rev-parse", "main")
    assert (answers[went_on]["baseline_distance"], answers[went_on]["baseline_found_by"]) == ("2", "ancestry")


def test_without_a_checkout_the_rows_tell_the_ancestors(merged: Project, tmp_path: Path) -> None:
    checkout = merged.checkout
    checkout.git("switch", "--quiet", "--create", "feature", "HEAD~2")
    checkout.commit("Begin a feature")
    newest = merged.measure(0.9)
    (away := tmp_path / "away").mkdir()
    (away / "report-config.yml").write_text(CONFIG)
    here, there = merged.answers(), merged.answers(cwd=away)
    assert here[newest]["previous_commit_sha"] == checkout.git("rev-parse", "HEAD~1")
    compared = ("previous_commit_sha", "baseline_commit_sha", "baseline_distance", "verdict", "reason")
    assert {name: there[newest][name] for name in compared} == {name: here[newest][name] for name in compared}


JENKINS = {"JENKINS_URL": "x", "JOB_NAME": "wine/main", "BRANCH_NAME": "main", "BUILD_NUMBER": "8"}
"""A run whose id is known, and none of whose jobs is."""


class Monorepo:
    """A checkout with a model in each of two folders, reported in one run."""

    def __init__(self, folder: Path, *, names: bool) -> None:
        self.checkout = Checkout.create(folder / "wine")
        self.history = folder / "history.csv"
        self.checkout.commit(
            "Begin",
            {
                f"models/{model}/report-config.yml": "version: 3\nreport:\n  highlight_metric: accuracy\n"
                + (f"  name: {model}\n" if names else "")
                for model in ("red", "white")
            },
        )

    def report(self, model: str, metrics: dict[str, float], *options: str) -> Answer:
        file = self.checkout.root.parent / "metrics.json"
        file.write_text(json.dumps(metrics))
        config = self.checkout.root / "models" / model / "report-config.yml"
        where = ("--config", config, "--history", self.history)
        return run_here(
            *("run", *where, "--metrics", file, *options), cwd=self.checkout.root, environment=JENKINS
        )

    def rows(self, query: str = "from run_attempts order by report") -> list[dict[str, str]]:
        answer = run_here(
            "sql", query, "--history", self.history, "--format", "csv", cwd=self.checkout.root.parent
        )
        assert answer.code == 0, answer.stderr
        return list(csv.DictReader(io.StringIO(answer.stdout)))


def test_two_reports_of_one_run_have_a_row_a_line_and_files_each(tmp_path: Path) -> None:
    monorepo = Monorepo(tmp_path, names=True)
    for number in range(2):
        monorepo.checkout.commit("Train", {"train.py": str(number)})
        assert monorepo.report("red", {"accuracy": 0.9 + number / 100}).code == 0
        assert monorepo.report("white", {"accuracy": 0.5, "loss": 1.0}).code == 0
    rows = monorepo.rows("select report, metric, delta from deltas where kind = 'ml' order by all")
    assert [(row["report"], row["metric"], row["delta"][:4]) for row in rows] == [
        ("red", "accuracy", "0.01"),
        ("red", "accuracy", ""),
        ("white", "accuracy", "0.0"),
        ("white", "accuracy", ""),
        ("white", "loss", "0.0"),
        ("white", "loss", ""),
    ]
    assert [row["workflow"] for row in monorepo.rows()] == ["wine"] * 4
    folder = monorepo.checkout.root / ".devops-mlops-report"
    red, white = ((folder / model / "summary.md").read_text() for model in ("red", "white"))
    assert ("loss" in red, "loss" in white) == (False, True)
    assert (folder / "red/badge.json").read_text() != (folder / "white/badge.json").read_text()


def test_two_configs_under_one_name_are_not_mixed_and_the_second_row_is_pending(tmp_path: Path) -> None:
    monorepo = Monorepo(tmp_path, names=False)
    assert monorepo.report("red", {"accuracy": 0.9}).code == 0
    before = monorepo.history.read_bytes()
    answer = monorepo.report("white", {"accuracy": 0.5})
    assert answer.code == 1
    assert "a report by models/red/report-config.yml already" in answer.stdout
    assert "give each a name" in answer.stderr
    assert monorepo.history.read_bytes() == before
    [pending] = (monorepo.checkout.root / ".devops-mlops-report/pending").iterdir()
    assert "models/white/report-config.yml" in pending.read_text()
    assert monorepo.report("white", {"accuracy": 0.5}, "--name", "white").code == 0
    assert [row["report"] for row in monorepo.rows()] == ["", "white"]


def test_folders_that_are_reported_as_repositories_of_their_own_are_told_apart_too(tmp_path: Path) -> None:
    monorepo = Monorepo(tmp_path, names=False)

    def report(model: str) -> Answer:
        where = ("--repo", monorepo.checkout.root / "models" / model, "--history", monorepo.history)
        return run_here("run", *where, cwd=tmp_path, environment=JENKINS)

    assert [report(model).code for model in ("red", "red", "white")] == [0, 0, 1]


def test_a_config_that_reports_twice_adds_to_its_row(tmp_path: Path) -> None:
    monorepo = Monorepo(tmp_path, names=False)
    assert monorepo.report("red", {"accuracy": 0.9}).code == 0
    assert monorepo.report("red", {"loss": 0.1}).code == 0
    [row] = monorepo.rows()
    assert json.loads(row["metrics"]) == {"accuracy": 0.9, "loss": 0.1}


def test_what_one_report_trained_the_other_one_has_not(tmp_path: Path) -> None:
    monorepo = Monorepo(tmp_path, names=True)
    first = monorepo.checkout.commit(
        "Train", {"MLproject": "name: x\nentry_points: {main: {command: 'true'}}\n"}
    )
    assert monorepo.report("red", {"accuracy": 0.9}).code == 0
    monorepo.checkout.commit("Write", {"README.md": "x"})

    def known(name: str) -> tuple[str, str]:
        answer = run_here(
            *("cause", "--name", name, "--history", monorepo.history, "--format", "json"),
            cwd=monorepo.checkout.root,
            environment=JENKINS,
        )
        told = json.loads(answer.stdout)
        return told["base"], told["range"]

    assert known("red")[0] == first
    assert "trained" in known("red")[1]
    assert "trained" not in known("white")[1]


@pytest.mark.parametrize("name", ["", "a b", "../up", "-x", "x" * 65, "ä"])
def test_a_name_that_no_file_could_have_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    answer = run_here("run", "--name", name, cwd=tmp_path)
    assert (answer.code, answer.is_one_line()) == (2, True)
    assert "such as fraud-model" in answer.stderr


def test_the_duration_of_another_run_is_not_told_as_this_one_s(tmp_path: Path) -> None:
    monorepo = Monorepo(tmp_path, names=False)
    row = many_rows(1)[0] | {
        "repository": "acme/wine",
        "workflow": "wine",
        "workflow_status": "failure",
        "ci_metrics": '{"duration_seconds":21}',
    }
    monorepo.history.write_bytes(csv_bytes([row]))
    assert monorepo.report("red", {"accuracy": 0.9}, "--status", "success").code == 0
    [summary] = (monorepo.checkout.root / ".devops-mlops-report").rglob("summary.md")
    assert "50 % of 2 runs on this branch succeeded" in summary.read_text(encoding="utf-8")
    assert "21 s" not in summary.read_text(encoding="utf-8")
