"""`init`: what a repository tells becomes a config and a workflow; shown before, nothing replaced, and it works."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from checkouts import Checkout
from commands import Answer, run_here
from devops_mlops_report.report.config import load_config
from gist_runs import TOKEN
from servers.git_server import GitServer

CI = """\
name: ci # of ours
on: [push]
jobs:
    test:
        runs-on: ubuntu-24.04
        steps:
            - run: python -m pytest --cov
            - uses: actions/upload-artifact@v4
              with: {name: measured, path: out/metrics.json}
"""
WORKFLOW = ".github/workflows/ci.yml"


def init(checkout: Checkout, *arguments: str, files: dict[str, str] | None = None) -> Answer:
    checkout.commit("As it is", files)
    return run_here("init", *arguments, cwd=checkout.root)


def metric_of(checkout: Checkout) -> str | None:
    return load_config(None, root=checkout.root).report.highlight_metric


def test_it_shows_what_it_would_write_and_writes_it_when_told(checkout: Checkout) -> None:
    files = {WORKFLOW: CI, "metrics.json": '{"val_accuracy": 0.9, "loss": 0.3}'}
    answer = init(checkout, files=files)
    assert answer.code == 0
    assert '+  highlight_metric: "val_accuracy"' in answer.stdout
    assert "+++ b/.github/workflows/ci.yml" in answer.stdout
    assert "Nothing was written" in answer.stderr
    assert checkout.git("status", "--porcelain") == ""

    assert run_here("init", "--yes", cwd=checkout.root).code == 0
    assert metric_of(checkout) == "val_accuracy"
    written = (checkout.root / WORKFLOW).read_text()
    assert written.startswith(CI)
    report = yaml.safe_load(written)["jobs"]["report"]
    assert report["needs"] == ["test"]
    assert report["permissions"] == {"contents": "write", "actions": "read", "pull-requests": "write"}
    assert report["with"] == {"needs": "${{ toJSON(needs) }}", "results-artifact": "measured"}
    schema = Path(sys.executable).parent / "check-jsonschema"
    command = [schema, "--builtin-schema", "vendor.github-workflows", checkout.root / WORKFLOW]
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert checkout.git("status", "--porcelain").splitlines() == [f"M {WORKFLOW}", "?? report-config.yml"]


def test_what_is_there_is_never_replaced_and_twice_is_once(checkout: Checkout) -> None:
    mine = "# mine\nversion: 3\nreport: {highlight_metric: f1}\n"
    answer = init(checkout, "--yes", files={".github/report-config.yml": mine, WORKFLOW: CI})
    assert answer.code == 0
    assert ".github/report-config.yml is there already" in answer.stderr
    assert not (checkout.root / "report-config.yml").exists()
    assert (checkout.root / ".github/report-config.yml").read_text() == mine
    written = (checkout.root / WORKFLOW).read_bytes()
    answer = run_here("init", "--yes", cwd=checkout.root)
    assert (answer.code, answer.stdout) == (0, "")
    assert "there is nothing to write" in answer.stderr
    assert (checkout.root / WORKFLOW).read_bytes() == written


@pytest.mark.parametrize(
    ("files", "metric"),
    [
        ({"out/metrics.json": '{"train_loss": 1, "test_f1": 0.8}'}, "test_f1"),
        (
            {"train.py": 'mlflow.log_metric("val_rmse", x)\nmlflow.log_metric(key="epoch", value=1)\n'},
            "val_rmse",
        ),
        ({"metrics.json": json.dumps({'odd": # name': 1})}, 'odd": # name'),
        ({"metrics.json": "no json", WORKFLOW: CI}, "coverage_percent"),
        ({}, "duration_seconds"),
    ],
)
def test_the_metric_is_found_where_numbers_are(
    checkout: Checkout, files: dict[str, str], metric: str
) -> None:
    assert init(checkout, "--yes", files=files).code == 0
    assert metric_of(checkout) == metric
    text = (checkout.root / "report-config.yml").read_text()
    assert "(found in " in text or "(no metric of a model was found" in text


def test_a_repository_without_a_workflow_gets_one(checkout: Checkout) -> None:
    answer = init(checkout, "--yes", "--metric", "f1", files={"ml/MLproject": "name: x\n"})
    assert answer.code == 0
    path = checkout.root / ".github/workflows/devops-mlops-report.yml"
    assert list(yaml.safe_load(path.read_text())["jobs"]["report"]) == ["permissions", "uses"]
    assert load_config(None, root=checkout.root).project.workdir == "ml"
    assert "OWNER/devops-mlops-report and the zeros behind it" in answer.stderr


@pytest.mark.parametrize("end", ["defaults: {run: {shell: bash}}\n", "jobs: {a: {uses: ./b.yml}}\n", None])
def test_a_workflow_that_lines_can_not_be_added_to_is_left_and_the_job_is_shown(
    checkout: Checkout, end: str | None
) -> None:
    text = f"on: push\n{end}" if end and end.startswith("jobs") else f"{CI}{end or '# end'}"
    answer = init(checkout, "--yes", "--metric", "f1", files={WORKFLOW: text})
    assert answer.code == 0
    is_added = end is None
    assert ("report:" in (checkout.root / WORKFLOW).read_text()) == is_added
    assert ("add this job by hand" in answer.stderr) != is_added
    assert metric_of(checkout) == "f1"


def test_a_gist_needs_its_secret_and_no_remote_needs_a_file(checkout: Checkout) -> None:
    gist = "https://gist.github.com/mona/0123456789abcdef0123"
    answer = init(checkout, "--yes", "--gist", gist, files={WORKFLOW: CI})
    assert "the secret GIST_TOKEN (Settings" in answer.stderr
    assert "GIST_TOKEN: ${{ secrets.GIST_TOKEN }}" in (checkout.root / WORKFLOW).read_text()
    assert load_config(None, root=checkout.root).storage.gist_url == gist
    (checkout.root / "report-config.yml").unlink()
    checkout.git("remote", "remove", "origin")
    refused = run_here("init", "--yes", "--store", "branch", cwd=checkout.root)
    assert (refused.code, refused.is_one_line()) == (2, True)
    assert run_here("init", "--yes", cwd=checkout.root).code == 0
    assert load_config(None, root=checkout.root).storage.csv_path == ".devops-mlops-report/commitHistory.csv"


def test_after_init_the_first_run_records_with_nothing_made_by_hand(
    server: GitServer, checkout: Checkout
) -> None:
    server.create_gist("wine", {"a": b""})
    checkout.git("remote", "set-url", "origin", f"{server.url}/acme/wine.git")
    assert init(checkout, "--yes", files={WORKFLOW: CI, "metrics.json": '{"f1": 0.8}'}).code == 0
    secrets = {"HISTORY_TOKEN": TOKEN}
    assert run_here("check", cwd=checkout.root, environment=secrets).code == 0
    answer = run_here("run", "--metrics", "metrics.json", cwd=checkout.root, environment=secrets)
    assert answer.code == 0, answer.stderr
    assert b'""f1"":0.8' in server.read("commitHistory.csv", "wine", "commit-history").replace(b" ", b"")


def test_the_demonstration_reports_on_a_history_that_regressed_and_recovered(tmp_path: Path) -> None:
    environment = {"TMPDIR": str(tmp_path), "GITHUB_TOKEN": TOKEN}
    answer = run_here("init", "--demo", cwd=tmp_path, environment=environment)
    assert answer.code == 0, answer.stderr
    assert "As usual: val_accuracy 0.906" in answer.stdout
    assert not set("`<|") & set(answer.stdout)  # for a terminal, no Markdown
    [root] = [Path(line.split()[1]) for line in answer.stderr.splitlines() if line.startswith("  cd ")]
    assert (root / "chart.svg").read_bytes().startswith(b"<svg")
    page = (root / "summary.md").read_text(encoding="utf-8")
    for words in ("As usual: `val_accuracy` 0.906", "worse from here on", "still worse", "recovered"):
        assert words in page
    explained = run_here("explain", "HEAD~4", cwd=root)
    assert explained.code == 0, explained.stderr
    assert "Switch to the fast tokenizer" in explained.stdout
    assert "worse" in explained.stdout
    asked = run_here("sql", "select verdict from highlight_trend", "--format", "csv", cwd=root)
    assert {"regressed", "recovered"} <= set(asked.stdout.split())
