"""Which history a command works on: `--history` over the config, the config over the default file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from ...history import History, LocationError, Settings
from ...history.late_dataclass import dataclass
from ...history.stores import (
    BranchAddress,
    BranchLocation,
    FileLocation,
    GistLocation,
    GistUrl,
    Location,
    is_branch_url,
    is_url,
)
from ..config import Config, load_config
from ..config.values import REPORT_NAME_PATTERN
from ..delivery.printing import tell
from ..delivery.progress import progress
from ..delivery.publishing import OWN_FOLDER, linked_part
from ..errors import UsageError
from ..facts.ci import read_ci
from ..facts.ci_facts import CiFacts
from ..facts.git import GitError, read_default_branch, read_origin
from ..verdicts.named_commits import settle_accepted, tell_checkout, with_tags_resolved

if TYPE_CHECKING:
    from ...history.partitions import PartitionedFolder

FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)

OBJECT_STORAGE = "s3://"
"""What the address of a partitioned history in object storage begins with."""

LONGEST_SECONDS = 3600
"""For all the questions of a command together, unless it says otherwise."""

_OPTIONS = (
    click.option(
        "--config", type=FILE, help="The config. Default: report-config.yml in the repository, if there."
    ),
    click.option("--repo", type=FOLDER, default=Path(), help="The git checkout. Default: this folder."),
    click.option(
        "--history",
        metavar="PATH_OR_URL",
        help="The history: a CSV's path, a gist's URL or a branch (https://github.com/you/name.git#commit-history), or "
        "what `export --partitioned` wrote (a folder, s3://bucket/path); over the config.",
    ),
)


@dataclass(frozen=True)
class Place:
    """What the options that every command shares stand for."""

    config: Config
    root: Path
    location: Location
    is_named: bool = False
    """Whether the location was given on the command line."""

    def open(self, *, may_be_new: bool = False) -> History:
        """The history as ad-hoc queries see it: with the config's settings, about no commit in particular.

        Without one there, unless it `may_be_new`: raises `UsageError` for a place that the command line names, as
        for a name that is mistyped; says so about the config's, which no run may have written yet.
        """
        with progress("reading the history"):
            open_it = self.location.load if may_be_new else self.location.read
            history = open_it(self.settings())
        history.limit(LONGEST_SECONDS)
        if self.location.is_new and not may_be_new:
            nothing = f"{self.location.shown}: there is no history"
            if self.is_named:
                raise UsageError(
                    f"{nothing}, wanted the path of a CSV, or the URL of a gist or a branch with one"
                )
            _tell([f"{nothing} yet, so this is about an empty one; `devops-mlops-report run` begins it"])
        _tell(settle_accepted(history))
        history.tell_when_asked(lambda: _tell(tell_checkout(history, self.config, self.root)))
        return history

    def settings(self) -> Settings:
        """The config's settings, about no commit in particular."""
        return self.config.to_settings(
            repository=None, branch=None, commit_sha=None, default_branch=self._default_branch()
        )

    def _default_branch(self) -> str | None:
        """The one that a report would compare with, as far as the checkout tells it."""
        if self.config.report.default_branch is not None:
            return None
        try:
            return read_default_branch(self.root)
        except GitError:
            return None


def _tell(notices: Iterable[str]) -> None:
    for notice in notices:
        tell(notice)


