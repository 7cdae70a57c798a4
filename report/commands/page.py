"""`devops-mlops-report page`: the history as one HTML file."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import click

from ...history import History, LocationError
from ...history.stores import BranchAddress, FileLocation
from ..delivery.printing import note
from ..delivery.progress import progress
from ..delivery.publishing import write_file
from ..errors import UsageError
from ..facts.ci import read_ci
from ..facts.git import GitError, read_origin
from ..page.assembling import assemble
from ..page.data import About, page_data
from ..redaction import Redaction
from .places import FOLDER, Place, on_a_history

PAGE_NAME = "index.html"


@click.command()
@click.option(
    "--output",
    type=FOLDER,
    default=Path("site"),
    show_default=True,
    help="Folder for the page, index.html.",
)
@on_a_history
def page(place: Place, output: Path) -> None:
    """Write all of the history as one page: index.html, which needs no server and loads nothing.

    It holds every commit, its metrics with their usual levels, params, jobs and tests; charts to zoom into; two commits
    side by side. Whoever has the file can read the history in it.

    \b
    Examples:
      devops-mlops-report page
      devops-mlops-report page --output public --history https://github.com/you/name.git#commit-history
    """
    target = output / PAGE_NAME
    if isinstance(place.location, FileLocation) and (
        place.location.is_at(target) or place.location.is_below(target)
    ):
        raise UsageError(f"--output {output}: the history itself is there, wanted another folder")
    history = place.open()
    with progress("making the page"):
        data = page_data(history, _about(history, place), place.config.report.panels, place.root)
        content = assemble(data, Redaction.of(os.environ))
        write_file(output, PAGE_NAME, content, place.root, is_text=False)
    note(f"Wrote {target} ({len(content) / 2**20:.1f} MiB). Open it in a browser; it needs no server.")


def _about(history: History, place: Place) -> About:
    named = [
        str(row["repository"])
        for row in history.rows("select distinct repository from commits where repository <> '' order by all")
    ]
    own, url, is_gitlab = _own_repository(place.root)
    return About(
        title=named[0] if len(named) == 1 else own or "History",
        highlight_metric=place.config.report.highlight_metric,
        default_branch=history.settings.default_branch,
        timezone=place.config.timezone,
        made_at=datetime.now(UTC),
        # Rows name no host: only those of the checkout's own repository are known to be there.
        repository_urls={own: url} if own and url else {},
        is_gitlab=is_gitlab,
    )


def _own_repository(root: Path) -> tuple[str, str, bool]:
    """The name of the checkout's repository, its web page, and whether that is GitLab's; '' for what is not known."""
    ci = read_ci(os.environ)
    if ci.server_url and ci.repository:
        return ci.repository, f"{ci.server_url.rstrip('/')}/{quote(ci.repository)}", ci.provider == "gitlab"
    try:
        origin = BranchAddress.parse(read_origin(root))
    except (GitError, LocationError):
        return "", "", False
    return origin.path, f"{origin.scheme}://{origin.host}/{quote(origin.path)}", "gitlab" in origin.host
