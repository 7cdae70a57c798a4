"""What a gist's address says: the host, the gist's id, and where git and a browser find it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal, NoReturn
from urllib.parse import SplitResult, quote, urlsplit

from ..errors import LocationError

WANTED = "https://gist.github.com/<user>/<id>"

_SCP_ADDRESS = re.compile(r"git@(?P<host>[^:/@\s]+):(?P<path>[^:@\s]+)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_GIST_ID = re.compile(r"[0-9a-fA-F]{20,64}")
_LOOPBACK_GIST_ID = re.compile(r"[A-Za-z0-9_-]+")
_REVISION = re.compile(r"[0-9a-fA-F]{40}")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class GistUrl:
    """One gist on github.com, on an Enterprise host, or on a loopback host."""

    scheme: Literal["http", "https"]
    host: str
    """With the port where it is not the scheme's own."""
    prefix: Literal["", "/gist"]
    """`/gist` where an Enterprise host keeps gists beside its repositories."""
    gist_id: str
    user: str | None = None

    @classmethod
    def parse(cls, text: str) -> GistUrl:
        """The gist that an address copied from a browser or from a clone command names.

        A revision, a file's fragment, a query and a trailing `.git` or `/` are left out. Raises
        `LocationError`; its text never repeats the address, which may hold a credential.
        """
        address = text.strip()
        ssh = _SCP_ADDRESS.fullmatch(address)
        if ssh:
            address = f"https://{ssh['host']}/{ssh['path']}"
        elif address.lower().startswith("ssh://git@"):
            address = "https://" + address[len("ssh://git@") :]
        elif not _SCHEME.match(address):
            if not address.lower().startswith("gist.github.com/"):
                _refuse("the gist URL does not start with https://")
            address = "https://" + address
        parts = _split(address)
        host, is_loopback = _read_host(parts)
        scheme = _read_scheme(parts, is_loopback=is_loopback)
        prefix, user, gist_id = _read_path(parts.path, host, is_loopback=is_loopback)
        return cls(scheme, host, prefix, gist_id, user)

    @property
    def git_url(self) -> str:
        """Where git clones it from and pushes it to."""
        return f"{self.scheme}://{self.host}{self.prefix}/{self.gist_id}.git"

    @property
    def web_url(self) -> str:
        """Where a browser shows it."""
        user = f"/{self.user}" if self.user else ""
        return f"{self.scheme}://{self.host}{self.prefix}{user}/{self.gist_id}"

    def revision_url(self, revision: str) -> str:
        """Where a browser shows the gist as it was at a revision."""
        return f"{self.web_url}/{revision}"

    def raw_url(self, revision: str, file_name: str) -> str:
        """Where a file's bytes are, as they were at a revision: the same bytes for ever."""
        name = quote(file_name)
        if self.host != "gist.github.com":
            return f"{self.web_url}/raw/{revision}/{name}"
        if self.user is None:
            # Answers by a redirect to the form below, which can't be told without the user's name.
            return f"https://gist.github.com/raw/{self.gist_id}/{revision}/{name}"
        return f"https://gist.githubusercontent.com/{self.user}/{self.gist_id}/raw/{revision}/{name}"

    def __str__(self) -> str:
        return self.web_url


def _refuse(problem: str, *, is_wanted_shown: bool = True) -> NoReturn:
    raise LocationError(f"{problem}; wanted {WANTED}" if is_wanted_shown else problem)


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        # The cause is dropped: its text repeats the address.
        raise LocationError(f"the gist URL can't be read as a URL; wanted {WANTED}") from None
    if "@" in parts.netloc:
        _refuse(
            "the gist URL holds a user name or a password; take it out: the token belongs in the environment "
            "variable GIST_TOKEN",
            is_wanted_shown=False,
        )
    return parts


def _read_host(parts: SplitResult) -> tuple[str, bool]:
    """The host with its port, and whether it is this machine itself."""
    name = (parts.hostname or "").lower()
    port = parts.port
    try:
        ip = ipaddress.ip_address(name)
    except ValueError:
        is_loopback = name == "localhost"
        if not _HOST.fullmatch(name):
            _refuse("the gist URL has no valid host")
    else:
        is_loopback = ip.is_loopback
        name = f"[{name}]" if ip.version == 6 else name
    has_own_port = port is not None and port != _DEFAULT_PORTS.get(parts.scheme.lower())
    return (f"{name}:{port}" if has_own_port else name), is_loopback


def _read_scheme(parts: SplitResult, *, is_loopback: bool) -> Literal["http", "https"]:
    scheme = parts.scheme.lower()
    if scheme == "https":
        return "https"
    if scheme != "http":
        _refuse("the gist URL does not start with https://")
    if not is_loopback:
        _refuse("the gist URL starts with http://, which would send the token in the clear")
    return "http"


def _read_path(path: str, host: str, *, is_loopback: bool) -> tuple[Literal["", "/gist"], str | None, str]:
    """The prefix, the user and the gist's id of a path `[/gist][/<user>]/<id>[.git][/<revision>]`."""
    segments = [segment for segment in path.split("/") if segment]
    prefix: Literal["", "/gist"] = ""
    if not host.startswith("gist.") and segments[:1] == ["gist"]:
        prefix = "/gist"
        segments = segments[1:]
    elif not host.startswith("gist.") and not is_loopback:
        _refuse(f"{host[:80]!r} is not a gist host: it neither starts with gist. nor has the path /gist/")
    if len(segments) > 1 and _REVISION.fullmatch(segments[-1]) and _is_gist_id(segments[-2], is_loopback):
        segments = segments[:-1]
    if not segments or not _is_gist_id(segments[-1].removesuffix(".git"), is_loopback):
        _refuse("the gist URL has no gist id (20 or more hexadecimal digits) at its end")
    *users, last = segments
    if len(users) > 1 or (users and not _USER.fullmatch(users[0])):
        _refuse("the gist URL's path is not /<user>/<id>")
    gist_id = last.removesuffix(".git")
    return prefix, (users[0] if users else None), (gist_id if is_loopback else gist_id.lower())


def _is_gist_id(text: str, is_loopback: bool) -> bool:
    return bool((_LOOPBACK_GIST_ID if is_loopback else _GIST_ID).fullmatch(text))