def on_a_history(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--config`, `--repo` and `--history`; it gets them as one `place`."""

    @wraps(command)
    def with_place(config: Path | None, repo: Path, history: str | None, **others: Any) -> Any:
        loaded, notices = with_tags_resolved(
            load_config(config, root=repo, is_trusted=not read_ci(os.environ).untrusted), repo
        )
        _tell(notices)
        location = find_location(history, loaded, repo)
        return command(place=Place(loaded, repo, location, history is not None), **others)

    return history_options(with_place)


def history_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options `--config`, `--repo` and `--history`, as they are."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _checked_name(_: object, __: object, name: str | None) -> str | None:
    if name is not None and not re.fullmatch(REPORT_NAME_PATTERN, name):
        raise UsageError(
            f"--name {name!r}: wanted letters, digits, dots, hyphens and underscores, 64 at most, such as fraud-model"
        )
    return name


name_option = click.option(
    "--name",
    callback=_checked_name,
    help="The report's name, where a repository has several. Default: `report.name` of the config.",
)
"""A report's name as the config would take it."""


def find_location(
    history: str | None, config: Config, root: Path, environment: Mapping[str, str] = os.environ
) -> Location:
    """The place that keeps the history. A path in the config is relative to the repository.

    Raises `LocationError` for one in the report's own folder where that is a link which a commit may have brought,
    and for one that a stranger's config names outside of the checkout.
    """
    if history is not None and history.lower().startswith(OBJECT_STORAGE):
        return _object_storage(history, environment)
    if history is not None and not is_url(history):
        return _partitioned(Path(history)) or FileLocation(Path(history))
    if history is not None and is_branch_url(history):
        return branch_location(BranchAddress.parse(history), config, root, environment)
    if history is None and config.storage.branch is not None:
        address = address_of(config.storage.branch, config.storage.git_url, root, environment)
        return branch_location(address, config, root, environment)
    gist = GistUrl.parse(history) if history is not None else config.storage.gist
    if gist is not None:
        return gist_location(gist, config, environment)
    path = root / str(config.storage.csv_path)
    why = read_ci(environment).untrusted
    if why and not path.resolve().is_relative_to(root.resolve()):
        raise LocationError(f"{path}: the commit {why}, so a history outside of the checkout is left alone")
    link = linked_part(path, root) if OWN_FOLDER in path.parts else None
    if link is not None:
        raise LocationError(f"{path}: {link} is a symbolic link within the checkout, which is not followed")
    return FileLocation(path)


def _partitioned(path: Path) -> Location | None:
    """The place of a path that is a partitioned folder."""
    if not path.is_dir():
        return None
    from ...history.partitions import LocalFolder, PartitionedLocation, is_partitioned

    return PartitionedLocation(LocalFolder(path)) if is_partitioned(path) else None


def _object_storage(address: str, environment: Mapping[str, str]) -> Location:
    from ...history.partitions import PartitionedLocation
    from ...history.partitions.bucket import Bucket

    return PartitionedLocation(Bucket(address, environment))


def partitioned_folder(text: str) -> PartitionedFolder:
    """The folder that an option names, to be there or to be made. Raises `LocationError` for one that can't be used."""
    # Few runs have a partitioned history, and those alone need what reads and writes one.
    from ...history.partitions import LocalFolder
    from ...history.partitions.bucket import Bucket

    if text.lower().startswith(OBJECT_STORAGE):
        return Bucket(text)
    if is_url(text):
        raise UsageError("the address is none of a partitioned history, wanted a folder or s3://bucket/path")
    return LocalFolder(Path(text))


def gist_location(url: GistUrl, config: Config, environment: Mapping[str, str]) -> GistLocation:
    """The gist as the config and the run may use it."""
    token, reason = environment.get("GIST_TOKEN") or None, None
    if why := read_ci(environment).untrusted:
        # The commit's own config names the gist: our token goes nowhere where a stranger sends it.
        token, reason = None, f"the commit {why}, so the history was read, not written"
    return GistLocation(url, token, patience=config.storage.patience, read_only_reason=reason)


def address_of(branch: str, git_url: str | None, root: Path, environment: Mapping[str, str]) -> BranchAddress:
    """The branch of the repository that is named, else of the report's own: as the CI, then the checkout tell it."""
    url = git_url or own_url(root, read_ci(environment))
    if not url:
        raise LocationError(
            f"storage.branch {branch}: the checkout has no remote `origin`, so the branch's repository is not known; "
            "wanted storage.git_url as well, or a remote"
        )
    return BranchAddress.parse(url, branch)


def own_url(root: Path, ci: CiFacts) -> str:
    """The address of the report's own repository, as the CI, then the checkout tell it; '' where neither does."""
    if ci.server_url and ci.repository:
        return f"{ci.server_url.rstrip('/')}/{ci.repository}"
    try:
        return read_origin(root)
    except GitError:
        return ""


def branch_location(
    address: BranchAddress, config: Config, root: Path, environment: Mapping[str, str]
) -> BranchLocation:
    """The branch as the config and the run may use it."""
    ci = read_ci(environment)
    own = own_url(root, ci)
    try:
        is_own = bool(own) and BranchAddress.parse(own, address.branch) == address
    except LocationError:
        is_own = False
    name, token = _token_for(address, ci, environment, is_own=is_own)
    reason = f"the commit {ci.untrusted}, so the history was read, not written" if ci.untrusted else None
    return BranchLocation(
        address,
        token,
        token_name=name,
        patience=config.storage.patience,
        read_only_reason=reason,
        is_public=is_own and ci.is_private is False,
    )


def _token_for(
    address: BranchAddress, ci: CiFacts, environment: Mapping[str, str], *, is_own: bool
) -> tuple[str, str | None]:
    """The variable that holds the token for a branch, and its value.

    A job's own token goes to the host that gave it and no other; of a stranger's commit, whose config names the
    address, it reads the repository that the run belongs to, and nothing else.
    """
    if ci.untrusted and not is_own:
        return "HISTORY_TOKEN", None
    if (token := environment.get("HISTORY_TOKEN")) and not ci.untrusted:
        return "HISTORY_TOKEN", token
    if held := token_of_job(address, ci, environment):
        return held
    return ("GITHUB_TOKEN" if ci.provider in ("github", "gitea") else "HISTORY_TOKEN"), None


def token_of_job(
    address: BranchAddress, ci: CiFacts, environment: Mapping[str, str]
) -> tuple[str, str] | None:
    """The job's own token and its variable, where the address is on the host that gave it."""
    server = ci.server_url if ci.provider else "https://github.com"
    names = [] if ci.provider == "gitlab" else ["GITHUB_TOKEN", "GH_TOKEN"]
    if server and urlsplit(server).netloc.lower() == address.host:
        for name in names:
            if token := environment.get(name):
                return name, token
    return None
