"""`devops-mlops-report overview`: many histories at one glance."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import click

from ...history import LocationError
from ...history.stores import BranchAddress, is_branch_url
from ..bounded_http import BoundedHttp, HttpCallError
from ..config import Config
from ..delivery.printing import note, say, tell
from ..delivery.progress import progress
from ..delivery.publishing import publish_summary, write_file
from ..errors import ExitCode, UsageError
from ..overview.fleet import Entry, Fleet, named_histories, read_fleet
from ..overview.reading import Overview, read_overview
from ..overview.rendering import overview_page, render_overview, webhook_message
from ..redaction import Redaction
from .places import FILE, FOLDER, find_location

WEBHOOK = "OVERVIEW_WEBHOOK"
"""The variable with the address that new regressions are told to: a secret, as who knows it can write there."""
_WEBHOOK_SECONDS = 15.0


@click.command()
@click.argument("histories", nargs=-1, metavar="[HISTORY]...")
@click.option("--config", type=FILE, help="YAML with the `histories`, and how far to look back.")
@click.option(
    "--output",
    type=FOLDER,
    default=Path("overview"),
    show_default=True,
    help="Folder for overview.md and index.html.",
)
def overview(histories: tuple[str, ...], config: Path | None, output: Path) -> int:
    """Show many histories at one glance: who is red, worse, stale or flaky, and what needs a person first.

    A HISTORY is a CSV's path, a pattern of paths, a gist's URL, or a branch of a repository. One that can't be read
    is named and costs itself alone. With an address in OVERVIEW_WEBHOOK, regressions that are new are told there.

    \b
    Examples:
      devops-mlops-report overview "histories/*.csv"
      devops-mlops-report overview https://github.com/you/one.git#commit-history https://github.com/you/two.git
      devops-mlops-report overview --config fleet.yml --output site
    """
    fleet = _fleet(histories, config)
    with progress("reading histories", len(fleet.entries)) as step:
        found = read_overview(
            fleet, lambda source: find_location(source, Config.defaults(), Path()), datetime.now(UTC), step
        )
    urls = _urls(fleet.entries)
    text = Redaction.of(os.environ).text(render_overview(found, urls))
    page = Redaction.of(os.environ).text(overview_page(found, urls).decode()).encode()
    write_file(output, "overview.md", text.encode(), Path())
    write_file(output, "index.html", page, Path(), is_text=False)
    if not publish_summary(text, os.environ):
        say(text)
    note(f"Wrote {output / 'overview.md'} and {output / 'index.html'}.")
    _tell_webhook(found, os.environ)
    return ExitCode.ERROR if found.unread and not found.repositories else ExitCode.REPORTED


def _fleet(histories: tuple[str, ...], config: Path | None) -> Fleet:
    told = read_fleet(config) if config else Fleet(())
    entries = [*told.entries, *named_histories(histories)]
    if not entries:
        raise UsageError("no history is named, wanted paths or addresses, or --config with `histories`")
    return Fleet(entries, told.default_branch, told.days, told.stale_days, told.new_hours)


def _urls(entries: Iterable[Entry]) -> dict[str, str]:
    """Repository → web page, of those whose history is on a branch of theirs."""
    urls = {}
    for entry in entries:
        if not is_branch_url(entry.source):
            continue
        try:
            address = BranchAddress.parse(entry.source)
        except LocationError:
            continue
        urls[address.path] = f"{address.scheme}://{address.host}/{address.path}"
    return urls


def _tell_webhook(found: Overview, environment: Mapping[str, str]) -> None:
    """Tell what is new, where an address is given. What stands in the way is said, without the address."""
    url, message = environment.get(WEBHOOK), webhook_message(found)
    if not url or message is None:
        return
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        tell(f"{WEBHOOK}: wanted an https address, nothing was sent")
        return
    body = json.dumps({"text": Redaction.of(environment).text(message["text"])}).encode()
    headers = {"Content-Type": "application/json"}
    try:
        with BoundedHttp() as http:
            answer = http.call("POST", url, seconds=_WEBHOOK_SECONDS, body=body, headers=headers)
    except HttpCallError as error:
        tell(f"{WEBHOOK}: the server {error}")
        return
    if answer.status >= 300:
        tell(f"{WEBHOOK}: the server answered {answer.status}")
