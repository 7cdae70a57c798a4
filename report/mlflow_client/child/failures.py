"""Errors as answers; and calls that are not sent twice."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from .importing import TEXT_AT_MOST, last_answer


class RefusedError(Exception):
    """What is not asked of MLflow; the text is a sentence's end."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def failure(error: BaseException) -> dict[str, Any]:
    """An error as an answer: its kind, the status and the path of a server's answer, its text."""
    kind, how, status = _kind(error)
    text = str(error) or type(error).__name__
    if not isinstance(error, RefusedError) and type(error).__module__.split(".")[0] != "mlflow":
        text = f"{type(error).__name__}: {error}"
    return {
        "error": kind,
        "how": how,
        "status": status,
        "path": last_answer.get("path", ""),
        "text": text[:TEXT_AT_MOST],
    }


def _kind(error: BaseException) -> tuple[str, str, int | None]:
    if isinstance(error, RefusedError):
        return error.kind, "", None
    status = status_of(error)
    how = _how_down(error)
    if how and status is None:
        return "down", how, None
    code = str(getattr(error, "error_code", ""))
    if status in (401, 403) or code in ("PERMISSION_DENIED", "UNAUTHENTICATED", "CUSTOMER_UNAUTHORIZED"):
        return "denied", "", status
    if code in ("RESOURCE_ALREADY_EXISTS", "ALREADY_EXISTS"):
        return "conflict", "", status
    if status == 404 and code not in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"):
        return "endpoint", "", status
    if code in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"):
        return "missing", "", status
    return "failed", "", status


def status_of(error: BaseException) -> int | None:
    """The status with which a server refused; None where it gave none that is an error."""
    for each in _chain(error):
        found = re.search(r"too many (\d{3}) error responses", str(each))
        if found:
            return int(found[1])
    status = last_answer.get("status")
    return status if isinstance(status, int) and status >= 300 else None


def _how_down(error: BaseException) -> str:
    """How a server could not be reached, as a sentence's end; '' where it was."""
    import requests

    for each in _chain(error):
        if isinstance(each, (requests.Timeout, requests.ConnectionError, ConnectionError, TimeoutError)):
            words = repr(each) + str(each)
            if "ConnectTimeout" in words:
                return "could not be reached in time"
            if "timed out" in words or "Timeout" in words:
                return "did not answer in time"
            if "NewConnectionError" in words or "NameResolution" in words or "refused" in words:
                return "can't be reached (no connection)"
            return "broke off the connection"
    return ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def once(call: Callable[[], Any]) -> Any:
    """Make something: sent again only where the server says that it did not take it."""
    name = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"
    before = os.environ.pop(name, None)
    os.environ[name] = "0"
    try:
        try:
            return call()
        except Exception as error:
            if status_of(error) not in (429, 503):
                raise
        time.sleep(1)
        return call()
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before
