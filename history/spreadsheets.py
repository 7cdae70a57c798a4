"""A CSV that a spreadsheet shows as it is: no cell of it is taken for a formula.

Source: OWASP, "CSV Injection"; Excel also takes the full-width forms of the signs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from .columns import quote_text
from .csv_records import BYTE_ORDER_MARK
from .writing import copy_rows

_FORMULA = r"^[\s\x00]*[=+\-@|%＝＋－＠]|^[\t\r\n]"


def write_for_spreadsheet(
    connection: duckdb.DuckDBPyConnection, rows: str, names: Sequence[str], path: Path
) -> None:
    """Write the rows of a query, with these `names`: an apostrophe before what would be a formula, numbers left alone.

    With a byte order mark, without which Excel takes UTF-8 for the code page of the machine.
    """
    places = [f"c{place}" for place in range(len(names))]
    cells = ", ".join(_neutral(f"{place}::varchar") for place in places)
    header = connection.execute(
        f"select {_neutral('name')} from (select unnest(?::varchar[]) as name)", [list(names)]
    )
    neutral_names = [name for (name,) in header.fetchall()]
    table = f"({rows}) as cells({', '.join(places)})"
    copy_rows(connection, f"select {cells} from {table}", neutral_names, path, BYTE_ORDER_MARK.decode())


def _neutral(cell: str) -> str:
    is_formula = f"regexp_matches({cell}, {quote_text(_FORMULA)}) and try_cast({cell} as double) is null"
    return f"case when {is_formula} then '''' || {cell} else {cell} end"
