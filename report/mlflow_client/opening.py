"""Everything that it takes to ask MLflow, from config and environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..config import Config
from ..redaction import Redaction
from .address import TrackingAddress
from .interpreters import find_interpreters
from .session import Session
from .tracking import Tracking


def open_tracking(
    address: TrackingAddress,
    config: Config,
    environment: Mapping[str, str],
    checkout: Path,
    adopters_python: str | None,
    *,
    is_trusted: bool = True,
) -> Tracking:
    """The stores of an address; no process is started yet."""
    limits = config.mlflow
    interpreters = find_interpreters(
        adopters_python, address, limits, environment, checkout, is_trusted=is_trusted
    )
    folder = checkout / config.project.workdir
    redaction = Redaction.of({**environment, **address.secret_variables})
    return Tracking(
        Session(
            address,
            interpreters,
            folder if folder.is_dir() else checkout,
            limits.total_seconds,
            redaction,
        )
    )
