"""Lift rows of an older layout, step by step, to the columns of today's."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from .columns import COLUMN_NAMES, quote_identifier
from .late_dataclass import dataclass
from .layouts import TODAY, Layout
from .sql_files import read_sql

_TORONTO = "America/Toronto"


@dataclass(frozen=True)
class Lifted:
    """A relation with columns of today's layout, all text, `csv_line`, and what else the file has."""

    sql: str
    parameters: Sequence[object]
    columns: tuple[str, ...]
    unknown: dict[str, str]
    """Name to write -> name in the relation, of the columns that today's layout does not know."""
    header: tuple[str, ...]
    """The names in the order in which they are written."""


def lift(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    source: str,
    parameters: Sequence[object],
    timezone: str,
) -> Lifted:
    """The rows of `source` (columns `csv_line`, `c0`, `c1`, ...) in today's layout.

    `timezone` is the zone of an older layout's naive times, unless its header names one.
    """
    columns = [
        f"{'null::varchar' if place is None else f'c{place}'} as {quote_identifier(name)}"
        for name, place in layout.positions.items()
    ]
    columns += [f"c{place} as unknown_{place}" for place in layout.unknown]
    lifted = f"select csv_line, {', '.join(columns)} from {source}"
    names = tuple(layout.positions)
    if layout.migrations:
        connection.execute(read_sql("migrations", "conversions.sql"))
        zone = _TORONTO if layout.has_times_of_toronto else timezone
        connection.execute("set variable lifted_timezone = ?", [zone])
        for step in layout.migrations:
            lifted = f"with lifted as ({lifted}) {step.select}"
        described = connection.execute(f"{lifted} limit 0", parameters).description or []
        names = tuple(column[0] for column in described)
    unknown = _unknown(layout, names if layout.migrations else ())
    return Lifted(f"({lifted})", parameters, names, unknown, _header(layout, unknown))


def _header(layout: Layout, unknown: dict[str, str]) -> tuple[str, ...]:
    """The file's own order, where all that its layout knows are columns of today's; what these have beyond follows."""
    if not set(layout.positions) <= set(COLUMN_NAMES):
        return (*COLUMN_NAMES, *unknown)
    written = {name: name_to_write for name_to_write, name in unknown.items()}
    kept = [written.get(f"unknown_{place}", name) for place, name in enumerate(layout.header)]
    return (*kept, *(name for name in COLUMN_NAMES if name not in kept))


def _unknown(layout: Layout, lifted_names: tuple[str, ...]) -> dict[str, str]:
    """Columns to carry along: an older layout's that today's has no place for, and those nobody knows."""
    carried = {name: name for name in lifted_names if name in layout.header and name not in COLUMN_NAMES}
    for place, name in layout.unknown.items():
        written = name
        while layout.name != TODAY and (
            written in COLUMN_NAMES or (written != name and written in layout.header)
        ):
            written += "_before"
        carried[written] = f"unknown_{place}"
    return carried
