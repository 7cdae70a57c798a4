"""Tables for a terminal, a file or a page: aligned, as Markdown, CSV or JSON; nothing from outside acts."""

from __future__ import annotations

import csv
import io
import json
import math
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from ...history.late_dataclass import dataclass
from ..harmless import harmless, harmless_json
from .markdown import escaped, one_line, table


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


class Title(str):
    """A line that says what comes below it."""

    __slots__ = ()


@dataclass(frozen=True)
class Grid:
    """Rows with aligned cells within a text: a terminal lays them out by its width."""

    rows: Sequence[Sequence[str]]
    right: Collection[int] = ()
    """The columns whose cells end alike."""
    has_header: bool = False


Part = str | Grid
"""Of a text for people: a line, or rows."""


def plain_text(parts: Iterable[Part]) -> str:
    """The text for a file or a program, ending in a line break: a line for each row, as long as it is."""
    lines: list[str] = []
    for part in parts:
        lines += columns(part.rows, part.right) if isinstance(part, Grid) else [part]
    return "\n".join(lines) + "\n"


def _padded(cell: str, width: int, is_right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if is_right else cell + space


def _width(text: str) -> int:
    """Cells of a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


FORMATS = ("table", "csv", "json", "markdown")
LONGEST_CELL = 60
"""Characters of a cell that the terminal's table shows; the other formats show all."""


def format_answer(names: Sequence[str], rows: Sequence[Sequence[Any]], style: str) -> str:
    """The rows in one of `FORMATS`, ending in a line break."""
    if style == "csv":
        return _csv(names, rows)
    if style == "json":
        return _json(names, rows)
    if style == "markdown":
        cells = [[escaped(shown_value(value), 10_000) for value in row] for row in rows]
        return table([escaped(name) for name in names], cells, _numeric(rows)) + "\n"
    return _table(names, rows)


def table_cells(
    names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> tuple[list[str], list[list[str]], set[int]]:
    """The header, the cells and the columns of numbers, as a table for people shows them."""
    cells = [[_short(shown_value(value, null="NULL")) for value in row] for row in rows]
    return [_short(name) for name in names], cells, _numeric(rows)


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    names, cells, right = table_cells(names, rows)
    widths = [
        max(len(name), *(len(row[at]) for row in cells)) if cells else len(name)
        for at, name in enumerate(names)
    ]
    lines = [_line(names, widths, right), "  ".join("-" * width for width in widths)]
    lines += [_line(row, widths, right) for row in cells]
    return (
        "\n".join(line.rstrip() for line in lines)
        + f"\n({len(rows)} {'row' if len(rows) == 1 else 'rows'})\n"
    )


def _line(cells: Sequence[str], widths: Sequence[int], right: set[int]) -> str:
    return "  ".join(
        cell.rjust(width) if at in right else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )


def _csv(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    return "".join([_csv_line(names), *(_csv_line([shown_value(value) for value in row]) for row in rows)])


def _csv_line(cells: Sequence[str]) -> str:
    """A line of a CSV. Python quotes a carriage return only where lines end in one."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n") + "\n"


def _json(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    return json_text([dict(zip(names, row, strict=True)) for row in rows])


def json_text(value: Any, *, is_sorted: bool = False) -> str:
    """JSON of a value from the history: times as text, NaN and infinities as the texts of the CSV.

    Nothing in it acts in a terminal or in a CI's log. `is_sorted`: by the names of its keys.
    """
    text = json.dumps(_json_ready(value), ensure_ascii=False, indent=2, sort_keys=is_sorted)
    return harmless_json(text) + "\n"


def _json_ready(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return shown_value(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, dict):
        return {str(key): _json_ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json_ready(item) for item in value]
    return shown_value(value)


def shown_value(value: Any, null: str = "") -> str:
    """A value of an answer as a text, which loses nothing of it."""
    if value is None:
        return null
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return ("Infinity" if value > 0 else "-Infinity") if math.isinf(value) else repr(value)
    if isinstance(value, datetime):
        return value.isoformat() + ("Z" if value.tzinfo is None else "")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(_json_ready(value), ensure_ascii=False)
    return str(value)


def _short(text: str) -> str:
    line = harmless("".join(character if character.isprintable() else " " for character in text))
    return line if len(line) <= LONGEST_CELL else line[: LONGEST_CELL - 1] + "…"


def _numeric(rows: Sequence[Sequence[Any]]) -> set[int]:
    """Columns that hold numbers and nothing else."""
    columns = list(zip(*rows, strict=True))
    return {
        at
        for at, column in enumerate(columns)
        if all(
            value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
            for value in column
        )
        and any(value is not None for value in column)
    }
