"""Import MLflow's client, if there is one, and watch what servers answer to it."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import sys
from typing import Any
from urllib.parse import urlsplit

TEXT_AT_MOST = 20_000
_LEFT_OUT = ("pandas", "numpy", "scipy")

last_answer: dict[str, Any] = {}
"""Status and path of a server's last answer: MLflow's errors do not tell them where the body is JSON."""


def import_mlflow() -> dict[str, Any]:
    """Import MLflow's client; what came of it."""
    spec = importlib.util.find_spec("mlflow")
    if spec is None or spec.origin is None:
        return {"ready": False, "kind": "none"}
    version = mlflow_version()
    if version.split(".")[0] in ("0", "1"):
        return {"ready": False, "kind": "old", "text": version}
    try:
        _import_client()
        _watch_answers()
    except Exception as error:  # noqa: BLE001 - whatever the import of others' code raises
        return {"ready": False, "kind": "broken", "text": f"{type(error).__name__}: {error}"[:TEXT_AT_MOST]}
    return {"ready": True, "version": version}


def mlflow_version() -> str:
    """MLflow's version; '' where it is not told."""
    for name in ("mlflow-skinny", "mlflow"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return importlib.metadata.version(name)
    return ""


class _WithoutFrames:
    """Keeps pandas from the import of MLflow, which does without, as its skinny distribution shows, in half the time.

    Plugins get it all the same.
    """

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name in _LEFT_OUT and _importer().startswith("mlflow."):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _importer() -> str:
    frame = sys._getframe(2)
    while frame is not None and "importlib" in str(frame.f_globals.get("__name__")):
        frame = frame.f_back  # type: ignore[assignment]
    return str(frame.f_globals.get("__name__")) if frame is not None else ""


def _import_client() -> None:
    finder = _WithoutFrames()
    sys.meta_path.insert(0, finder)
    try:
        import mlflow.tracking
    except ImportError:
        # A version that needs them after all.
        for name in [each for each in sys.modules if each.split(".")[0] == "mlflow"]:
            del sys.modules[name]
        sys.meta_path.remove(finder)
        import mlflow.tracking  # noqa: F401
    finally:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)


def _watch_answers() -> None:
    import requests

    send = requests.Session.send

    def watched(session: Any, request: Any, **options: Any) -> Any:
        path = urlsplit(request.url or "").path
        last_answer.update(status=None, path=path.rpartition("/mlflow/")[2].lstrip("/"))
        answer = send(session, request, **options)
        last_answer.update(status=answer.status_code)
        return answer

    requests.Session.send = watched  # type: ignore[assignment, method-assign]
