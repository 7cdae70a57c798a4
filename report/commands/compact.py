"""`devops-mlops-report compact`: the many small files of a partitioned history become one a repository."""

from __future__ import annotations

import click

from ...history.partitions import compact as compact_folder
from ..delivery.printing import note, tell
from ..delivery.progress import progress
from ..errors import ExitCode, UsageError
from ..rendering.quantities import plural
from .places import partitioned_folder


@click.command()
@click.argument("folder", metavar="FOLDER_OR_S3")
def compact(folder: str) -> int:
    """Put the files of each repository together that runs have added with `export --partitioned`.

    Runs may add rows and readers may read meanwhile: the new file is written before those that it holds are deleted.
    No row is lost; of reports that a later one of the same run has written over, the later stays, as in the CSV.

    \b
    Examples:
      devops-mlops-report compact lake/history
      devops-mlops-report compact "lake/history/repository=acme%2Fwine"
    """
    place = partitioned_folder(folder)
    partitions = place.partitions()
    if not partitions:
        raise UsageError(
            f"{place.shown}: there is no partitioned history, wanted what `export --partitioned` wrote to"
        )
    with progress("compacting", len(partitions)) as step:
        done = compact_folder(place, step)
    for sentence in done.left:
        tell(sentence)
    files = plural(done.count_files, "file")
    note(f"Put {files} of {plural(done.count_partitions, 'repository', 'repositories')} together.")
    return ExitCode.ERROR if done.left else ExitCode.REPORTED
