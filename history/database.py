"""The database behind a history: the views over its tables, what they go by, and the queries that ask them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

import duckdb

from .ancestry import behind_cut, recorded_ancestries, recorded_ancestry
from .columns import quote_text
from .errors import HistoryError, QueryError, in_one_line
from .filling import fill_settings, refill
from .limits import Limits
from .loading import describe_commits
from .queries import read_by, refuse_changes
from .settings import Settings
from .sql_files import TABLES, View, macros, plan_of, views, views_behind, views_that_read

_OF_THE_FILE = {"commits", "rejected_rows", "settings", "metric_rules"}
"""Tables that are known without a word of the checkout."""

Parameters = Sequence[Any] | dict[str, Any]
"""For `?` in a query a sequence, for `$name` a dict."""


class Database:
    """What a history can be asked, and told about the commit that the questions are about."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
        self.connection = connection
        self.settings = settings
        self._limits = Limits(connection)
        self._declared_views: set[str] = set()
        """Those that are in the database. One whose answer is kept, in a table, holds it once it is current."""
        self._current_views: set[str] = set()
        self._has_macros = False
        self._telling: Callable[[], None] | None = None

    def sql(self, query: str, parameters: Parameters | None = None) -> duckdb.DuckDBPyRelation:
        """The answer to one query over the tables and views of the history, as a DuckDB relation.

        `.fetchall()`, `.df()`, `.arrow()` (extra `arrow`) and `.pl()` (extra `polars`) get the rows as of then; from a
        view that has changed since, a relation gets none, and is asked for again. A frame (pandas, Arrow, Polars) in a
        variable of the caller can be queried by its name, as one that was registered.
        JSON columns become maps by a cast: `metrics::map(varchar, double)`.

        Raises `QueryError` for what is not one statement, does more than read, or is refused by the database.
        """
        try:
            refuse_changes(self.connection, query)
            self._tell_before(query)
            self._limits.keep(lambda: self.refresh_views(query))
            # Here, not in another thread: the frames of the caller are looked up in its variables.
            return self.connection.sql(query, params=parameters)
        except (duckdb.Error, MemoryError) as error:
            raise _refused(error) from error

    def register(self, name: str, frame: object) -> None:
        """Let queries read a frame (pandas, Arrow, Polars) by this name. Raises `HistoryError` for a name of ours."""
        if name.lower() in {*TABLES, *(view.name for view in views())}:
            raise HistoryError(
                f"{name!r} is a table or a view of the history, wanted another name for a frame"
            )
        try:
            self.connection.register(name, frame)
        except duckdb.Error as error:
            raise HistoryError(f"{name}: can't be queried: {in_one_line(error)}") from error

    def fetch(
        self, relation: duckdb.DuckDBPyRelation, at_most: int | None = None
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and rows of a relation; an error that shows only as it runs is a `QueryError` too.

        So is an answer of more than `at_most` rows, which is never fetched whole.
        """
        try:
            names = list(relation.columns)
            asked = relation if at_most is None else relation.limit(at_most + 1)
            rows = self._limits.keep(asked.fetchall)
        except (duckdb.Error, MemoryError) as error:
            raise _refused(error) from error
        if at_most is not None and len(rows) > at_most:
            raise QueryError(f"the answer has more than {at_most:,} rows; wanted fewer, such as by a `limit`")
        return names, rows

    def rows(self, query: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        """The answer to one query as a list of rows, each a dict by column name."""
        self._tell_before(query)
        return self._rows(lambda: self.refresh_views(query), query, parameters)

    def ask(self, question: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        """The same for a query of our own: what it reads is told by its words, and planned with it."""
        self._tell()
        plan = plan_of(question)
        return self._rows(lambda: self._make_current(plan.tables), plan.text, parameters)

    def _rows(
        self, prepare: Callable[[], None], query: str, parameters: Parameters | None
    ) -> list[dict[str, Any]]:
        def ask() -> list[dict[str, Any]]:
            prepare()
            cursor = self.connection.execute(query, parameters)
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

        try:
            return self._limits.keep(ask)
        except (duckdb.Error, MemoryError) as error:
            raise _refused(error) from error

    def limit(self, seconds: float | None, memory: str | None = None) -> None:
        """Bound what `sql`, `fetch` and `rows` take from now on, all together; a signal ends them then.

        `memory` is a size such as `500MB`; None leaves it as it is (four fifths of the machine's). What goes beyond
        raises `QueryError`. What is added, merged and written is not bounded in time.
        """
        self._limits.set(seconds)
        if memory is not None:
            self.connection.execute(f"set memory_limit = {quote_text(memory)}")

    def tell_when_asked(self, tell: Callable[[], None]) -> None:
        """Put off what a checkout tells, ancestors and releases, until something is asked that depends on it.

        `tell` is called once at most, by whatever asks first for more than the rows of the file.
        """
        self._telling = tell

    def _tell_before(self, query: str) -> None:
        if self._telling is not None:
            reading = read_by(self.connection, query)
            if reading.is_untold or reading.asks_functions or reading.names - _OF_THE_FILE:
                self._tell()

    def _tell(self) -> None:
        if (tell := self._telling) is not None:
            self._telling = None
            tell()

    def set_ancestry(
        self, ancestors: Iterable[tuple[str, int] | tuple[str, int, int]], *, is_cut: bool = False
    ) -> None:
        """Tell HEAD's ancestors: pairs of a full hash and its distance along first parents, HEAD itself at 0.

        What came in by a merge has the distance of that merge beside its own. Where they end as a shallow clone does
        (`is_cut`), what the rows' `parent_sha` tell goes on.
        """
        self._tell()
        rows = [(sha, distance, merge[0] if merge else distance) for sha, distance, *merge in ancestors]
        if is_cut:
            line = [sha for sha, distance, merge in rows if distance == merge]
            rows += [
                (sha, place, place) for place, sha in enumerate(behind_cut(self.connection, line), len(line))
            ]
        self._fill_ancestry((*row, None) for row in rows)

    def set_recorded_ancestry(self, heads: Mapping[str, str] | None = None) -> None:
        """Tell the ancestors that the rows' `parent_sha` tell: in each repository those of its own newest commit, or
        of the one that `heads` gives for it.
        """
        self._tell()
        told = list(recorded_ancestries(self.connection, heads))
        self._fill_ancestry((sha, place, place, repository) for repository, sha, place in told)

    def _fill_ancestry(self, rows: Iterable[tuple[str, int, int, str | None]]) -> None:
        """Ancestors with their distances; of any repository, or of the one that is named."""
        refill(self.connection, "ancestry", rows, ("varchar", "integer", "integer", "varchar"))
        self._forget_views("ancestry")

    def recorded_ancestry(self, head: str | None = None) -> list[tuple[str, int]]:
        """What the rows' `parent_sha` tell of a commit's ancestors, for `set_ancestry`; by default of the newest's."""
        return recorded_ancestry(self.connection, head)

    def set_release_tags(self, releases: Iterable[tuple[str, str]]) -> None:
        """Tell the releases: pairs of a commit's full hash and its tag, for the baseline `release`."""
        self._tell()
        refill(self.connection, "release_tags", releases, ("varchar", "varchar"))
        self._forget_views("release_tags")

    def focus_on(self, metrics: Iterable[str]) -> None:
        """Let the views answer for these metrics alone, as a report on one commit needs no others."""
        names = [(name,) for name in sorted(set(metrics))]
        refill(self.connection, "reported_metrics", names, ("varchar",))
        self._forget_views("reported_metrics")

    def answer_for(self, commits: Iterable[str]) -> None:
        """Let the views answer for these commits and those after them, as a report shows no others; for none: all."""
        hashes = [(commit_sha,) for commit_sha in sorted(set(commits))]
        refill(self.connection, "reported_commits", hashes, ("varchar",))
        self._forget_views("reported_commits")

    def change_settings(self, settings: Settings) -> None:
        """Let the views judge by other settings, rules and accepted changes; what they answered is forgotten."""
        fill_settings(self.connection, settings)
        self.settings = settings
        self._forget_views()

    def refresh_views(self, query: str | None = None) -> None:
        """Create the views that a query reads, all of them without one; compute again those that are kept, if the
        tables changed since.
        """
        wanted = views()
        if query is None:
            self._tell()
        else:
            self._tell_before(query)
            reading = read_by(self.connection, query)
            if not reading.is_untold:
                # A step that is no table is part of the statements that read it.
                behind = views_behind(reading.names)
                wanted = tuple(view for view in behind if view.is_materialized or view.name in reading.names)
            known = {*TABLES, *reading.defined, *(view.name for view in views())}
            if reading.asks_functions or reading.names - known:
                self._declare_views()
        self._make_current(wanted)

    def _make_current(self, wanted: Iterable[View]) -> None:
        for view in wanted:
            if view.name not in self._current_views:
                self._create(view)
                self._current_views.add(view.name)

    def _declare_views(self) -> None:
        """Let the database's catalogue, and what it says of a misspelt name, know every view. None is computed."""
        for view in views():
            if view.name not in self._declared_views:
                self._create(view, "with no data" if view.is_materialized else "")

    def _create(self, view: View, how: str = "") -> None:
        if not self._has_macros:
            self.connection.execute(macros())
            self._has_macros = True
        kind = "table" if view.is_materialized else "view"
        self.connection.execute(f"create or replace {kind} {view.name} as {plan_of(view.select).text} {how}")
        self._declared_views.add(view.name)

    def describe(self) -> None:
        """Put the purpose of each table, view and column into the database, as comments. Nothing is computed for it."""
        self._declare_views()
        describe_commits(self.connection)
        for view in views():
            kind = "table" if view.is_materialized else "view"
            self.connection.execute(f"comment on {kind} {view.name} is {quote_text(view.purpose)}")

    def lock_down(self) -> None:
        """From now on no query can read or write a file, reach the network, or change that."""
        self.connection.execute(
            "set python_enable_replacements = false; set enable_external_access = false; "
            "set lock_configuration = true"
        )

    def close(self) -> None:
        """Let go of the memory."""
        self.connection.close()

    def __enter__(self) -> Self:
        """For `with`: closed at its end."""
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _forget_views(self, table: str | None = None) -> None:
        """A table changed, or all: the views that depend on it are made anew when they are asked next.

        Answers that were kept are gone at once, so that no relation that somebody holds gives yesterday's.
        """
        forgotten = self._current_views & (views_that_read(table) if table else self._current_views)
        for view in views() if forgotten else ():
            if view.is_materialized and view.name in forgotten:
                self.connection.execute(f"drop table {view.name}")
                self._declared_views.discard(view.name)
        self._current_views -= forgotten


def _refused(error: Exception) -> QueryError:
    """What a query's end by the database means, in one line."""
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return QueryError("the query needs more memory than it may take")
    return QueryError(in_one_line(error))
