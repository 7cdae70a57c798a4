"""HTTP calls that end in time, whatever the server does: one deadline for connection, headers and body together.

The limits of `requests` are those of a single wait: a server that sends a byte now and then, or whose name nobody
resolves, is waited for without an end. Here the call is made beside, and its connection is cut at the deadline.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from ..history.late_dataclass import dataclass
from .errors import ReportError

if TYPE_CHECKING:
    import requests

BYTES_AT_MOST = 10_000_000
CONNECT_SECONDS = 5.0
REDIRECTS_AT_MOST = 3
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class HttpAnswer:
    """A whole answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """By name, in whatever case."""
    body: bytes


class HttpCallError(ReportError):
    """There is no whole answer; the text goes on after the server's name, and never holds what was sent."""

    def __init__(self, text: str, *, was_sent: bool = True) -> None:
        super().__init__(text)
        self.was_sent = was_sent
        """False where the request can't have arrived, so that sending it again does nothing twice."""


class BoundedHttp:
    """Calls to one server with one `Authorization` header, or none; the passwords of a `.netrc` are never used.

    Proxies and certificates are those of the environment, as with `requests`. Not for several threads at once.
    """

    def __init__(self, authorization: str | None = None, *, verify: bool | str = True) -> None:
        self._authorization = authorization
        self._verify = verify
        self._session: requests.Session | None = None
        self._connections = _Connections()

    def __enter__(self) -> BoundedHttp:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def call(
        self,
        method: str,
        url: str,
        *,
        seconds: float,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        bytes_at_most: int = BYTES_AT_MOST,
    ) -> HttpAnswer:
        """The server's answer, at most `seconds` from now.

        A redirect of a GET is followed on the same host alone. Raises `HttpCallError`: no connection, no whole
        answer in time, more than `bytes_at_most`, another host.
        """
        if not _can_be_a_header(self._authorization or ""):
            raise HttpCallError("was not asked, as its credential holds what no header can", was_sent=False)
        deadline = time.monotonic() + seconds
        # Certificates by the call: the environment's go before those of a session.
        sent = {"Accept-Encoding": "identity", **(headers or {})}
        request: dict[str, Any] = {"headers": sent, "data": body, "verify": self._verify}
        for _ in range(REDIRECTS_AT_MOST + 1):
            answer = self._bounded(method, url, request, deadline, seconds, bytes_at_most)
            target = answer.headers.get("Location") if answer.status in _REDIRECTS else None
            if method != "GET" or target is None:
                return answer
            url = _on_the_same_host(url, target)
        raise HttpCallError("redirects without an end")

    def _bounded(
        self, method: str, url: str, request: dict[str, Any], deadline: float, seconds: float, limit: int
    ) -> HttpAnswer:
        too_slow = f"had not answered in full after {seconds:g} s"
        session, connections = self._opened(), self._connections
        left = deadline - time.monotonic()
        if left <= 0:
            raise HttpCallError(too_slow, was_sent=False)
        request = {**request, "timeout": (min(CONNECT_SECONDS, left), left)}
        beside = _Beside(lambda: _send(session, method, url, request, limit))
        try:
            is_done = beside.wait(left)
        finally:
            if not beside.is_done:
                self._session = None
                self._connections = _Connections()
                connections.cut()
        if not is_done:
            raise HttpCallError(too_slow, was_sent=connections.were_made)
        return beside.outcome(too_slow, was_sent=connections.were_made)

    def _opened(self) -> requests.Session:
        if self._session is None:
            self._session = _new_session(self._connections)
            # Given in any case, so that no password of a .netrc goes anywhere.
            self._session.auth = self._authorize
        return self._session

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._authorization is not None:
            request.headers["Authorization"] = self._authorization
        return request


