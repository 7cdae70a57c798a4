"""`devops-mlops-report export`: the history for other tools."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from ...history.data_package import FORMATS as PACKAGED
from ...history.data_package import NAME
from ...history.data_package import data_package as describe
from ...history.exporting import export_history
from ...history.partitions import append_history
from ...history.partitions.layout import UNREADABLE
from ...history.regular_files import kind_of_no_file
from ...history.stores import FileLocation
from ..delivery.printing import note
from ..delivery.progress import progress
from ..errors import ReportError, UsageError
from ..rendering.quantities import plural
from .places import FILE, Place, on_a_history, partitioned_folder


@click.command()
@click.argument("target", type=FILE, required=False)
@click.option("--table", default="commits", show_default=True, help="The table or view to write.")
@click.option(
    "--for-spreadsheet", is_flag=True, help="A .csv in which no cell can run as a formula in a spreadsheet."
)
@click.option(
    "--data-package",
    is_flag=True,
    help="Beside a .csv or .parquet a datapackage.json that tells what it holds.",
)
@click.option(
    "--partitioned",
    metavar="FOLDER_OR_S3",
    help="In place of TARGET: a folder, or s3://bucket/path, that the rows it has not got are added to.",
)
@click.option("--force", is_flag=True, help="Replace TARGET without asking.")
@on_a_history
def export(
    place: Place,
    target: Path | None,
    table: str,
    for_spreadsheet: bool,
    data_package: bool,
    partitioned: str | None,
    force: bool,
) -> None:
    """Write the history to TARGET: .csv, .parquet, .json, or .duckdb with every table and every view's answer.

    In Parquet, jobs, metrics, params and the like are lists and maps, not texts of JSON. A file that is there is
    replaced after a question, or with --force; the history itself and its archive never.

    With --partitioned every row that is not there yet is added as Parquet below repository=.../: the whole history the
    first time, then a run's rows. Nothing that is there is changed, and any number of runs may do so at once;
    `compact` puts the many small files together.

    \b
    Examples:
      devops-mlops-report export history.duckdb
      devops-mlops-report export deltas.parquet --table deltas
      devops-mlops-report export history.csv --for-spreadsheet
      devops-mlops-report export history.parquet --data-package
      devops-mlops-report export --partitioned lake/history
      devops-mlops-report export --partitioned s3://bucket/history
    """
    if partitioned is not None:
        if target is not None or table != "commits" or for_spreadsheet or data_package:
            raise UsageError(
                "--partitioned takes the rows of `commits` as they are: no TARGET, --table or the like"
            )
        _append(place, partitioned)
    elif target is None:
        raise UsageError("wanted TARGET, the file to write, or --partitioned FOLDER")
    else:
        _write(place, target, table, for_spreadsheet, data_package, force)


def _append(place: Place, partitioned: str) -> None:
    folder = partitioned_folder(partitioned)
    history = place.open()
    with progress(f"adding to {folder.shown!r}"):
        done = append_history(history, folder)
    note(f"Added {plural(done.count_new, 'row')} of {done.count_rows} to {folder.shown}.")
    if done.count_unreadable:
        lines = plural(done.count_unreadable, "line")
        note(f"{lines} of the history can't be read; kept as they are in {UNREADABLE}/.")


def _write(
    place: Place, target: Path, table: str, for_spreadsheet: bool, data_package: bool, force: bool
) -> None:
    package = target.with_name(NAME) if data_package else None
    if package is not None and target.suffix.lower() not in PACKAGED:
        raise UsageError(f"--data-package is for .csv and .parquet, and TARGET is {target.name}")
    _refuse_the_history(place, target)
    history = place.open()
    for each in filter(None, (target, package)):
        _ask_about_what_is_there(each, is_forced=force)
    with progress(f"writing {target.name!r}"):
        as_text = export_history(history, target, table, for_spreadsheet=for_spreadsheet)
        if package is not None:
            package.write_bytes(describe(history, target, table, datetime.now(UTC)))
    for name in as_text:
        note(f"{name} is a text of JSON there: a cell of it has another shape than docs/history.md says.")
    note(f"Wrote {target}{f' and {package}' if package else ''}.")


def _refuse_the_history(place: Place, target: Path) -> None:
    if isinstance(place.location, FileLocation) and place.location.is_at(target):
        raise UsageError(f"{target}: is the history itself, or its archive; wanted another file to write")


def _ask_about_what_is_there(target: Path, *, is_forced: bool) -> None:
    """Raises `ReportError` unless `target` may be replaced."""
    if not target.exists():
        return
    kind = kind_of_no_file(target.stat())
    if kind is not None:
        raise UsageError(f"{target}: is {kind}, wanted a file to write")
    if is_forced:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{target}: is there already; --force replaces it")
    if not click.confirm(f"{target} is there already. Replace it?", err=True):
        raise ReportError(f"{target}: left as it is")
