"""Addresses of runs and model versions in MLflow's UI, for people.

DagsHub serves MLflow's UI below `/<user>/<repo>.mlflow`, and shows the same run among its own experiments, at
`/<user>/<repo>/experiments/#/experiment/m_<run>` (addresses as its users' repositories have them).
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit


def run_url(server: str | None, experiment_id: str, run_id: str) -> str | None:
    """The page of a run; None without a server."""
    if not server or not run_id:
        return None
    return f"{server.rstrip('/')}/#/experiments/{quote(experiment_id, safe='')}/runs/{quote(run_id, safe='')}"


def dagshub_url(server: str | None, run_id: str) -> str | None:
    """The run among DagsHub's own experiments; None for any other server."""
    parts = urlsplit(server or "")
    if parts.hostname != "dagshub.com" or not parts.path.endswith(".mlflow") or not run_id:
        return None
    repository = parts.path.removesuffix(".mlflow")
    return f"https://dagshub.com{repository}/experiments/#/experiment/m_{quote(run_id, safe='')}"


def version_url(server: str | None, name: str, version: str) -> str | None:
    """The page of a model version; None without a server or a version."""
    if not server or not name or not version:
        return None
    return f"{server.rstrip('/')}/#/models/{quote(name, safe='')}/versions/{quote(version, safe='')}"
