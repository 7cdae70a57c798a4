"""What is compared with what, played through in real repositories: merges, and no checkout at all."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import run_here
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
