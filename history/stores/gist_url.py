"""What a gist's address says: the host, the gist's id, and where git and a browser find it."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import quote

from ..errors import LocationError
from ..late_dataclass import dataclass
from .git_remote import Advice
from .host_address import HostAddress, Kind

_KIND = Kind("the gist URL", "https://gist.github.com/<user>/<id>", "GIST_TOKEN", "gist.github.com")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_GIST_ID = re.compile(r"[0-9a-fA-F]{20,64}")
_LOOPBACK_GIST_ID = re.compile(r"[A-Za-z0-9_-]+")
_REVISION = re.compile(r"[0-9a-fA-F]{40}")

_ADVICE = Advice(
    address="the gist URL",
    no_caller="set GIST_TOKEN to a token with the `gist` scope",
    unknown_caller="GIST_TOKEN is wrong, expired or revoked; store a new one with the `gist` scope",
    forbidden="the token in GIST_TOKEN must have the `gist` scope and belong to the gist's owner",
    not_found="the gist URL is wrong, the gist was deleted, or the token in GIST_TOKEN lacks the `gist` scope "
    "(the workflow's own token can't have it)",
    not_found_anonymously="the gist URL is wrong, or the gist was deleted",
    forbidden_by_rule="a rule of the host forbids this push to the gist",
)


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
        found = HostAddress.parse(text, _KIND)
        prefix, user, gist_id = _read_path(found.path, found.host, is_loopback=found.is_loopback)
        return cls(found.scheme, found.host, prefix, gist_id, user)

    @property
    def git_url(self) -> str:
        """Where git clones it from and pushes it to."""
        return f"{self.scheme}://{self.host}{self.prefix}/{self.gist_id}.git"

    @property
    def named(self) -> str:
        """How messages name it."""
        return f"gist {self.web_url}"

    @property
    def shown(self) -> str:
        """How a report names it: as a browser shows it."""
        return self.web_url

    @property
    def reference(self) -> None:
        """A gist has one branch, whatever its name."""

    @property
    def advice(self) -> Advice:
        """What to do about its failures."""
        return _ADVICE

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


def _read_path(path: str, host: str, *, is_loopback: bool) -> tuple[Literal["", "/gist"], str | None, str]:
    """The prefix, the user and the gist's id of a path `[/gist][/<user>]/<id>[.git][/<revision>]`."""
    segments = [segment for segment in path.split("/") if segment]
    prefix: Literal["", "/gist"] = ""
    if not host.startswith("gist.") and segments[:1] == ["gist"]:
        prefix = "/gist"
        segments = segments[1:]
    elif not host.startswith("gist.") and not is_loopback:
        raise LocationError(
            f"{host[:80]!r} is not a gist host: it neither starts with gist. nor has the path /gist/; "
            f"wanted {_KIND.wanted}"
        )
    if len(segments) > 1 and _REVISION.fullmatch(segments[-1]) and _is_gist_id(segments[-2], is_loopback):
        segments = segments[:-1]
    if not segments or not _is_gist_id(segments[-1].removesuffix(".git"), is_loopback):
        _KIND.refuse("has no gist id (20 or more hexadecimal digits) at its end")
    *users, last = segments
    if len(users) > 1 or (users and not _USER.fullmatch(users[0])):
        raise LocationError(f"{_KIND.name}'s path is not /<user>/<id>; wanted {_KIND.wanted}")
    gist_id = last.removesuffix(".git")
    return prefix, (users[0] if users else None), (gist_id if is_loopback else gist_id.lower())


def _is_gist_id(text: str, is_loopback: bool) -> bool:
    return bool((_LOOPBACK_GIST_ID if is_loopback else _GIST_ID).fullmatch(text))
