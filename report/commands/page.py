"""`devops-mlops-report page`: the history as one HTML file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import click

from ...history import History, LocationError, ReadOnlyError
from ...history.exporting import write_for_browser
from ...history.stores import BranchAddress, FileLocation
from ...history.temporary import temporary_folder
from ..delivery.printing import note, tell
from ..delivery.progress import progress
from ..delivery.publishing import write_file
from ..errors import UsageError
from ..facts.ci import read_ci
from ..facts.git import GitError, read_origin
from ..page.assembling import assemble
from ..page.branch import PageBranch
from ..page.data import About, page_data
from ..page.sql import FOLDER as SQL_FOLDER
from ..page.sql import PACKAGE, SQL_PAGE, VERSION, SqlPage, make_sql_page, read_package
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
    "--sql",
    "package",
    type=FOLDER,
    metavar="PACKAGE",
    help="Also make sql.html, which asks the history with SQL in the browser, by DuckDB from this folder of the npm "
    f"package {PACKAGE} {VERSION}.",
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
def page(place: Place, output: Path, package: Path | None, branch: str | None, folder: str) -> None:
    """Write all of the history as one page: index.html, which needs no server and loads nothing.

    It holds every commit, its metrics with their usual levels, params, jobs and tests; charts to zoom into; two commits
    side by side. Whoever has the file can read the history in it.

    With --sql there is a second page for queries of one's own. Unlike the first it is served over http, and loads
    DuckDB (8 MB, which a browser keeps) and the history from beside it.

    A page that was pushed to a branch before is replaced there, so that the branch does not grow. It is pushed with the
    job's own token (GITHUB_TOKEN) or HISTORY_TOKEN, never in a run of a stranger's commit.

    \b
    Examples:
      devops-mlops-report page
      devops-mlops-report page --branch gh-pages --folder report
      devops-mlops-report page --sql node_modules/@duckdb/duckdb-wasm
      devops-mlops-report page --output public --history https://github.com/you/name.git#commit-history
    """
    target = output / PAGE_NAME
    if isinstance(place.location, FileLocation) and (
        place.location.is_at(target) or place.location.is_below(target)
    ):
        raise UsageError(f"--output {output}: the history itself is there, wanted another folder")
    target_branch = None if branch is None else _branch_for(place, branch, folder)
    brought = None if package is None else read_package(package)
    read_at = datetime.now(UTC)
    history = place.open()
    files = {PAGE_NAME: target}
    with progress("making the page"):
        about = replace(_about(history, place, read_at), has_sql=brought is not None)
        # Panels end what a history may write.
        sql_page = None if brought is None else _sql_page(history, place, about.title, brought)
        data = page_data(history, about, place.config.report.panels, place.root)
        content = assemble(data, Redaction.of(os.environ), read_at)
        write_file(output, PAGE_NAME, content, place.root, is_text=False)
    note(f"Wrote {target} ({len(content) / 2**20:.1f} MiB). Open it in a browser; it needs no server.")
    if sql_page is not None:
        files |= _write_sql_page(sql_page, output, place.root)
    if target_branch is not None:
        _push(target_branch, files, read_at)


def _sql_page(history: History, place: Place, title: str, package: Mapping[str, bytes]) -> SqlPage:
    redaction = Redaction.of(os.environ)
    with temporary_folder() as folder:
        asked = _without_secrets(history, place, folder, redaction)
        database = folder / "history.duckdb"
        comments = write_for_browser(asked, database)
        return make_sql_page(redaction.text(title), package, database.read_bytes(), comments)


def _without_secrets(history: History, place: Place, folder: Path, redaction: Redaction) -> History:
    """The history; where it holds a secret of the environment, one of the same rows without."""
    rows = folder / "rows.csv"
    history.write_all(rows)
    text = rows.read_bytes().decode("utf-8", "surrogateescape")
    redacted = redaction.text(text)
    if redacted == text:
        return history
    rows.write_bytes(redacted.encode("utf-8", "surrogateescape"))
    return replace(place, location=FileLocation(rows)).open()


def _write_sql_page(made: SqlPage, output: Path, root: Path) -> dict[str, Path]:
    for name, content in made.files.items():
        write_file((output / name).parent, Path(name).name, content, root, is_text=False)
    duckdb, rows = (count / 1e6 for count in (made.count_bytes_duckdb, made.count_bytes_history))
    note(
        f"Wrote {output / SQL_PAGE}, which loads DuckDB ({duckdb:.1f} MB) and the history ({rows:.1f} MB) from "
        f"{output / SQL_FOLDER} when it is asked. Serve it over http: python3 -m http.server --directory {output}"
    )
    return {name: output / name for name in made.files}


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
