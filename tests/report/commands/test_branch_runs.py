"""`run` and `move` with the history on a branch of the repository itself, by the job's own token."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import Answer, run_here
from gist_runs import TOKEN, rows_of
from servers.git_server import GitServer, git_server

BRANCH = "commit-history"
CONFIG = "version: 3\nreport: {highlight_metric: acc}\nstorage: {branch: commit-history}\n"


@pytest.fixture
def wine(server: GitServer, checkout: Checkout) -> GitServer:
    """The host of the checkout's repository, whose code is on `main`."""
    server.create_gist("wine", {"train.py": b"print()\n"})
    (checkout.root / "report-config.yml").write_text(CONFIG)
    (checkout.root / "m.json").write_text('{"acc": 0.9}')
    return server


def variables(server: GitServer, folder: Path, *, is_private: bool = True, **more: str) -> dict[str, str]:
    """Of a job of GitHub Actions, on a push unless `more` says otherwise."""
    head = more.pop("head", "")
    event = {"repository": {"full_name": "acme/wine", "private": is_private, "default_branch": "main"}}
    if head:
        event["pull_request"] = {"number": 5, "head": {"repo": {"full_name": head}}}  # type: ignore[assignment]
    (folder / "event.json").write_text(json.dumps(event))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": server.url,
        "GITHUB_API_URL": "http://127.0.0.1:9",
        "GITHUB_REPOSITORY": "acme/wine",
        "GITHUB_RUN_ID": "1",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_EVENT_NAME": "pull_request" if head else "push",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_STEP_SUMMARY": str(folder / "page.md"),
        "GITHUB_TOKEN": TOKEN,
    } | more


def report(checkout: Checkout, environment: dict[str, str]) -> tuple[Answer, str]:
    page = Path(environment["GITHUB_STEP_SUMMARY"])
    page.unlink(missing_ok=True)
    answer = run_here("run", "--metrics", "m.json", cwd=checkout.root, environment=environment)
    return answer, page.read_text()


def recorded(server: GitServer) -> list[str]:
    content = server.git("show", f"{BRANCH}:commitHistory.csv", gist_id="wine", check=False)
    return [row["workflow_run_id"] for row in rows_of(content)]


def test_a_run_records_itself_with_the_job_s_own_token_and_nothing_made_before(
    wine: GitServer, checkout: Checkout, tmp_path: Path
) -> None:
    report(checkout, variables(wine, tmp_path))
    checkout.commit("More")
    wine.requests.clear()
    answer, page = report(checkout, variables(wine, tmp_path, GITHUB_RUN_ID="2"))
    assert answer.code == 0, answer.stderr
    assert recorded(wine) == ["1", "2"]
    # A private repository's picture can't be fetched by the host's proxy: the text speaks, and the picture is linked.
    assert "<img" not in page
    assert "```mermaid" in page
    revision = wine.git("rev-parse", BRANCH, gist_id="wine").decode().strip()
    assert f"[The chart as a picture]({wine.url}/acme/wine/blob/{revision}/chart.svg)" in page
    assert revision[:7] in page
    asked = wine.count_steps()
    assert asked["fetch-info"] + asked["push-info"] == 2
    assert all(request.authorization for request in wine.requests if "push" in request.step)
    assert TOKEN not in page + answer.stdout + answer.stderr


def test_the_picture_of_a_public_repository_is_shown(
    wine: GitServer, checkout: Checkout, tmp_path: Path
) -> None:
    _, page = report(checkout, variables(wine, tmp_path, is_private=False))
    revision = wine.git("rev-parse", BRANCH, gist_id="wine").decode().strip()
    assert f'src="{wine.url}/acme/wine/raw/{revision}/chart.svg"' in page


def test_a_fork_s_pull_request_writes_nothing(wine: GitServer, checkout: Checkout, tmp_path: Path) -> None:
    environment = variables(wine, tmp_path, head="stranger/wine", HISTORY_TOKEN="h1story-s3cret")
    answer, page = report(checkout, environment)
    assert answer.code == 0, answer.stderr
    assert "comes from a fork, so the history was read, not written" in page
    assert "push" not in "".join(wine.count_steps())
    assert wine.git("branch", "--list", BRANCH, gist_id="wine") == b""


