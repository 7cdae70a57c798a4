"""A real `mlflow server` on loopback: SQLite backend, served artifacts; with basic authentication where asked.

Started once for all tests of a process, as that takes about ten seconds, and stopped with it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ADMIN, PASSWORD = "admin", "correct-horse-battery"  # of a server on loopback that ends with the tests
_START_SECONDS = 120
_ENDS_WITH_US = """
import os, signal, subprocess, sys, threading, time
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
def end():
    sys.stdin.read()
    server.terminate()
    time.sleep(3)
    os.killpg(0, signal.SIGKILL)
threading.Thread(target=end, daemon=True).start()
sys.exit(server.wait())
"""
# Reads a pipe that only the tests' process holds open: however that ends, killed too, the server ends with it.


@dataclass(frozen=True)
class MlflowServer:
    """One server that answers."""

    url: str
    folder: Path

    @property
    def store(self) -> Path:
        """Its SQLite file."""
        return self.folder / "mlflow.db"


@cache
def mlflow_server(*, with_authentication: bool = False) -> MlflowServer:
    """The server of this process, started by the first who asks."""
    folder = Path(tempfile.mkdtemp(prefix="mlflow-server-"))
    port = _free_port()
    options = ["--app-name", "basic-auth"] if with_authentication else []
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "of-no-use-to-anybody",
        "MLFLOW_AUTH_ADMIN_USERNAME": ADMIN,
        "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD,
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", _ENDS_WITH_US),
                *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)),
                *("--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}", "--workers", "1"),
                *("--artifacts-destination", str(folder / "artifacts"), *options),
            ],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    atexit.register(_stop, process, folder)
    url = f"http://127.0.0.1:{port}"
    _wait(url, process, folder / "log.txt")
    return MlflowServer(url, folder)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the MLflow server did not start:\n{log.read_text()[-3000:]}")


def _stop(process: subprocess.Popen[bytes], folder: Path) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()
    shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
