"""The jobs of `examples/fleet` on this machine: real Spark, real Ray, small, on loopback, and gone afterwards."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from optional_parts import absent, program

EXAMPLES = Path(__file__).parents[1] / "examples" / "fleet"
LOCK = "uv pip install -r requirements-fleet.lock"

Job = Callable[[str, Path, int], None]
"""Answers for an input (a folder, or a pattern of CSVs) into a folder, in so many buckets."""


def run_spark(source: str, output: Path, buckets: int) -> None:
    """Spark with two threads and a gigabyte; its page is off."""
    options = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(output.parent / "spark"),
        "spark.sql.warehouse.dir": str(output.parent / "warehouse"),
    }
    submit = [
        str(Path(sys.executable).with_name("spark-submit")),
        "--master",
        "local[2]",
        "--driver-memory",
        "1g",
    ]
    for name, value in options.items():
        submit += ["--conf", f"{name}={value}"]
    here = {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    _run(
        [*submit, str(EXAMPLES / "on_spark.py"), "--buckets", str(buckets), source, str(output)], here, output
    )


def run_ray(source: str, output: Path, buckets: int) -> None:
    """A cluster of two processors, without its dashboard, that ends with the job."""
    # It keeps a token at home.
    here = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled", "RAY_ADDRESS": ""}
    command = [sys.executable, str(EXAMPLES / "on_ray.py"), "--cpus", "2", "--buckets", str(buckets)]
    _run([*command, source, str(output)], here, output)


def require(job: Job) -> None:
    """Skip the test where what the job runs on is missing, or fail it where every part is said to be there."""
    if job is run_spark:
        program("java", "apt-get install default-jre-headless")
    package = "pyspark" if job is run_spark else "ray"
    if importlib.util.find_spec(package) is None:
        absent(package, LOCK)


def _run(command: list[str], environment: dict[str, str], output: Path) -> None:
    done = subprocess.run(
        command,
        env={**os.environ, "HOME": str(output.parent), **environment},
        cwd=output.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
