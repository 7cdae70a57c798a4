"""What is a secret: values of the environment, and texts that show by their form what they are."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote

from ...history.late_dataclass import dataclass
from .unescaping import UnescapedText, decoded, joined, plain_view

Span = tuple[int, int]
"""From where to where in a text."""

SHORTEST_SECRET = 6
"""Characters. A shorter one is a word that stands anywhere."""

SHORTEST_BEGINNING = 3
"""Characters at the end of a text that is not whole yet that may be the beginning of a secret."""

# Secrets of the report and of the job.
_WITHHELD = (
    "GIST_TOKEN",
    "HISTORY_TOKEN",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "DAGSHUB_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "NEEDS_JSON",
)
_NAMES = re.compile(
    r"TOKEN(?!IZ)|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|WEBHOOK|CONNECTION_STRING"
    r"|(?:^|_)(?:AUTH|PAT|JWT|SAS|DSN|COOKIE)(?:_|$)"
    r"|(?:ACCOUNT|DEPLOY|ENCRYPTION|GPG|MASTER|SERVICE|SIGNING|SSH|STORAGE)_?KEY"
)
_NAMES_OF_PLACES = re.compile(r"_(?:DIR|FILE|FOLDER|HOME|PATH|SOCK)$")
_NO_SECRETS = frozenset({"false", "true", "none", "null", "undefined"})
_USER_AND_PASSWORD = re.compile(r"://([^/@\s:]*):([^/@\s]+)@")
_TOKEN_AS_USER = re.compile(r"://([^/@\s:]{12,})@")
_HEADER_IN_VALUE = re.compile(r"(?i)authorization:\s*[a-z]+\s+(\S+)")
_CUTS = re.compile(r"…+|\.{3,}")
_SHORTEST_END = 8
"""Characters from which on the beginning of a secret at a text's end is taken for one that was cut."""


