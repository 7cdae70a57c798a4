"""What a failed git command means, in words that say what to do; and which failures pass by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import LocationError, UnreachableError
from ..late_dataclass import dataclass
from .git_remote import Remote

LONGEST_QUOTE = 300
"""Characters of what git said that go into a message."""


class GitUnavailableError(LocationError):
    """There is no git here that can do the work."""


class AccessError(LocationError):
    """The host refused: no such place, or not with this token."""


class RefusedPushError(LocationError):
    """The host has a rule against this push: nothing was written."""


class StepTimeoutError(UnreachableError):
    """A git command was ended because it took too long. Whether a push was applied is unknown then."""

    def __init__(self, message: str, step: str) -> None:
        super().__init__(message)
        self.step = step


class PassingError(UnreachableError):
    """The network or the host failed in a way that may pass. Whether a push was applied is unknown."""


class RateLimitError(PassingError):
    """The host asks to come back later (429)."""


class RejectedPushError(UnreachableError):
    """Somebody else pushed in between. Nothing was written."""


# Texts, which few runs need: compiled when they are asked for.
_TIMED_OUT = r"(?i)timed out|Operation too slow|Timeout was reached"
_CERTIFICATE = r"(?i)certificate|CAfile|CApath|unable to get local issuer"
_UNKNOWN_HOST = r"(?i)Could not resolve (host|proxy)"
_UNREACHABLE = r"(?i)Failed to connect|Couldn't connect|Connection refused|No route to host"
_NO_HTTP = r"(?i)remote-https?' is not a git command|Unable to find remote helper"
_REDIRECTED = r"(?i)returned error: 3\d\d|unable to update url base from redirection"
_DISK_FULL = r"(?i)No space left on device|Disk quota exceeded"
_WRONG_LOGIN = r"(?i)could not read (Username|Password)|Authentication failed"
_STATUS = r"(?:returned error:|HTTP) (\d{3})\b"
_RATE_LIMIT = r"(?i)rate limit"

_REJECTED = r"(?m)^!\t.*\[rejected\]"
_REFUSED = r"(?m)^!\t.*\[remote rejected\] \((?P<reason>.*)\)"
# The last one: what our commit builds on is gone, as the branch was deleted in between.
_LOST_RACE = (
    r"(?i)\block\b|failed to update ref|incorrect old value|already exists|is at [0-9a-f]+ but expected"
    r"|shallow update not allowed"
)
# GitHub's codes of a branch protection and of a ruleset, GitLab's words, and git's own settings of a host.
_RULE = (
    r"(?im)GH006|GH013|protected branch|rule violations|not allowed to (force )?push|denying non-fast-forward"
    r"|^non-fast-forward$"
)
_HOST_TROUBLE = r"(?i)internal server error|unavailable|timeout|try again|unpacker error"


@dataclass(frozen=True)
class Answer:
    """What git answered; `said` is its stderr, raw, and must not be shown: `quoted` may."""

    code: int
    out: bytes
    said: str
    quoted: str


def redacted(text: str, secrets: Iterable[str]) -> str:
    """The text on one line, without the secrets and without credentials in URLs, of bounded length."""
    for secret in secrets:
        text = text.replace(secret, "***")
    text = re.sub(r"://[^/@\s]+@", "://***@", text)
    text = "".join(character if character.isprintable() else " " for character in text)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_QUOTE else "…" + text[-LONGEST_QUOTE:]


def explain(step: str, said: str, quoted: str, remote: Remote, *, has_token: bool) -> LocationError:
    """The error that stands for what git `said` on stderr; `quoted` is what of it may be shown."""
    place, advice = remote.named, remote.advice
    status = _status(said)
    if re.search(_CERTIFICATE, said):
        return LocationError(
            f"{place}: the host's TLS certificate can't be verified; if the host uses a private authority, set "
            f"GIT_SSL_CAINFO to its certificate file (git: {quoted})"
        )
    if re.search(_NO_HTTP, said):
        return GitUnavailableError(
            f"{place}: this git can't speak {remote.scheme}: install the full git package"
        )
    if re.search(_DISK_FULL, said):
        return LocationError(f"{place}: {step}: the disk for temporary files is full")
    if re.search(_REDIRECTED, said):
        return LocationError(
            f"{place}: the host sends git to another address, and the token is not sent there: give {advice.address} "
            "that the browser shows in the end"
        )
    if status == 429 or (status == 403 and re.search(_RATE_LIMIT, said)):
        return RateLimitError(f"{place}: {step}: the host's rate limit is reached (429): try again later")
    if status == 401 or (status is None and re.search(_WRONG_LOGIN, said)):
        refused = f"the host refused the token (401): {advice.unknown_caller}"
        asked = f"the host asks for a token (401): {advice.no_caller}"
        return AccessError(f"{place}: {refused if has_token else asked}")
    if status == 403:
        return AccessError(f"{place}: {step}: forbidden (403): {advice.forbidden}{_quotation(quoted)}")
    if status == 404 or re.search(r"repository '.*' not found", said):
        with_token = f"not found with this token (404): {advice.not_found}"
        without = f"not found (404): {advice.not_found_anonymously}"
        return AccessError(f"{place}: {with_token if has_token else without}")
    if status is not None and 400 <= status < 500 and status not in (408, 409):
        return LocationError(f"{place}: {step}: the host refused with status {status}{_quotation(quoted)}")
    if re.search(_TIMED_OUT, said):
        return StepTimeoutError(f"{place}: {step}: the host stopped answering{_quotation(quoted)}", step)
    if re.search(_UNKNOWN_HOST, said):
        return PassingError(
            f"{place}: the host name can't be resolved: check {advice.address}, the network and the proxy settings"
        )
    if re.search(_UNREACHABLE, said):
        return PassingError(f"{place}: the host can't be reached: check the network and the proxy settings")
    if status is not None:
        return PassingError(f"{place}: {step}: the host answered with status {status}")
    return PassingError(f"{place}: {step}: the connection failed{_quotation(quoted)}")


def explain_push(porcelain: str, remote: Remote, answer: Answer) -> LocationError | None:
    """The error that stands for the ref's line in `git push --porcelain`; `None` when there is no such line."""
    place = remote.named
    if re.search(_REJECTED, porcelain):
        return RejectedPushError(f"{place}: somebody else pushed in between")
    refused = re.search(_REFUSED, porcelain)
    if refused is None:
        return None
    if re.search(_LOST_RACE, refused["reason"]):
        return RejectedPushError(f"{place}: somebody else pushed at the same moment")
    if re.search(_RULE, refused["reason"]) or re.search(_RULE, answer.said):
        advice = remote.advice.forbidden_by_rule
        return RefusedPushError(f"{place}: {advice}{_quotation(answer.quoted)}")
    if re.search(_HOST_TROUBLE, refused["reason"]):
        return PassingError(f"{place}: the host could not take the push{_quotation(answer.quoted)}")
    return LocationError(f"{place}: the host refused the push{_quotation(answer.quoted)}")


def _status(said: str) -> int | None:
    found = re.search(_STATUS, said)
    return int(found[1]) if found else None


def _quotation(quoted: str) -> str:
    return f" (git: {quoted})" if quoted else ""
