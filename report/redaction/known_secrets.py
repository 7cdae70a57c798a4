"""Which values of the environment are secrets, and the texts by which each of them is known."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from .unescaping import decoded, joined, plain_view

Span = tuple[int, int]
"""From where to where in a text."""

SHORTEST_SECRET = 6
"""Characters. A shorter one is a word that stands anywhere."""

SHORTEST_BEGINNING = 3
"""Characters at the end of a text that is not whole yet that may be the beginning of a secret."""

# Secrets of the report and of the job.
_WITHHELD = (
    "GIST_TOKEN",
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
_HEADER = re.compile(r"(?i)authorization:\s*[a-z]+\s+(\S+)")
_CUTS = re.compile(r"…|\.{3,}")
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
        for pattern in (_USER_AND_PASSWORD, _TOKEN_AS_USER, _HEADER):
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
        for start, end in cuts:
            yield from self._before(text, start, SHORTEST_SECRET)
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
