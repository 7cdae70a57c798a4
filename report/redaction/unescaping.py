"""A text as it reads without its escapes, which knows where each character stood: secrets are looked for in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import accumulate

_ESCAPES = re.compile(
    r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)"
    r"|\\(?:u(?P<unicode>[0-9A-Fa-f]{4})|x(?P<byte>[0-9A-Fa-f]{2})|(?P<letter>[nrtbf])|(?P<mark>[!-/:-@\[-`{-~]))"
    r"|&(?:#(?P<decimal>\d{1,7})|#[xX](?P<hexadecimal>[0-9A-Fa-f]{1,6})|(?P<named>amp|lt|gt|quot|apos));"
)
_MAY_ESCAPE = re.compile(r"[%\\&]")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
# Line breaks with the indentation after them, what has no width, colours, tags of ours.
_GAPS = re.compile(r"[\r\n]+[ \t]*|[\u200b\u2060\ufeff\u00ad]+|\x1b\[[0-9;]*m|</?(?:code|span)>")


_Piece = tuple[str, int, int]
"""A text, and from where to where the text stood that it was made of."""


class UnescapedText:
    """A text that was made of another one, piece by piece."""

    def __init__(
        self, text: str, parent: UnescapedText | None = None, pieces: Callable[[], list[_Piece]] = list
    ) -> None:
        self.text = text
        self._parent = parent
        self._make_pieces = pieces

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from `start` to `end` (not with it) stand in the text at the root."""
        if self._parent is None:
            return start, end
        return self._parent.source(self._at(start)[0], self._at(end - 1)[1])

    def _at(self, position: int) -> tuple[int, int]:
        index = bisect_right(self._starts, position) - 1
        text, start, end = self._pieces[index]
        if len(text) != end - start:
            return start, end
        # It was taken over as it is.
        at = start + position - self._starts[index]
        return at, at + 1

    @cached_property
    def _pieces(self) -> list[_Piece]:
        """Most texts hold no secret, and nobody asks for them."""
        return [piece for piece in self._make_pieces() if piece[0]]

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((len(text) for text, _, _ in self._pieces), initial=0))[:-1]


def plain_view(text: str) -> UnescapedText:
    """The text itself."""
    return UnescapedText(text)


def decoded(view: UnescapedText) -> UnescapedText:
    """The view with every escape decoded; the same one, if it has none."""
    if not _MAY_ESCAPE.search(view.text) or not _ESCAPES.search(view.text):
        return view
    pieces = list(_pieces(view.text, _ESCAPES, _decode))
    return UnescapedText("".join(text for text, _, _ in pieces), view, lambda: pieces)


def joined(view: UnescapedText) -> UnescapedText:
    """The view with its lines joined, and without what is not seen; the same one, if it has nothing of it."""
    text = _GAPS.sub("", view.text)
    if len(text) == len(view.text):
        return view
    return UnescapedText(text, view, lambda: list(_pieces(view.text, _GAPS, lambda found: iter(()))))


def _pieces(
    text: str, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], Iterator[_Piece]]
) -> Iterator[_Piece]:
    at = 0
    for found in pattern.finditer(text):
        yield text[at : found.start()], at, found.start()
        yield from replace(found)
        at = found.end()
    yield text[at:], at, len(text)


def _decode(found: re.Match[str]) -> Iterator[_Piece]:
    start, end = found.span()
    if found["percent"]:
        yield from _decode_percent(found["percent"], start)
        return
    if found["letter"] or found["named"]:
        text = _LETTERS[found["letter"]] if found["letter"] else _NAMED[found["named"]]
    elif found["mark"]:
        text = found["mark"]
    else:
        digits = found["unicode"] or found["byte"] or found["hexadecimal"]
        number = int(digits, 16) if digits else int(found["decimal"])
        text = chr(number) if number < 0x110000 else ""
    yield text, start, end


def _decode_percent(run: str, start: int) -> Iterator[_Piece]:
    """The characters of `%C3%A9`, each with its place; bytes that are no UTF-8 one by one."""
    content = bytes.fromhex(run.replace("%", ""))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
        for offset, character in enumerate(text):
            yield character, start + 3 * offset, start + 3 * offset + 3
        return
    for character in text:
        length = 3 * len(character.encode("utf-8"))
        yield character, start, start + length
        start += length
