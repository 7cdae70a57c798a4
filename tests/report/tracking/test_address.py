"""Where runs are tracked, and who gets which password."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.tracking.address import TrackingAddress, find_address
from devops_mlops_report.report.tracking.links import dagshub_url, run_url, version_url


def address(uri: str | None, *, is_trusted: bool = True, **environment: str) -> TrackingAddress:
    text = "version: 3\nreport: {highlight_metric: r2}\n"
    text += f"mlflow: {{tracking_uri: '{uri}'}}\n" if uri else ""
    return find_address(parse_config(text), environment, Path("/checkout"), is_trusted=is_trusted)


def sent(found: TrackingAddress) -> str:
    header = found.credentials.header or ""
    kind, _, value = header.partition(" ")
    return base64.b64decode(value).decode() if kind == "Basic" else header


HUB = "https://dagshub.com/octo/churn.mlflow"


@pytest.mark.parametrize(
    ("uri", "environment", "expected"),
    [
        (HUB, {}, ""),
        (HUB, {"DAGSHUB_TOKEN": "hub"}, "hub:hub"),
        (HUB, {"DAGSHUB_TOKEN": "hub", "MLFLOW_TRACKING_USERNAME": "octo"}, "octo:hub"),
        (
            HUB,
            {"DAGSHUB_TOKEN": "h", "MLFLOW_TRACKING_USERNAME": "o", "MLFLOW_TRACKING_PASSWORD": "p"},
            "o:p",
        ),
        (HUB, {"MLFLOW_TRACKING_TOKEN": "abc"}, "Bearer abc"),
        ("http://tracking.example.com", {"DAGSHUB_TOKEN": "hub"}, ""),
        ("http://127.0.0.1:5000", {"DAGSHUB_TOKEN": "hub"}, "hub:hub"),
        ("https://u:p%40@tracking.example.com/x/", {}, "u:p@"),
        (None, {"MLFLOW_TRACKING_URI": HUB, "DAGSHUB_TOKEN": "hub"}, "hub:hub"),
    ],
)
def test_a_server_gets_the_credentials_that_are_meant_for_it(
    uri: str | None, environment: dict[str, str], expected: str
) -> None:
    assert sent(address(uri, **environment)) == expected


def test_the_server_of_a_forks_config_gets_none() -> None:
    found = address(HUB, is_trusted=False, DAGSHUB_TOKEN="hub", MLFLOW_TRACKING_PASSWORD="p")
    assert (found.credentials.header, found.credentials.variables) == (None, {})


def test_no_representation_holds_a_credential() -> None:
    found = address("https://u:topsecret@tracking.example.com", MLFLOW_TRACKING_TOKEN="alsosecret")
    assert "secret" not in repr(found)
    # The training gets it as it is shown, and the credentials by variables of their own.
    assert found.uri == found.url
    assert found.credentials.variables["MLFLOW_TRACKING_PASSWORD"] == "topsecret"
    assert (found.url, found.host) == ("https://tracking.example.com", "tracking.example.com")


def test_without_a_server_the_local_stores_are_looked_at() -> None:
    assert Path("/checkout/mlflow.db") in address(None).stores
    assert address("sqlite:///store/runs.db").stores == (Path("/checkout/store/runs.db"),)
    assert address("./mlruns").stores == (Path("/checkout/mlruns"),)
    assert address("file:///data/mlruns").stores == (Path("/data/mlruns"),)
    assert "can't be read here" in address("databricks://x").notices[0]


def test_links_lead_to_the_pages_of_run_and_version() -> None:
    assert run_url(HUB, "3", "abc") == f"{HUB}/#/experiments/3/runs/abc"
    assert dagshub_url(HUB, "abc") == "https://dagshub.com/octo/churn/experiments/#/experiment/m_abc"
    assert version_url("http://h/", "my model", "2") == "http://h/#/models/my%20model/versions/2"
    assert (
        run_url(None, "3", "abc")
        is dagshub_url("http://h", "abc")
        is version_url("http://h", "m", "")
        is None
    )