def without_withheld(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that may run code of the project: without the secrets that it has no use for."""
    return {name: value for name, value in environment.items() if name not in _WITHHELD}


def find_secrets(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The secrets of the environment, each line of one that has several for itself; the longest first."""
    found: set[str] = set()
    for name, value in environment.items():
        if _NAMES.search(name.upper()) and not _NAMES_OF_PLACES.search(name.upper()):
            found.update(_parts(value))
        for pattern in (_USER_AND_PASSWORD, _TOKEN_AS_USER, _HEADER_IN_VALUE):
            for match in pattern.finditer(value):
                found |= {match[match.lastindex or 0], unquote(match[match.lastindex or 0])}
    return tuple(sorted(filter(_is_secret, found), key=lambda secret: (-len(secret), secret)))


def _parts(value: str) -> Iterator[str]:
    """The lines of a value; of a JSON object (a cloud's key file) also the texts that its keys call secret."""
    yield from (line.strip() for line in value.splitlines())
    if value.lstrip().startswith("{"):
        try:
            content = json.loads(value)
        except (ValueError, RecursionError):
            return
        for key, text in content.items():
            if isinstance(text, str) and (_NAMES.search(key.upper()) or key == "auth"):
                readable = text.encode("utf-8", "replace").decode()
                yield from (line.strip() for line in readable.splitlines())


def _is_secret(text: str) -> bool:
    if len(text) < SHORTEST_SECRET or text.lower() in _NO_SECRETS or text.startswith("-----"):
        return False
    return len(set(text)) > 2 and any(character.isalnum() for character in text)


def find_cuts(text: str) -> list[Span]:
    """The ellipses, where a text of ours may have been cut."""
    return [found.span() for found in _CUTS.finditer(text)]


@dataclass(frozen=True)
class Needle:
    """A text by which a secret is known."""

    text: str
    is_encoded: bool = False
    """It stands within a longer run of encoded characters, which goes with it."""

    @property
    def _half(self) -> int:
        """Characters from which on a part of it is taken for the whole, wherever it stands."""
        return max(min(len(self.text), 8), (len(self.text) + 1) // 2)

    def find(self, text: str, cuts: Sequence[Span], *, is_whole: bool) -> Iterator[Span]:
        """Where it stands: the whole of it, its first or its last half, or a shorter part where the text was cut.

        The text was cut at `cuts` (see `find_cuts`), and, if it is whole, at its end.
        """
        for start, end in self._found(text, cuts, is_whole=is_whole):
            if self.text.isdecimal() and _is_part_of_a_number(text, start, end):
                continue
            yield start, end

    def _found(self, text: str, cuts: Sequence[Span], *, is_whole: bool) -> Iterator[Span]:
        half = self._half
        at = text.find(self.text[:half])
        while at >= 0:
            end = at + half
            while end - at < len(self.text) and end < len(text) and text[end] == self.text[end - at]:
                end += 1
            yield at, end
            at = text.find(self.text[:half], end)
        if half < len(self.text):
            yield from self._last_halves(text, half)
        if self.text[:SHORTEST_SECRET] in text:
            for start, _ in cuts:
                yield from self._before(text, start, SHORTEST_SECRET)
        if self.text[-SHORTEST_SECRET:] in text:
            for _, end in cuts:
                yield from self._after(text, end)
        if is_whole:
            yield from self._before(text, len(text), _SHORTEST_END)

    def _last_halves(self, text: str, half: int) -> Iterator[Span]:
        at = text.find(self.text[-half:])
        while at >= 0:
            start, length = at, half
            while length < len(self.text) and start > 0 and text[start - 1] == self.text[-length - 1]:
                start, length = start - 1, length + 1
            yield start, at + half
            at = text.find(self.text[-half:], at + half)

    def _before(self, text: str, end: int, fewest: int) -> Iterator[Span]:
        """The beginning of it, where the text was cut at `end`."""
        start = self.begun(text, fewest, end)
        if start is not None:
            yield start, end

    def _after(self, text: str, start: int) -> Iterator[Span]:
        """The end of it, where the text was cut before `start`."""
        last, until = self.text[-SHORTEST_SECRET:], start + len(self.text) - 1
        at = text.find(last, start, until)
        while at >= 0:
            if self.text.endswith(text[start : at + len(last)]):
                yield start, at + len(last)
                return
            at = text.find(last, at + 1, until)

    def begun(self, text: str, fewest: int = SHORTEST_BEGINNING, end: int | None = None) -> int | None:
        """Where the text up to `end` ends in the beginning of it, of at least `fewest` characters."""
        end = len(text) if end is None else end
        first = self.text[:fewest]
        at = text.find(first, max(0, end - len(self.text) + 1), end)
        while at >= 0:
            if self.text.startswith(text[at:end]):
                return at
            at = text.find(first, at + 1, end)
        return None


def _is_part_of_a_number(text: str, start: int, end: int) -> bool:
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return any(character.isdigit() or character == "." for character in around)


def needles_of(secrets: Iterable[str]) -> tuple[Needle, ...]:
    """Every text by which the secrets are known, each once."""
    found: dict[Needle, None] = {}
    for secret in secrets:
        content = secret.encode("utf-8", "surrogateescape")
        encoded = {content.hex(), content.hex().upper()}
        for offset in range(3):
            inner = _within_base64(content, offset)
            encoded |= {inner, inner.translate(str.maketrans("+/", "-_"))}
        found |= dict.fromkeys(Needle(text) for text in _raw(secret, content) if len(text) >= SHORTEST_SECRET)
        found |= dict.fromkeys(Needle(text, is_encoded=True) for text in sorted(encoded))
    return tuple(found)


def _raw(secret: str, content: bytes) -> list[str]:
    """The secret itself, and as it reads in a text that was changed as a whole."""
    once = joined(decoded(plain_view(secret))).text
    return sorted(
        {
            secret,
            " ".join(secret.split()),
            secret.replace(" ", "+"),
            # Markdown: what stands between backticks became code.
            secret.replace("`", ""),
            content.decode("latin-1"),
            # Where it looks as if it had escapes itself, a text without escapes has it without them.
            once,
            joined(decoded(plain_view(once))).text,
        }
    )


def _within_base64(content: bytes, offset: int) -> str:
    """The characters that stand for `content` alone in the base64 of a text in which it begins at `offset` modulo 3."""
    padded = bytes(offset) + content
    whole = base64.b64encode(padded + bytes(-len(padded) % 3)).decode()
    return whole[-(-8 * offset // 6) : 8 * len(padded) // 6]


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
    r"|\bxox[abeoprs]-[\w-]{10,}|(?<![\w.-])eyJ[\w-]{10,4096}\.eyJ[\w-]{10,4096}\.[\w-]*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?)"
)


def of_known_form(view: UnescapedText) -> Iterator[tuple[int, int]]:
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
    r"(?i)(?:authorization.{0,4096}|\b(?:basic|bearer)[ \t]+\S{0,4096}|://[^/\s@]{0,1024}"
    r"|(?<![\w.-])(?:gh[opsur]_|github_pat_|glpat-|hf_|xox[a-z]-|eyJ)[\w.-]{0,4096})\Z"
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
