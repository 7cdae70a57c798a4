"""`devops-mlops-report merge`: take the rows of other CSVs into the history."""

from __future__ import annotations

from pathlib import Path

import click

from ..delivery.printing import note
from ..delivery.progress import progress
from ..rendering.quantities import plural
from .places import Place, on_a_history

_FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, type=_FILES)
@on_a_history
def merge(place: Place, files: tuple[Path, ...]) -> None:
    """Take the rows of FILES into the history, each exactly once: pending rows, or a history grown apart.

    The files may be of any layout, and stay as they are. Merging the same file again changes nothing.

    \b
    Examples:
      devops-mlops-report merge .devops-mlops-report/pending/*.csv
      devops-mlops-report merge other/commitHistory.csv --history commitHistory.csv
    """
    opened = place.open(may_be_new=True)
    before = opened.count_rows + opened.count_archived
    with progress("merging", len(files)) as step:
        for file in files:
            opened.merge(file)
            step()
    with progress("writing the history"):
        receipt = place.location.save(opened, {})
    count = receipt.count_rows + receipt.count_archived
    note(f"{plural(count - before, 'row is', 'rows are')} new; the history has {count}.")
