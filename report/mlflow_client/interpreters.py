"""Which Python asks MLflow, and what it is told by its environment."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from ...history.late_dataclass import dataclass
from ..config import MlflowSection
from ..redaction import without_withheld
from .address import TrackingAddress

_FOR_STRANGERS = (
    *("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "LD_LIBRARY_PATH"),
    *(
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "MLFLOW_TRACKING_SERVER_CERT_PATH",
    ),
    "MLFLOW_TRACKING_INSECURE_TLS",
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
"""What MLflow is told of the environment where the commit is a stranger's, who may name the server."""


@dataclass(frozen=True)
class Interpreter:
    """A Python that may have MLflow."""

    python: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)


def find_interpreters(
    adopters: str | None,
    address: TrackingAddress,
    limits: MlflowSection,
    environment: Mapping[str, str],
    checkout: Path,
    *,
    is_trusted: bool,
) -> tuple[Interpreter, ...]:
    """The adopter's own interpreter first, whose MLflow wrote the stores; then ours.

    A commit that is not trusted may name an interpreter, so that only ours is used, without what the environment
    holds.
    """
    told = _told(environment, address, limits, is_trusted=is_trusted)
    isolated = {name: value for name, value in told.items() if not name.startswith("PYTHON")}
    ours = Interpreter(sys.executable, (sys.executable, "-I"), isolated)
    if adopters is None or adopters == sys.executable or not is_trusted:
        return (ours,)
    theirs = told | {"PYTHONPATH": _safe_path(environment.get("PYTHONPATH", ""), checkout)}
    return Interpreter(adopters, (adopters,), theirs), ours


def _told(
    environment: Mapping[str, str], address: TrackingAddress, limits: MlflowSection, *, is_trusted: bool
) -> dict[str, str]:
    if is_trusted:
        told = without_withheld(environment)
    else:
        told = {name: environment[name] for name in _FOR_STRANGERS if name in environment}
        # No password of a .netrc, no profile of a service.
        told |= {"HOME": tempfile.gettempdir(), "NETRC": os.devnull}
    for name in ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"):
        told.pop(name, None)
    # A run that the environment names is none of ours to ask about, and MLflow would begin with it.
    for name in ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_CONTEXT"):
        told.pop(name, None)
    timeout = str(max(1, round(limits.timeout_seconds)))
    told |= {
        "MLFLOW_HTTP_REQUEST_TIMEOUT": timeout,
        "MLFLOW_DATABRICKS_ENDPOINT_HTTP_RETRY_TIMEOUT": str(3 * int(timeout)),
        # A store of files is read where it is there, whatever the MLflow that reads it thinks of them.
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "GIT_PYTHON_REFRESH": "quiet",
        "PYTHONUNBUFFERED": "1",
        "PYTHONSAFEPATH": "1",
        **address.credentials.variables,
    }
    # MLflow's own are seven attempts over minutes.
    told.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    told.setdefault("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "1")
    told.setdefault("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0")
    if address.is_remote and address.uri:
        told["MLFLOW_TRACKING_URI"] = address.uri
    else:
        told.pop("MLFLOW_TRACKING_URI", None)
    return told


def _safe_path(text: str, checkout: Path) -> str:
    """PYTHONPATH without the folders of the checkout: a `tempfile.py` there would stand in for Python's own."""
    top = checkout.resolve()
    folders = [Path(each) for each in text.split(os.pathsep) if each]
    kept = [str(each) for each in folders if each.is_absolute() and not each.resolve().is_relative_to(top)]
    return os.pathsep.join(kept)
