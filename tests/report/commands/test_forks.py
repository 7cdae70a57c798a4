"""A stranger's pull request on every CI: its config names the servers, and none of them gets a credential of ours."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import Answer, run_command, run_here
from gist_runs import TOKEN, run_ids_in
from servers.git_server import GitServer
from servers.odd_server import answering

SECRETS = {
    "GIST_TOKEN": TOKEN,
    "DAGSHUB_TOKEN": "dagshub-s3cret",
    "MLFLOW_TRACKING_TOKEN": "mlflow-s3cret",
    "GITHUB_TOKEN": "github-s3cret",
    "GITHUB_API_URL": "http://127.0.0.1:9",
}
# What each CI sets of a pull request of the repository `acme/wine`, and how that differs for one of a fork.
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_REPOSITORY": "acme/wine",
    "GITHUB_EVENT_NAME": "pull_request",
    "GITHUB_HEAD_REF": "feature",
    "GITHUB_BASE_REF": "main",
    "GITHUB_RUN_ID": "1",
}
OWN: dict[str, dict[str, str]] = {
    "github": GITHUB | {"repository": "acme/wine"},
    "gitea": GITHUB | {"GITEA_ACTIONS": "true", "repository": "acme/wine"},
    "gitlab": {
        "GITLAB_CI": "true",
        "CI_PIPELINE_ID": "1",
        "CI_MERGE_REQUEST_IID": "5",
        "CI_MERGE_REQUEST_PROJECT_ID": "1",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1",
    },
    "azure": {
        "TF_BUILD": "True",
        "BUILD_BUILDID": "1",
        "BUILD_SOURCEBRANCH": "refs/pull/5/merge",
        "SYSTEM_PULLREQUEST_ISFORK": "False",
        "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/feature",
    },
    "circleci": {
        "CIRCLECI": "true",
        "CIRCLE_WORKFLOW_ID": "1",
        "CIRCLE_BRANCH": "feature",
        "CIRCLE_PULL_REQUEST": "https://github.com/acme/wine/pull/5",
        "CIRCLE_PROJECT_USERNAME": "acme",
        "CIRCLE_PROJECT_REPONAME": "wine",
    },
    "jenkins": {
        "JENKINS_URL": "https://ci.example.org",
        "JOB_NAME": "wine/PR-5",
        "BUILD_NUMBER": "1",
        "CHANGE_ID": "5",
        "CHANGE_BRANCH": "feature",
    },
    "buildkite": {
        "BUILDKITE": "true",
        "BUILDKITE_BUILD_ID": "1",
        "BUILDKITE_REPO": "git@github.com:acme/wine.git",
        "BUILDKITE_PULL_REQUEST": "5",
        "BUILDKITE_PULL_REQUEST_REPO": "https://github.com/acme/wine.git",
    },
}
OF_A_FORK: dict[str, dict[str, str]] = {
    "github": {"repository": "stranger/wine"},
    "gitea": {"repository": "stranger/wine"},
    "gitlab": {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"},
    "azure": {"SYSTEM_PULLREQUEST_ISFORK": "True"},
    "circleci": {"CIRCLE_BRANCH": "pull/5", "CIRCLE_PR_USERNAME": "stranger", "CIRCLE_PR_REPONAME": "wine"},
    "jenkins": {"CHANGE_FORK": "stranger"},
    "buildkite": {"BUILDKITE_PULL_REQUEST_REPO": "https://github.com/stranger/wine.git"},
}
OF_NOBODY_KNOWS_WHERE: dict[str, dict[str, str]] = {
    "github": {"repository": ""},
    "gitea": {"repository": ""},
    "gitlab": {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": ""},
    "azure": {"SYSTEM_PULLREQUEST_ISFORK": ""},
    "circleci": {"CIRCLE_BRANCH": "pull/5"},
    "jenkins": {"CHANGE_BRANCH": ""},
    "buildkite": {"BUILDKITE_PULL_REQUEST_REPO": ""},
    "travis": {"CI": "true", "TRAVIS_PULL_REQUEST": "5"},
}
STRANGERS = {f"{ci}, a fork": OWN[ci] | more for ci, more in OF_A_FORK.items()}
STRANGERS |= {f"{ci}, not told": OWN.get(ci, {}) | more for ci, more in OF_NOBODY_KNOWS_WHERE.items()}
TRAIN = "from pathlib import Path\nPath('trained').touch()\n"

Report = Callable[[dict[str, str]], Answer]


@pytest.fixture
def report(checkout: Checkout, server: GitServer, tmp_path: Path) -> Report:
    """Report on a commit that asks for everything, in a job that has every secret."""

    def run(ci: dict[str, str], tracking_uri: str = "") -> Answer:
        config = {
            "version": 3,
            "report": {"highlight_metric": "r2"},
            "storage": {"gist_url": f"{server.url}/history"},
            "project": {"train_script": "train.py", "python": sys.executable},
        }
        if tracking_uri:
            config["mlflow"] = {"tracking_uri": tracking_uri, "keep_runs": 1}
            config["registry"] = {"model_name": "wine"}
        checkout.git("checkout", "--quiet", "-b", "feature")
        checkout.commit("Ask for all", {"report-config.yml": json.dumps(config), "train.py": TRAIN})
        netrc = checkout.root.parent / "netrc"
        netrc.write_text("default login me password netrc-s3cret\n")
        environment = {
            **SECRETS,
            "NETRC": str(netrc),
            **{name: value for name, value in ci.items() if name != "repository"},
        }
        if "repository" in ci:
            head = {"repo": {"full_name": ci["repository"]}, "ref": "feature"}
            payload = {"repository": {"full_name": "acme/wine"}, "pull_request": {"head": head, "number": 5}}
            path = tmp_path / "event.json"
            path.write_text(json.dumps(payload))
            environment["GITHUB_EVENT_PATH"] = str(path)
        return run_command("run", "--output", tmp_path / "out", cwd=checkout.root, environment=environment)

    return run


@pytest.mark.parametrize("ci", STRANGERS.values(), ids=STRANGERS.keys())
def test_a_strangers_pull_request_gets_no_credential_and_is_not_trained(
    ci: dict[str, str], report: Report, checkout: Checkout, server: GitServer, tmp_path: Path
) -> None:
    tip = server.tip()
    with answering(404, b"{}") as (url, seen):
        answer = report(ci, url)
    summary = (tmp_path / "out/summary.md").read_text()
    assert "was not trained" in summary
    assert "Nothing was recorded: the commit " in summary
    assert answer.code == 0, answer.stderr
    # The servers that its config names: asked, if at all, as anybody may, and for nothing to be changed.
    assert {authorization for _, authorization in seen} <= {None}
    assert not [
        path for path, _ in seen if any(word in path for word in ("create", "delete", "set-", "alias"))
    ]
    assert {request.authorization for request in server.requests} == {None}
    assert server.tip() == tip
    assert not (checkout.root / "trained").exists()


@pytest.mark.parametrize("place", ["../elsewhere.csv", "{outside}/elsewhere.csv", "link/elsewhere.csv"])
def test_a_strangers_config_leads_no_history_out_of_the_checkout(
    checkout: Checkout, tmp_path: Path, place: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (checkout.root / "link").symlink_to(outside)
    config = {"report": {"highlight_metric": "r2"}, "storage": {"path": place.format(outside=outside)}}
    checkout.commit("Lead it away", {"report-config.yml": json.dumps({"version": 3, **config})})
    stranger = STRANGERS["azure, a fork"]
    answer = run_command("run", "--output", tmp_path / "out", cwd=checkout.root, environment=stranger)
    assert "a history outside of the checkout is left alone" in answer.stderr
    assert (tmp_path / "out/summary.md").read_text().startswith("## ")
    assert not list(tmp_path.rglob("elsewhere.csv"))
    assert len(list((tmp_path / "out/pending").iterdir())) == 1


@pytest.mark.parametrize("ci", OWN.values(), ids=OWN.keys())
def test_a_pull_request_of_the_own_repository_is_trained_and_recorded(
    ci: dict[str, str], report: Report, checkout: Checkout, server: GitServer
) -> None:
    report(ci)
    assert (checkout.root / "trained").exists()
    assert len(run_ids_in(server)) == 1


def test_of_the_own_repository_the_servers_get_the_credentials(report: Report, server: GitServer) -> None:
    with answering(404, b"{}") as (url, seen):
        report(OWN["azure"], url)
    assert [authorization for _, authorization in seen if authorization]
    assert [request.authorization for request in server.requests if request.authorization]


@pytest.mark.parametrize(
    "command", [("sql", "select 1"), ("model", "list"), ("model", "promote", "--version", "1")]
)
def test_no_other_command_gives_a_stranger_a_credential(
    command: tuple[str, ...], report: Report, checkout: Checkout, server: GitServer
) -> None:
    azure = OWN["azure"] | OF_A_FORK["azure"]
    with answering(404, b"{}") as (url, seen):
        report(azure, url)
        run_here(*command, cwd=checkout.root, environment=SECRETS | azure)
    assert {authorization for _, authorization in seen} <= {None}
    assert {request.authorization for request in server.requests} == {None}


def test_two_jobs_of_jenkins_with_one_number_have_a_row_each(checkout: Checkout) -> None:
    for job in ("wine/main", "nightly/main"):
        environment = {"JENKINS_URL": "x", "JOB_NAME": job, "BUILD_NUMBER": "8"}
        assert run_here("run", cwd=checkout.root, environment=environment).code == 0
    with (checkout.root / ".devops-mlops-report/commitHistory.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["workflow_run_id"] for row in rows) == ["nightly/main#8", "wine/main#8"]
