"""`devops-mlops-report page`: the history as one HTML file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import click

from ...history import History, LocationError, ReadOnlyError
from ...history.stores import BranchAddress, FileLocation
from ..delivery.printing import note, tell
from ..delivery.progress import progress
from ..delivery.publishing import write_file
from ..errors import UsageError
from ..facts.ci import read_ci
from ..facts.git import GitError, read_origin
from ..page.assembling import assemble
from ..page.branch import PageBranch
from ..page.data import About, page_data
from ..redaction import Redaction
from .places import FOLDER, Place, on_a_history, own_url, token_of_job

PAGE_NAME = "index.html"


@click.command()
@click.option(
    "--output",
    type=FOLDER,
    default=Path("site"),
    show_default=True,
    help="Folder for the page, index.html.",
)
@click.option(
    "--branch",
    metavar="NAME",
    help="Also push it to this branch of the repository, such as gh-pages; what else is there stays.",
)
@click.option(
    "--folder",
    default="report",
    show_default=True,
    help="Folder of the branch; . puts it at the branch's root.",
)
@on_a_history
def page(place: Place, output: Path, branch: str | None, folder: str) -> None:
    """Write all of the history as one page: index.html, which needs no server and loads nothing.

    It holds every commit, its metrics with their usual levels, params, jobs and tests; charts to zoom into; two commits
    side by side. Whoever has the file can read the history in it.

    A page that was pushed to a branch before is replaced there, so that the branch does not grow. It is pushed with the
    job's own token (GITHUB_TOKEN) or HISTORY_TOKEN, never in a run of a stranger's commit.

    \b
    Examples:
      devops-mlops-report page
      devops-mlops-report page --branch gh-pages --folder report
      devops-mlops-report page --output public --history https://github.com/you/name.git#commit-history
    """
    target = output / PAGE_NAME
    if isinstance(place.location, FileLocation) and (
        place.location.is_at(target) or place.location.is_below(target)
    ):
        raise UsageError(f"--output {output}: the history itself is there, wanted another folder")
    target_branch = None if branch is None else _branch_for(place, branch, folder)
    read_at = datetime.now(UTC)
    history = place.open()
    with progress("making the page"):
        data = page_data(history, _about(history, place, read_at), place.config.report.panels, place.root)
        content = assemble(data, Redaction.of(os.environ), read_at)
        write_file(output, PAGE_NAME, content, place.root, is_text=False)
    note(f"Wrote {target} ({len(content) / 2**20:.1f} MiB). Open it in a browser; it needs no server.")
    if target_branch is not None:
        _push(target_branch, {PAGE_NAME: target}, read_at)


def _branch_for(place: Place, name: str, folder: str) -> PageBranch:
    """Where the page is pushed to. Raises `UsageError` for a branch that something else lives on."""
    ci = read_ci(os.environ)
    if ci.untrusted:
        raise ReadOnlyError(f"--branch {name}: the commit {ci.untrusted}, so nothing is pushed")
    url = own_url(place.root, ci)
    if not url:
        raise UsageError(
            f"--branch {name}: the checkout has no remote `origin`, so the repository is not known; wanted a checkout "
            "of a repository with one"
        )
    address = BranchAddress.parse(url, name)
    for taken, what in (
        (ci.branch, "the branch of the commit"),
        (place.settings().default_branch, "the default branch"),
        (place.config.storage.branch, "the branch of the history"),
    ):
        if address.branch == taken:
            raise UsageError(f"--branch {name}: is {what}; wanted one for pages, such as gh-pages")
    held = token_of_job(address, ci, os.environ) or ("HISTORY_TOKEN", os.environ.get("HISTORY_TOKEN"))
    return PageBranch.at(address, folder, held[1], place.config.storage.patience)


def _push(target: PageBranch, files: Mapping[str, Path], read_at: datetime) -> None:
    sha = read_ci(os.environ).commit_sha
    about = f"Put the page there{f' as of commit {sha[:12]}' if sha else ''}"
    with progress("pushing the page"):
        published = target.publish(files, read_at, about)
    where = f"{target.folder or 'the root'} on {target.address.named}"
    if published.is_older:
        note(f"A page of a later history is in {where} already, and stays.")
    else:
        note(f"Pushed to {where}.")
    if published.notice:
        tell(published.notice)


def _about(history: History, place: Place, read_at: datetime) -> About:
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
        made_at=read_at,
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
