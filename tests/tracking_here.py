"""MLflow asked as the report asks it, by the test's own interpreter, in one process for several questions."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.mlflow_client.address import find_address
from devops_mlops_report.report.mlflow_client.tracking import Tracking, open_tracking


@contextmanager
def asking(
    uri: str | None,
    folder: Path,
    *,
    python: str | None = None,
    limits: str = "timeout_seconds: 5",
    is_trusted: bool = True,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Tracking]:
    """The stores of a URI, for a checkout in `folder`; `python` is the adopter's."""
    named = f"tracking_uri: '{uri}', " if uri else ""
    config = parse_config(f"version: 3\nreport: {{highlight_metric: r2}}\nmlflow: {{{named}{limits}}}\n")
    variables = {"PATH": os.environ["PATH"], "HOME": str(folder), **(environment or {})}
    address = find_address(config, variables, folder, is_trusted=is_trusted)
    tracking = open_tracking(
        address, config, variables, folder, python or sys.executable, is_trusted=is_trusted
    )
    try:
        yield tracking
    finally:
        tracking.session.close()
