"""A registry on a real server, and a model's name that no other test uses."""

from __future__ import annotations

import uuid

import pytest
from devops_mlops_report.report.registry.versions import Registry
from devops_mlops_report.report.tracking.rest import Rest
from devops_mlops_report.report.tracking.server import TrackingServer
from servers.mlflow_server import MlflowServer, mlflow_server


@pytest.fixture(scope="session")
def mlflow() -> MlflowServer:
    return mlflow_server()


@pytest.fixture
def server(mlflow: MlflowServer) -> TrackingServer:
    return TrackingServer(Rest(mlflow.url, None))


@pytest.fixture
def registry(server: TrackingServer) -> Registry:
    return Registry(server.rest)


@pytest.fixture
def name() -> str:
    return f"model-{uuid.uuid4().hex}"
