"""Calls to an MLflow server's REST API that end in time: few retries, a limit for each and for all.

MLflow's own client retries a server that is down for minutes, for each call.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .errors import (
    TrackingConflictError,
    TrackingDeniedError,
    TrackingDownError,
    TrackingError,
    TrackingMissingError,
)

if TYPE_CHECKING:
    import requests

ATTEMPTS = 3
_PAUSES = (0.3, 1.0)
_ANSWER_BYTES_AT_MOST = 50_000_000
_TEMPORARY = (429, 500, 502, 503, 504)


class Rest:
    """One server. After a call that failed for good because the server is down, every later one fails at once."""

    def __init__(
        self,
        url: str,
        authorization: str | None,
        *,
        timeout_seconds: float = 10.0,
        total_seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url
        self._authorization = authorization
        self._timeout = timeout_seconds
        self._left = total_seconds
        self._clock = clock
        self._down: str | None = None
        self._session: requests.Session | None = None

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """Read something. Raises `TrackingError`."""
        return self.call("GET", path, parameters=parameters)

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        parameters: Mapping[str, str] | None = None,
        *,
        is_repeatable: bool = True,
    ) -> dict[str, Any]:
        """The answer's JSON object. A call that is not repeatable is sent again only if it never arrived.

        Raises a `TrackingError`, whose text names the server and never its credentials.
        """
        if self._down is not None:
            raise TrackingDownError(self._down)
        failure = "gave no answer"
        for attempt in range(ATTEMPTS):
            began = self._clock()
            try:
                status, content = self._send(method, path, body, parameters)
            except _NoAnswerError as error:
                failure, can_repeat = str(error), is_repeatable or not error.was_sent
            else:
                if status not in _TEMPORARY:
                    return self._answer(status, content, path)
                failure, can_repeat = (
                    f"answered {status}{_message(content)}",
                    is_repeatable or status in (429, 503),
                )
            finally:
                self._left -= self._clock() - began
            if not can_repeat or attempt + 1 == ATTEMPTS or self._left <= _PAUSES[attempt]:
                break
            time.sleep(_PAUSES[attempt])
            self._left -= _PAUSES[attempt]
        self._down = f"the MLflow server {self.url} {failure}"
        raise TrackingDownError(self._down)

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, parameters: Mapping[str, str] | None
    ) -> tuple[int, bytes]:
        import requests

        if self._left <= 0:
            raise _NoAnswerError("took all the time that there is for it", was_sent=False)
        allowed = min(self._timeout, self._left)
        ends = self._clock() + allowed
        try:
            with self._opened().request(
                method,
                f"{self.url}/api/2.0/mlflow/{path}",
                json=None if body is None else dict(body),
                params=parameters,
                timeout=allowed,
                stream=True,
                allow_redirects=False,
            ) as answer:
                content = b""
                for chunk in answer.iter_content(65536):
                    content += chunk
                    if len(content) > _ANSWER_BYTES_AT_MOST:
                        raise TrackingError(f"the MLflow server {self.url} sent more than 50 MB")
                    if self._clock() > ends:
                        raise _NoAnswerError(f"had not answered in full after {allowed:.0f} s")
                return answer.status_code, content
        except requests.ConnectTimeout as error:
            raise _NoAnswerError(f"could not be reached within {allowed:.0f} s", was_sent=False) from error
        except requests.Timeout as error:
            raise _NoAnswerError(f"did not answer within {allowed:.0f} s") from error
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            was_sent = "NewConnectionError" not in repr(error) and "NameResolutionError" not in repr(error)
            why = "broke off the connection" if was_sent else "can't be reached (no connection)"
            raise _NoAnswerError(why, was_sent=was_sent) from error
        except requests.RequestException as error:
            raise TrackingError(
                f"the MLflow server {self.url} can't be asked: {type(error).__name__}"
            ) from error

    def _opened(self) -> requests.Session:
        if self._session is None:
            import requests

            session = requests.Session()
            if os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() == "true":
                session.verify = False
            elif certificate := os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH"):
                session.verify = certificate
            authorization = self._authorization

            def authenticate(request: requests.PreparedRequest) -> requests.PreparedRequest:
                if authorization:
                    request.headers["Authorization"] = authorization
                return request

            # Given explicitly, so that no password of a .netrc goes anywhere.
            session.auth = authenticate
            self._session = session
        return self._session

    def _answer(self, status: int, content: bytes, path: str) -> dict[str, Any]:
        server = f"the MLflow server {self.url}"
        if status in (401, 403):
            hint = "check DAGSHUB_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
            raise TrackingDeniedError(f"{server} answered {status} to {path}: {hint}")
        try:
            answer = json.loads(content or b"{}")
        except (ValueError, RecursionError):
            answer = None
        code = answer.get("error_code") if isinstance(answer, dict) else None
        if status == 404:
            is_endpoint = code not in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND")
            what = (
                f"does not know the endpoint {path}"
                if is_endpoint
                else f"has no such thing{_message(content)}"
            )
            raise TrackingMissingError(f"{server} {what} (404)", is_endpoint=is_endpoint)
        if code == "RESOURCE_ALREADY_EXISTS":
            raise TrackingConflictError(f"{server}: it is already there{_message(content)}")
        if not 200 <= status < 300:
            raise TrackingError(f"{server} answered {status} to {path}{_message(content)}")
        if not isinstance(answer, dict):
            raise TrackingError(f"{server} answered {path} with something that is not MLflow's JSON")
        return answer


class _NoAnswerError(Exception):
    def __init__(self, text: str, *, was_sent: bool = True) -> None:
        super().__init__(text)
        self.was_sent = was_sent


def _message(content: bytes) -> str:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    text = answer.get("message") if isinstance(answer, dict) else None
    return f" ({' '.join(text.split())[:200]})" if isinstance(text, str) and text else ""
