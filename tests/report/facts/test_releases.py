"""Which tags are releases, and which of them a commit has behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from devops_mlops_report.report.errors import UsageError
from devops_mlops_report.report.facts.git import commit_of_tag, is_release, read_releases
from repositories import GitRepository


@pytest.mark.parametrize(
    "tag",
    ["v1.2", "1.2.3", "model-2.0.1", "release/2026.11", "V1.0", "v1.2.3.post1", "v1.2.3-4", "churn_v3.1"],
)
def test_a_tag_with_a_version_is_a_release(tag: str) -> None:
    assert is_release(tag)


@pytest.mark.parametrize(
    "tag", ["v1", "latest", "v1.2.3-rc1", "2.0.0a1", "1.0-beta.2", "nightly-2026", "v1.2.dev3"]
)
def test_a_moving_tag_and_a_preview_are_none(tag: str) -> None:
    assert not is_release(tag)


def test_releases_behind_a_commit_are_listed_by_the_commits_that_they_name(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path / "repository")
    first = repository.commit("Begin", {"a": "1"})
    repository.git("tag", "v1.0")
    second = repository.commit("Go on", {"a": "2"})
    repository.git("tag", "--annotate", "--message", "two", "v2.0")
    repository.git("tag", "latest")
    repository.commit("Go further", {"a": "3"})

    assert sorted(read_releases(repository.root)) == sorted([(first, "v1.0"), (second, "v2.0")])
    assert read_releases(repository.root, first) == [(first, "v1.0")]
    assert commit_of_tag(repository.root, "v2.0") == second
    with pytest.raises(UsageError):
        commit_of_tag(repository.root, "v3.0")
