"""The cause of a training: which of the changed files the model depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .changed_files import ChangedFiles
from .dvc import changed_data, is_pointer
from .inputs import ModelInputs
from .paths import is_noise

NOTHING = "the model does not depend on it"


@dataclass(frozen=True)
class FileReason:
    """What one changed file means for the model."""

    path: str
    role: str
    """`Data`, `Script`, or '' for a file that does not matter."""
    reason: str


@dataclass(frozen=True)
class Cause:
    """Why there is something to train, or that there is not."""

    kind: str
    """`Data`, `Script`, `Both`, or '' for none."""
    files: tuple[FileReason, ...]

    @property
    def changed_inputs(self) -> tuple[str, ...]:
        """The paths that made the cause."""
        return tuple(each.path for each in self.files if each.role)


def find_cause(root: Path, changed: ChangedFiles, inputs: ModelInputs) -> Cause:
    """The cause, with the reason for each changed file, in the order of their paths."""
    files = tuple(_reason(root, path, changed, inputs) for path in changed.paths)
    roles = {each.role for each in files} - {""}
    return Cause("Both" if len(roles) == 2 else next(iter(roles), ""), files)


def _reason(root: Path, path: str, changed: ChangedFiles, inputs: ModelInputs) -> FileReason:
    if is_noise(path):
        return FileReason(path, "", "left behind by a file manager")
    # A folder of data may hold Python files, and they are code all the same only if they are named as such.
    found = inputs.find(path, "Script") or inputs.find(path, "Data")
    if found is not None:
        return FileReason(path, found.role, found.reason)
    if is_pointer(path):
        return _of_pointer(path, changed_data(root, path, changed.base, changed.head), inputs)
    return FileReason(path, "", NOTHING)


def _of_pointer(path: str, pointed: Sequence[str], inputs: ModelInputs) -> FileReason:
    for data in pointed:
        found = inputs.find(data, "Data") or inputs.covers(data)
        if found is not None:
            return FileReason(path, "Data", f"points to {data}: {found.reason}")
    return FileReason(path, "", f"points to data, and {NOTHING}" if pointed else NOTHING)
