"""HTTP servers on loopback that answer as no server should: never, slowly, with errors, with nonsense, in part.

And one that passes a real server's answers on, changed as an older version, or a bad line, would have them.
"""

from __future__ import annotations

import http.client
import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Told:
    """What a server answers, which may be changed at any time, and what it was asked."""

    status: int
    body: bytes
    seen: list[tuple[str, str | None]] = field(default_factory=list)
    """The (path, Authorization) of each request."""


@contextmanager
def answering(
    status: int, body: bytes, *, pause: float = 0.0
) -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """A server with one answer for everything; gives its URL and the (path, Authorization) of each request."""
    told = Told(status, body)
    with answering_as_told(told, pause=pause) as url:
        yield url, told.seen


@contextmanager
def answering_as_told(told: Told, *, pause: float = 0.0) -> Iterator[str]:
    """A server whose one answer is what `told` holds at the moment; gives its URL."""
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            told.seen.append((self.path, self.headers.get("Authorization")))
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            released.wait(pause)
            status, body = told.status, told.body
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with _served(Handler) as url:
        try:
            yield url
        finally:
            released.set()


@contextmanager
def echoing(status: int) -> Iterator[str]:
    """A server that quotes in each error what it was sent, the credentials among it; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            header = self.headers.get("Authorization", "")
            said = f"{'.' * 150} refused {header} of {dict(self.headers)}, that is {header.partition(' ')[2]}"
            body = json.dumps({"error_code": "BAD_REQUEST", "message": said}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with _served(Handler) as url:
        yield url


@dataclass(frozen=True)
class Answer:
    """What the real server answered to a request."""

    path: str
    status: int
    body: bytes
    is_cut: bool = False
    """The connection ends in the middle of the body."""


@contextmanager
def relaying(target: str, change: Callable[[Answer], Answer]) -> Iterator[str]:
    """A server that passes requests on to `target`, and its answers back as `change` has them; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            connection = http.client.HTTPConnection(urlsplit(target).netloc, timeout=60)
            kept = ("authorization", "content-type", "user-agent", "accept")
            headers = {name: value for name, value in self.headers.items() if name.lower() in kept}
            connection.request(self.command, self.path, body=sent, headers=headers)
            told = connection.getresponse()
            kind = told.headers.get("Content-Type", "application/json")
            answer = change(Answer(self.path, told.status, told.read()))
            connection.close()
            self.send_response(answer.status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(answer.body[: len(answer.body) // 2] if answer.is_cut else answer.body)
            self.close_connection = True

        do_GET = do_POST = do_DELETE = do_PATCH = _answer  # noqa: N815

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with _served(Handler) as url:
        yield url


@contextmanager
def _served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def dripping(beginning: bytes = b"", drop: bytes = b"x", *, pause: float = 0.02) -> Iterator[str]:
    """A server that answers `beginning` at once and then `drop` after `drop`, until the client hangs up."""
    stopped = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.request.sendall(beginning)
                while not stopped.wait(pause):
                    self.request.sendall(drop)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            stopped.set()
            server.shutdown()
            thread.join()


@contextmanager
def silent() -> Iterator[str]:
    """A server that accepts connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def refusing() -> Iterator[str]:
    """An address where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    yield f"http://127.0.0.1:{port}"
