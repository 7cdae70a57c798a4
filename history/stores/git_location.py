"""A history on a git host: loaded by a shallow fetch, written back by a push that never overwrites.

A push is the compare-and-swap of such a host. When somebody else pushed first, their rows are merged in and the push
is tried again. What a gist and a branch have in common is here; each has a small module of its own.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..errors import HistoryError, LocationError, ReadOnlyError
from ..opening import open_history
from ..settings import Settings
from ..store import History
from .git_clone import GitClone
from .git_remote import Remote
from .location import Receipt, archive_name, write_copy
from .patience import Patience, Trial

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. +-]{0,199}")


class GitLocation:
    """A CSV on a git host. Not for several threads at once; every process and thread makes its own."""

    def __init__(
        self,
        remote: Remote,
        token: str | None,
        token_name: str,
        *,
        file_name: str,
        patience: Patience | None,
        read_only_reason: str | None,
    ) -> None:
        """A `token` that can't be one is as none: the history is read, and `save` says what is wrong with it.

        `token_name` is the variable that it comes from. `read_only_reason`, a sentence that `ReadOnlyError` repeats,
        makes the place read-only in any case.
        """
        self.remote = remote
        self.file_name = _plain(file_name)
        self._archive_name = archive_name(file_name)
        self.attempts = 0
        """How many attempts the latest `load` or `save` took."""
        self._token = (token or "").strip() or None
        self._token_problem = _problem_of(self._token, token_name)
        if self._token_problem is not None:
            self._token = None
        self._patience = patience or Patience()
        has_token = self._token is not None or self._token_problem is not None
        no_token = f"no {token_name}: the history was read, not written"
        self._read_only_reason = read_only_reason or (None if has_token else no_token)
        self._clone: GitClone | None = None
        self._loaded: weakref.ref[History] | None = None
        self._contained: str | None = None
        self._is_archive_due = False
        self.is_new = False

    @property
    def shown(self) -> str:
        """The place as a report names it."""
        return self.remote.shown

    def load(self, settings: Settings) -> History:
        """The history in the newest revision; an empty one when that has no such file.

        Raises `LocationError` when the host can't be read, `CsvError` when the file is not a history.
        """
        clone = self._fetch()
        with self._downloaded(clone) as (path, archive):
            history = open_history(path, settings, archive)
            self.is_new = path is None and archive is None
        self._loaded, self._contained = weakref.ref(history), clone.tip
        self._is_archive_due = False
        return history

    read = load

    def attachments(self, names: Sequence[str], limit_bytes: int) -> dict[str, bytes]:
        """Of these files those that the revision has which was fetched last; none before a `load`."""
        if self._clone is None:
            return {}
        return self._clone.read_small([_plain(name) for name in names], limit_bytes)

    def save(self, history: History, attachments: Mapping[str, bytes]) -> Receipt:
        """Push the CSV and the attachments (plain file name -> content) in one commit.

        Rows that others pushed in between are merged into `history`. When all of it is there already, nothing
        is pushed. Raises `ReadOnlyError`, or `LocationError` when the host can't be written; after a failure
        whose outcome is unknown the rows may be there nevertheless, and saving them again adds nothing.
        """
        self._require_writable()
        names = [_plain(name) for name in attachments]
        taken = {self.file_name, self._archive_name} & set(names)
        if taken:
            raise LocationError(f"an attachment is named as the history: {', '.join(sorted(taken))}")
        if self._loaded is None or self._loaded() is not history:
            self._loaded, self._contained = weakref.ref(history), None
            self._is_archive_due = history.count_archived > 0
        is_stale = self._clone is not None and self._clone.tip != self._contained
        clone = self._clone or self._fetch()
        trial = Trial(self._patience)
        while True:
            try:
                if is_stale:
                    clone.fetch()
                    self._check(clone)
                self._push(clone, history, attachments)
            except LocationError as error:
                trial.wait(error)
                is_stale = True
            else:
                self.attempts = trial.attempts + 1
                return self._receipt(clone.tip or "", names, history)

    def probe(self) -> None:
        """Ask the host whether it would take a push; see `Location`. A rule about a branch shows at a push alone."""
        self._require_writable()
        (self._clone or self._fetch()).probe()

    def _require_writable(self) -> None:
        """Raises `ReadOnlyError` where it is meant to be read alone, `LocationError` for a token that can't be one."""
        if self._read_only_reason is not None:
            raise ReadOnlyError(self._read_only_reason)
        if self._token_problem is not None:
            raise LocationError(self._token_problem)

    def close(self) -> None:
        """Remove the temporary files; they go at the end of the process anyway."""
        if self._clone is not None:
            self._clone.close()
            self._clone = None

    def _fetch(self) -> GitClone:
        if self._clone is None:
            self._clone = GitClone(self.remote, self._token, self._patience.step_seconds)
        trial = Trial(self._patience)
        while True:
            try:
                self._clone.fetch()
                self._check(self._clone)
            except LocationError as error:
                trial.wait(error)
            else:
                self.attempts = trial.attempts + 1
                return self._clone

    def _push(self, clone: GitClone, history: History, attachments: Mapping[str, bytes]) -> None:
        self._merge(clone, history)
        files = {self.file_name: clone.folder / "ours.csv"}
        # Due until a push has taken it: an earlier attempt may have moved the rows.
        if history.archive_old() or self._is_archive_due:
            self._is_archive_due = True
            files[self._archive_name] = clone.folder / "ours.archive.csv"
            write_copy(history.write_archive, files[self._archive_name])
        write_copy(history.write_csv, files[self.file_name])
        for index, (name, content) in enumerate(attachments.items()):
            files[name] = clone.folder / f"attachment-{index}"
            _write(files[name], content)
        self._record(clone, files, _message(history))
        self._contained, self._is_archive_due = clone.tip, False

    def _check(self, clone: GitClone) -> None:
        """Look at what was fetched. Raises `LocationError` where it is not a place for a history."""

    def _record(self, clone: GitClone, files: dict[str, Path], message: str) -> None:
        """Push the files in one commit, unless they are there already. `message` is one line."""
        revision = clone.commit(files, f"{message}\n")
        if revision is not None:
            clone.push(revision)

    def _merge(self, clone: GitClone, history: History) -> None:
        if clone.tip == self._contained:
            return
        try:
            with self._downloaded(clone) as (path, archive):
                if path is not None:
                    history.merge(path)
                if archive is not None:
                    history.merge_archive(archive)
                elif history.count_archived:
                    self._is_archive_due = True
        except LocationError:
            raise
        except HistoryError as error:
            raise LocationError(f"{error}; the file is left as it is: mend or rename it") from error
        self._contained = clone.tip

    @contextmanager
    def _downloaded(self, clone: GitClone) -> Iterator[tuple[Path | None, Path | None]]:
        """The CSV and its archive as files for so long, `None` for what is not there; errors name the host."""
        names = {
            clone.folder / "theirs.csv": self.file_name,
            clone.folder / "theirs.archive.csv": self._archive_name,
        }
        try:
            path, archive = (file if clone.read(name, file) else None for file, name in names.items())
            yield path, archive
        except HistoryError as error:
            text = str(error)
            for file, name in names.items():
                text = text.replace(f"{file}: ", f"{self.remote.named}: {name}: ")
            if text == str(error):
                raise
            raise type(error)(text) from error
        finally:
            for file in names:
                file.unlink(missing_ok=True)

    def _receipt(self, revision: str, names: list[str], history: History) -> Receipt:
        return Receipt(
            count_rows=history.count_rows,
            count_archived=history.count_archived,
            revision=revision,
            revision_url=self.remote.revision_url(revision),
            attachment_urls={name: self.remote.raw_url(revision, name) for name in names},
        )


def _plain(name: str) -> str:
    if not _PLAIN_NAME.fullmatch(name):
        raise LocationError(
            f"{name!r} can't be the name of an attachment: wanted a plain name such as chart.svg"
        )
    return name


def _problem_of(token: str | None, name: str) -> str | None:
    if any(character.isspace() or not character.isprintable() for character in token or ""):
        return f"{name} holds a blank, a line break or another character that no token has: store the token alone"
    return None


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise LocationError(f"{path.parent}: can't be written: {error.strerror or error}") from error


def _message(history: History) -> str:
    """Names the commit that the history is about; for a history about none, the newest one in it."""
    settings = history.settings
    repository, commit_sha = settings.repository, settings.commit_sha
    if commit_sha is None:
        newest = history.connection.execute(
            "select repository, commit_sha from commits order by recorded_at desc nulls last limit 1"
        ).fetchall()
        repository, commit_sha = newest[0] if newest else (None, None)
    what = f"commit {commit_sha[:12]}" if commit_sha else "the history"
    where = f" of {repository}" if repository else ""
    return " ".join(f"Record {what}{where}".split())
