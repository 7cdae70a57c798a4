"""`devops-mlops-report export`: the history for other tools."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ...history.exporting import export_history
from ...history.regular_files import kind_of_no_file
from ...history.stores import FileLocation
from ..delivery.printing import note
from ..delivery.progress import progress
from ..errors import ReportError, UsageError
from .places import FILE, Place, on_a_history


@click.command()
@click.argument("target", type=FILE)
@click.option("--table", default="commits", show_default=True, help="The table or view to write.")
@click.option(
    "--for-spreadsheet", is_flag=True, help="A .csv in which no cell can run as a formula in a spreadsheet."
)
@click.option("--force", is_flag=True, help="Replace TARGET without asking.")
@on_a_history
def export(place: Place, target: Path, table: str, for_spreadsheet: bool, force: bool) -> None:
    """Write the history to TARGET: .csv, .parquet, .json, or .duckdb with every table and every view's answer.

    A file that is there is replaced after a question, or with --force; the history itself and its archive never.

    \b
    Examples:
      devops-mlops-report export history.duckdb
      devops-mlops-report export deltas.parquet --table deltas
      devops-mlops-report export history.csv --for-spreadsheet
    """
    _refuse_the_history(place, target)
    history = place.open()
    _ask_about_what_is_there(target, is_forced=force)
    with progress(f"writing {target.name!r}"):
        export_history(history, target, table, for_spreadsheet=for_spreadsheet)
    note(f"Wrote {target}.")


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
