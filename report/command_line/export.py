"""`devops-mlops-report export`: the history for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from ...history.exporting import export_history
from .places import FILE, Place, on_a_history


@click.command()
@click.argument("target", type=FILE)
@click.option("--table", default="commits", show_default=True, help="The table or view to write.")
@click.option(
    "--for-spreadsheet", is_flag=True, help="A .csv in which no cell can run as a formula in a spreadsheet."
)
@on_a_history
def export(place: Place, target: Path, table: str, for_spreadsheet: bool) -> None:
    """Write the history to TARGET: .csv, .parquet, .json, or .duckdb with every table and view.

    \b
    Examples:
      devops-mlops-report export history.duckdb
      devops-mlops-report export deltas.parquet --table deltas
      devops-mlops-report export history.csv --for-spreadsheet
    """
    export_history(place.open(), target, table, for_spreadsheet=for_spreadsheet)
    click.echo(f"Wrote {target}.", err=True)
