"""What is taken out of a text, and of one that comes in pieces."""

from __future__ import annotations

import codecs
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import lru_cache

from ...history.late_dataclass import dataclass
from .known import Needle, Span, begin_of_unfinished_form, find_cuts, find_secrets, needles_of, of_known_form
from .unescaping import UnescapedText, decoded, joined, plain_view

HIDDEN = "(hidden)"
"""What stands in a secret's place: not `***`, which Markdown would take for emphasis or a rule."""

_HELD_AT_MOST = 70_000
"""Characters of a stream that wait for what follows them."""
_LONGEST_REACH = 16_384
"""Characters of a stream that were shown already, and are looked at again with what follows them."""


@dataclass(frozen=True)
class Redaction:
    """What must not be shown, and how it is taken out."""

    secrets: tuple[str, ...] = field(repr=False)
    _needles: tuple[Needle, ...] = field(repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Redaction:
        """The redaction that knows every secret of the environment."""
        return _made(find_secrets(environment))

    def text(self, text: str) -> str:
        """The text with `HIDDEN` in the place of each secret."""
        parts, at = [], 0
        for start, end in self.read(text).spans(is_whole=True):
            parts += [text[at:start], HIDDEN]
            at = end
        return "".join([*parts, text[at:]])

    def stream(self) -> RedactedStream:
        """The same for bytes that come in pieces, however they are cut."""
        return RedactedStream(self)

    def read(self, text: str) -> DecodedText:
        """What is to be known of a text."""
        return DecodedText(text, self._needles)

    @property
    def longest(self) -> int:
        """Characters of the longest text by which a secret is known."""
        return max((len(needle.text) for needle in self._needles), default=0)


class DecodedText:
    """Where secrets stand in a text, or begin at its end."""

    def __init__(self, text: str, needles: tuple[Needle, ...]) -> None:
        self._text = text
        self._needles = needles
        self._views = list(_views(text)) if needles else []

    def spans(self, *, is_whole: bool) -> list[Span]:
        """Where secrets stand, in order and apart. A whole text ends where it ends, a part may go on."""
        plain = plain_view(self._text)
        unescaped = decoded(plain)
        found = list(of_known_form(plain))
        if unescaped is not plain:
            found += of_known_form(unescaped)
        for view in self._views:
            cuts = find_cuts(view.text)
            for needle in self._needles:
                spans = (view.source(*span) for span in needle.find(view.text, cuts, is_whole=is_whole))
                found += (_run_around(self._text, *span) for span in spans) if needle.is_encoded else spans
        return _merged(found)

    def held_from(self, spans: Sequence[Span]) -> int:
        """From where on a part may be the beginning of a secret, whose rest is still to come."""
        complete = _without_unfinished_escape(self._text)
        # One that reaches the end may go on.
        held = [start for start, end in spans if end >= len(complete)]
        for view in self._views:
            for text in {view.text, _without_unfinished_escape(view.text)}:
                begun = (needle.begun(text) for needle in self._needles)
                held += [view.source(at, len(view.text))[0] for at in begun if at is not None]
        return min([begin_of_unfinished_form(self._text), *held])


class RedactedStream:
    """Takes bytes as they come, and gives them back as text without secrets, as early as that is safe."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        """What was given back already, as far as a secret may reach back into it, and what is held."""
        self._shown = 0
        """How much of it was given back."""
        self._reach = min(_LONGEST_REACH, 256 + 2 * redaction.longest)
        self._held_at_most = max(_HELD_AT_MOST, 4 * redaction.longest)

    def feed(self, data: bytes) -> str:
        """What may be shown now."""
        self._text += self._decoder.decode(data)
        return self._advance(is_last=False)

    def finish(self) -> str:
        """What is left at the end."""
        self._text += self._decoder.decode(b"", final=True)
        return self._advance(is_last=True)

    def _advance(self, *, is_last: bool) -> str:
        reading = self._redaction.read(self._text)
        spans = reading.spans(is_whole=is_last)
        until = len(self._text)
        if not is_last:
            # What is held for longer is hidden already: a run of secrets, or of what may be some, without an end.
            until = max(reading.held_from(spans), self._shown, until - self._held_at_most)
        parts, at = [], self._shown
        for start, end in spans:
            if min(end, until) > max(at, start):
                parts += [self._text[at:start], HIDDEN]
                at = end
        parts.append(self._text[at:until])
        kept = max(0, until - self._reach)
        self._text, self._shown = self._text[kept:], until - kept
        return "".join(parts)


@lru_cache(maxsize=8)
def _made(secrets: tuple[str, ...]) -> Redaction:
    return Redaction(secrets, needles_of(secrets))


def _views(text: str) -> Iterator[UnescapedText]:
    """The text with its lines joined, and as that reads when escapes are taken away, once and twice over."""
    once = joined(plain_view(text))
    yield once
    for _ in range(2):
        before, once = once, joined(decoded(once))
        if once is before:
            return
        yield once


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


_RUN = re.compile(r"[A-Za-z0-9+/=_%-]*")
_OF_A_RUN = string.ascii_letters + string.digits + "+/=_%-"
_LONGEST_RUN = 4096


def _run_around(text: str, start: int, end: int) -> Span:
    """Of what is encoded all of it, the characters that share bits with the secret and the user's name too."""
    before = text[max(start - _LONGEST_RUN, 0) : start]
    after = _RUN.match(text, end, end + _LONGEST_RUN)
    return start - len(before) + len(before.rstrip(_OF_A_RUN)), after.end() if after else end


def _without_unfinished_escape(text: str) -> str:
    found = _UNFINISHED_ESCAPE.search(text, max(0, len(text) - _LONGEST_ESCAPE))
    return text[: found.start()] if found else text


# What the next character may make an escape, also of an escape.
_UNFINISHED_ESCAPE = re.compile(
    r"(?:%(?:25)*[0-9A-Fa-f]?|\\+(?:u[0-9A-Fa-f]{0,3}|x[0-9A-Fa-f]?)?|&(?:amp;)*#?[0-9A-Za-z]{0,7}|</?s?p?a?n?)\Z"
)
_LONGEST_ESCAPE = 32
