"""Two stories by the real command line, in a real repository: exit code, heading and badge of each commit agree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import run_here
from csv_samples import csv_bytes, many_rows

CONFIG = """\
version: 3
report: {highlight_metric: score}
metrics: {score: {on_regression: fail}}
"""
BEFORE = (0.90, 0.91, 0.89, 0.90, 0.91, 0.89, 0.90, 0.90)


class Place:
    """A checkout whose commits are reported by the command, each as a workflow run."""

    def __init__(self, root: Path) -> None:
        self.checkout = Checkout.create(root / "wine")
        (self.checkout.root / "report-config.yml").write_text(CONFIG)
        self.runs = 0
        rows = many_rows(len(BEFORE))
        for row, value in zip(rows, BEFORE, strict=True):
            row["repository"], row["commit_sha"] = "acme/wine", self.checkout.commit("Go on")
            row["workflow"] = "ci"
            row["metrics"] = json.dumps({"score": value})
        (root / "history.csv").write_bytes(csv_bytes(rows))

    def report(
        self, value: float | None, branch: str = "main", request: int | None = None
    ) -> tuple[int, str, str]:
        """The exit code, the heading, and the badge's colour of one more commit."""
        root = self.checkout.root
        sha = self.checkout.commit("Go on" if value else "Write the guide")
        self.runs += 1
        environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "acme/wine",
            "GITHUB_SHA": sha,
            "GITHUB_RUN_ID": str(self.runs),
            "GITHUB_WORKFLOW": "ci",
            "GITHUB_REF": f"refs/pull/{request}/merge" if request else f"refs/heads/{branch}",
            "GITHUB_REF_NAME": f"{request}/merge" if request else branch,
            "GITHUB_HEAD_REF": branch if request else "",
            "GITHUB_BASE_REF": "main" if request else "",
            "GITHUB_EVENT_NAME": "pull_request" if request else "push",
        }
        (root.parent / "metrics.json").write_text(json.dumps({"score": value}))
        given = ["--metrics", "../metrics.json"] if value is not None else []
        answer = run_here(
            *("run", "--history", "../history.csv", "--output", "../out", "--status", "success"),
            *given,
            cwd=root,
            environment=environment,
        )
        heading = (root.parent / "out/summary.md").read_text(encoding="utf-8").splitlines()[0]
        badge = json.loads((root.parent / "out/badge.json").read_text(encoding="utf-8"))
        assert ("score" in answer.stderr) == (answer.code == 3), answer.stderr
        return answer.code, heading.replace("`", ""), badge["color"]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_branch_is_red_until_the_change_is_accepted_in_the_config(place: Place) -> None:
    code, heading, colour = place.report(0.82)
    began = place.checkout.git("rev-parse", "HEAD")[:7]
    assert (code, heading.startswith("## 🟠 Probably worse: score 0.82"), colour) == (0, True, "orange")
    code, heading, colour = place.report(None)
    assert (code, heading.startswith(f"## 🟠 Probably worse since {began}: score 0.82"), colour) == (
        0,
        True,
        "orange",
    )
    summary = (place.checkout.root.parent / "out/summary.md").read_text(encoding="utf-8")
    assert f"- **Suspected at** `{began}`" in summary
    told = run_here("explain", "HEAD", "--history", "../history.csv", cwd=place.checkout.root).stdout
    assert f"It leaves score at 0.82, probably worse since {began}: nothing measured it after that." in told
    for value in (0.82, None):
        code, heading, colour = place.report(value)
        assert (code, heading.startswith(f"## 🔴 Worse since {began}: score 0.82"), colour) == (
            3,
            True,
            "red",
        )
    accepted = run_here("accept", began, "--history", "../history.csv", cwd=place.checkout.root)
    assert accepted.code == 0, accepted.stderr
    code, heading, colour = place.report(None)
    assert (code, "orse" in heading, colour == "red") == (0, False, False)


def test_a_pull_request_answers_for_what_began_in_it(place: Place) -> None:
    place.report(0.82)
    began = place.checkout.git("rev-parse", "HEAD")[:7]
    assert place.report(0.82)[0] == 3
    place.checkout.git("checkout", "--quiet", "-b", "feature")
    code, heading, colour = place.report(0.82, "feature", request=7)
    assert heading.startswith(f"## 🟠 Already worse on main since {began}: score 0.82")
    assert (code, colour) == (0, "orange")
    place.checkout.git("checkout", "--quiet", "-b", "other", "HEAD~3")
    place.report(0.82, "other", request=8)
    own = place.checkout.git("rev-parse", "HEAD")[:7]
    code, heading, colour = place.report(0.82, "other", request=8)
    assert (code, heading.startswith(f"## 🔴 Worse since {own}: score 0.82"), colour) == (3, True, "red")
    place.checkout.git("checkout", "--quiet", "main")
    place.checkout.git("merge", "--quiet", "--no-ff", "feature", at=place.checkout.moment)
    code, heading, colour = place.report(0.90)
    assert (code, heading.startswith("## 🟢 Recovered: score 0.9"), colour) == (0, True, "brightgreen")
