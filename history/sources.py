"""What a history is read from, a path or a text, and how errors name it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from .csv_reader import as_file
from .errors import CsvError, HistoryError, in_one_line
from .loading import load_csv
from .shape import CsvShape


def load(
    connection: duckdb.DuckDBPyConnection,
    content: Path | bytes,
    timezone: str,
    table: str,
    known_names: Mapping[str, str] | None = None,
) -> CsvShape:
    with as_file(content) as path:
        return load_csv(connection, path, timezone, table, known_names)


@contextmanager
def named(content: Path | bytes) -> Iterator[None]:
    """Errors within say which file they are about."""
    name = content if isinstance(content, Path) else "history"
    try:
        yield
    except CsvError as error:
        raise type(error)(f"{name}: {error}") from error
    except (OSError, ValueError) as error:
        raise HistoryError(f"{name}: can't be read: {getattr(error, 'strerror', None) or error}") from error
    except duckdb.Error as error:
        raise HistoryError(f"{name}: can't be taken in: {in_one_line(error)}") from error


def source_of(source: Path | str | bytes | None) -> Path | bytes:
    """A path, or the text in bytes."""
    if source is None:
        return b""
    if isinstance(source, str):
        return source.encode("utf-8", "surrogatepass") if "\n" in source or not source else Path(source)
    return source
