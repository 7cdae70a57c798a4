"""A history on a branch of a repository: apart from the code, bounded, and readable by who may read the repository."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from devops_mlops_report.history import LocationError, ReadOnlyError, Settings
from devops_mlops_report.history.stores import BranchAddress, BranchLocation, branch
from devops_mlops_report.history.stores.branch import DEFAULT_BRANCH, MARK
from devops_mlops_report.history.stores.git_failures import AccessError
from servers.git_server import Fault, GitServer, git_server
from servers.writers import numbers_in, row

NAME = "commitHistory.csv"
TOKEN = "ghp_0123456789abcdefTOKEN"
Locate = Callable[..., BranchLocation]


@pytest.fixture
def store() -> str:
    return "branch"


@pytest.fixture
def code(host: GitServer) -> str:
    """A repository with code on `main`, and nothing else; its URL."""
    host.marks = {}
    return host.create_gist("wine", {"train.py": b"print()\n"})


def at(url: str, **options: object) -> BranchLocation:
    return BranchLocation(BranchAddress.parse(url), TOKEN, **options)  # type: ignore[arg-type]


def record(location: BranchLocation, number: int, **files: bytes) -> BranchLocation:
    history = location.load(Settings())
    history.append(row(number))
    location.save(history, files)
    history.close()
    location.close()
    return location


def revisions(host: GitServer, name: str = DEFAULT_BRANCH) -> int:
    return int(host.git("rev-list", "--count", f"refs/heads/{name}", gist_id="wine"))


def test_the_branch_is_made_by_the_first_run_and_shares_nothing_with_the_code(
    host: GitServer, code: str
) -> None:
    before = host.tip("wine")
    location = at(code)
    history = location.load(Settings())
    assert (history.count_rows, location.is_new) == (0, True)
    history.append(row(1))
    location.save(history, {"badge.json": b"{}"})

    assert host.tip("wine") == before
    listed = host.git("ls-tree", "--name-only", DEFAULT_BRANCH, gist_id="wine").decode().split()
    assert sorted(listed) == sorted([MARK, NAME, "badge.json"])
    assert numbers_in(host.read(NAME, "wine", DEFAULT_BRANCH)) == [1]
    assert host.git("merge-base", "main", DEFAULT_BRANCH, gist_id="wine", check=False) == b""
    assert host.count_steps() == {"fetch-info": 1, "fetch": 1, "push-info": 1, "push": 1}


def test_its_commits_start_no_workflow(host: GitServer, code: str) -> None:
    record(at(code), 1)
    said = host.git("log", "-1", "--format=%s", DEFAULT_BRANCH, gist_id="wine").decode()
    assert said == f"Record commit {1:040x}"[:26] + " of owner/name [skip ci]\n"


def test_a_branch_that_somebody_else_made_is_neither_read_nor_written(host: GitServer, code: str) -> None:
    location = BranchLocation(BranchAddress.parse(code, "main"), TOKEN)
    with pytest.raises(LocationError, match="was not begun by devops-mlops-report"):
        location.load(Settings())
    with pytest.raises(LocationError, match="such as commit-history"):
        record(BranchLocation(BranchAddress.parse(code, "main"), TOKEN), 1)
    assert host.count_revisions("wine") == 1


def test_old_revisions_are_squashed_and_no_row_goes_with_them(
    host: GitServer, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branch, "REVISIONS", 3)
    counts = []
    for number in range(8):
        record(at(code), number, **{"badge.json": b"%d" % number})
        counts.append(revisions(host))
    assert counts == [1, 2, 3, 1, 2, 3, 1, 2]
    assert numbers_in(host.read(NAME, "wine", DEFAULT_BRANCH)) == list(range(8))
    assert MARK.encode() in host.git("ls-tree", DEFAULT_BRANCH, gist_id="wine")


def test_a_hand_made_commit_counts_anew_and_keeps_what_it_says(
    host: GitServer, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branch, "REVISIONS", 3)
    record(at(code), 1)
    host.commit("wine", {"notes.md": b"mine\n"}, branch=DEFAULT_BRANCH)
    for number in range(2, 7):
        record(at(code), number)
    assert revisions(host) == 2
    assert host.read("notes.md", "wine", DEFAULT_BRANCH) == b"mine\n"


def test_a_writer_who_loses_to_a_squash_merges_and_one_who_squashes_late_does_too(
    host: GitServer, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branch, "REVISIONS", 2)
    record(at(code), 1)
    record(at(code), 2)
    first, second = at(code), at(code)
    histories = first.load(Settings()), second.load(Settings())
    for number, (location, history) in enumerate(zip((first, second), histories, strict=True), start=3):
        history.append(row(number))
        location.save(history, {})
    # Both wanted to squash: the second one's lease was for a revision that was gone.
    assert second.attempts == 2
    assert numbers_in(host.read(NAME, "wine", DEFAULT_BRANCH)) == [1, 2, 3, 4]
    assert revisions(host) == 2


def test_writers_at_once_lose_and_double_nothing_while_the_branch_begins_anew(
    host: GitServer, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branch, "REVISIONS", 3)
    with ThreadPoolExecutor(6) as writers:
        list(writers.map(lambda number: record(at(code), number), range(6)))
    assert numbers_in(host.read(NAME, "wine", DEFAULT_BRANCH)) == list(range(6))
    assert revisions(host) <= 3


def test_a_branch_that_is_deleted_in_between_comes_back_with_every_row(host: GitServer, code: str) -> None:
    record(at(code), 1)
    location = at(code)
    history = location.load(Settings())
    history.append(row(2))
    host.git("update-ref", "-d", f"refs/heads/{DEFAULT_BRANCH}", gist_id="wine")
    location.save(history, {})
    assert numbers_in(host.read(NAME, "wine", DEFAULT_BRANCH)) == [1, 2]
    assert MARK.encode() in host.git("ls-tree", DEFAULT_BRANCH, gist_id="wine")


def forbid(host: GitServer, words: str, condition: str = "true") -> None:
    hook = host.folder("wine") / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\nread old new ref\nif {condition}; then echo '{words}' >&2; exit 1; fi\nexit 0\n"
    )
    hook.chmod(0o755)


def test_a_ruleset_that_forbids_the_push_is_named_with_what_allows_it(host: GitServer, code: str) -> None:
    forbid(host, "error: GH013: Repository rule violations found for refs/heads/commit-history.")
    with pytest.raises(LocationError, match=r"leave 'commit-history' out of the targets of the ruleset"):
        record(at(code), 1)
    assert host.count_steps()["push"] == 1


def test_where_no_force_push_is_allowed_the_row_is_recorded_and_the_notice_says_what_grows(
    host: GitServer, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branch, "REVISIONS", 2)
    has_past = '[ "$old" != 0000000000000000000000000000000000000000 ]'
    is_forced = f'{has_past} && ! git merge-base --is-ancestor "$old" "$new"'
    forbid(host, "error: GH006: Protected branch update failed: Cannot force-push to this branch", is_forced)
    notices = []
    for number in range(5):
        location = at(code)
        history = location.load(Settings())
        history.append(row(number))
        notices.append(location.save(history, {}).notices)
    assert numbers_in(host.read(NAME, "wine", DEFAULT_BRANCH)) == list(range(5))
    assert [bool(notice) for notice in notices] == [False, False, True, False, True]
    assert "allow force pushes to it" in notices[2][0]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "HISTORY_TOKEN or GITHUB_TOKEN is wrong"),
        (403, "permissions: contents: write"),
        (404, "own token sees its own repository alone"),
    ],
)
def test_a_refusal_says_what_to_do(host: GitServer, code: str, status: int, words: str) -> None:
    host.inject(Fault("push-info", status=status, times=9))
    with pytest.raises(AccessError, match=words):
        record(at(code), 1)


def test_a_private_repository_is_no_empty_history_without_a_token(tmp_path: Path) -> None:
    with git_server(tmp_path, TOKEN, reads_need_token=True) as host:
        url = host.create_gist("wine", {"a": b""})
        with pytest.raises(AccessError, match="it is private"):
            BranchLocation(BranchAddress.parse(url)).load(Settings())
        assert at(url).load(Settings()).count_rows == 0
        with pytest.raises(AccessError, match="404"):
            at(f"{host.url}/nothing").load(Settings())


def test_without_a_token_nothing_is_written(host: GitServer, code: str) -> None:
    location = BranchLocation(BranchAddress.parse(code), None, token_name="GITHUB_TOKEN")
    with pytest.raises(ReadOnlyError, match="no GITHUB_TOKEN: the history was read, not written"):
        location.save(location.load(Settings()), {})


def test_pictures_of_a_public_repository_have_an_address_and_those_of_a_private_one_a_page(
    host: GitServer, code: str
) -> None:
    for is_public in (True, False):
        location = at(code, is_public=is_public)
        receipt = location.save(location.load(Settings()), {"chart.svg": b"<svg/>"})
        assert receipt.attachment_pages == {"chart.svg": f"{code}/blob/{receipt.revision}/chart.svg"}
        raw = f"{code}/raw/{receipt.revision}/chart.svg"
        assert receipt.attachment_urls == ({"chart.svg": raw} if is_public else {})


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/mona/wine",
        "https://github.com/mona/wine.git",
        "https://github.com/mona/wine/",
        "git@github.com:mona/wine.git",
        "ssh://git@github.com/mona/wine.git",
        "github.com/mona/wine",
        "https://github.com/mona/wine.git#commit-history",
    ],
)
def test_every_form_of_a_repository_s_address_is_read(url: str) -> None:
    address = BranchAddress.parse(url)
    assert address == BranchAddress("https", "github.com", "mona/wine", DEFAULT_BRANCH)
    assert address.git_url == "https://github.com/mona/wine.git"
    assert address.raw_url("a1", "chart.svg") == "https://raw.githubusercontent.com/mona/wine/a1/chart.svg"
    assert address.page_url("a1", "chart.svg") == "https://github.com/mona/wine/blob/a1/chart.svg"


def test_a_group_of_gitlab_has_its_own_pages() -> None:
    address = BranchAddress.parse("https://gitlab.example.org/group/part/wine.git", "runs/main")
    assert address.path == "group/part/wine"
    assert address.revision_url("a1") == "https://gitlab.example.org/group/part/wine/-/commit/a1"
    assert address.reference == "refs/heads/runs/main"


@pytest.mark.parametrize(
    ("url", "name", "words"),
    [
        ("https://me:s3cret@github.com/mona/wine", "x", "holds a user name or a password"),
        ("http://github.com/mona/wine", "x", "would send the token in the clear"),
        ("https://github.com/wine", "x", "has no /<owner>/<name>"),
        ("https://github.com/", "x", "does not name a repository"),
        ("https://github.com/mona/../wine", "x", "does not name a repository"),
        ("file:///srv/wine.git", "x", "no valid host"),
        ("/srv/wine.git", "x", "does not start with https://"),
        *(
            ("https://github.com/mona/wine", name, "can't be the name of a branch")
            for name in ("", "-x", "a b", "a..b", "a.lock", "x/", "/x", "a//b", "x~1", "é", "a\nb", ".x")
        ),
    ],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(url: str, name: str, words: str) -> None:
    with pytest.raises(LocationError, match=words) as raised:
        BranchAddress.parse(url, name)
    assert "s3cret" not in str(raised.value)


def test_a_full_clone_does_not_grow_with_the_number_of_runs(
    host: GitServer, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the branch reaches is what a clone takes: pictures, which don't resemble each other, most of it."""
    monkeypatch.setattr(branch, "REVISIONS", 3)
    noise, sizes = random.Random(1), []
    for number in range(7):
        record(at(code), number, **{"chart.svg": noise.randbytes(20_000)})
        folder = tmp_path / f"clone-{number}"
        subprocess.run(["git", "clone", "--quiet", "--bare", f"{code}.git", folder], check=True)
        sizes.append(sum(path.stat().st_size for path in folder.rglob("*.pack")) // 20_000)
    assert sizes == [1, 2, 3, 1, 2, 3, 1]
