"""Which tables and views a query reads, told by the database's own parser: they need not be there for it."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from .errors import QueryError
from .late_dataclass import dataclass

# Names and node types wherever they stand in the tree that the parser makes of a query.
_PARSED = """
select
    parsed ->> '$.error_type',
    list_transform(parsed ->> '$..table_name', lambda name: lower(name)),
    list_transform(parsed ->> '$..cte_map.map[*].key', lambda name: lower(name)),
    parsed ->> '$..type',
    parsed ->> '$..function_name'
from (select json_serialize_sql(?) as parsed)
"""

_BY_TEXT = {"query", "query_table"}
"""Table functions that take what they read as a text."""

_WRITING_NODES = ("INSERT", "UPDATE", "DELETE", "MERGE")
_WRITING = {
    "insert",
    "update",
    "delete",
    "merge",
    "create",
    "drop",
    "alter",
    "copy",
    "attach",
    "truncate",
    "set",
}


@dataclass(frozen=True)
class Reading:
    """What a query reads."""

    names: frozenset[str] = frozenset()
    """Of tables and views, in lower case, with those that the query defines itself."""
    defined: frozenset[str] = frozenset()
    """Of its common table expressions, in lower case."""
    asks_functions: bool = False
    """It reads from table functions, or shows what there is."""
    is_untold: bool = False
    """It may read anything: what it reads is in a text that it makes."""
    changes: bool = False
    """It writes, be it within a common table expression or below an `explain`."""


def read_by(connection: duckdb.DuckDBPyConnection, query: str) -> Reading:
    """What the query reads. Of a query that can't be parsed nothing is told: running it says what is wrong with it."""
    [(error, names, defined, types, functions)] = connection.execute(_PARSED, [query]).fetchall()
    if error == "parser":
        return Reading()
    if error is not None:
        # The parser gives the tree of plain queries alone; of others, such as a pivot, there are the words.
        words = frozenset(_identifiers(query))
        return Reading(words, asks_functions=True, changes=not _WRITING.isdisjoint(words))
    return Reading(
        frozenset(names),
        frozenset(defined),
        asks_functions=not {"TABLE_FUNCTION", "SHOW_REF"}.isdisjoint(types),
        is_untold=not _BY_TEXT.isdisjoint(functions),
        changes=any(kind.startswith(_WRITING_NODES) for kind in types),
    )


def refuse_changes(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Raises `QueryError` unless the query is one statement that reads and does nothing else."""
    statements = connection.extract_statements(query)
    if len(statements) != 1:
        raise QueryError(f"found {len(statements)} statements, wanted one, such as `select * from deltas`")
    reading_kinds = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN, duckdb.StatementType.MULTI)
    # A pivot is of several; what an `explain` may run, or a common table expression change, is told by what they read.
    if statements[0].type not in reading_kinds or read_by(connection, query).changes:
        raise QueryError(
            "found a statement that changes something, wanted one that reads, such as `from deltas`"
        )


def _identifiers(query: str) -> Iterator[str]:
    """The words of the query that are neither in a comment nor in a string, in lower case, without their quotes."""
    tokens = duckdb.tokenize(query)
    ends = [start for start, _ in tokens[1:]] + [len(query)]
    for (start, kind), end in zip(tokens, ends, strict=True):
        if kind not in (duckdb.token_type.comment, duckdb.token_type.string_const):
            yield query[start:end].strip().strip('"').lower()
