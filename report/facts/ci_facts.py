"""What a CI system tells about the run, whichever it is; and its variables, read with care."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from ...history.late_dataclass import dataclass


@dataclass(frozen=True)
class CiFacts:
    """One workflow run attempt; a field is None where the CI does not tell it, as all are outside of a CI."""

    provider: str | None = None
    """`github`, `gitlab`, the name of another CI, or None outside of one."""
    repository: str | None = None
    """`owner/name` of the repository that the run belongs to (a pull request's target)."""
    commit_sha: str | None = None
    """The commit that is reported: a pull request's head, never the merge commit that a CI builds."""
    branch: str | None = None
    """The head branch; '' where the run is for a tag."""
    base_branch: str | None = None
    pull_request: int | None = None
    event: str | None = None
    workflow: str | None = None
    workflow_run_id: str | None = None
    run_attempt: int | None = None
    run_url: str | None = None
    server_url: str | None = None
    default_branch: str | None = None
    actor: str | None = None
    before: str | None = None
    """The commit before a push; None for a new branch."""
    after: str | None = None
    is_pull_request: bool = False
    """The commit is proposed, not merged yet; also where its number is unknown."""
    is_fork_pull_request: bool | None = None
    """Whether it is proposed from another repository; None for no pull request, and where the CI does not tell."""
    is_private: bool | None = None
    conclusion: str | None = None
    """How the run that is reported ended, where it had ended before this one started (`workflow_run`)."""
    notices: tuple[str, ...] = ()

    @property
    def untrusted(self) -> str:
        """Why the commit's code and config may be a stranger's: what follows `The commit …`; '' where they are ours.

        Who is not trusted gets no credential, as the config names the servers; nothing of theirs is trained,
        registered, promoted, deleted or recorded with our rights.
        """
        if self.is_fork_pull_request:
            return "comes from a fork"
        if self.is_pull_request and self.is_fork_pull_request is None:
            return "is of a pull request, and the CI does not tell whether it comes from a fork"
        return ""


_GREATEST = 2**31 - 1
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)
_REPOSITORY = re.compile(r"[\w.-]+(?:/[\w.-]+)+", re.ASCII)
_BLANKS = re.compile(r"[\t\n\v\f\r ]+")
# What no name holds and not everything can store: controls, halves of characters (of bytes that are not UTF-8).
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")

Value = TypeVar("Value")


def whole_text(value: str) -> str:
    """The value in one line, every character of it one that can be stored; what can't be is U+FFFD."""
    return _NO_TEXT.sub("\ufffd", _BLANKS.sub(" ", value)).strip()


def whole_number(value: object) -> int | None:
    """A number of runs, attempts, requests: 1 and more, of a size that any database takes; None for all else."""
    if isinstance(value, str):
        value = int(value) if re.fullmatch(r"[0-9]{1,10}", value) else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 1 <= value <= _GREATEST else None


def commit_hash(value: str | None) -> str | None:
    """A full hash as git writes it; None for all else, so that nothing else gets into git's command lines."""
    return value.lower() if value and _COMMIT.fullmatch(value) else None


def web_url(value: str | None) -> str | None:
    """A URL that a person can follow; None for all else."""
    if value is None or any(character.isspace() for character in value):
        return None
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    return value if parts.scheme in ("http", "https") and parts.hostname else None


class Variables:
    """One environment. A variable that is not what it should be leaves a notice, once, and counts as absent."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self._notices: dict[str, None] = {}

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about what was passed over."""
        return tuple(self._notices)

    def text(self, *names: str) -> str | None:
        """The first of them that holds anything, in one line."""
        found = (whole_text(self.environment.get(name, "")) for name in names)
        return next((text for text in found if text), None)

    def number(self, *names: str) -> int | None:
        """The first of them that holds anything, as a whole number."""
        return self._checked(names, whole_number, "a whole number of 1 and more")

    def commit(self, *names: str) -> str | None:
        """The first of them that holds anything, as a commit's full hash."""
        return self._checked(names, commit_hash, "a commit's full hash")

    def repository(self, *names: str) -> str | None:
        """The first of them that holds anything, as `owner/name`, or `group/…/name`."""
        return self._checked(names, _repository, "`owner/name`")

    def url(self, *names: str) -> str | None:
        """The first of them that holds anything, as a page's address."""
        return self._checked(names, web_url, "a URL that begins with https://")

    def is_true(self, name: str) -> bool | None:
        """True or False as the variable says in words; None where it says nothing, or something else."""
        return {"true": True, "false": False}.get((self.text(name) or "").lower())

    def note(self, notice: str) -> None:
        """Add a sentence to the notices."""
        self._notices[notice] = None

    def _checked(
        self, names: tuple[str, ...], check: Callable[[str], Value | None], wanted: str
    ) -> Value | None:
        name = next((name for name in names if self.text(name)), None)
        text = self.text(name) if name else None
        value = None if text is None else check(text)
        if name and value is None:
            self.note(f"{name} is {_short(text or '')}, wanted {wanted}: it is passed over.")
        return value


def _repository(text: str) -> str | None:
    parts = text.split("/")
    return text if _REPOSITORY.fullmatch(text) and not {".", ".."} & set(parts) else None


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
