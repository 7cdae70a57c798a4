"""A history on a branch of its own in a repository: as private as that, written with the job's own token.

The branch shares no commit with the code. Every `REVISIONS` pushes it begins anew with a single commit, so that a full
clone of the repository does not grow with the number of runs; the lease of that push is the same compare-and-swap.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from ..errors import LocationError
from ..late_dataclass import dataclass
from ..store import History
from .git_clone import GitClone
from .git_failures import RefusedPushError
from .git_location import GitLocation
from .git_remote import Advice
from .host_address import HostAddress, Kind, is_url
from .location import Receipt, write_copy
from .patience import Patience

DEFAULT_BRANCH = "commit-history"

REVISIONS = 50
"""So many revisions a branch has at most, where the host lets it be begun anew."""

MARK = "about-this-branch.md"
"""The file by which a branch is known to be ours. Another one, such as the code's own, is never written to."""

_ABOUT = """\
# The history of this repository's reports

[`commitHistory.csv`](commitHistory.csv) has one row for each run. `devops-mlops-report` writes this branch, and begins
it anew with a single commit from time to time, so that clones stay small. It shares no commit with the code: do not
merge it. `devops-mlops-report move` takes the history elsewhere.
"""

_KIND = Kind("the repository's URL", "https://github.com/<owner>/<name>", "HISTORY_TOKEN", "github.com")
_PART = re.compile(r"[\w.~+-]+", re.ASCII)
_BRANCH = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]|[./](?=[A-Za-z0-9_-])){0,199}")
_NUMBER = re.compile(r"^Revision: ([0-9]{1,9})$", re.M)


@dataclass(frozen=True)
class BranchAddress:
    """One branch of a repository, on GitHub, GitLab, Gitea or another git host that speaks HTTPS."""

    scheme: Literal["http", "https"]
    host: str
    path: str
    """`owner/name`, or `group/…/name`."""
    branch: str

    @classmethod
    def parse(cls, url: str, branch: str = DEFAULT_BRANCH) -> BranchAddress:
        """The branch of the repository that a URL for HTTPS or SSH names; a fragment (`….git#name`) names the branch.

        Raises `LocationError`; its text never repeats the URL, which may hold a credential.
        """
        found = HostAddress.parse(url, _KIND)
        parts = [part for part in found.path.removesuffix("/").removesuffix(".git").split("/") if part]
        if not parts or not all(_PART.fullmatch(part) and part.strip(".") for part in parts):
            _KIND.refuse("does not name a repository")
        if not found.is_loopback and len(parts) < 2:
            _KIND.refuse("has no /<owner>/<name>")
        branch = found.fragment or branch
        if not is_branch(branch):
            raise LocationError(
                f"{branch[:80]!r} can't be the name of a branch; wanted one such as {DEFAULT_BRANCH}"
            )
        return cls(found.scheme, found.host, "/".join(parts), branch)

    @property
    def git_url(self) -> str:
        """Where git fetches it from and pushes it to."""
        return f"{self._repository_url}.git"

    @property
    def named(self) -> str:
        """How messages name it."""
        return f"branch {self.branch} of {self._repository_url}"

    @property
    def shown(self) -> str:
        """How a report names it."""
        return self.named

    @property
    def reference(self) -> str:
        """The ref's full name."""
        return f"refs/heads/{self.branch}"

    @property
    def advice(self) -> Advice:
        """What to do about its failures."""
        wanted = "`permissions: contents: write` of the job, or a token in HISTORY_TOKEN that may write the repository"
        return Advice(
            address="the repository's URL",
            no_caller="it is private, so GITHUB_TOKEN or HISTORY_TOKEN has to hold a token that may read it",
            unknown_caller="the token in HISTORY_TOKEN or GITHUB_TOKEN is wrong, expired or revoked",
            forbidden=f"the token may not write here: the push needs {wanted}",
            not_found="the repository's URL is wrong, or the token may not see it (the job's own token sees its own "
            "repository alone)",
            not_found_anonymously="the repository's URL is wrong, or it is private and no token is in HISTORY_TOKEN "
            "or GITHUB_TOKEN",
            forbidden_by_rule=f"a rule of the repository forbids this push: leave {self.branch!r} out of the targets "
            "of the ruleset or branch protection (Settings, Rules; on GitLab: Protected branches)",
        )

    def revision_url(self, revision: str) -> str:
        """Where a browser shows the commit."""
        return f"{self._page('commit')}/{revision}"

    def page_url(self, revision: str, file_name: str) -> str:
        """Where a browser shows a file, to who may see the repository."""
        return f"{self._page('blob')}/{revision}/{quote(file_name)}"

    def raw_url(self, revision: str, file_name: str) -> str:
        """Where a file's bytes are."""
        if self.host == "github.com":
            return f"https://raw.githubusercontent.com/{self.path}/{revision}/{quote(file_name)}"
        return f"{self._page('raw')}/{revision}/{quote(file_name)}"

    @property
    def _repository_url(self) -> str:
        return f"{self.scheme}://{self.host}/{self.path}"

    def _page(self, kind: str) -> str:
        between = "/-" if "gitlab" in self.host.split(":")[0].split(".") else ""
        return f"{self._repository_url}{between}/{kind}"

    def __str__(self) -> str:
        return self.named


