"""A project that trains, and the server that it is tracked on."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_project import Project
from repositories import GitRepository
from servers.mlflow_server import MlflowServer, mlflow_server


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(GitRepository(tmp_path / "churn"), tmp_path / "kept" / "commitHistory.csv")


@pytest.fixture(scope="session")
def mlflow() -> MlflowServer:
    return mlflow_server()
