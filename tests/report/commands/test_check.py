"""`check`: each part that a report needs is ok, or named with how to mend it; nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import Answer, run_here
from gist_runs import TOKEN
from servers.git_server import Fault, GitServer
from servers.mlflow_server import MlflowServer
from servers.writers import csv_of

CALLER = """\
on: push
permissions: {}
jobs:
  test: {runs-on: ubuntu-24.04, steps: [{run: pytest}]}
  report:
    needs: [test]
    if: ${{ always() }}
    permissions: {contents: write, actions: read}
    uses: octo/devops-mlops-report/.github/workflows/report.yml@0123456789012345678901234567890123456789
"""
WORKFLOW = ".github/workflows/ci.yml"


def checked(checkout: Checkout, config: str, workflow: str = CALLER, **environment: str) -> Answer:
    text = f"version: 3\nreport: {{highlight_metric: acc}}\n{config}"
    checkout.commit("Set up", {"report-config.yml": text, WORKFLOW: workflow})
    return run_here("check", cwd=checkout.root, environment=environment)


def states(answer: Answer) -> dict[str, str]:
    """Subject → the worst state that it has."""
    found: dict[str, str] = {}
    for line in answer.stdout.splitlines():
        state, _, rest = line.partition(" ")
        if state in ("ok", "notice", "PROBLEM"):
            subject = rest.split()[0]
            found[subject] = max(found.get(subject, ""), state, key=["", "ok", "notice", "PROBLEM"].index)
    return found


def test_where_all_is_there_all_is_ok_and_nothing_is_written(server: GitServer, checkout: Checkout) -> None:
    server.create_gist("wine", {"a": b""})
    server.commit("history", {"commitHistory.csv": csv_of([1])})
    before = server.tip("wine")
    storage = f"storage: {{branch: commit-history, git_url: '{server.url}/acme/wine'}}\n"
    answer = checked(checkout, storage, HISTORY_TOKEN=TOKEN)
    assert answer.code == 0, answer.stdout
    assert answer.stdout.endswith("no problems\n")
    assert states(answer) == {
        **dict.fromkeys(("config", "git", "history", "writing", "tracking", "registry", "workflow"), "ok"),
        "metric": "notice",
    }
    assert "none yet, the first run begins it" in answer.stdout
    assert server.tip("wine") == before
    assert "push" not in server.count_steps()
    assert server.git("branch", "--list", "commit-history", gist_id="wine") == b""


@pytest.mark.parametrize(
    ("config", "workflow", "environment", "subject", "words"),
    [
        ("storage: {path: [}\n", CALLER, {}, "config", "mend the file"),
        ("storage: {gist_url: URL/history}\n", CALLER, {}, "writing", "`gist` scope in GIST_TOKEN"),
        (
            "storage: {gist_url: URL/history}\n",
            CALLER,
            {"GIST_TOKEN": "wrong-t0ken"},
            "history",
            "wrong, expired or revoked",
        ),
        (
            "storage: {gist_url: URL/history}\n",
            CALLER,
            {"GIST_TOKEN": TOKEN},
            "workflow",
            "does not get the secret GIST_TOKEN",
        ),
        ("", CALLER, {"CI": "true", "GITHUB_ACTIONS": "true"}, "writing", "ends with the job"),
        (
            "storage: {branch: commit-history, git_url: URL/acme/wine}\n",
            CALLER.replace("contents: write", "contents: read"),
            {"HISTORY_TOKEN": TOKEN},
            "workflow",
            "→ `permissions: contents: write` in the job",
        ),
        ("", CALLER.replace(", actions: read", ""), {}, "workflow", "`permissions: actions: read`"),
        ("", CALLER.replace("    if: ${{ always() }}\n", ""), {}, "workflow", "`if: ${{ always() }}`"),
        (
            "mlflow: {tracking_uri: 'http://127.0.0.1:9', timeout_seconds: 1, total_seconds: 20}\n",
            CALLER,
            {},
            "tracking",
            "→ mlflow.tracking_uri",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_what_is_missing_is_a_problem_with_what_mends_it(
    server: GitServer,
    checkout: Checkout,
    config: str,
    workflow: str,
    environment: dict[str, str],
    subject: str,
    words: str,
) -> None:
    server.create_gist("wine", {"a": b""})
    answer = checked(checkout, config.replace("URL", server.url), workflow, **environment)
    assert answer.code == 1, answer.stdout
    assert states(answer)[subject] == "PROBLEM"
    assert words in answer.stdout
    assert "Traceback" not in answer.stderr


def test_a_token_that_may_not_write_is_found_without_writing(server: GitServer, checkout: Checkout) -> None:
    server.inject(Fault("push-info", status=403, times=9))
    answer = checked(checkout, f"storage: {{gist_url: {server.url}/history}}\n", GIST_TOKEN=TOKEN)
    assert (answer.code, states(answer)["history"], states(answer)["writing"]) == (1, "ok", "PROBLEM")
    assert TOKEN not in answer.stdout


def test_a_shallow_clone_and_a_metric_that_was_never_seen_are_problems(
    checkout: Checkout, tmp_path: Path
) -> None:
    checkout.commit("Train", {"m.json": json.dumps({"accuracy": 0.9})})
    run_here("run", "--metrics", "m.json", "--history", tmp_path / "h.csv", cwd=checkout.root)
    text = f"version: 3\nreport: {{highlight_metric: acuracy}}\nstorage: {{path: {tmp_path / 'h.csv'}}}\n"
    checkout.commit("Set up", {"report-config.yml": text})
    shallow = Checkout(tmp_path / "shallow")
    checkout.git("clone", "--quiet", "--depth=1", f"file://{checkout.root}", str(shallow.root))
    answer = run_here("check", cwd=shallow.root)
    assert (answer.code, states(answer)["git"], states(answer)["metric"]) == (1, "PROBLEM", "PROBLEM")
    assert "`fetch-depth: 0`" in answer.stdout
    assert "acuracy was never seen in the history\n" in answer.stdout
    assert "was accuracy meant?" in answer.stdout
    assert answer.stdout.endswith("2 problems\n")


def test_a_server_and_its_registry_are_asked(checkout: Checkout, mlflow: MlflowServer) -> None:
    config = f"mlflow: {{tracking_uri: '{mlflow.url}'}}\nregistry: {{model_name: nothing-yet}}\n"
    answer = checked(checkout, config)
    assert (states(answer)["tracking"], states(answer)["registry"]) == ("ok", "ok"), answer.stdout
    assert "the experiment Default is there" in answer.stdout
    assert "nothing-yet is not there yet" in answer.stdout


def test_a_report_from_which_something_is_absent_says_what_the_workflow_withholds(
    checkout: Checkout, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    environment = {
        **{"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/wine", "GITHUB_RUN_ID": "1"},
        **{"GITHUB_STEP_SUMMARY": str(page), "GITHUB_SERVER_URL": "https://github.com"},
    }
    withheld = CALLER.replace(", actions: read", "")
    for workflow, is_told in ((withheld, True), (CALLER, False)):
        checkout.commit(
            "Set up", {"report-config.yml": "report: {highlight_metric: acc}\n", WORKFLOW: workflow}
        )
        page.write_text("")
        assert run_here("run", cwd=checkout.root, environment=environment).code == 0
        text = page.read_text()
        assert "The jobs' list and durations are absent" in text
        assert (
            "its token can't read the run's jobs and their durations: `permissions: actions: read`" in text
        ) == is_told