def is_branch_url(text: str) -> bool:
    """Whether a text names a branch: a repository's URL, `.git`, and after a # the branch."""
    return is_url(text) and ".git#" in text


def is_branch(name: str) -> bool:
    """Whether a text can be the name of a branch that a history is kept on: plain, as git has them."""
    return _BRANCH.fullmatch(name) is not None and not name.endswith(".lock")


class BranchLocation(GitLocation):
    """A CSV on a branch of its own; the branch is made by the first `save`."""

    def __init__(
        self,
        address: BranchAddress,
        token: str | None = None,
        *,
        file_name: str = "commitHistory.csv",
        patience: Patience | None = None,
        read_only_reason: str | None = None,
        is_public: bool = False,
        token_name: str = "HISTORY_TOKEN",  # noqa: S107
    ) -> None:
        """`token` may write the repository; without one a public repository's history is read and can't be written.

        Only what `is_public` can be shown as a picture by its address: the pages that show it get no token.
        """
        super().__init__(
            address,
            token,
            token_name,
            file_name=file_name,
            patience=patience,
            read_only_reason=read_only_reason,
        )
        self.address = address
        self._is_public = is_public
        self._notices: tuple[str, ...] = ()

    def save(self, history: History, attachments: Mapping[str, bytes]) -> Receipt:
        """As every `GitLocation` does; says in `notices` where the host does not let the branch begin anew."""
        self._notices = ()
        receipt = super().save(history, attachments)
        pages = {name: self.address.page_url(receipt.revision or "", name) for name in attachments}
        urls = receipt.attachment_urls if self._is_public else {}
        return replace(receipt, attachment_urls=urls, attachment_pages=pages, notices=self._notices)

    def _check(self, clone: GitClone) -> None:
        if clone.tip is not None and not clone.has(MARK):
            raise LocationError(
                f"{self.address.named}: it is there and was not begun by devops-mlops-report (it has no {MARK}), so it "
                f"is neither read nor written; wanted a branch of the history's own, such as {DEFAULT_BRANCH}"
            )

    def _record(self, clone: GitClone, files: dict[str, Path], message: str) -> None:
        if clone.tip is None:
            files[MARK] = clone.folder / "about.md"
            write_copy(_write_about, files[MARK])
        number = _number_of(clone.message()) + 1
        # Asked for once every so many pushes, whatever the answer was.
        if number > 1 and number % REVISIONS == 1:
            try:
                self._push_numbered(clone, files, message, 1, without_past=True)
            except RefusedPushError as error:
                self._notices = (
                    f"The {self.address.named} could not begin anew with a single commit, so that a full clone of the "
                    f"repository goes on growing: allow force pushes to it ({error}).",
                )
            else:
                return
        self._push_numbered(clone, files, message, number)

    def _push_numbered(
        self,
        clone: GitClone,
        files: Mapping[str, Path],
        message: str,
        number: int,
        *,
        without_past: bool = False,
    ) -> None:
        """A commit that starts no workflow, and tells how many there are since the branch began."""
        text = f"{message} [skip ci]\n\nRevision: {number}\n"
        revision = clone.commit(files, text, without_past=without_past)
        if revision is not None:
            clone.push(revision, without_past=without_past)


def _write_about(path: Path) -> None:
    path.write_text(_ABOUT, encoding="utf-8")


def _number_of(message: str) -> int:
    """How many revisions the branch has, as its newest one tells; one that somebody made by hand tells none."""
    found = _NUMBER.findall(message)
    return int(found[-1]) if found else 0
