"""Variables that are not what they should be: whatever stands in them, there is a report, and a row."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import run_command
from gist_runs import TOKEN, run_on
from servers.git_server import GitServer

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_API_URL": "http://127.0.0.1:9",
    "GITHUB_REPOSITORY": "acme/wine",
    "GITHUB_RUN_ID": "7",
    "GITHUB_TOKEN": "ghs_s3cret",
}
NO_TEXT = b"a\xff\x1b[1mb"


def report(
    root: Path, environment: Mapping[str, str | bytes], arguments: Sequence[str | bytes] = ()
) -> tuple[subprocess.CompletedProcess[bytes], str, list[dict[str, str]]]:
    """What the command answered, its summary, and the rows of the history."""
    variables = {"PATH": os.environ["PATH"], "HOME": str(root.parent), **environment}
    answer = subprocess.run(
        [sys.executable, "-I", "-m", "devops_mlops_report", "run", *arguments],
        cwd=root,
        env={os.fsencode(name): os.fsencode(value) for name, value in variables.items()},
        capture_output=True,
        check=False,
    )
    output = root / ".devops-mlops-report"
    history = output / "commitHistory.csv"
    rows = []
    if history.exists():
        with history.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    return answer, (output / "summary.md").read_text(encoding="utf-8"), rows


def of_bytes(*names: str) -> dict[str, str | bytes]:
    return dict.fromkeys(names, NO_TEXT)


ODD: dict[str, dict[str, str | bytes]] = {
    "GitHub's names": GITHUB
    | of_bytes(
        *(
            "GITHUB_SHA",
            "GITHUB_REF",
            "GITHUB_REF_NAME",
            "GITHUB_HEAD_REF",
            "GITHUB_BASE_REF",
            "GITHUB_WORKFLOW",
        ),
        *("GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_SERVER_URL", "GITHUB_ACTOR", "RUNNER_NAME"),
    ),
    "GitHub's addresses": GITHUB
    | of_bytes("GITHUB_REPOSITORY", "GITHUB_API_URL", "GITHUB_TOKEN", "NEEDS_JSON"),
    "GitLab's": {"GITLAB_CI": "true"}
    | of_bytes(
        *("CI_PROJECT_PATH", "CI_COMMIT_SHA", "CI_COMMIT_BRANCH", "CI_PIPELINE_ID", "CI_PIPELINE_URL"),
        *("CI_MERGE_REQUEST_IID", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_DEFAULT_BRANCH"),
    ),
    "Jenkins'": {"JENKINS_URL": "x"} | of_bytes("JOB_NAME", "BUILD_NUMBER", "GIT_COMMIT", "CHANGE_ID"),
    "of nobody": of_bytes("DAGSHUB_TOKEN", "MLFLOW_TRACKING_TOKEN", "MLFLOW_RUN_CONTEXT", "TZ", "ELSE"),
    "an attempt of 30 digits": GITHUB | {"GITHUB_RUN_ATTEMPT": "9" * 30},
    "an address that is none": GITHUB | {"GITHUB_API_URL": "http://[::1"},
    "a repository that is none": GITHUB | {"GITHUB_REPOSITORY": "a/b\n::error::c"},
    "an ASCII terminal": {"PYTHONIOENCODING": "ascii"},
}


@pytest.mark.parametrize("environment", ODD.values(), ids=ODD.keys())
def test_whatever_stands_in_a_variable_there_is_a_report_and_a_row(
    environment: dict[str, str | bytes], checkout: Checkout
) -> None:
    answer, summary, rows = report(checkout.root, environment)
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert "Begin" in summary
    [row] = rows
    assert row["commit_sha"] == checkout.git("rev-parse", "HEAD")
    assert all(value.isprintable() for value in row.values())


PAYLOADS = {
    "a NUL in every name": {
        "before": "\0",
        "repository": {"full_name": "acme/wine", "default_branch": "m\0"},
        "pull_request": {"number": 5, "head": {"ref": "a\0", "sha": "\0"}, "base": {"ref": "b\0"}},
    },
    "halves of characters": {"before": "\ud800", "repository": {"default_branch": "\udfff"}},
    "numbers without an end": {"workflow_run": {"id": 10**400, "run_attempt": 10**30, "pull_requests": [1]}},
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_whatever_stands_in_the_payload_there_is_a_report_and_a_row(
    payload: dict[str, object], checkout: Checkout, tmp_path: Path
) -> None:
    path = tmp_path / "event.json"
    path.write_text("\ufeff" + json.dumps(payload), encoding="utf-8")
    needs = '\ufeff{"\\ud800": {"result": "success"}}'
    answer, _, rows = report(checkout.root, GITHUB | {"GITHUB_EVENT_PATH": str(path), "NEEDS_JSON": needs})
    assert (answer.returncode, answer.stderr) == (0, b"")
    [row] = rows
    assert row["workflow_status"] == "success"


def test_a_commit_that_no_hash_can_be_is_not_looked_for(checkout: Checkout) -> None:
    _, summary, [row] = report(checkout.root, GITHUB | {"GITHUB_SHA": "--all"})
    assert row["commit_sha"] == checkout.git("rev-parse", "HEAD")
    assert "GITHUB_SHA is" in summary


def test_files_whose_names_are_not_utf_8_cost_what_they_tell(checkout: Checkout) -> None:
    named = {
        "--metrics": b"m\xff.json",
        "--junit": b"\xff*.xml",
        "--coverage": b"c\xff",
        "--mlflow-run": b"\xff",
    }
    arguments = [part for option in named.items() for part in option]
    answer, summary, [row] = report(checkout.root, {}, arguments)
    assert (answer.returncode, answer.stderr, row["training"]) == (0, b"", "failed")
    assert "m?.json" in summary


def test_a_history_whose_path_is_not_utf_8_leaves_a_report_and_a_pending_row(tmp_path: Path) -> None:
    checkout = Checkout.create(Path(os.fsdecode(bytes(tmp_path) + b"/d\xff")))
    checkout.commit("Begin")
    answer, summary, _ = report(checkout.root, {})
    assert answer.returncode == 1
    assert "a name in its path is not UTF" in summary
    assert len(list((checkout.root / ".devops-mlops-report/pending").iterdir())) == 1


@pytest.mark.parametrize("token", ["abc def", "abc\ndef", "abc\x7f"])
def test_a_token_that_can_be_none_leaves_the_history_read_and_the_row_pending(
    token: str, server: GitServer, checkout: Checkout
) -> None:
    tip = server.tip()
    answer = run_on(server, checkout, "1", GIST_TOKEN=token)
    page = (checkout.root.parent / "page-1.md").read_text()
    assert answer.code == 1
    assert "GIST_TOKEN holds a blank, a line break or another character that no token has" in answer.stderr
    assert "The history could not be read" not in page
    assert "old8" in page  # the newest model of the history that was read
    assert server.tip() == tip
    assert {request.authorization for request in server.requests} == {None}
    [pending] = (checkout.root.parent / "out-1/pending").iterdir()
    taken = run_command(
        *("merge", pending, "--history", f"{server.url}/history"),
        cwd=checkout.root,
        environment={"GIST_TOKEN": TOKEN},
    )
    assert taken.code == 0, taken.stderr
    assert b"Begin" in server.read("commitHistory.csv")
