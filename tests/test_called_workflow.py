"""The called workflow, step by step as a runner runs it, with the real command: for each way in which it is called."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from actions_runner import WORKFLOW, Runner, push, variables
from checkouts import Checkout
from expressions import fill
from servers.git_server import git_server

CONFIG = "version: 3\nreport: {highlight_metric: score}\n"
JUNIT = '<testsuite tests="1"><testcase name="it works" time="0.5"/></testsuite>'


@pytest.fixture
def wine(tmp_path: Path) -> Checkout:
    checkout = Checkout.create(tmp_path / "wine")
    checkout.commit("Begin", {"report-config.yml": CONFIG})
    return checkout


def play(wine: Checkout, place: str = "job", **given: Any) -> Runner:
    github = given.pop("github", None) or push("acme/wine", wine.git("rev-parse", "HEAD"))
    root = wine.root.parent / place
    root.mkdir()
    return Runner(root, wine.root, github, environment=variables(github, root), **given).play()


def rows(runner: Runner) -> list[dict[str, str]]:
    path = runner.workspace / ".devops-mlops-report/commitHistory.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_alone_it_reports_with_the_core_s_packages_and_keeps_them_for_the_next_run(wine: Checkout) -> None:
    first = play(wine)
    assert first.result == "success", [step.log for step in first.steps]
    assert first.installed == ["installers.txt", "requirements-core.lock"]
    assert first.step("Install MLflow's client").outcome == "skipped"
    [row] = rows(first)
    assert (row["commit_sha"], row["workflow_run_id"]) == (first.github["sha"], "77")
    assert "Begin" in first.page.read_text()
    [(name, files)] = first.uploaded.items()
    assert name == "devops-mlops-report-77-1"
    assert ".devops-mlops-report/summary.md" in files

    [key] = first.caches
    assert key.startswith("devops-mlops-report-Linux-")
    second = play(wine, "next", caches=first.caches, github=push("acme/wine", first.github["sha"], run_id=78))
    assert second.step("Restore the report's packages").outputs["cache-hit"] == "true"
    assert second.step("Keep the report's packages").outcome == "skipped"


def test_as_the_last_job_it_takes_what_the_others_measured_and_how_they_ended(wine: Checkout) -> None:
    artifacts = {"results": {"metrics.json": '{"score": 0.9}', "unit/junit.xml": JUNIT, "params.json": "{}"}}
    inputs = {"needs": json.dumps({"train": {"result": "success"}}), "results-artifact": "results"}
    runner = play(wine, inputs=inputs, artifacts=artifacts)
    [row] = rows(runner)
    assert (row["metrics"], row["workflow_status"]) == ('{"score":0.9}', "success")
    assert json.loads(row["ci_metrics"])["tests_total"] == 1


@pytest.mark.parametrize("result", ["failure", "cancelled"])
def test_a_commit_whose_jobs_failed_or_were_cancelled_is_reported_without_what_they_left_out(
    wine: Checkout, result: str
) -> None:
    inputs = {"needs": json.dumps({"train": {"result": result}}), "results-artifact": "results"}
    runner = play(wine, inputs=inputs)
    assert runner.step("Fetch the results of earlier jobs").outcome == "failure"
    assert runner.result == "success"
    assert "::warning::The results artifact could not be fetched" in runner.step("Report").log
    assert rows(runner)[0]["workflow_status"] == result


def test_a_fork_s_commit_gets_a_report_no_token_and_no_training(wine: Checkout) -> None:
    wine.git("checkout", "--quiet", "-b", "x")
    sha = wine.commit(
        "Steal", {"report-config.yml": f"{CONFIG}project: {{train_script: t.py}}\n", "t.py": ""}
    )
    pull = {"number": 5, "head": {"sha": sha, "ref": "x", "repo": {"full_name": "mallory/wine"}}}
    pull |= {"base": {"ref": "main", "repo": {"full_name": "acme/wine"}}}
    event = {"pull_request": pull, "repository": {"full_name": "acme/wine"}}
    github = push("acme/wine", "0" * 40, event_name="pull_request", event=event)
    secrets = {
        "GIST_TOKEN": "s1",
        "DAGSHUB_TOKEN": "s2",
        "HISTORY_TOKEN": "s3",
        "MLFLOW_TRACKING_TOKEN": "s4",
    }
    runner = play(wine, github=github, secrets=secrets)
    assert runner.result == "success", runner.step("Report").log
    assert set(secrets.values()) & set(runner.step("Report").given.values()) == set()
    for name in ("Ask for the cause of a training", "Install what the training needs"):
        assert runner.step(name).outcome == "skipped"
    assert rows(runner)[0]["commit_sha"] == sha
    assert "so it was not trained" in runner.page.read_text()


def test_the_page_is_kept_where_it_is_asked_for_and_of_a_fork_never(wine: Checkout) -> None:
    asked = play(wine, "asked", inputs={"page": "artifact"})
    assert asked.result == "success", [step.log for step in asked.steps]
    assert asked.uploaded["devops-mlops-report-page-77-1"] == ["index.html"]
    assert asked.step("Keep the page for GitHub Pages").outcome == "skipped"
    assert (
        "[page of the history](https://github.com/acme/wine/actions/runs/77#artifacts)"
        in asked.page.read_text()
    )
    unasked = play(wine, "unasked")
    assert unasked.step("Make the page").outcome == "skipped"
    assert "page of the history" not in unasked.page.read_text()


@pytest.mark.parametrize(
    ("repository", "inputs", "event", "url"),
    [
        ("Acme/wine", {"page": "pages"}, "push", "https://acme.github.io/wine/#/commit/SHA"),
        ("acme/acme.github.io", {"page": "pages"}, "push", "https://acme.github.io/#/commit/SHA"),
        ("acme/wine", {"page": "branch"}, "push", "https://acme.github.io/wine/report/#/commit/SHA"),
        (
            *("acme/wine", {"page": "branch", "page-folder": "."}, "push"),
            "https://acme.github.io/wine/#/commit/SHA",
        ),
        # What is not published for a pull request can't be linked to.
        ("acme/wine", {"page": "branch"}, "pull_request", "https://acme.github.io/wine/report/#/"),
    ],
)
def test_the_report_links_to_its_commit_where_the_page_will_be(
    wine: Checkout, repository: str, inputs: dict[str, str], event: str, url: str
) -> None:
    sha = wine.git("rev-parse", "HEAD")
    pull = {"number": 5, "head": {"sha": sha, "ref": "x", "repo": {"full_name": repository}}}
    told = {"pull_request": pull} if event == "pull_request" else {}
    github = push(repository, sha, event_name=event, event=told)
    runner = play(wine, inputs=inputs, github=github, last="Report")
    assert f"[page of the history]({url.replace('SHA', sha)})" in runner.page.read_text()


def test_the_page_is_pushed_to_a_branch_by_the_job_s_token_and_for_a_pull_request_never(
    wine: Checkout, tmp_path: Path
) -> None:
    sha = wine.git("rev-parse", "HEAD")
    pull = {"number": 5, "head": {"sha": sha, "ref": "x", "repo": {"full_name": "acme/wine"}}}
    with git_server(tmp_path / "host", "ghs_job_token") as host:
        host.create_gist("wine", {"train.py": b""})

        def played(place: str, **context: Any) -> Runner:
            github = push("acme/wine", sha, server_url=host.url, **context)
            return play(wine, place, inputs={"page": "branch", "page-folder": "reports/wine"}, github=github)

        proposed = played("proposed", event_name="pull_request", event={"pull_request": pull})
        assert proposed.uploaded["devops-mlops-report-page-77-1"] == ["index.html"]
        assert "gh-pages" not in host.git("for-each-ref", gist_id="wine").decode()
        assert played("pushed").step("Make the page").outcome == "success"
        there = host.git("show", "refs/heads/gh-pages:reports/wine/index.html", gist_id="wine")
    assert there.startswith(b"<!doctype html>")
    assert "ghs_job_token" not in there.decode()


def test_a_matrix_s_measurements_count_together_under_the_report_s_name(wine: Checkout) -> None:
    artifacts = {
        f"results-{seed}": {"metrics.json": json.dumps({"score": score}), "junit.xml": JUNIT}
        for seed, score in ((1, 0.9), (2, 0.7), (3, 0.8))
    }
    inputs = {"results-pattern": "results-*", "name": "fraud"}
    runner = play(wine, inputs=inputs, artifacts={**artifacts, "other": {"metrics.json": '{"score": 0}'}})
    [row] = rows(runner)
    assert (row["report"], row["metrics"], row["repeats"]) == (
        "fraud",
        '{"score":0.8}',
        '{"score":[0.9,0.7,0.8]}',
    )
    assert json.loads(row["ci_metrics"])["tests_total"] == 3
    assert list(runner.uploaded) == ["devops-mlops-report-fraud-77-1"]


def test_the_models_of_a_monorepo_have_artifacts_of_their_own_also_where_the_config_names_them(
    wine: Checkout,
) -> None:
    for name in ("fraud", "churn"):
        text = f"extends: ../../report-config.yml\nreport: {{name: {name}}}\n"
        wine.commit(f"Add {name}", {f"models/{name}/report-config.yml": text})
    names = [
        name
        for model in ("fraud", "churn")
        for name in play(wine, model, inputs={"config": f"models/{model}/report-config.yml"}).uploaded
    ]
    assert names == ["devops-mlops-report-fraud-77-1", "devops-mlops-report-churn-77-1"]


def test_what_a_training_needs_is_installed_with_a_cause_and_so_is_mlflow_s_client(wine: Checkout) -> None:
    script = "import json, sys\nprint('trained')\n"
    files = {"train.py": script, "report-config.yml": f"{CONFIG}project: {{train_script: train.py}}\n"}
    wine.commit("Train", {**files, "requirements.txt": ""})
    runner = play(wine, secrets={"TOOL_TOKEN": "ghp_tool"})
    assert runner.installed == [
        *("installers.txt", "requirements-core.lock", "requirements.lock", "requirements.txt"),
    ]
    assert runner.step("Set up the Python that trains").given["python-version"] == "3.11"
    assert rows(runner)[0]["training"] == "trained"
    assert runner.step("Fetch the report's code").given["token"] == "ghp_tool"
    assert "ghp_tool" not in str([step.given for step in runner.steps if "code" not in step.name])
    wine.commit("Write", {"README.md": "text"})
    history = runner.workspace / ".devops-mlops-report/commitHistory.csv"
    kept = wine.root.parent / "h.csv"
    kept.write_bytes(history.read_bytes())
    wine.commit("Keep", {"report-config.yml": f"{files['report-config.yml']}storage: {{path: h.csv}}\n"})
    wine.commit("Keep it here", {"h.csv": kept.read_text()})
    later = play(wine, "later", github=push("acme/wine", wine.git("rev-parse", "HEAD"), run_id=78))
    assert later.installed == ["installers.txt", "requirements-core.lock"]
    assert later.step("Fetch the report's code").given["token"] == "ghs_job_token"


def test_the_runner_is_a_label_a_list_or_a_group() -> None:
    expression = yaml.safe_load(WORKFLOW.read_text())["jobs"]["report"]["runs-on"]
    given = {
        "ubuntu-24.04": "ubuntu-24.04",
        '["self-hosted", "gpu"]': ["self-hosted", "gpu"],
        '{"group": "training"}': {"group": "training"},
    }
    assert [fill(expression, {"inputs": {"runs-on": each}}) for each in given] == list(given.values())
