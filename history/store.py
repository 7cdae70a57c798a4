"""The history: the rows of a CSV in an in-memory DuckDB, added to, merged and written back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from .archiving import archive_old, is_archived, mark_archived
from .cell_texts import cell_text
from .columns import COLUMN_NAMES, COLUMNS, Column
from .csv_reader import as_file
from .csv_records import Record, header_line
from .database import Database
from .errors import HistoryError, in_one_line
from .filling import fill_rejected
from .joining import rows_of_file, set_repeated_aside
from .loading import add_columns, create_commits
from .merging import append_table, merge_tables
from .ordering import IS_KEYED, restore_order
from .settings import Settings
from .shape import CsvShape, joined_records
from .sources import load, named, source_of
from .temporary import temporary_folder
from .unreadable import in_sections
from .writing import rows_as_text, write_csv

if TYPE_CHECKING:
    import altair
    import pyarrow as pa

    from .charting.axes import Along


class History(Database):
    """A history in memory. Made by `open_history`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings, shape: CsvShape) -> None:
        super().__init__(connection, settings)
        self._shape = shape
        self._archive_rejected: tuple[Record, ...] = ()

    @property
    def rejected(self) -> tuple[Record, ...]:
        """The lines of the CSV that can't be read, as they are."""
        return self._shape.rejected

    @property
    def count_unreadable(self) -> int:
        """Lines that can't be read, those of the archive too."""
        return len(joined_records(self._shape.rejected, self._archive_rejected))

    @property
    def layout(self) -> str:
        """Name of the layout that the CSV was in; `today` for today's."""
        return self._shape.layout

    @property
    def count_rows(self) -> int:
        """Rows of the CSV that could be read, copies and each report of a run included, archived ones not."""
        return self._count(f"not {is_archived(self.connection, self._shape)}")

    @property
    def count_archived(self) -> int:
        """Rows that are in the archive."""
        return self._count(is_archived(self.connection, self._shape))

    def _count(self, condition: str) -> int:
        counted = self.connection.execute(
            f"select count(*) from {rows_of_file(self.connection)} where {condition}"
        )
        [(count,)] = counted.fetchall()
        return int(count)

    def chart(
        self, metric: str, *, by: Along = "commit", last: int | None = None, branch: str | None = None
    ) -> altair.LayerChart:
        """The chart of a metric for a notebook, as a report draws it; a point tells its commit on hovering.

        Values, the usual level with its band, what was worse, and where a change began, along HEAD's first parents
        (without a checkout, as the rows tell them), else along the branch; of several, where it was measured last.
        `branch` names another one, `last` how many points are shown, `by="time"` lays them out along time. Raises
        `HistoryError` where nothing can be drawn.
        """
        # Few who ask a history want a chart.
        from .charting.drawing import altair_chart

        return altair_chart(self, metric, by=by, last=last, branch=branch)

    def append(self, row: Mapping[str, object]) -> None:
        """Add the report of one workflow run attempt; one that reported before has it added to its row.

        `row` has today's columns as keys; missing ones are empty. Times are timezone-aware; columns of the type
        `json_list` are lists, those of `json_object` dicts (NaN and infinities allowed).
        Raises `HistoryError` for a column that today's layout does not know, or a value of the wrong type.
        """
        unknown = sorted(set(row) - {column.name for column in COLUMNS})
        if unknown:
            raise HistoryError(
                f"a row has the columns {', '.join(unknown)}, which today's layout does not know"
            )
        with self._all_or_nothing("the row"):
            create_commits(self.connection, "incoming", self._shape)
            self._insert({column: cell_text(row.get(column.name)) for column in COLUMNS})
            if not append_table(self.connection, "commits", "incoming"):
                self._merge_incoming()

    def append_again(self, row: Mapping[str, object], before: Mapping[str, object]) -> None:
        """Append `row`, which is later and says more, in the place of `before`, which was appended and not written yet.

        Raises `HistoryError` as `append` does.
        """
        with self._all_or_nothing("the row"):
            # One that tells its run is added to; another one would stand beside itself.
            self.connection.execute(
                f"delete from commits where rowid = (select max(rowid) from commits where "
                f"not coalesce({IS_KEYED}, false) and commit_sha = $commit_sha "
                "and recorded_at = read_timestamp($recorded_at))",
                {name: cell_text(before.get(name)) for name in ("commit_sha", "recorded_at")},
            )
        self.append(row)

    def _insert(self, texts: Mapping[Column, str | None]) -> None:
        """Put the cells of one row into `incoming`. Empty ones are left out: the database has less to plan."""
        filled = {column: text for column, text in texts.items() if text is not None}
        typed = [
            cell if column.type == "text" else f"checked({cell}, read_{column.type}({cell}))"
            for column, cell in ((column, f"${column.name}::varchar") for column in filled)
        ]
        names = [column.name for column in filled]
        rows = f"({', '.join(names)}) select {', '.join(typed)}" if filled else "default values"
        values = {column.name: text for column, text in filled.items()}
        self.connection.execute(f"insert into incoming {rows}", values)

    def merge(self, other: Path | str | bytes | History) -> None:
        """Take in the rows of another CSV, of any layout. The order in which files are merged does not matter.

        Raises `CsvError` when it is not a history, and then this one is as it was.
        """
        with self._loaded_beside(other) as shape:
            self._shape = self._shape.joined_with(shape)
            self._merge_incoming()
            fill_rejected(self.connection, self._shape.rejected, self._archive_rejected)

    def merge_archive(self, archive: Path | str | bytes) -> None:
        """Take in the rows of the archive that belongs to the history; `write_archive` writes them, `write_csv` not.

        Raises `CsvError` when it is not a history, and then this one is as it was.
        """
        with self._loaded_beside(archive) as shape:
            self._shape = self._shape.joined_with(replace(shape, rejected=self._shape.rejected))
            mark_archived(self.connection, "incoming", self._shape)
            self._merge_incoming()
            self._archive_rejected = joined_records(self._archive_rejected, shape.rejected)
            fill_rejected(self.connection, self._shape.rejected, self._archive_rejected)

    def archive_old(self) -> int:
        """Move what `settings.keep` and `settings.keep_days` leave out to the archive; returns how many rows.

        To be followed by `write_archive`, then `write_csv`: in this order nothing is lost in between. Rows are
        moved when the limit is exceeded by a tenth, so that not every run writes both.
        """
        if self.settings.keep is None and self.settings.keep_days is None:
            return 0
        return archive_old(self.connection, self._shape, self.settings.keep, self.settings.keep_days)

    @contextmanager
    def _loaded_beside(self, other: Path | str | bytes | History) -> Iterator[CsvShape]:
        """The other CSV in the tables `incoming` and `incoming_repeated`, to be merged within the context."""
        with temporary_folder() as folder:
            if isinstance(other, History):
                content: Path | bytes = folder / "other.csv"
                other.write_all(folder / "other.csv")
            else:
                content = source_of(other)
            with named(content):
                shape = load(
                    self.connection, content, self.settings.timezone, "incoming", self._shape.unknown
                )
        with self._all_or_nothing("the other history"):
            for table in ("commits", "commits_repeated"):
                add_columns(self.connection, table, self._shape, shape)
            yield shape

    def _merge_incoming(self) -> None:
        set_repeated_aside(self.connection, "incoming", self._shape)
        merge_tables(self.connection, "commits", "incoming", self._shape)
        self.connection.execute("drop table incoming; drop table incoming_repeated")
        restore_order(self.connection, "commits", self._shape)

    @contextmanager
    def _all_or_nothing(self, what: str) -> Iterator[None]:
        """One transaction: after an error everything is as it was."""
        shape, archive_rejected = self._shape, self._archive_rejected
        self.connection.execute("begin")
        try:
            yield
            self.connection.execute("commit")
        except BaseException as error:
            self._shape, self._archive_rejected = shape, archive_rejected
            self.connection.execute("rollback")
            if isinstance(error, duckdb.Error):
                raise HistoryError(f"{what} can't be taken in: {in_one_line(error)}") from error
            raise
        self._forget_views()

    def write_csv(self, path: Path) -> None:
        """Write the CSV to `path`, which is overwritten as it goes; `locations` knows how to replace a file.

        Today's layout, UTF-8, LF, rows in canonical order; without the rows that are in the archive.
        """
        kept = f"not {is_archived(self.connection, self._shape)}"
        write_csv(self.connection, self._shape, path, kept, self._shape.rejected)

    def write_archive(self, path: Path) -> None:
        """Write the rows that are in the archive to `path`, as `write_csv` does the others."""
        archived = is_archived(self.connection, self._shape)
        write_csv(self.connection, self._shape, path, archived, self._archive_rejected)

    def write_all(self, path: Path) -> None:
        """Write every row and every unreadable line to one CSV at `path`, archived ones too."""
        rejected = joined_records(self._shape.rejected, self._archive_rejected)
        write_csv(self.connection, self._shape, path, "true", rejected)

    def unreadable_lines(self) -> bytes:
        """A CSV without rows, of the lines that can't be read, those of the archive too; empty where there are none."""
        rejected = joined_records(self._shape.rejected, self._archive_rejected)
        header = self._shape.header
        return header_line(header).encode() + in_sections(rejected, header) if rejected else b""

    def as_text(self) -> tuple[str, list[str]]:
        """The SQL of every row with its cells as text, and the columns' names in the CSV."""
        return rows_as_text(self.connection, self._shape), list(self._shape.header)

    def frame(self) -> pa.Table:
        """The rows as `answers` takes them: an Arrow table (extra `arrow`) of today's columns, each cell as its text.

        Archived rows too, and each report of a run attempt; without columns of the user's own.
        """
        rows, header = self.as_text()
        # By place: names that differ in their case alone are one name to the database.
        cells = {name: f"c{at}" for at, name in enumerate(header)}
        chosen = ", ".join(f"{cells[name]} as {name}" for name in COLUMN_NAMES)
        named = f"select {chosen} from ({rows}) as each_row({', '.join(cells.values())})"
        return self.connection.sql(named).to_arrow_table()

    def to_csv(self) -> bytes:
        """The CSV that `write_csv` writes."""
        with as_file(b"") as path:
            self.write_csv(path)
            return path.read_bytes()
