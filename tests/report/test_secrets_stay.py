"""No secret leaves a run by the summary, the files, the log or the row, whatever a server, git or a training says."""

from __future__ import annotations

import base64
import html
import json
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from checkouts import Checkout
from devops_mlops_report.report.facts.git import run_git
from devops_mlops_report.report.redaction import HIDDEN
from gist_runs import TOKEN as GIST_TOKEN
from gist_runs import run_on
from report_project import Project, Reported
from repositories import GitRepository
from servers.git_server import Fault, git_server
from servers.odd_server import echoing

PASSWORD = "s3cr3t-pass/w0rd+"
TRAIN = f"project: {{train_script: train.py, python: {json.dumps(sys.executable)}}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(GitRepository(tmp_path / "churn"), tmp_path / "kept" / "commitHistory.csv")


def spellings(secret: str) -> set[str]:
    pair = base64.b64encode(f"ada:{secret}".encode()).decode()
    escaped = {quote(secret, safe=""), json.dumps(secret)[1:-1], secret.encode().hex()}
    return {secret, secret[:10], pair, pair[8:24], *escaped}


def told(project: Project, answer: Reported) -> str:
    """Everything that a run gave, as it is and as a browser shows it."""
    files = [
        path.read_bytes().decode("utf-8", "replace") for path in project.output.rglob("*") if path.is_file()
    ]
    everything = "".join([answer.stderr, *files, project.history.read_text()])
    return everything + html.unescape(everything).replace("\u200b", "")


@pytest.mark.parametrize("status", [400, 401, 404, 500])
@pytest.mark.parametrize("scheme", ["basic", "bearer", "dagshub", "in the URL"])
def test_a_server_that_quotes_our_credentials_is_not_quoted(
    project: Project, status: int, scheme: str
) -> None:
    with echoing(status) as url:
        environment = {
            "basic": {"MLFLOW_TRACKING_USERNAME": "ada", "MLFLOW_TRACKING_PASSWORD": PASSWORD},
            "bearer": {"MLFLOW_TRACKING_TOKEN": PASSWORD},
            "dagshub": {"DAGSHUB_TOKEN": PASSWORD},
            "in the URL": {"MLFLOW_TRACKING_URI": url.replace("//", f"//ada:{quote(PASSWORD, safe='')}@")},
        }[scheme]
        is_named = scheme != "in the URL"
        project.configure(
            TRAIN + (f"mlflow: {{tracking_uri: '{url}', total_seconds: 20}}\n" if is_named else "")
        )
        project.repository.commit("first", {"train.py": ""})
        answer = project.report(**environment)
    everything = told(project, answer)
    assert "The training was not started" in answer.summary
    assert not [spelling for spelling in spellings(PASSWORD) if spelling in everything]


def test_a_training_tells_nothing_by_its_output_its_error_and_its_params(
    project: Project, tmp_path: Path
) -> None:
    code = (
        "import base64, json, os, sys, urllib.parse\n"
        "secret = os.environ['SERVICE_PASSWORD']\n"
        "print(secret, base64.b64encode(b'ada:' + secret.encode()))\n"
        "print(json.dumps(secret), urllib.parse.quote(secret, ''))\n"
        "print(secret.encode().hex(), repr({'Authorization': 'Bearer ' + secret}))\n"
        "sys.exit(f'ValueError: can not log in with {secret}')\n"
    )
    project.configure(TRAIN)
    project.repository.commit("first", {"train.py": code})
    params = {"url": f"postgres://ada:{PASSWORD}@host", PASSWORD: "x", "rate": 0.1}
    (tmp_path / "params.json").write_text(json.dumps(params))
    answer = project.report(SERVICE_PASSWORD=PASSWORD)
    everything = told(project, answer)
    assert f"can not log in with {HIDDEN}" in answer.summary
    assert not [spelling for spelling in spellings(PASSWORD) if spelling in everything]
    answer = project.report("--params", str(tmp_path / "params.json"), SERVICE_PASSWORD=PASSWORD)
    assert answer.json("params") == {"url": f"postgres://ada:{HIDDEN}@host", HIDDEN: "x", "rate": "0.1"}
    assert not [spelling for spelling in spellings(PASSWORD) if spelling in told(project, answer)]


def test_what_git_has_already_is_recorded_as_it_is(project: Project) -> None:
    project.configure("")
    project.repository.commit(f"say {PASSWORD}", {"a.txt": ""})
    answer = project.report(SERVICE_PASSWORD=PASSWORD)
    assert answer.row["commit_message"] == f"say {PASSWORD}"
    assert f"say {HIDDEN}" in answer.summary
    assert PASSWORD not in answer.summary + answer.stderr


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_gist_that_can_not_be_written_is_no_leak(tmp_path: Path, status: int) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    checkout.commit("Begin")
    with git_server(tmp_path / "gists", GIST_TOKEN) as server:
        server.create_gist("history", {"commitHistory.csv": b""})
        server.inject(Fault("push", status=status, times=9))
        answer = run_on(server, checkout, "7")
    page = (tmp_path / "page-7.md").read_text()
    assert GIST_TOKEN[:8] not in page + answer.stdout + answer.stderr


def test_programs_that_a_checkout_names_get_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training may have written git's settings, which the report then reads."""
    repository, seen = GitRepository(tmp_path / "churn"), tmp_path / "seen"
    repository.commit("first", {"a.txt": ""})
    spy = tmp_path / "spy"
    spy.write_text(f"#!/bin/sh\nenv >> {seen}\n")
    spy.chmod(0o755)
    repository.git("config", "core.fsmonitor", str(spy))
    for name in ("GIST_TOKEN", "GITHUB_TOKEN", "DAGSHUB_TOKEN"):
        monkeypatch.setenv(name, GIST_TOKEN)
    run_git(repository.root, "status")
    assert "HOME=" in seen.read_text()
    assert GIST_TOKEN not in seen.read_text()
