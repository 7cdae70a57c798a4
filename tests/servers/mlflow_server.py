"""A real `mlflow server` on loopback: SQLite backend, served artifacts; with basic authentication where asked.

Started once for all processes of a test run, as that takes about ten seconds, by the first test that asks. It ends
with the run, however that ends: see `mlflow_keeper.py`.
"""

from __future__ import annotations

import os
import shutil
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

from filelock import FileLock

ADMIN, PASSWORD = "admin", "correct-horse-battery"  # of a server on loopback that ends with the tests
_START_SECONDS = 120
_KEEPER = Path(__file__).with_name("mlflow_keeper.py")


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
    """The server of this test run."""
    # Of pytest-xdist's workers the parent is the run; without them this process is.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    owner = os.getppid() if run else os.getpid()
    kind = "authenticated" if with_authentication else "open"
    folder = Path(tempfile.gettempdir()) / f"mlflow-{kind}-{run or os.getpid()}"
    with FileLock(f"{folder}.lock"):
        if not (folder / "url").exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a start that failed
            folder.mkdir(mode=0o700)
            (folder / "url").write_text(_start(folder, owner, with_authentication=with_authentication))
    return MlflowServer((folder / "url").read_text(), folder)


def _start(folder: Path, owner: int, *, with_authentication: bool) -> str:
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
        keeper = subprocess.Popen(
            [
                *(sys.executable, str(_KEEPER), str(owner), str(folder)),
                *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)),
                *("--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}", "--workers", "1"),
                *("--artifacts-destination", str(folder / "artifacts"), *options),
            ],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    _wait(url, keeper, folder / "log.txt")
    keeper.returncode = 0  # it outlives this process, and is not waited for
    return url


def _wait(url: str, keeper: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends and keeper.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the MLflow server did not start:\n{log.read_text()[-3000:]}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
