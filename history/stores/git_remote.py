"""What a git host is to the protocol that gists and branches share: addresses, and words for failures."""

from __future__ import annotations

from typing import Literal, Protocol

from ..late_dataclass import dataclass


@dataclass(frozen=True)
class Advice:
    """What to do about a failure, said for one kind of remote."""

    address: str
    """How a person calls the address that was given: `the gist URL`."""
    no_caller: str
    """The host asks for a token, and there is none."""
    unknown_caller: str
    """The host does not know the token."""
    forbidden: str
    """The host knows the token, which may not do this."""
    not_found: str
    """Nothing is there for a token to see."""
    not_found_anonymously: str
    forbidden_by_rule: str
    """A rule of the host, a branch protection or a ruleset, refuses the push."""


class Remote(Protocol):
    """One place on a git host that keeps a history."""

    @property
    def scheme(self) -> Literal["http", "https"]:
        """The only protocol that git may speak to it."""

    @property
    def git_url(self) -> str:
        """Where git reads it from and pushes it to; holds no credentials."""

    @property
    def named(self) -> str:
        """How messages name it: its kind and its address."""

    @property
    def shown(self) -> str:
        """How a report names it, where the kind is told by the address."""

    @property
    def reference(self) -> str | None:
        """The full name of the ref that keeps the history; `None` for the one that the host calls HEAD."""

    @property
    def advice(self) -> Advice:
        """What to do about its failures."""

    def revision_url(self, revision: str) -> str:
        """Where a browser shows it as it was at a revision."""

    def raw_url(self, revision: str, file_name: str) -> str:
        """Where a file's bytes are, as they were at a revision."""
