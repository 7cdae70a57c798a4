"""An adopter's interpreter with an `mlflow` of the test's own: its client does what no real one should.

What the report makes of the real one is tested with the real one; this stands for what can't be brought about with it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

_CLIENT = """
import os, sys, time, signal, subprocess, types
from mlflow.exceptions import MlflowException

class MlflowClient:
    _registry_uri = ""
    def __init__(self, tracking_uri):
        self.uri = tracking_uri
    def get_run(self, run_id):
{body}
def run_of(**params):
    info = dict(run_id="r1", experiment_id="0", status="FINISHED", start_time=1, end_time=2)
    info |= dict(artifact_uri="", lifecycle_stage="active")
    data = types.SimpleNamespace(params=params, metrics={{}}, tags={{}})
    return types.SimpleNamespace(info=types.SimpleNamespace(**info), data=data)
"""
_WRAPPER = '#!/bin/sh\nPYTHONPATH="{folder}:$PYTHONPATH" exec "{python}" "$@"\n'


@dataclass(frozen=True)
class FakeMlflow:
    """A folder with the package, and an interpreter that imports it."""

    python: str
    folder: Path


def fake_mlflow(
    folder: Path, body: str = "return run_of()", *, version: str = "3.0.0", at_import: str = ""
) -> FakeMlflow:
    """An interpreter whose MLflow client answers to `get_run` with these lines."""
    package = folder / "packages" / "mlflow"
    package.mkdir(parents=True)
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    (package / "__init__.py").write_text(
        f"{at_import}\nfrom mlflow.tracking import MlflowClient\ndef set_tracking_uri(uri): pass\n"
    )
    (package / "tracking.py").write_text(_CLIENT.format(body=lines))
    (package / "exceptions.py").write_text("class MlflowException(Exception): pass\n")
    for name in ("mlflow", "mlflow_skinny"):
        told = folder / "packages" / f"{name}-{version}.dist-info" / "METADATA"
        told.parent.mkdir()
        told.write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n")
    wrapper = folder / "python"
    wrapper.write_text(_WRAPPER.format(folder=folder / "packages", python=sys.executable))
    wrapper.chmod(0o755)
    return FakeMlflow(str(wrapper), folder / "packages")
