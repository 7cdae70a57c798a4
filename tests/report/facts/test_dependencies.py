"""Which files pin what a program depends on, and which of them changed."""

from __future__ import annotations

from pathlib import Path

from devops_mlops_report.report.verdicts.attribution import dependencies_of, is_dependency_file
from devops_mlops_report.report.verdicts.changes import read_changes
from repositories import GitRepository


def test_lock_files_and_requirements_are_told_by_their_names() -> None:
    for path in (
        "uv.lock",
        "app/poetry.lock",
        "requirements.txt",
        "requirements-dev.lock",
        "requirements/ci.txt",
    ):
        assert is_dependency_file(path), path
    for path in ("README.md", "block.py", "data/locks.csv", "my_requirements.md", "dvc.lock"):
        assert not is_dependency_file(path), path


def test_only_dependency_files_that_differ_are_listed(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path / "repository")
    base = repository.commit("Begin", {"uv.lock": "1", "a.py": "1", "requirements.txt": "1"})
    head = repository.commit("Go on", {"uv.lock": "2", "a.py": "2", "süß/poetry.lock": "1"})

    assert dependencies_of(read_changes(repository.root, base, head)) == ("süß/poetry.lock", "uv.lock")
    assert dependencies_of(read_changes(repository.root, base, "0" * 40)) is None
