"""Bring a model version back: whole, with where it came from, or not at all."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..errors import ReportError
from ..tracking.address import TrackingAddress
from ..tracking.runs import TrackedRun
from .versions import ModelVersion

PROVENANCE = "provenance.json"


class PullError(ReportError):
    """The model could not be brought; the text is one line, and nothing is left behind."""


def pull_model(
    address: TrackingAddress,
    version: ModelVersion,
    aliases: list[str],
    run: TrackedRun | None,
    target: Path,
    *,
    timeout_seconds: float,
) -> dict[str, object]:
    """Download a version's files into the folder `target`; returns what `provenance.json` there holds.

    The files come into a folder beside it, which takes its place only when all are there; the next pull removes one
    that a killed pull left. A `target` that holds something else than an earlier pull is refused. Raises `PullError`.
    """
    target = target.absolute()
    if target.exists() and not _is_ours(target):
        raise PullError(
            f"{target}: is there already, and was not made by a pull: name a new or an empty folder"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(target)
        partial = _folder_beside(target)
    except OSError as error:
        raise PullError(f"{target}: can't be written: {error.strerror or error}") from error
    try:
        folder = _download(address, version, partial, timeout_seconds)
        files = _digests(folder)
        if "MLmodel" not in files:
            raise PullError(
                f"model {version.name} version {version.version} has no model at {version.source}: "
                "its artifacts are gone, or its source was never a model"
            )
        provenance = _provenance(version, aliases, run, files)
        text = json.dumps(provenance, indent=2, ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n"
        (folder / PROVENANCE).write_text(text, encoding="utf-8")
        _replace(folder, target)
    except OSError as error:
        raise PullError(f"{target}: can't be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return provenance


def _folder_beside(target: Path) -> Path:
    """A new folder on the same disk, whose name tells the process that it belongs to."""
    prefix = f".{target.name}.{os.getpid()}-"
    return Path(tempfile.mkdtemp(dir=target.parent, prefix=prefix, suffix=".partial"))


def _remove_leftovers(target: Path) -> None:
    """Remove the folders of pulls that were killed."""
    for path in target.parent.glob(f".{glob.escape(target.name)}.*.partial"):
        process = path.name.removeprefix(f".{target.name}.").partition("-")[0]
        if process.isdecimal() and not _is_running(int(process)):
            shutil.rmtree(path, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # somebody else's
    return True


def _download(address: TrackingAddress, version: ModelVersion, partial: Path, timeout_seconds: float) -> Path:
    # MLflow's client knows every kind of artifact store; its patience with a dead server is cut to ours.
    limits = {
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": str(max(1, round(timeout_seconds))),
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    }
    os.environ.update({**limits, **address.credentials.variables, "MLFLOW_TRACKING_URI": address.uri or ""})
    import mlflow

    uri = f"models:/{version.name}/{version.version}"
    try:
        mlflow.set_tracking_uri(address.uri or "")
        mlflow.set_registry_uri(address.uri or "")
        found = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(partial))
    except Exception as error:  # noqa: BLE001 - artifact stores raise errors of their own libraries
        reason = " ".join(str(error).split())[:300]
        for value in address.credentials.variables.values():
            reason = reason.replace(value, "***")
        raise PullError(
            f"model {version.name} version {version.version} could not be downloaded: {reason}"
        ) from None
    return Path(found)


def _digests(folder: Path) -> dict[str, str]:
    """Path -> SHA-256 of each file; what the download notes about the registry aside."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    found = {}
    for path in paths:
        if path.name != "registered_model_meta":
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def digest_of(files: Mapping[str, str]) -> str:
    """One digest of all files: SHA-256 over the lines that `sha256sum` writes for them, sorted by path."""
    lines = "".join(f"{files[path]}  {path}\n" for path in sorted(files))
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def _provenance(
    version: ModelVersion, aliases: list[str], run: TrackedRun | None, files: Mapping[str, str]
) -> dict[str, object]:
    metrics = {} if run is None else {name: json_number(value) for name, value in run.metrics.items()}
    return {
        "model_name": version.name,
        "model_version": str(version.version),
        "aliases": sorted(aliases),
        "commit_sha": version.tag("commit_sha")
        or (run.tags.get("mlflow.source.git.commit", "") if run else ""),
        "branch": version.tag("branch"),
        "workflow_run_id": version.tag("workflow_run_id"),
        "mlflow_run_id": version.run_id,
        "mlflow_experiment_id": run.experiment_id if run else "",
        "metrics": metrics,
        "params": dict(run.params) if run else {},
        "datasets": [vars(each) for each in run.datasets] if run else [],
        "source": version.source,
        "digest": digest_of(files),
        "files": dict(files),
    }


def json_number(value: float) -> float | str:
    """A number as JSON has it; NaN and infinities by name."""
    names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return names.get(repr(value), value)


def _is_ours(target: Path) -> bool:
    return target.is_dir() and ((target / PROVENANCE).is_file() or not any(target.iterdir()))


def _replace(folder: Path, target: Path) -> None:
    if not target.exists():
        folder.replace(target)
        return
    aside = _folder_beside(target)
    try:
        target.replace(aside / "model")
        try:
            folder.replace(target)
        except OSError:
            (aside / "model").replace(target)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
