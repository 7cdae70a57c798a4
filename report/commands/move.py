"""`devops-mlops-report move`: the history, taken from where it is to another kind of place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import click

from ...history.stores import BranchAddress, FileLocation, GistUrl, Location, is_branch_url
from ...history.stores.branch import DEFAULT_BRANCH
from ..config.model import DEFAULT_CSV_PATH
from ..delivery.printing import note, say
from ..delivery.progress import progress
from ..errors import UsageError
from ..rendering.quantities import plural
from .places import Place, address_of, branch_location, gist_location, on_a_history

_KINDS = ("branch", "gist", "file")


@click.command()
@click.option("--to", "kind", type=click.Choice(_KINDS), required=True, help="What keeps the history then.")
@click.argument("target", required=False)
@on_a_history
def move(place: Place, kind: Literal["branch", "gist", "file"], target: str | None) -> None:
    """Take every row of the history to TARGET, and say what to set in the config.

    TARGET is a branch's name (by default commit-history) or URL, a gist's URL, or a file's path. What is there already
    stays, and is joined. The old place is left as it is. The job's token, or GIST_TOKEN or HISTORY_TOKEN, has to be
    able to write TARGET.

    \b
    Examples:
      devops-mlops-report move --to branch
      devops-mlops-report move --to gist https://gist.github.com/you/0123456789abcdef0123
      devops-mlops-report move --to file commitHistory.csv --history https://gist.github.com/you/0123456789abcdef0123
    """
    location, settings = _target(place, kind, target)
    if location.shown == place.location.shown:
        raise UsageError(f"{location.shown}: is where the history is already, wanted another place")
    source = place.open()
    if place.location.is_new:
        raise UsageError(f"{place.location.shown}: there is no history to move")
    with progress("writing the history"):
        moved = location.load(place.settings())
        before = moved.count_rows + moved.count_archived
        moved.merge(source)
        receipt = location.save(moved, {})
    count = receipt.count_rows + receipt.count_archived
    new = plural(count - before, "row is", "rows are")
    note(
        f"{location.shown}: {new} new there, which makes {count}; {place.location.shown} is left as it is. In the "
        "config, the history's place is now:"
    )
    say("storage:\n" + "".join(f"  {key}: {value}\n" for key, value in settings.items()))
    for notice in receipt.notices:
        note(notice)


def _target(place: Place, kind: str, target: str | None) -> tuple[Location, dict[str, str]]:
    """The new place, and the keys of `storage` that name it."""
    config = place.config
    if kind == "gist":
        if target is None:
            raise UsageError("--to gist: wanted the gist's URL after it; make one on https://gist.github.com")
        return gist_location(GistUrl.parse(target), config, os.environ), {"gist_url": target}
    if kind == "file":
        path = Path(target) if target is not None else place.root / DEFAULT_CSV_PATH
        return FileLocation(path), {"path": os.path.relpath(path, place.root)}
    if target is not None and is_branch_url(target):
        address = BranchAddress.parse(target)
        settings = {"branch": address.branch, "git_url": address.git_url}
        return branch_location(address, config, place.root, os.environ), settings
    storage = config.storage
    address = address_of(target or storage.branch or DEFAULT_BRANCH, storage.git_url, place.root, os.environ)
    settings = {"branch": address.branch} | ({"git_url": storage.git_url} if storage.git_url else {})
    return branch_location(address, config, place.root, os.environ), settings
