"""The lines that can't be read, as they stand in the file: after the rows, each below the header that it belongs to.

Those of the file's own header follow its rows. Those of another header (an older layout's, or that of a file with
fewer columns) follow a mark of ours and that header, so that they are read again as they were read at first: with the
same ends and the same reasons, and as rows once somebody has mended them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .csv_records import (
    GUARD,
    Content,
    Record,
    count_line_breaks,
    first_record,
    header_at,
    header_line,
    records,
    with_end,
)
from .errors import LayoutError
from .late_dataclass import dataclass
from .layouts import recognise

SECTION = (
    b"# An open \" ends here. Below its own header: lines that can't be read. Mend them, or delete them."
)
"""The mark before another header. As with `GUARD`, no record that can be read goes on beyond it."""

MOST_SECTIONS = 30
"""Marks beyond these are lines as others: each section takes time to read."""

_MARK = re.compile(rb"(?<=[\r\n])" + re.escape(SECTION) + rb"(?:\r\n|\n|\r)")


@dataclass(frozen=True)
class UnreadableSection:
    """A stretch of a file whose records belong to one header."""

    header: tuple[str, ...]
    start: int
    """Where its records begin."""
    end: int
    line: int
    """Number in the file of the line at `start`."""


def has_marks(content: Content) -> bool:
    """Whether some of the lines are marks of ours, which the database would take for rows."""
    return content.find(SECTION) >= 0 or content.find(GUARD) >= 0


def sections(content: Content) -> list[UnreadableSection]:
    """The file's own section, and those of other headers after it."""
    names, start = first_record(content)
    found = [*_others(content, start)][: MOST_SECTIONS - 1]
    ends = [mark for mark, _, _ in found] + [len(content)]
    begins = [(tuple(names), start), *((header, begin) for _, header, begin in found)]
    line, counted, result = 1, 0, []
    for (header, begin), end in zip(begins, ends, strict=True):
        line, counted = line + count_line_breaks(content[counted:begin]), begin
        result.append(UnreadableSection(header, begin, end, line))
    return result


def section_records(content: Content, section: UnreadableSection) -> Iterator[Record]:
    """Every record of a section in order, readable or not."""
    yield from records(content, section.start, len(section.header), section.end, section.line)


def in_sections(rejected: Iterable[Record], header: tuple[str, ...]) -> bytes:
    """The lines as they stand after the rows of a file with this header: in order, those of other headers last."""
    by_header: dict[tuple[str, ...], list[bytes]] = {}
    for record in rejected:
        by_header.setdefault(record.header, []).append(record.raw)
    parts = [_lines(by_header.pop(header, []), header)]
    for other in sorted(by_header):
        parts += [SECTION, b"\n", header_line(other).encode(), _lines(by_header[other], other)]
    return b"".join(parts)


def _others(content: Content, start: int) -> Iterator[tuple[int, tuple[str, ...], int]]:
    """Where each mark stands that a header of a known layout follows, that header, and where its records begin."""
    # In quotes a mark can't stand as it is, as its quote would be doubled: each one is at a record's beginning.
    for mark in _MARK.finditer(content, start):
        try:
            found = header_at(content, mark.end())
            if found is not None:
                recognise(found[0])
                yield mark.start(), tuple(found[0]), found[1]
        except (UnicodeDecodeError, LayoutError):
            continue  # Not ours, or changed by hand: lines as others, which are kept as they are.


def _lines(raws: list[bytes], header: tuple[str, ...]) -> bytes:
    plain = b"".join(map(with_end, raws))
    if SECTION not in raws and [record.raw for record in records(plain, 0, len(header))] == raws:
        return plain
    return b"".join(GUARD + b"\n" + with_end(raw) for raw in raws)
