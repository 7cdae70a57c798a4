from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from devops_mlops_report.report.errors import ReportError, UsageError
from devops_mlops_report.report.facts import git
from devops_mlops_report.report.facts.git import GitError, read_ancestry, read_commit

if TYPE_CHECKING:
    from conftest import Repository


def test_a_commit_is_read_with_its_author_subject_and_utc_date(repository: Repository) -> None:
    parent = repository.commit("First")
    sha = repository.commit("Train the model\nin two lines\n\nA body that is left out.")
    repository.git("remote", "add", "origin", "https://token@github.com/octo/hello.git")
    facts = read_commit(repository.root)
    assert facts.repository == "octo/hello"
    assert (facts.commit_sha, facts.parent_sha) == (sha, parent)
    assert (facts.branch, facts.default_branch, facts.is_shallow) == ("main", "main", False)
    assert facts.author == "Ada Lovelace"
    assert facts.commit_message == "Train the model in two lines"
    assert facts.committed_at == datetime(2026, 11, 22, 19, 17, 3, tzinfo=UTC)
    assert facts.notices == ()


def test_a_root_commit_has_no_parent(repository: Repository) -> None:
    repository.commit()
    assert read_commit(repository.root).parent_sha == ""


def test_a_merge_has_its_first_parent(repository: Repository) -> None:
    repository.commit("Base")
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit("Topic")
    repository.git("switch", "--quiet", "main")
    first = repository.commit("Main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
    assert read_commit(repository.root).parent_sha == first


def test_a_folder_inside_the_work_tree_gives_the_same_facts(repository: Repository) -> None:
    repository.commit()
    inside = repository.root / "src"
    inside.mkdir()
    assert read_commit(inside) == read_commit(repository.root)


def test_a_repository_without_a_remote_has_no_name_and_says_so(repository: Repository) -> None:
    repository.commit()
    facts = read_commit(repository.root)
    assert facts.repository == ""
    assert "no remote `origin`" in facts.notices[0]


def test_a_remote_without_an_owner_is_named_in_a_notice_without_its_url(repository: Repository) -> None:
    repository.commit()
    repository.git("remote", "add", "origin", "https://s3cret@example.com/hello.git")
    facts = read_commit(repository.root)
    assert facts.repository == ""
    assert len(facts.notices) == 1
    assert "s3cret" not in facts.notices[0]


@pytest.mark.parametrize(
    "subject",
    ["-rf --output=x", "%H%x00%an", "a | b <b>`c`</b> ::error::", "日本語 \u202e", "##[group]", '"$(id)"'],
)
def test_any_subject_comes_back_as_it_is(repository: Repository, subject: str) -> None:
    repository.commit(subject)
    assert read_commit(repository.root).commit_message == subject


def raw_commit(repository: Repository, header: str, message: bytes) -> str:
    """A commit object written as it is: `git commit` itself would repair the bytes."""
    repository.commit("Tree")
    tree = repository.git("rev-parse", "HEAD^{tree}")
    person = "A <a@example.com> 1700000000 +0000"
    content = f"tree {tree}\nauthor {person}\ncommitter {person}\n{header}\n".encode() + message
    written = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=repository.root,
        input=content,
        capture_output=True,
        check=True,
    )
    return written.stdout.decode().strip()


def test_bytes_that_are_not_utf8_are_replaced(repository: Repository) -> None:
    sha = raw_commit(repository, "", b"caf\xe9 \xff\n")
    assert read_commit(repository.root, sha).commit_message == "caf\ufffd \ufffd"


def test_a_declared_encoding_is_converted(repository: Repository) -> None:
    sha = raw_commit(repository, "encoding ISO-8859-1\n", b"caf\xe9\n")
    assert read_commit(repository.root, sha).commit_message == "café"


def test_an_empty_subject_and_a_strange_author_are_read(repository: Repository) -> None:
    repository.git(
        "commit", "--allow-empty", "--allow-empty-message", "--message", "", GIT_AUTHOR_NAME="-x | 'é"
    )
    facts = read_commit(repository.root)
    assert (facts.commit_message, facts.author) == ("", "-x | 'é")


def test_a_user_s_git_settings_do_not_change_the_answer(repository: Repository) -> None:
    repository.commit("Subject")
    for name, value in {
        "log.showSignature": "true",
        "log.date": "relative",
        "format.pretty": "fuller",
        "color.ui": "always",
        "i18n.logOutputEncoding": "ISO-8859-1",
    }.items():
        repository.git("config", name, value)
    assert read_commit(repository.root).commit_message == "Subject"


def test_a_detached_head_takes_the_only_remote_branch_that_points_at_it(
    repository: Repository, tmp_path: Path
) -> None:
    repository.commit("Base")
    repository.git("switch", "--quiet", "--create", "feature/one")
    sha = repository.commit("Feature")
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", str(repository.root), str(clone))
    subprocess.run(["git", "-C", str(clone), "checkout", "--quiet", sha], check=True, capture_output=True)
    assert read_commit(clone).branch == "feature/one"
    repository.git("branch", "second")
    subprocess.run(["git", "-C", str(clone), "fetch", "--quiet"], check=True)
    assert read_commit(clone).branch == ""


