"""Where runs are tracked, and who gets which password."""

from __future__ import annotations

from pathlib import Path

import pytest
from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.mlflow_client.address import TrackingAddress, find_address
from devops_mlops_report.report.mlflow_client.runs import dagshub_url, run_url, version_url


def address(uri: str | None, *, is_trusted: bool = True, **environment: str) -> TrackingAddress:
    text = "version: 3\nreport: {highlight_metric: r2}\n"
    text += f"mlflow: {{tracking_uri: '{uri}'}}\n" if uri else ""
    return find_address(parse_config(text), environment, Path("/checkout"), is_trusted=is_trusted)


def sent(found: TrackingAddress) -> str:
    """What MLflow's client sends: basic authentication goes before a token."""
    credentials = found.credentials
    if credentials.username and credentials.password:
        return f"{credentials.username}:{credentials.password}"
    return f"Bearer {credentials.token}" if credentials.token else ""


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
    assert found.credentials.variables == {}


def test_no_representation_holds_a_credential() -> None:
    found = address("https://u:topsecret@tracking.example.com", MLFLOW_TRACKING_TOKEN="alsosecret")
    assert "secret" not in repr(found)
    # The training gets it as it is shown, and the credentials by variables of their own.
    assert found.uri == found.url
    assert found.credentials.variables["MLFLOW_TRACKING_PASSWORD"] == "topsecret"
    assert found.url == "https://tracking.example.com"
    database = address("postgresql://u:topsecret@db/mlflow?sslkey=k")
    assert database.uri == "postgresql://u:topsecret@db/mlflow?sslkey=k"
    assert "secret" not in repr(database)
    assert database.shown(database.uri) == "the MLflow store postgresql://db/mlflow"


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("sqlite:///store/runs.db", ["sqlite:////checkout/store/runs.db"]),
        ("sqlite+pysqlite:////data/runs.db?timeout=5", ["sqlite:////data/runs.db"]),
        ("./mlruns", ["file:///checkout/mlruns"]),
        ("file:///data/ml%20runs", ["file:///data/ml%20runs"]),
        ("../up", ["file:///up"]),
    ],
)
def test_a_path_is_a_local_store(uri: str, expected: list[str]) -> None:
    found = address(uri)
    assert [store.uri for store in found.stores] == expected == [found.uri]
    assert not found.is_remote


def test_without_a_uri_the_local_stores_are_looked_at_that_are_there(tmp_path: Path) -> None:
    assert Path("/checkout/mlflow.db") in [store.path for store in address(None).stores]
    config = parse_config("version: 3\nreport: {highlight_metric: r2}\nproject: {workdir: part}\n")
    (tmp_path / "mlruns").mkdir()
    assert find_address(config, {}, tmp_path).uris == [(tmp_path / "mlruns").as_uri()]


@pytest.mark.parametrize(
    "uri",
    [
        "databricks",
        "databricks://profile",
        "databricks-uc",
        "uc:http://127.0.0.1:8080",
        "postgresql://db/mlflow",
        "azureml://region.api.azureml.ms/mlflow/v1.0/subscriptions/x",
        "arn:aws:sagemaker:eu-west-1:1:mlflow-tracking-server/x",
        "file-plugin:/somewhere",
    ],
)
def test_what_is_no_path_is_mlflow_s_to_understand(uri: str) -> None:
    found = address(uri)
    assert (found.is_remote, found.uris, found.stores, found.problem) == (True, [uri], (), None)


@pytest.mark.parametrize(
    "uri", ["http://[bad", "https://", "http:///path", "http://host:99999", "http://h:x"]
)
def test_what_names_no_server_is_a_problem_that_is_told(uri: str) -> None:
    assert "the tracking URI can't be used" in str(address(None, MLFLOW_TRACKING_URI=uri).problem)


def test_a_password_in_the_address_of_a_database_is_not_for_a_fork() -> None:
    uri = "postgresql://u:topsecret@db/mlflow"
    assert address(None, is_trusted=False, MLFLOW_TRACKING_URI=uri).problem is not None
    assert address(None, MLFLOW_TRACKING_URI=uri).problem is None


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
