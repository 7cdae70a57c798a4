"""Arrow tables of histories, and whether two answers are the same to the bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
from devops_mlops_report import History

_COUNTED = {
    "recorded_order": "select repository, recorded_order from run_attempts",
    "line_id": "select distinct repository, line_id from metric_points",
}


def frame_of(paths: Iterable[Path]) -> pa.Table:
    """The rows of CSVs of one header, each cell as its text; nothing is null, `""` is a text."""
    texts = pyarrow.csv.ConvertOptions(
        strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""]
    )
    lines = pyarrow.csv.ParseOptions(newlines_in_values=True)
    tables = []
    for path in paths:
        with pyarrow.csv.open_csv(path, parse_options=lines) as reader:
            names = reader.schema.names
        texts.column_types = dict.fromkeys(names, pa.string())
        tables.append(pyarrow.csv.read_csv(path, parse_options=lines, convert_options=texts))
    return pa.concat_tables(tables)


def own_answer(history: History, name: str) -> pa.Table:
    """What a history says by its SQL, with the numbers of rows and lines counted in each repository by itself."""
    table = history.sql(f"from {name}").to_arrow_table()
    for column, counted in _COUNTED.items():
        if column in table.column_names:
            in_order = sorted(history.sql(counted).fetchall(), key=lambda row: row[1])
            own: dict[int, int] = {}
            seen: Counter[str] = Counter()
            for repository, number in in_order:
                seen[repository] += 1
                own[number] = seen[repository]
            numbers = pa.array([own[number] for number in table[column].to_pylist()], pa.int64())
            table = table.set_column(table.column_names.index(column), column, numbers)
    return table


def difference(mine: pa.Table, theirs: pa.Table) -> tuple[int, int]:
    """How many rows `mine` has beyond `theirs`, and the other way round. Floats are compared by their bits."""
    assert mine.column_names == theirs.column_names
    theirs = theirs.cast(mine.schema)
    with duckdb.connect() as connection:
        connection.register("mine", in_bits(mine))
        connection.register("theirs", in_bits(theirs))
        [(more, fewer)] = connection.execute(
            "select (select count(*) from (from mine except all from theirs)), "
            "(select count(*) from (from theirs except all from mine))"
        ).fetchall()
    return more, fewer


def in_bits(table: pa.Table) -> pa.Table:
    """The table with each float as the whole number of the same bits: so NaN, and the two zeros, are what they are."""
    for place, field in enumerate(table.schema):
        if pa.types.is_float64(field.type):
            bits = [chunk.view(pa.int64()) for chunk in table.column(place).chunks]
            table = table.set_column(place, field.name, pa.chunked_array(bits, pa.int64()))
    return table
