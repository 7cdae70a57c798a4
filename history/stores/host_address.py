"""What an address of a git host says, in any of the forms that people copy: the scheme, the host and the path."""

from __future__ import annotations

import ipaddress
import re
from typing import Literal, NoReturn
from urllib.parse import SplitResult, urlsplit

from ..errors import LocationError
from ..late_dataclass import dataclass

_SCP_ADDRESS = re.compile(r"git@(?P<host>[^:/@\s]+):(?P<path>[^:@\s]+)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Kind:
    """What is wanted of an address: for the words of an error, which never repeat the address itself."""

    name: str
    """`the gist URL`."""
    wanted: str
    """Its form."""
    token_name: str
    """The variable that the token belongs into."""
    default_host: str
    """The host that may stand at the beginning without a scheme."""

    def refuse(self, problem: str, *, is_wanted_shown: bool = True) -> NoReturn:
        """Raise the `LocationError`; `problem` goes on after the name."""
        text = f"{self.name} {problem}"
        raise LocationError(f"{text}; wanted {self.wanted}" if is_wanted_shown else text)


@dataclass(frozen=True)
class HostAddress:
    """One address, in parts."""

    scheme: Literal["http", "https"]
    host: str
    """With the port where it is not the scheme's own."""
    is_loopback: bool
    path: str
    fragment: str = ""

    @classmethod
    def parse(cls, text: str, kind: Kind) -> HostAddress:
        """The address, also one for SSH, as the one for HTTPS. Raises `LocationError`.

        Plain HTTP is for this machine itself; elsewhere it would send the token in the clear.
        """
        address = text.strip()
        ssh = _SCP_ADDRESS.fullmatch(address)
        if ssh:
            address = f"https://{ssh['host']}/{ssh['path']}"
        elif address.lower().startswith("ssh://git@"):
            address = "https://" + address[len("ssh://git@") :]
        elif not _SCHEME.match(address):
            if not address.lower().startswith(f"{kind.default_host}/"):
                kind.refuse("does not start with https://")
            address = "https://" + address
        parts = _split(address, kind)
        host, is_loopback = _read_host(parts, kind)
        scheme = _read_scheme(parts, kind, is_loopback=is_loopback)
        return cls(scheme, host, is_loopback, parts.path, parts.fragment)


def is_url(text: str) -> bool:
    """Whether a text names a place on a git host, and not a file."""
    return "://" in text or text.startswith(("git@", "gist.github.com/"))


def _split(address: str, kind: Kind) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        # The cause is dropped: its text repeats the address.
        raise LocationError(f"{kind.name} can't be read as a URL; wanted {kind.wanted}") from None
    if "@" in parts.netloc:
        kind.refuse(
            "holds a user name or a password; take it out: the token belongs in the environment variable "
            f"{kind.token_name}",
            is_wanted_shown=False,
        )
    return parts


def _read_host(parts: SplitResult, kind: Kind) -> tuple[str, bool]:
    """The host with its port, and whether it is this machine itself."""
    name = (parts.hostname or "").lower()
    port = parts.port
    try:
        ip = ipaddress.ip_address(name)
    except ValueError:
        is_loopback = name == "localhost"
        if not _HOST.fullmatch(name):
            kind.refuse("has no valid host")
    else:
        is_loopback = ip.is_loopback
        name = f"[{name}]" if ip.version == 6 else name
    has_own_port = port is not None and port != _DEFAULT_PORTS.get(parts.scheme.lower())
    return (f"{name}:{port}" if has_own_port else name), is_loopback


def _read_scheme(parts: SplitResult, kind: Kind, *, is_loopback: bool) -> Literal["http", "https"]:
    scheme = parts.scheme.lower()
    if scheme == "https":
        return "https"
    if scheme != "http":
        kind.refuse("does not start with https://")
    if not is_loopback:
        kind.refuse("starts with http://, which would send the token in the clear")
    return "http"
