"""Where the records of a CSV file begin and end, decided byte by byte (RFC 4180).

The slow and exact way, taken when the database's own reader refused the file: it tells the records that can be
read from the lines that can't, and keeps the latter as they were.
"""

from __future__ import annotations

import csv
import io
import mmap
import re
from collections.abc import Iterable, Iterator

from .errors import CsvError
from .late_dataclass import dataclass

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Content = bytes | mmap.mmap
"""A file's bytes, in memory or mapped."""

# Possessive quantifiers: a record either matches on the first try or not at all, in linear time.
_QUOTED = rb'"(?:[^"]|"")*+" *+'  # Spaces after the closing quote are nobody's, as for the database.
_PLAIN = rb'(?:[^",\r\n][^,\r\n]*+)?+'  # A quote within is a character like others, as for the database.
_FIELD = rb"(?:" + _QUOTED + rb"|" + _PLAIN + rb")"
_ANY_END = rb"(?:\r\n|\n|\r|\Z)"
_BLANK = rb"[ \t\v\f\r\n]*"
_ONE_FIELD = re.compile(_FIELD)
_FIELDS = re.compile(_FIELD + rb"(?:," + _FIELD + rb")*+")
_HEADER = re.compile(_FIELDS.pattern + _ANY_END)

GUARD = b"# An open \" ends here. The next line can't be read: mend it, or delete it."
"""A line of ours, kept out of the records, for lines that together would be read otherwise than each alone.

Its quote closes one that is open; as a text follows the quote, no record goes on beyond it.
"""


_OPEN_QUOTE = "a quote is open or stray"


@dataclass(frozen=True)
class Record:
    """A stretch of the file: one readable record, or one line that is not."""

    line: int
    """Number of its first line in the file, from 1."""
    raw: bytes
    """Its bytes without the line break."""
    reason: str | None = None
    """Why it can't be read; `None` for a readable record."""
    header: tuple[str, ...] = ()
    """The columns that it was to have, for one that can't be read."""


def first_record(content: Content) -> tuple[list[str], int]:
    """The header's names, and where the rows begin. An empty file gives no names.

    Raises `CsvError` when there is no header, and for the encodings whose marks tell that it is not UTF-8.
    """
    head = content[:4]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CsvError("line 1: found UTF-16 text, wanted UTF-8: save the file as CSV UTF-8")
    start = len(BYTE_ORDER_MARK) if head.startswith(BYTE_ORDER_MARK) else 0
    start = _match(re.compile(rb"[ \t\r\n]*"), content, start, len(content))
    if start == len(content):
        return [], start
    line = 1 + count_line_breaks(content[:start])
    try:
        found = header_at(content, start)
    except UnicodeDecodeError as error:
        raise CsvError(f"line {line}: the header is not UTF-8 (byte {error.start + 1} of a name)") from error
    if found is None:
        shown = repr(content[start : start + 80].splitlines()[0].decode("utf-8", "replace"))
        raise CsvError(f"line {line}: found {shown}, wanted a CSV header")
    return found


def header_at(content: Content, start: int) -> tuple[list[str], int] | None:
    """The names in the header that begins at `start`, and where it ends; `None` when it is none.

    Raises `UnicodeDecodeError` for names that are not UTF-8.
    """
    match = _HEADER.match(content, start)
    if match is None:
        return None
    return [name or "" for name in fields(match.group().rstrip(b"\r\n"))], match.end()


def header_line(names: Iterable[str]) -> str:
    """The names as the first line of a CSV."""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(names)  # Names with either character are quoted.
    return line.getvalue().removesuffix("\r\n") + "\n"


def records(
    content: Content, start: int, count_fields: int, end: int | None = None, line: int | None = None
) -> Iterator[Record]:
    """Every record from `start` to `end` in order, the first on this `line`; blank lines are passed over.

    A record that can't be read gives up its first line only, so that one stray quote costs one line; with an open
    quote the blank lines after it are part of it. Commas too many at the end are let pass, as the database does. A
    carriage return alone ends a record at the end of the file, and in a file whose header it ends: elsewhere it is
    a stray character of its line.
    """
    ends_alone = content[start - 1 : start] == b"\r"
    record_end, line_ends = (_ANY_END, rb"\r\n") if ends_alone else (rb"(?:\r?\n|\r?\Z)", rb"\n")
    pattern = re.compile(_FIELD + rb"(?:," + _FIELD + rb"){%d},*+" % (count_fields - 1) + record_end)
    one_line = re.compile(rb"[^" + line_ends + rb"]*+" + record_end)
    blank_lines = re.compile(rb"(?:" + _BLANK + rb"(?:[" + line_ends + rb"]|\Z))?")
    position = start
    end = len(content) if end is None else end
    line = 1 + count_line_breaks(content[:start]) if line is None else line
    while position < end:
        match = pattern.match(content, position, end)
        stop = match.end() if match else _match(one_line, content, position, end)
        raw = _without_end(content[position:stop])
        if raw and not raw.isspace() and raw != GUARD:
            reason = _not_text(raw) if match else _complaint(raw, count_fields)
            if reason == _OPEN_QUOTE:
                stop = _match(blank_lines, content, stop, end)
                raw = _without_end(content[position:stop])
            yield Record(line, raw, reason)
        line += count_line_breaks(content[position:stop])
        position = stop


def with_end(raw: bytes) -> bytes:
    """An unreadable record as it is written: with a line end that `records` takes away, and no more than that."""
    return raw + (b"\r\n" if raw.endswith(b"\r") else b"\n")


def has_stray_returns(content: Content) -> bool:
    """Whether carriage returns stand alone in a file whose header ends otherwise; in quotes they may.

    The database takes some of them for line breaks and trips over others.
    """
    _, start = first_record(content)
    first = content.find(b"\r", start)  # Most files have none, and that is told ten times as fast so.
    if first < 0 or content[start - 1 : start] == b"\r":
        return False
    return re.compile(rb"\r(?!\n)").search(content, first) is not None


def fields(record: bytes) -> list[str | None]:
    """The values of one readable record. Nothing at all is `None`, an empty text in quotes is `""`."""
    values: list[str | None] = []
    position = 0
    while position <= len(record):
        end = _match(_ONE_FIELD, record, position, len(record))
        field = record[position:end].decode("utf-8")
        is_quoted = field.startswith('"')
        values.append(field.rstrip(" ")[1:-1].replace('""', '"') if is_quoted else field or None)
        position = end + 1
    return values


def count_line_breaks(content: bytes) -> int:
    """How many there are, of any kind."""
    return content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")


def _match(pattern: re.Pattern[bytes], content: Content, position: int, end: int) -> int:
    """Where the match of a pattern that always matches ends."""
    match = pattern.match(content, position, end)
    return match.end() if match else position


def _without_end(stretch: bytes) -> bytes:
    return stretch.removesuffix(b"\n").removesuffix(b"\r")


def _not_text(raw: bytes) -> str | None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"byte {error.start + 1} is not UTF-8"
    return None


def _complaint(raw: bytes, count_fields: int) -> str:
    match = _FIELDS.match(raw)
    if match and match.end() < len(raw):
        is_return = raw[match.end()] == ord("\r")
        return "a carriage return stands outside of quotes" if is_return else _OPEN_QUOTE
    found = len(re.findall(rb"," + _FIELD, b"," + raw))
    return f"found {found} fields, wanted {count_fields}"
