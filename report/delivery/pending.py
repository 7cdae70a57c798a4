"""The row of a run that the history does not have yet: on disk as soon as it is known, so that nothing loses it.

It leaves when it is recorded. What stays can be taken in at any time, `merge` does so exactly once.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ...history.cell_texts import row_as_csv
from .publishing import OWN_FOLDER, make_folder

FOLDER = "pending"


class PendingRow:
    """The row's file, in the first place with room: the output folder, the one for temporary files, the checkout."""

    def __init__(self, output: Path, root: Path) -> None:
        self._output = output
        self._root = root
        self.path: Path | None = None
        """Where the row is; None where no place could take it."""
        self.content = b""
        """The CSV of the row, which goes into the report where no place could take it."""

    def keep(self, row: Mapping[str, object]) -> None:
        """Write the row; a row that was kept before is replaced by it as a whole or not at all."""
        self.content = row_as_csv(row)
        if self.path is not None:
            with contextlib.suppress(OSError):
                _replace(self.path, self.content)
                return
        before = self.path
        self.path = self._write_anew(_name(row)) or before

    def remove(self) -> None:
        """The row is recorded: its file goes, and the folder, if it holds no other."""
        if self.path is None:
            return
        with contextlib.suppress(OSError):
            self.path.unlink()
            self.path.parent.rmdir()
        self.path = None

    def how_to_take_in(self) -> str:
        """The sentence that tells where the row is, and the command that adds it to the history."""
        if self.path is None:
            return (
                "No folder has room for the row of this run: it stands at the end of this report, as a CSV."
            )
        name = self.path
        if self.path.is_relative_to(self._output):
            name = self.path.relative_to(self._output)
            where = f"`{name}` of the output folder (in GitHub Actions an artifact of the run)"
        else:
            where = f"`{name}`, as the output folder can't take it"
        return f"The row of this run is kept in {where}; `devops-mlops-report merge {name}` takes it in."

    def _write_anew(self, name: str) -> Path | None:
        for make in (self._in_output, self._in_temporary, self._in_checkout):
            try:
                return _write_exclusively(make(), name, self.content)
            except OSError:
                # No room, no permission: the next place; how_to_take_in says where the row is in the end.
                continue
        return None

    def _in_output(self) -> Path:
        return make_folder(self._output / FOLDER, self._root)

    def _in_temporary(self) -> Path:
        # A name that nobody can guess, so that nobody has put anything there.
        return Path(tempfile.mkdtemp(prefix="devops-mlops-report-pending-"))

    def _in_checkout(self) -> Path:
        return make_folder(self._root / OWN_FOLDER / FOLDER, self._root)


def _name(row: Mapping[str, object]) -> str:
    parts = [
        *filter(None, [row["report"]]),
        str(row["commit_sha"])[:12],
        str(row["workflow_run_id"] or "local")[:80],
        str(row["run_attempt"] or 1)[:20],
    ]
    return re.sub(r"[^A-Za-z0-9.-]", "_", "-".join(map(str, parts)))


def _write_exclusively(folder: Path, name: str, content: bytes) -> Path:
    """A new file, beside those of other runs that have the same name. Raises `OSError`, and then there is none."""
    number = 1
    while True:
        path = folder / (f"{name}.csv" if number == 1 else f"{name}-{number}.csv")
        try:
            with path.open("xb") as file:
                _fill(file.fileno(), content)
            return path
        except FileExistsError:
            number += 1
        except OSError:
            path.unlink(missing_ok=True)
            raise


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.new")
    try:
        with beside.open("wb") as file:
            _fill(file.fileno(), content)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _fill(descriptor: int, content: bytes) -> None:
    """All of it, on the disk: a full one may tell only then."""
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    os.fsync(descriptor)
