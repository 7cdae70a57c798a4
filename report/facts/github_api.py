"""GitHub's API as a run asks it: with the job's own token, to an address that may have it, for a bounded time."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from ..bounded_http import BoundedHttp, HttpAnswer, HttpCallError

API_VERSION = "2022-11-28"
SECONDS_AT_MOST = 30.0
"""For all requests of one question, its pages and its retry."""
REQUEST_SECONDS_AT_MOST = 10.0
_RETRY_AFTER_AT_MOST = 10.0


class GitHubApiError(Exception):
    """The API can't be asked, or refuses; the text is the notice's reason and what to do. Never holds the token."""

    def __init__(
        self, text: str, status: int | None = None, *, limited_until: datetime | None = None
    ) -> None:
        super().__init__(text)
        self.status = status
        """What was answered, where anything was."""
        self.limited_until = limited_until
        """When the rate limit begins anew, where it is used up and that is told."""


class GitHubApi:
    """One question to GitHub's API: as many requests as it takes, within one time limit.

    `permission` is what the token needs, as a workflow grants it; a refusal names it. Raises `GitHubApiError` for an
    address that the token must not be sent to.
    """

    def __init__(self, environment: Mapping[str, str], permission: str, seconds: float | None = None) -> None:
        self._base = _safe(environment.get("GITHUB_API_URL") or "https://api.github.com")
        self._http = BoundedHttp(f"Bearer {environment.get('GITHUB_TOKEN', '').strip()}")
        self._permission = permission
        self._seconds = SECONDS_AT_MOST if seconds is None else seconds
        self._deadline = time.monotonic() + self._seconds

    def __enter__(self) -> GitHubApi:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._http.close()

    def get(self, path: str) -> HttpAnswer:
        """The answer to a reading, of a path or of an address that `following` gave; after one retry at most.

        Raises `GitHubApiError`, as `send` does.
        """
        return self._call("GET", self._url(path), None, may_retry=True)

    def send(self, method: str, path: str, document: Mapping[str, Any]) -> Any:
        """What is answered to a writing. It is sent once: what a fault hides may have been done."""
        answer = self._call(method, self._url(path), json.dumps(document).encode(), may_retry=False)
        return read_json(answer.body)

    def following(self, answer: HttpAnswer, path: str) -> str | None:
        """The next page's URL, of the `Link` header; None after the last."""
        from requests.utils import parse_header_links

        links = parse_header_links(answer.headers.get("Link", ""))
        following = next((link["url"] for link in links if link.get("rel") == "next"), None)
        if following is None:
            return None
        try:
            is_same_host = urlsplit(following)[:2] == urlsplit(self._url(path))[:2]
        except ValueError:
            is_same_host = False
        if not is_same_host:
            raise GitHubApiError("the next page is on another host, and the token is not sent there")
        return following

    def _url(self, path: str) -> str:
        return path if path.startswith(("http://", "https://")) else self._base + path

    def _call(self, method: str, url: str, body: bytes | None, *, may_retry: bool) -> HttpAnswer:
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION}
        if body is not None:
            headers["Content-Type"] = "application/json"
        while True:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise GitHubApiError(f"GitHub's API took longer than {self._seconds:.0f} s")
            try:
                seconds = min(REQUEST_SECONDS_AT_MOST, left)
                answer = self._http.call(method, url, headers=headers, seconds=seconds, body=body)
            except HttpCallError as error:
                raise GitHubApiError(f"GitHub's API {error}") from None
            pause = _seconds_before_retry(answer)
            if may_retry and pause is not None and pause < self._deadline - time.monotonic():
                may_retry = False
                time.sleep(pause)
                continue
            self._require_success(answer)
            return answer

    def _require_success(self, answer: HttpAnswer) -> None:
        code = answer.status
        if code in (200, 201):
            return
        is_limited = code == 403 and (
            "Retry-After" in answer.headers or answer.headers.get("X-RateLimit-Remaining") == "0"
        )
        if code == 429 or is_limited:
            until = _moment_of(answer.headers.get("X-RateLimit-Reset", ""))
            raise GitHubApiError(
                f"GitHub's API answered {code}, its rate limit is used up", code, limited_until=until
            )
        if code == 401:
            raise GitHubApiError("GitHub's API answered 401: GITHUB_TOKEN is not valid (any more)", code)
        if code in (403, 404):
            told = f"the job's token needs `permissions: {self._permission}`"
            raise GitHubApiError(f"GitHub's API answered {code}: {told}", code)
        raise GitHubApiError(f"GitHub's API answered {code}", code)


def read_json(body: bytes) -> Any:
    """What an answer's JSON holds; None for what is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _moment_of(epoch_seconds: str) -> datetime | None:
    """The moment of a header; None for anything else."""
    try:
        return datetime.fromtimestamp(int(epoch_seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _safe(base: str) -> str:
    """The API's address. Raises `GitHubApiError` for one that the token must not be sent to."""
    try:
        parts = urlsplit(base)
        is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        _ = parts.port
    except ValueError:
        raise GitHubApiError("GITHUB_API_URL is not a URL") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
        raise GitHubApiError("GITHUB_API_URL is not https, and the token is not sent in the clear")
    return base.rstrip("/")


def _seconds_before_retry(answer: HttpAnswer) -> float | None:
    """Return how long to wait before the one retry (Retry-After, at most 10 s), or None where none helps."""
    if answer.status != 429 and answer.status < 500:
        return None
    given = answer.headers.get("Retry-After", "1")
    return min(float(given), _RETRY_AFTER_AT_MOST) if given.isdecimal() else 1.0
