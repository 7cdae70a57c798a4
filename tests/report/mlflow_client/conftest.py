"""MLflow asked about a real server, by one process for all tests of a module; a name that no other test uses."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from devops_mlops_report.report.mlflow_client.registry import Registry
from devops_mlops_report.report.mlflow_client.tracking import Tracking
from servers.mlflow_server import MlflowServer
from tracking_here import asking


@pytest.fixture(scope="module")
def tracking(mlflow: MlflowServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracking]:
    with asking(mlflow.url, tmp_path_factory.mktemp("checkout"), limits="total_seconds: 600") as found:
        yield found


@pytest.fixture
def registry(tracking: Tracking) -> Registry:
    return Registry(tracking.session, tracking.uri)


@pytest.fixture
def name() -> str:
    return f"model-{uuid.uuid4().hex}"
