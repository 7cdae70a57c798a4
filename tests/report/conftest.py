"""The tracking server of this test run, for those who ask for it."""

from __future__ import annotations

import pytest
from servers.mlflow_api import MlflowApi
from servers.mlflow_server import MlflowServer, mlflow_server


@pytest.fixture(scope="session")
def mlflow() -> MlflowServer:
    return mlflow_server()


@pytest.fixture(scope="session")
def api(mlflow: MlflowServer) -> MlflowApi:
    """What is made and looked up there by the test itself."""
    return MlflowApi(mlflow.url)
