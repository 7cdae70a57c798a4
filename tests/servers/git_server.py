"""A real git host on loopback: `git http-backend` behind a small web server, with faults on demand.

It stands for a gist host: repositories live at `/<id>.git`, `/<user>/<id>.git` and `/gist/<id>.git`, reading is
open to everybody, pushing needs the token. `git` itself decides what a push may do, so that a lost race is
refused as it is by the real host.
"""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import ssl
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

Step = Literal["fetch-info", "fetch", "push-info", "push", "raw"]
"""`…-info` asks for the refs. `fetch` comes twice in a clone: once for the refs by name, once for the pack."""

Kind = Literal["status", "drop-before", "drop-after", "cut", "hang", "redirect"]

_GIT_SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.org",
    "GIT_COMMITTER_NAME": "Somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.org",
}


@dataclass
class Fault:
    """What goes wrong with the next requests of one step."""

    step: Step
    kind: Kind = "status"
    """`status` answers with it at once; `drop-before` ends the connection before git saw the request, `drop-after`
    when git has done it; `cut` ends it in the middle of the answer; `hang` does nothing for `seconds`; `redirect`
    points to `location`."""
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    location: str = ""
    seconds: float = 60
    times: int = 1
    """How many requests it hits."""
    after: int = 0
    """How many it lets pass before."""


@dataclass(frozen=True)
class Request:
    """One request as it was answered."""

    step: str
    path: str
    status: int | None
    """`None` when the connection was dropped."""
    authorization: str | None
    bytes_in: int
    bytes_out: int


class GitServer:
    """Made by `git_server`; `url` is where it listens, without a trailing slash."""

    def __init__(self, root: Path, token: str | None, *, reads_need_token: bool = False) -> None:
        self.root = root
        self.token = token
        self.reads_need_token = reads_need_token
        self.latency_seconds = 0.0
        self.marks: Mapping[str, bytes] = {}
        """Files that every repository with files has besides."""
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self.url = ""
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    # What a test sets up.

    def create_gist(
        self,
        gist_id: str = "history",
        files: Mapping[str, bytes] | None = None,
        *,
        revisions: int = 1,
        branch: str = "main",
    ) -> str:
        """Make a gist and return its URL. Each file has `revisions` versions, of which the last is as given."""
        folder = self.folder(gist_id)
        self.git("init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}", str(folder))
        for key, value in {
            "http.receivepack": "true",
            # As on the real host: a push with --force would go through. It must never be asked for.
            "receive.denyNonFastForwards": "false",
            "receive.autogc": "false",
            "gc.auto": "0",
            "uploadpack.allowFilter": "true",
        }.items():
            self.git("config", key, value, gist_id=gist_id)
        if files:
            files = {**self.marks, **files}
            self.git("fast-import", "--quiet", gist_id=gist_id, stdin=_history_of(files, revisions, branch))
        return f"{self.url}/{gist_id}"

    def commit(self, gist_id: str, files: Mapping[str, bytes | None], *, branch: str = "main") -> str:
        """Push as somebody else would: these files changed, `None` for a file taken away. Returns the revision."""
        changes = b"".join(
            b"D %b\n" % name.encode() if content is None else _file(name, content)
            for name, content in files.items()
        )
        parent = b"from refs/heads/%b^0\n" % branch.encode() if self.tip(gist_id) else b""
        self.git(
            "fast-import", "--quiet", gist_id=gist_id, stdin=_commit(branch, b"By hand", parent) + changes
        )
        return self.tip(gist_id) or ""

    def inject(self, *faults: Fault) -> None:
        """Let these things go wrong, each the number of times that it says."""
        with self._lock:
            self._faults += faults

    # What a test looks at.

    def folder(self, gist_id: str) -> Path:
        """The bare repository."""
        return self.root / f"{gist_id}.git"

    def tip(self, gist_id: str = "history") -> str | None:
        """The newest revision."""
        return (
            self.git("rev-parse", "--verify", "--quiet", "HEAD", gist_id=gist_id, check=False)
            .decode()
            .strip()
            or None
        )

    def read(self, name: str, gist_id: str = "history", revision: str = "HEAD") -> bytes:
        """A file's content."""
        return self.git("cat-file", "blob", f"{revision}:{name}", gist_id=gist_id)

    def count_revisions(self, gist_id: str = "history") -> int:
        """How many revisions there are."""
        return int(self.git("rev-list", "--count", "--all", gist_id=gist_id))

    def count_steps(self) -> Counter[str]:
        """How often each step was asked for."""
        return Counter(request.step for request in self.requests)

    def git(
        self, *arguments: str, gist_id: str | None = None, stdin: bytes = b"", check: bool = True
    ) -> bytes:
        """Run git, in a gist's repository."""
        located = [] if gist_id is None else [f"--git-dir={self.folder(gist_id)}"]
        return subprocess.run(
            ["git", *located, *arguments],
            input=stdin,
            check=check,
            stdout=subprocess.PIPE,
            env=_git_environment(),
        ).stdout

    # What the handler asks.

    def take_fault(self, step: str) -> Fault | None:
        """The fault that hits this request, if any."""
        with self._lock:
            for fault in self._faults:
                if fault.step != step:
                    continue
                if fault.after:
                    fault.after -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None

    def allows(self, step: str, authorization: str | None) -> bool:
        """Whether the request may go on: pushing needs the token as the password, whoever the user is."""
        if step in {"fetch", "fetch-info", "raw"} and not self.reads_need_token and authorization is None:
            return True
        kind, _, credential = (authorization or "").partition(" ")
        if self.token is None or kind != "Basic":
            return False
        return base64.b64decode(credential).decode().partition(":")[2] == self.token


