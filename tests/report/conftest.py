"""The tracking server of this test run, for those who ask for it."""

from __future__ import annotations

import pytest
from devops_mlops_report.report.tracking.rest import Rest
from devops_mlops_report.report.tracking.server import TrackingServer
from servers.mlflow_server import MlflowServer, mlflow_server


@pytest.fixture(scope="session")
def mlflow() -> MlflowServer:
    return mlflow_server()


@pytest.fixture
def server(mlflow: MlflowServer) -> TrackingServer:
    return TrackingServer(Rest(mlflow.url, None))