class _Beside:
    """A call that another thread makes; the one that waits for it can go on without it."""

    def __init__(self, call: Callable[[], HttpAnswer]) -> None:
        self._call = call
        self._answer: HttpAnswer | None = None
        self._error: BaseException | None = None
        # A daemon: whatever holds it, such as a resolver of names, does not hold the end of the program.
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._answer = self._call()
        except BaseException as error:  # noqa: BLE001 - raised by `outcome`, in the thread that waits
            self._error = error

    @property
    def is_done(self) -> bool:
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return self.is_done

    def outcome(self, too_slow: str, *, was_sent: bool) -> HttpAnswer:
        import requests

        if self._answer is not None:
            return self._answer
        error = self._error
        # None of their texts: they repeat the URL.
        if isinstance(error, requests.ConnectTimeout):
            raise HttpCallError("can't be reached (no answer to the connection)", was_sent=False) from None
        if isinstance(error, requests.Timeout):
            raise HttpCallError(too_slow, was_sent=was_sent) from None
        if isinstance(error, requests.RequestException | OSError | ValueError):
            raise HttpCallError(
                f"can't be reached ({type(error).__name__})"
                if not was_sent
                else f"broke off the connection ({type(error).__name__})",
                was_sent=was_sent,
            ) from None
        raise error or AssertionError("a call that is done has an answer or an error")


class _Connections:
    """The connections of a session, so that they can be cut from outside."""

    def __init__(self) -> None:
        self.were_made = False
        """Whether any stood, so that something may have been sent."""
        self._all: list[Any] = []
        self._is_cut = False

    def opening(self, connection: Any) -> None:
        self._all.append(connection)

    def opened(self, connection: Any) -> None:
        self.were_made = True
        if self._is_cut:
            connection.close()
            raise ConnectionAbortedError("cut at the deadline")

    def cut(self) -> None:
        """Whoever waits for one of them gets its end."""
        self._is_cut = True
        for connection in self._all:
            opened = connection.sock
            if opened is not None:
                with suppress(OSError):  # it has ended by itself
                    opened.shutdown(socket.SHUT_RDWR)


def _new_session(connections: _Connections) -> requests.Session:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.connection import HTTPConnection, HTTPSConnection

    class Connection(HTTPConnection):
        def connect(self) -> None:
            connections.opening(self)
            super().connect()
            connections.opened(self)

    class SafeConnection(HTTPSConnection):
        def connect(self) -> None:
            connections.opening(self)
            super().connect()
            connections.opened(self)

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    class SafePool(HTTPSConnectionPool):
        ConnectionCls = SafeConnection

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
            super().init_poolmanager(*arguments, **options)
            self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": SafePool}

        def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
            manager = super().proxy_manager_for(proxy, **options)
            if not proxy.lower().startswith("socks"):
                manager.pool_classes_by_scheme = {"http": Pool, "https": SafePool}
            return manager

    session = requests.Session()
    session.mount("http://", Adapter())
    session.mount("https://", Adapter())
    return session


def _send(
    session: requests.Session, method: str, url: str, request: dict[str, Any], limit: int
) -> HttpAnswer:
    with session.request(method, url, stream=True, allow_redirects=False, **request) as answer:
        body = bytearray()
        for chunk in answer.iter_content(65_536):
            body += chunk
            if len(body) > limit:
                raise HttpCallError(f"sent more than {limit:,} bytes")
        return HttpAnswer(answer.status_code, answer.headers, bytes(body))


def _can_be_a_header(text: str) -> bool:
    """Whether HTTP takes it as a header's value: a line of Latin letters."""
    return text.isprintable() and all(ord(character) < 256 for character in text)


def _on_the_same_host(url: str, target: str) -> str:
    """Where a redirect leads. Raises `HttpCallError` for another host, which would be handed the credentials."""
    try:
        following = urljoin(url, target)
        is_same = urlsplit(following)[:2] == urlsplit(url)[:2]
    except ValueError:
        is_same = False
    if not is_same:
        raise HttpCallError("redirects to another host, which is not asked")
    return following
