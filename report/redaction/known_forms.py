"""Secrets that show by their form what they are: values of headers, credentials in URLs, tokens, private keys."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from .unescaping import View

_HELD_AT_MOST = 65_536
"""Characters of a stream that wait for their end, where a header or a key may stand in them."""

# A header's value, quoted or not, in the notations of headers, JSON, Python and YAML.
_HEADER = re.compile(
    r"(?i)\b(?:proxy-)?authorization[\"'\\]*[ \t]*[:=][ \t]*[\"'\\]*"
    r"(?P<scheme>[a-z]+[ \t]+)?(?P<value>[^\s\"'<>,;\\)}\]]+)"
)
_SCHEME = re.compile(r"(?i)\b(?P<scheme>basic|bearer)[ \t]+(?P<value>[A-Za-z0-9+/=_.~-]{8,})")
# A password, or a token in the place of a user's name; `git@` is none.
_IN_URL = re.compile(r"://(?P<value>[^/\s@:\"'`<>()|]*:[^/\s@\"'`<>()|]+|[^/\s@:\"'`<>()|]{12,})@")
_PREFIXES = (
    "gho_",
    "ghp_",
    "ghr_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "hf_",
    "xox",
    "eyj",
    "private key-----",
)
# The prefixes by which GitHub, GitLab, Hugging Face and Slack mark their tokens; JSON web tokens; private keys.
_TOKEN = re.compile(
    r"(?P<value>\bgh[opsur]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{40,}|\bglpat-[\w-]{20,}|\bhf_[A-Za-z0-9]{30,}"
    r"|\bxox[abeoprs]-[\w-]{10,}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?)"
)


def of_known_form(view: View) -> Iterator[tuple[int, int]]:
    """Where such secrets stand in the text at the view's root."""
    lower = view.text.lower()
    forms: tuple[tuple[bool, re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
        ("authorization" in lower, _HEADER, _is_header_value),
        ("basic" in lower or "bearer" in lower, _SCHEME, _is_scheme_value),
        ("://" in lower and "@" in lower, _IN_URL, lambda found: True),
        (any(prefix in lower for prefix in _PREFIXES), _TOKEN, lambda found: True),
    )
    for may_be, pattern, is_meant in forms:
        for found in pattern.finditer(view.text) if may_be else ():
            if is_meant(found):
                yield view.source(*found.span("value"))


def _is_header_value(found: re.Match[str]) -> bool:
    """Not the next word of a sentence about the header."""
    return len(found["value"]) >= 4 if found["scheme"] else _looks_random(found["value"])


def _is_scheme_value(found: re.Match[str]) -> bool:
    """Not "basic authentication" or "bearer tokens"."""
    if found["scheme"].lower() == "bearer":
        return _looks_random(found["value"])
    try:
        return b":" in base64.b64decode(
            found["value"] + "=" * (-len(found["value"]) % 4), b"+/", validate=True
        )
    except (binascii.Error, ValueError):
        return False


def _looks_random(value: str) -> bool:
    return len(value) >= 12 and any(character.isdigit() for character in value)


_UNFINISHED_KEY = re.compile(
    r"-----BEGIN[A-Z ]{0,40}(?:-{1,4}|PRIVATE KEY-----[^-]*(?:-----[A-Z ]*-{0,4})?)?"
)
_UNFINISHED = re.compile(
    r"(?i)(?:authorization\S{0,8}[ \t]*\S{0,8}[ \t]*\S*[ \t]*\S*|\b(?:basic|bearer)[ \t]+\S*|://[^/\s@]*"
    r"|\b(?:gh[opsur]_|github_pat_|glpat-|hf_|xox[a-z]-|eyJ)[\w.-]*)\Z"
)


def begin_of_unfinished_form(text: str) -> int:
    """Where a header, a token or the like begins that the text's end may have cut."""
    window = max(0, len(text) - _HELD_AT_MOST)
    key = text.rfind("-----BEGIN", window)
    if key >= 0 and _UNFINISHED_KEY.fullmatch(text, key):
        return key
    line = max(window, text.rfind("\n") + 1, text.rfind("\r") + 1)
    found = _UNFINISHED.search(text, line)
    is_too_long = found is not None and found.start() == window > 0
    return found.start() if found and not is_too_long else len(text)