def test_a_branch_given_as_revision_is_its_own_branch(repository: Repository) -> None:
    repository.commit("Base")
    repository.git("branch", "topic")
    sha = repository.commit("Main")
    assert read_commit(repository.root, "topic").branch == "topic"
    assert read_commit(repository.root, "topic").commit_sha != sha
    assert read_commit(repository.root, sha).branch == ""


def test_the_default_branch_is_origin_s_head(repository: Repository, tmp_path: Path) -> None:
    repository.commit()
    repository.git("branch", "--move", "trunk")
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", str(repository.root), str(clone))
    assert read_commit(clone).default_branch == "trunk"


@pytest.mark.parametrize(("branch", "default"), [("master", "master"), ("trunk", None), ("main/x", None)])
def test_without_origin_the_default_branch_is_main_or_master_if_there(
    repository: Repository, branch: str, default: str | None
) -> None:
    repository.commit()
    repository.git("switch", "--quiet", "--detach")
    repository.git("branch", "--delete", "--force", "main")
    repository.git("switch", "--quiet", "--create", branch)
    facts = read_commit(repository.root)
    assert (facts.branch, facts.default_branch) == (branch, default)


def test_a_shallow_clone_says_so_and_still_names_the_parent(repository: Repository, tmp_path: Path) -> None:
    parent = repository.commit("First")
    repository.commit("Second")
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", "--depth=1", repository.root.as_uri(), str(clone))
    facts = read_commit(clone)
    assert facts.is_shallow
    assert facts.parent_sha == parent
    assert "fetch-depth: 0" in facts.notices[0]
    assert read_ancestry(clone) == [(facts.commit_sha, 0, 0)]
    assert read_ancestry(clone, is_cut=True) == [(facts.commit_sha, 0, 0), (parent, 1, 1)]


def test_a_hook_s_variables_do_not_lead_to_its_repository(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = repository.commit()
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    assert read_commit(repository.root).commit_sha == sha


@pytest.mark.parametrize(
    "revision", ["--output=pwned", "-n1", "--all", "", "HEAD\0", "no-such-branch", "HEAD:file"]
)
def test_a_revision_that_names_no_commit_is_refused_and_runs_nothing(
    repository: Repository, revision: str
) -> None:
    repository.commit()
    for read in (read_commit, read_ancestry):
        with pytest.raises(UsageError, match="revision") as caught:
            read(repository.root, revision)
        assert "\n" not in str(caught.value)
    assert not list(repository.root.glob("pwned*"))


def test_a_repository_without_commits_is_one_line(repository: Repository) -> None:
    with pytest.raises(GitError, match=r"^.* has no commits yet: make a commit first$"):
        read_commit(repository.root)


def test_a_folder_without_a_repository_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(GitError, match=r"^.* is not inside a git repository: give the folder of a clone$"):
        read_commit(tmp_path)


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(
        GitError, match=r"^git rev-.* failed in .*: fatal: cannot change to .*No such file or directory$"
    ):
        read_commit(tmp_path / "absent")


def test_git_missing_is_one_line(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.commit()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GitError, match="install git"):
        read_commit(repository.root)


def test_a_repository_of_another_user_names_the_setting(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit()
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own switch for its tests
    with pytest.raises(ReportError, match=r"git config --global --add safe\.directory") as caught:
        read_commit(repository.root)
    assert "\n" not in str(caught.value)


def test_git_that_hangs_is_given_up(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:/usr/bin:/bin")
    monkeypatch.setattr(git, "TIMEOUT_SECONDS", 0.2)
    with pytest.raises(GitError, match="did not answer within"):
        read_commit(repository.root)


def test_ancestry_counts_generations_and_puts_first_parents_first(repository: Repository) -> None:
    base = repository.commit("Base")
    repository.git("switch", "--quiet", "--create", "topic")
    topic = [repository.commit(f"Topic {number}") for number in range(2)]
    repository.git("switch", "--quiet", "main")
    main = repository.commit("Main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "topic")
    merge = repository.git("rev-parse", "HEAD")
    assert read_ancestry(repository.root) == [
        (merge, 0, 0),
        (main, 1, 1),
        (topic[1], 1, 0),
        (base, 2, 2),
        (topic[0], 2, 0),
    ]


def test_ancestry_of_a_revision_leaves_other_branches_out(repository: Repository) -> None:
    base = repository.commit("Base")
    repository.commit("Main")
    assert read_ancestry(repository.root, "HEAD~1") == [(base, 0, 0)]


def test_ancestry_stops_at_the_limit(repository: Repository) -> None:
    commits = [repository.commit(f"Commit {number}") for number in range(4)]
    assert read_ancestry(repository.root, limit=2) == [(commits[3], 0, 0), (commits[2], 1, 1)]
    assert read_ancestry(repository.root, limit=0) == [(commits[3], 0, 0)]
