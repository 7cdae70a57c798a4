"""Plain text for a terminal or a CI's log: aligned columns, and nothing from outside that could act."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence

from ..harmless import harmless
from .markdown import one_line


def plain(text: object, longest: int = 200) -> str:
    """Text from outside on one line: no control character, no command of a CI."""
    return harmless(one_line(text, longest))


def columns(rows: Sequence[Sequence[str]], right: Collection[int] = (), indent: str = "  ") -> list[str]:
    """The rows as lines with aligned cells; those of the columns in `right` end alike."""
    widths = [max(map(_width, cells)) for cells in zip(*rows, strict=True)]
    return [
        (indent + "  ".join(_padded(cell, widths[at], at in right) for at, cell in enumerate(row))).rstrip()
        for row in rows
    ]


def _padded(cell: str, width: int, is_right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if is_right else cell + space


def _width(text: str) -> int:
    """Cells of a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )
