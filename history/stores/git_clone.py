"""A remote's newest revision in a bare repository of our own, without its past and without a work tree.

Only git's plumbing is used: no file of the remote is ever checked out, so that neither its attributes, its ignore
rules nor its links have a say in what is read and written.
"""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import LocationError
from ..temporary import new_folder
from .git_failures import Answer, explain_push
from .git_process import Git
from .git_remote import Remote


class GitClone:
    """The newest revision of a remote, in a temporary folder that goes with the object, or by `close`."""

    def __init__(self, remote: Remote, token: str | None, step_seconds: float, *, depth: int = 1) -> None:
        """`depth`: so many of the newest revisions are fetched; what replaces the tip needs the one before it, too."""
        self.remote = remote
        self._depth = depth
        self.tip: str | None = None
        """The newest revision that was seen; `None` for a gist without any, and for a branch that is not there."""
        try:
            self.folder = new_folder()
            self._removal = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
            home = self.folder / "home"
            home.mkdir()
        except OSError as error:
            raise LocationError(f"no temporary folder: {error.strerror or error}") from error
        self._git = Git(remote, token, home, step_seconds)
        self._repository = self.folder / "history.git"
        self._reference: str | None = None
        self._tree = ""
        """The tip's tree; empty without a tip."""
        self._made = ""
        """The tree of the commit that was made last."""
        self._entries: dict[str, str] | None = None
        """What `git ls-tree` tells of the tip's files, by name: mode, kind and hash. Asked once for each tip."""

    def close(self) -> None:
        """Remove the folder."""
        self._removal()

    def fetch(self) -> None:
        """Get the newest revision; the first time with everything, then what is new. Sets `tip`."""
        if self._reference is None and self.remote.reference is None:
            self._clone()
            return
        if self._reference is None:
            self._git.run("fetch", "init", "--quiet", "--bare", "--template=", str(self._repository))
            self._reference = self.remote.reference
        answer = self._run(
            "fetch",
            *("fetch", "--quiet", f"--depth={self._depth}", "--no-tags", "--no-write-fetch-head"),
            *(self.remote.git_url, f"+{self._reference}:{self._reference}"),
            accept=128,
        )
        if answer.code == 0:
            self._note_tip()
        elif "couldn't find remote ref" in answer.said:
            self.tip, self._tree, self._entries = None, "", None
        else:
            raise self._git.failure("fetch", answer)

    def has(self, file_name: str) -> bool:
        """Whether the revision has a file of that name."""
        return file_name in self._listed()

    def read(self, file_name: str, target: Path) -> bool:
        """Write the file's bytes to `target`; `False` when the revision has no such file."""
        entry = self._listed().get(file_name)
        if entry is None:
            return False
        mode, kind, name = entry.split()
        if kind != "blob" or not mode.startswith("100"):
            raise LocationError(f"{self.remote.named}: {file_name} is not a plain file")
        self._run("read", "cat-file", "blob", name, into=target)
        return True

    def read_small(self, file_names: Sequence[str], limit_bytes: int) -> dict[str, bytes]:
        """The bytes of those of these files that are there, by name; one of more than `limit_bytes` is left out."""
        if self.tip is None:
            return {}
        wanted = "".join(f"{self.tip}:{name}\n" for name in file_names)
        answer = self.folder / "small"
        self._run("read", "cat-file", "--batch", stdin=wanted.encode(), into=answer)
        found = {}
        with answer.open("rb") as file:
            for name in file_names:
                # `<hash> blob <size>`, then the bytes and a line break; of what is not there `<asked> missing`.
                *_, kind, size = file.readline().decode().split()
                if size == "missing":
                    continue
                if kind == "blob" and int(size) <= limit_bytes:
                    found[name] = file.read(int(size))
                    file.seek(1, os.SEEK_CUR)
                else:
                    file.seek(int(size) + 1, os.SEEK_CUR)
        answer.unlink()
        return found

    def message(self) -> str:
        """What the newest revision says about itself; empty where there is none."""
        if self.tip is None:
            return ""
        commit = self._run("read", "cat-file", "commit", self.tip).out.decode("utf-8", "replace")
        return commit.partition("\n\n")[2]

    def parents(self) -> list[str]:
        """The hashes of the newest revision's parents, fetched or not."""
        if self.tip is None:
            return []
        header = (
            self._run("read", "cat-file", "commit", self.tip)
            .out.partition(b"\n\n")[0]
            .decode("utf-8", "replace")
        )
        return [line.removeprefix("parent ") for line in header.splitlines() if line.startswith("parent ")]

    def commit(
        self,
        files: Mapping[str, Path],
        message: str,
        *,
        without_past: bool = False,
        replaces_tip: bool = False,
    ) -> str | None:
        """A commit in which these files have these bytes, the others those of `tip`; `None` when all have already.

        A name may be a path (`site/index.html`). The parent is `tip`, unless the commit is to be `without_past`, or to
        stand where the tip stands.
        """
        names = self._run(
            "commit", "hash-object", "-w", "--no-filters", "--", *map(str, files.values())
        ).out.decode()
        blobs = {name: f"100644 blob {blob}" for name, blob in zip(files, names.split(), strict=True)}
        self._made = self._tree_with(self._listed(), blobs)
        if self._made == self._tree:
            return None
        before = self.parents() if replaces_tip else [self.tip] if self.tip and not without_past else []
        parents = [option for parent in before for option in ("-p", parent)]
        committed = self._run("commit", "commit-tree", self._made, *parents, stdin=message.encode())
        return committed.out.decode().strip()

    def _tree_with(self, listed: Mapping[str, str], blobs: Mapping[str, str]) -> str:
        """The hash of a tree of these entries and these blobs, whose names may be paths."""
        entries, below = dict(listed), dict[str, dict[str, str]]()
        for name, entry in blobs.items():
            first, _, rest = name.partition("/")
            if rest:
                below.setdefault(first, {})[rest] = entry
            else:
                entries[name] = entry
        for folder, inner in below.items():
            mode, _, tree = (entries.get(folder) or "040000 tree ").split(" ")
            if mode != "040000":
                raise LocationError(f"{self.remote.named}: {folder} is not a folder")
            entries[folder] = f"040000 tree {self._tree_with(self._entries_of(tree), inner)}"
        listing = "".join(f"{entry}\t{name}\0" for name, entry in entries.items())
        made = self._run("commit", "mktree", "-z", stdin=listing.encode("utf-8", "surrogateescape"))
        return made.out.decode().strip()

    def push(self, revision: str, *, without_past: bool = False) -> None:
        """Make `revision`, which `commit` made, the newest one, if `tip` still is: also one `without_past`, or without
        the tip in its past.

        Raises `RejectedPushError` when it is not, `RefusedPushError` when the host has a rule against it, and
        `PassingError` or `StepTimeoutError` when nobody knows whether the push was applied.
        """
        # A lease makes it a compare-and-swap where git does not ask for a common past.
        lease = [f"--force-with-lease={self._reference}:{self.tip}"] if without_past else []
        self._push(revision, *lease)
        self.tip, self._tree, self._entries = revision, self._made, None

    def probe(self) -> None:
        """Ask the host for a push that is not made. Raises what `push` would, but for rules about what is in it."""
        revision = self.tip
        if revision is None:
            nothing = self._run("push", "mktree").out.decode().strip()
            revision = self._run("push", "commit-tree", nothing, stdin=b"Nothing\n").out.decode().strip()
        self._push(revision, "--dry-run")

    def _push(self, revision: str, *options: str) -> None:
        refspec = f"{revision}:{self._reference}"
        answer = self._run(
            "push",
            *("push", *options, "--porcelain", "--no-verify", self.remote.git_url, refspec),
            accept=1,
        )
        if answer.code:
            refusal = explain_push(answer.out.decode("utf-8", "replace"), self.remote, answer)
            raise refusal or self._git.failure("push", answer)

    def _clone(self) -> None:
        shutil.rmtree(self._repository, ignore_errors=True)
        self._git.run(
            "clone",
            *(
                "clone",
                "--quiet",
                "--bare",
                f"--depth={self._depth}",
                "--single-branch",
                "--no-tags",
                "--template=",
            ),
            *(self.remote.git_url, str(self._repository)),
        )
        self._reference = None
        self._note_tip()
        if self._reference is None:
            head = self._run("clone", "symbolic-ref", "--quiet", "HEAD", accept=1)
            if head.code:
                raise LocationError(
                    f"{self.remote.named}: its HEAD is no branch, so nothing can be pushed to it"
                )
            self._reference = head.out.decode().strip()

    def _note_tip(self) -> None:
        """The newest revision as the clone has it, and its branch; a gist without any has none."""
        # The one branch that was cloned, where nobody named it.
        which = self._reference or "refs/heads"
        told = self._run("read", "for-each-ref", "--format=%(refname) %(objectname) %(tree)", which).out
        self._reference, self.tip, self._tree = told.decode().split() or (self._reference, None, "")
        self._entries = None

    def _listed(self) -> dict[str, str]:
        if self._entries is None:
            self._entries = self._entries_of(self.tip)
        return self._entries

    def _entries_of(self, tree: str | None) -> dict[str, str]:
        """What `git ls-tree` tells of a tree, by name; nothing of none."""
        told = self._run("read", "ls-tree", "-z", tree).out if tree else b""
        lines = told.decode("utf-8", "surrogateescape").split("\0")
        named = (line.partition("\t") for line in lines if line)
        return {name: entry for entry, _, name in named}

    def _run(
        self, step: str, *arguments: str, stdin: bytes = b"", into: Path | None = None, accept: int = 0
    ) -> Answer:
        located = (f"--git-dir={self._repository}", *arguments)
        return self._git.run(step, *located, stdin=stdin, into=into, accept=accept)
