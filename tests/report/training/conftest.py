"""A project that trains."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_project import Project
from repositories import GitRepository


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(GitRepository(tmp_path / "churn"), tmp_path / "kept" / "commitHistory.csv")