@contextmanager
def git_server(
    root: Path,
    token: str | None = None,
    *,
    reads_need_token: bool = False,
    certificate: tuple[Path, Path] | None = None,
) -> Iterator[GitServer]:
    """Serve the repositories under `root` on a free port, with TLS for a `certificate` (its file, its key's)."""
    server = GitServer(root, token, reads_need_token=reads_need_token)

    class Handler(_Handler):
        host = server

    class Web(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that goes away is no news."""

    with Web(("127.0.0.1", 0), Handler) as web:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            web.socket = context.wrap_socket(web.socket, server_side=True)
        server.url = f"{'https' if certificate else 'http'}://127.0.0.1:{web.server_address[1]}"
        thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.stopping.set()
            web.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    host: GitServer
    protocol_version = "HTTP/1.1"
    # Else every answer waits 40 ms for the client to acknowledge its head.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Tests read `requests`, not a log."""

    def _answer(self) -> None:
        self.address = urlsplit(self.path)
        self.route = self.address.path.removeprefix("/gist").split("/")[1:]
        self.step = _step_of(self.route, self.address.query)
        self.bytes_in = 0
        body = b"".join(self._body())
        if self.host.latency_seconds:
            time.sleep(self.host.latency_seconds)
        fault = self.host.take_fault(self.step)
        if fault is not None and fault.kind in {"status", "redirect", "hang", "drop-before"}:
            self._fail(fault)
        elif not self.host.allows(self.step, self.headers["Authorization"]):
            self._send(401, {"WWW-Authenticate": 'Basic realm="gist"'}, b"")
        elif self.step == "raw":
            self._send(*self._raw())
        else:
            status, headers, content = self._backend(body)
            if fault is not None and fault.kind == "drop-after":
                self._drop()
            else:
                self._send(status, headers, content, is_cut=fault is not None)

    def _body(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self._counted(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
        else:
            yield self._counted(int(self.headers.get("Content-Length", 0)))

    def _counted(self, size: int) -> bytes:
        self.bytes_in += size
        return self.rfile.read(size)

    def _fail(self, fault: Fault) -> None:
        if fault.kind == "status":
            extra = {"WWW-Authenticate": 'Basic realm="gist"'} if fault.status == 401 else {}
            self._send(fault.status, {**extra, **fault.headers}, b"out of order\n")
        elif fault.kind == "redirect":
            self._send(302, {"Location": fault.location + self.path}, b"")
        else:
            if fault.kind == "hang":
                self.host.stopping.wait(fault.seconds)
            self._drop()

    def _backend(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        names = [part for part in self.route if part.endswith(".git")]
        rest = self.route[self.route.index(names[0]) :] if names else self.route
        environment = {
            **_git_environment(),
            "GIT_PROJECT_ROOT": str(self.host.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": "/" + "/".join(rest),
            "QUERY_STRING": self.address.query,
            "REQUEST_METHOD": self.command,
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        if self.headers["Authorization"]:
            environment["REMOTE_USER"] = "somebody"
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        return int(headers.pop("Status", "200").split()[0]), headers, content

    def _raw(self) -> tuple[int, dict[str, str], bytes]:
        """`[/<user>]/<id>/raw/<revision>/<file>`, as browsers and image proxies ask for it."""
        place = self.route.index("raw")
        try:
            content = self.host.read(self.route[place + 2], self.route[place - 1], self.route[place + 1])
        except (subprocess.CalledProcessError, IndexError):
            return 404, {}, b""
        return 200, {"Content-Type": "text/plain"}, content

    def _send(self, status: int, headers: Mapping[str, str], content: bytes, *, is_cut: bool = False) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self._note(status, len(content))
        if is_cut:
            self.wfile.write(content[: len(content) // 2])
            self._drop(is_noted=True)
        else:
            self.wfile.write(content)

    def _drop(self, *, is_noted: bool = False) -> None:
        if not is_noted:
            self._note(None, 0)
        self.close_connection = True
        self.wfile.flush()
        _end(self.connection)

    def _note(self, status: int | None, bytes_out: int) -> None:
        authorization = self.headers["Authorization"]
        self.host.requests.append(
            Request(self.step, self.path, status, authorization, self.bytes_in, bytes_out)
        )


def _git_environment() -> dict[str, str]:
    """The host's own: what a test sets for the client's git is not meant for it."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**others, **_GIT_SETTINGS}


def _step_of(route: list[str], query: str) -> str:
    if route[-2:] == ["info", "refs"]:
        service = parse_qs(query).get("service", [""])[0]
        return "push-info" if service == "git-receive-pack" else "fetch-info"
    if "raw" in route:
        return "raw"
    return {"git-upload-pack": "fetch", "git-receive-pack": "push"}.get(route[-1], "other")


def _end(connection: socket.socket) -> None:
    # The client may have been faster.
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _history_of(files: Mapping[str, bytes], revisions: int, branch: str) -> bytes:
    stream = b""
    for number in range(revisions):
        is_last = number == revisions - 1
        stream += _commit(branch, b"Revision %d" % number, b"")
        for name, content in files.items():
            stream += _file(name, content if is_last else b"%b,%d\n" % (content[: -1 - number], number))
    return stream


def _commit(branch: str, message: bytes, parent: bytes) -> bytes:
    who = b"committer Somebody <somebody@example.org> %d +0000\n" % int(time.time())
    return b"commit refs/heads/%b\n" % branch.encode() + who + _data(message) + parent


def _file(name: str, content: bytes) -> bytes:
    return b"M 100644 inline %b\n" % name.encode() + _data(content)


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)
