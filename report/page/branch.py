"""The page on a branch of the repository, in a folder beside what else is there, as GitHub Pages and others serve it.

The branch does not grow with the runs: where its newest revision is a page that this command put there, the new page
takes its place (`--force-with-lease` on that revision alone); commits of others are built upon, and never rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...history import LocationError
from ...history.stores import BranchAddress, Patience
from ...history.stores.branch import MARK as MARK_OF_A_HISTORY
from ...history.stores.git_clone import GitClone
from ...history.stores.git_failures import RefusedPushError
from ...history.stores.patience import Trial
from ..errors import UsageError

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}")
_TRAILER = "Page-Made-By: devops-mlops-report"
"""In the message of each revision that may be replaced by the next page."""
_OF_PAGE = re.compile(
    rb'<meta name="generator" content="devops-mlops-report">\s*<meta name="date" content="([0-9T:.+Z-]{20,40})">'
)
_LARGEST_PAGE = 64 * 2**20


@dataclass(frozen=True)
class Published:
    """What became of a page."""

    revision: str
    """The branch's newest one."""
    is_older: bool = False
    """A page that was made of a later history is there already, and stayed."""
    notice: str = ""


@dataclass(frozen=True)
class PageBranch:
    """A folder of a branch. `folder` is '' for the branch's own."""

    address: BranchAddress
    folder: str
    token: str | None
    patience: Patience

    @classmethod
    def at(cls, address: BranchAddress, folder: str, token: str | None, patience: Patience) -> PageBranch:
        """Raises `UsageError` for a folder that is not plain."""
        parts = [part for part in folder.strip("/").split("/") if part not in ("", ".")]
        if not all(_PART.fullmatch(part) for part in parts):
            raise UsageError(
                f"--folder {folder[:80]!r}: wanted a folder of the branch such as report, or . for its own"
            )
        return cls(address, "/".join(parts), token, patience)

    def publish(self, files: Mapping[str, Path], read_at: datetime, subject: str) -> Published:
        """Push these files (name within the folder -> file) in one commit; others that are there stay.

        `read_at`: when the history was read that they are made of. Where runs push at the same time, the page of the
        latest history stays, whoever comes last. Raises `LocationError`.
        """
        # The tip and the one before it: where the tip is replaced, the commit before it is what is built upon.
        clone = GitClone(self.address, self.token, self.patience.step_seconds, depth=2)
        trial = Trial(self.patience)
        try:
            while True:
                try:
                    clone.fetch()
                    return self._push(clone, files, read_at, subject)
                except LocationError as error:
                    trial.wait(error)
        finally:
            clone.close()

    def _push(self, clone: GitClone, files: Mapping[str, Path], read_at: datetime, subject: str) -> Published:
        if clone.has(MARK_OF_A_HISTORY):
            raise LocationError(
                f"{self.address.named}: it keeps a history, so no page is put there; wanted one such as gh-pages"
            )
        there = self._made_at(clone)
        if clone.tip and there is not None and there > read_at:
            return Published(clone.tip, is_older=True)
        # Git is at home elsewhere.
        placed = {
            f"{self.folder}/{name}" if self.folder else name: path.absolute() for name, path in files.items()
        }
        if clone.tip is None:
            # GitHub Pages would take a new branch for a site of Jekyll's.
            nothing = clone.folder / "nothing"
            nothing.write_bytes(b"")
            placed[".nojekyll"] = nothing
        message = f"{subject}\n\n{_TRAILER}\n"
        replaces_tip = _TRAILER in clone.message().splitlines() and len(clone.parents()) < 2
        notice = ""
        if replaces_tip:
            try:
                return Published(self._pushed(clone, placed, message, replaces_tip=True))
            except RefusedPushError as error:
                notice = (
                    f"The page before stays in the past of the {self.address.named}, which grows by each page: allow "
                    f"force pushes to it ({error})."
                )
        return Published(self._pushed(clone, placed, message, replaces_tip=False), notice=notice)

    def _pushed(self, clone: GitClone, files: Mapping[str, Path], message: str, *, replaces_tip: bool) -> str:
        revision = clone.commit(files, message, replaces_tip=replaces_tip)
        if revision is not None:
            clone.push(revision, without_past=replaces_tip)
        return clone.tip or ""

    def _made_at(self, clone: GitClone) -> datetime | None:
        """When the history of the page that is there was read. Raises `LocationError` for another's page."""
        name = f"{self.folder}/index.html" if self.folder else "index.html"
        page = clone.read_small([name], _LARGEST_PAGE).get(name)
        if page is None:
            return None
        found = _OF_PAGE.search(page[:20_000])
        if found is None:
            raise LocationError(
                f"{self.address.named}: {name} is there and not made by devops-mlops-report, so it stays; wanted "
                "another --folder"
            )
        return _read_time(found[1].decode())


def _read_time(text: str) -> datetime | None:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)
