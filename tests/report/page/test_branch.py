"""The page on a branch: beside what others have there, replaced by the next one, and the latest one stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import Answer, run_here
from devops_mlops_report.history import LocationError
from devops_mlops_report.history.stores import BranchAddress, Patience
from devops_mlops_report.history.stores.branch import MARK
from devops_mlops_report.report.page.branch import PageBranch, Published
from servers.git_server import GitServer, git_server

TOKEN = "ghs_0123456789abcdefTOKEN"
HASTE = Patience(seconds=60, first_pause=0.01, longest_pause=0.05, step_seconds=60)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONFIG = "version: 3\nreport: {highlight_metric: acc}\nstorage: {branch: commit-history}\n"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[GitServer]:
    """A host with the repository `acme/wine`, whose code is on `main`."""
    with git_server(tmp_path / "host", TOKEN) as server:
        server.create_gist("wine", {"train.py": b"print()\n"})
        yield server


def page(read_at: datetime, text: str = "") -> bytes:
    head = '<meta name="generator" content="devops-mlops-report">\n<meta name="date" content="{}">\n<p>{}'
    return head.format(read_at.isoformat(), text).encode()


def publish(host: GitServer, minutes: int, folder: str = "report", branch: str = "gh-pages") -> Published:
    """The page of the history as it was so many minutes later."""
    read_at = AT + timedelta(minutes=minutes)
    file = host.root / f"page-{folder.replace('/', '-')}-{minutes}.html"
    file.write_bytes(page(read_at, str(minutes)))
    address = BranchAddress.parse(f"{host.url}/acme/wine", branch)
    target = PageBranch.at(address, folder, TOKEN, HASTE)
    return target.publish({"index.html": file}, read_at, "Put the page there")


def on(host: GitServer, name: str, branch: str = "gh-pages") -> str:
    return host.git("show", f"refs/heads/{branch}:{name}", gist_id="wine").decode()


def subjects(host: GitServer, branch: str = "gh-pages") -> list[str]:
    return host.git("log", "--format=%s", f"refs/heads/{branch}", gist_id="wine").decode().splitlines()


def test_a_new_branch_holds_the_page_alone_and_does_not_grow(host: GitServer) -> None:
    for minutes in range(4):
        publish(host, minutes)
    assert subjects(host) == ["Put the page there"]
    listed = host.git("ls-tree", "-r", "--name-only", "refs/heads/gh-pages", gist_id="wine").decode().split()
    assert listed == [".nojekyll", "report/index.html"]
    assert on(host, "report/index.html").endswith("<p>3")


def test_what_others_have_on_the_branch_stays_and_so_do_their_commits(host: GitServer) -> None:
    publish(host, 0)
    host.commit("wine", {"docs/index.html": b"theirs", "report/other.txt": b"theirs"}, branch="gh-pages")
    for minutes in (1, 2):
        publish(host, minutes, "report")
        publish(host, minutes, "models/fraud")
    assert subjects(host) == ["Put the page there", "By hand", "Put the page there"]
    assert (on(host, "docs/index.html"), on(host, "report/other.txt")) == ("theirs", "theirs")
    assert on(host, "report/index.html").endswith("<p>2")
    assert on(host, "models/fraud/index.html").endswith("<p>2")


def test_of_runs_at_the_same_time_the_page_of_the_latest_history_stays(host: GitServer) -> None:
    publish(host, 0)
    with ThreadPoolExecutor(5) as pool:
        told = list(pool.map(lambda minutes: publish(host, minutes), (3, 5, 1, 4, 2)))
    assert on(host, "report/index.html").endswith("<p>5")
    assert subjects(host) == ["Put the page there"]
    assert publish(host, 2).is_older
    assert not told[1].is_older


def test_where_force_is_refused_the_page_comes_on_top_and_says_so(host: GitServer) -> None:
    publish(host, 0)
    host.git("config", "receive.denyNonFastForwards", "true", gist_id="wine")
    told = publish(host, 1)
    assert "allow force pushes" in told.notice
    assert subjects(host) == ["Put the page there"] * 2
    assert on(host, "report/index.html").endswith("<p>1")


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"report/index.html": b"<h1>Our own site"}, "not made by devops-mlops-report"),
        ({MARK: b"ours"}, "it keeps a history"),
        ({"report": b"a file"}, "report is not a folder"),
    ],
)
def test_what_is_not_a_page_of_ours_is_never_written_over(
    host: GitServer, files: dict[str, bytes], problem: str
) -> None:
    host.git("branch", "gh-pages", "main", gist_id="wine")
    host.commit("wine", files, branch="gh-pages")
    with pytest.raises(LocationError, match=problem):
        publish(host, 0)
    assert subjects(host)[0] == "By hand"


# The command.


def variables(host: GitServer, folder: Path, **more: str) -> dict[str, str]:
    event = {"repository": {"full_name": "acme/wine", "default_branch": "main"}}
    if more.get("GITHUB_EVENT_NAME") == "pull_request":
        event["pull_request"] = {"number": 5, "head": {"ref": "x", "repo": {"full_name": "mallory/wine"}}}  # type: ignore[dict-item]
    (folder / "event.json").write_text(json.dumps(event))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": host.url,
        "GITHUB_REPOSITORY": "acme/wine",
        "GITHUB_REF_NAME": "topic",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_TOKEN": TOKEN,
        "NO_PROXY": "127.0.0.1",
    } | more


def push(host: GitServer, checkout: Checkout, *options: str, **more: str) -> Answer:
    environment = variables(host, checkout.root, **more)
    return run_here("page", "--branch", "gh-pages", *options, cwd=checkout.root, environment=environment)


def test_the_command_pushes_with_the_job_s_token_and_shows_it_nowhere(
    host: GitServer, tmp_path: Path
) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    checkout.commit("Begin", {"report-config.yml": "version: 3\nreport: {highlight_metric: acc}\n"})
    # A token for a history elsewhere is not what writes here.
    answer = push(host, checkout, HISTORY_TOKEN="ghp_of_another_repository")
    assert answer.code == 0, answer.stderr
    assert f"Pushed to report on branch gh-pages of {host.url}/acme/wine" in answer.stderr
    assert TOKEN not in answer.stdout + answer.stderr
    there = on(host, "report/index.html")
    assert there == (checkout.root / "site/index.html").read_text()
    assert re.search(r'<meta name="date" content="20[0-9T:.+-]+">', there)


def test_nothing_is_pushed_for_a_fork_s_commit_nor_to_where_something_else_lives(
    host: GitServer, tmp_path: Path
) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    checkout.commit("Begin", {"report-config.yml": CONFIG})
    fork = push(host, checkout, GITHUB_EVENT_NAME="pull_request")
    assert fork.code == 1
    assert "comes from a fork, so nothing is pushed" in fork.stderr
    for options, problem in (
        (("--branch", "topic"), "is the branch of the commit"),
        (("--branch", "main"), "is the default branch"),
        (("--branch", "commit-history"), "is the branch of the history"),
        (("--folder", "../up"), "wanted a folder of the branch"),
        (("--folder", ".git/hooks"), "wanted a folder of the branch"),
    ):
        answer = push(host, checkout, *options)
        assert (answer.code, answer.is_one_line()) == (2, True), answer.stderr
        assert problem in answer.stderr
    assert "gh-pages" not in host.git("for-each-ref", gist_id="wine").decode()