@pytest.mark.parametrize("head", ["", "stranger/wine"])
def test_the_job_s_token_goes_to_no_other_host(
    wine: GitServer, checkout: Checkout, tmp_path: Path, head: str
) -> None:
    with git_server(tmp_path / "elsewhere", TOKEN) as other:
        url = other.create_gist("wine", {"a": b""})
        text = CONFIG.replace("{branch:", f"{{git_url: '{url}', branch:")
        (checkout.root / "report-config.yml").write_text(text)
        answer, page = report(checkout, variables(wine, tmp_path, head=head))
        assert answer.code == 0
        assert "the history was read, not written" in page
        assert other.requests
        assert [request.authorization for request in other.requests if request.authorization] == []
        if not head:
            answer, _ = report(checkout, variables(wine, tmp_path, HISTORY_TOKEN=TOKEN))
            assert answer.code == 0
            assert other.git("branch", "--list", BRANCH, gist_id="wine").split() == [BRANCH.encode()]


def test_a_token_that_may_not_write_is_told_what_to_set_and_the_row_waits(
    wine: GitServer, checkout: Checkout, tmp_path: Path
) -> None:
    answer, page = report(checkout, variables(wine, tmp_path, GITHUB_TOKEN="ghs_" + "another" * 4))
    assert answer.code == 1
    assert "HISTORY_TOKEN or GITHUB_TOKEN is wrong, expired or revoked" in page
    assert len(list((checkout.root / ".devops-mlops-report/pending").iterdir())) == 1


def test_a_checkout_without_a_remote_is_told_what_is_wanted(wine: GitServer, checkout: Checkout) -> None:
    checkout.git("remote", "remove", "origin")
    answer = run_here("sql", "select 1", cwd=checkout.root)
    assert answer.code == 1
    assert "wanted storage.git_url as well, or a remote" in answer.stderr


def test_a_history_moves_from_store_to_store_with_every_row(
    wine: GitServer, checkout: Checkout, tmp_path: Path
) -> None:
    """gist → branch → file → gist: the same bytes at the end, and each place as it was when it was left."""
    gist = f"{wine.url}/history"
    secrets = {"GIST_TOKEN": TOKEN, "HISTORY_TOKEN": TOKEN}
    url = f"{wine.url}/acme/wine.git#{BRANCH}"
    before = wine.read("commitHistory.csv")

    def move(*arguments: str) -> Answer:
        answer = run_here("move", *arguments, cwd=checkout.root, environment=secrets)
        assert answer.code == 0, answer.stderr
        return answer

    answer = move("--history", gist, "--to", "branch", url)
    assert answer.stdout == f"storage:\n  branch: {BRANCH}\n  git_url: {wine.url}/acme/wine.git\n"
    assert "8 rows are new there, which makes 8" in answer.stderr
    assert wine.read("commitHistory.csv") == before
    assert "0 rows are new there" in move("--history", gist, "--to", "branch", url).stderr
    content = wine.git("show", f"{BRANCH}:commitHistory.csv", gist_id="wine")
    moved = move("--history", url, "--to", "file", str(checkout.root / "h.csv"))
    assert moved.stdout == "storage:\n  path: h.csv\n"
    assert (checkout.root / "h.csv").read_bytes() == content
    other = wine.create_gist("other")
    move("--history", str(checkout.root / "h.csv"), "--to", "gist", other)
    assert wine.read("commitHistory.csv", "other") == content
    assert len(rows_of(content)) == 8


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "gist"], "wanted the gist's URL"),
        (["--to", "file", "h.csv", "--history", "h.csv"], "is where the history is already"),
        (["--to", "file", "h.csv", "--history", "nothing.csv"], "there is no history"),
        (["--to", "branch", "a b", "--history", "h.csv"], "can't be the name of a branch"),
    ],
)
def test_what_can_not_be_moved_is_said_in_one_line(
    wine: GitServer, checkout: Checkout, arguments: list[str], words: str
) -> None:
    answer = run_here("move", *arguments, cwd=checkout.root)
    assert answer.code in (1, 2)
    assert answer.is_one_line()
    assert words in answer.stderr
