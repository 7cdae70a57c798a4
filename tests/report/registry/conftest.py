"""A registry on a real server, and a model's name that no other test uses."""

from __future__ import annotations

import uuid

import pytest
from devops_mlops_report.report.registry.versions import Registry
from devops_mlops_report.report.tracking.server import TrackingServer


@pytest.fixture
def registry(server: TrackingServer) -> Registry:
    return Registry(server.rest)


@pytest.fixture
def name() -> str:
    return f"model-{uuid.uuid4().hex}"
