"""The cause of a training: which of the changed files the model depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .changed_files import ChangedFiles
from .dvc import changed_data, is_pointer
from .inputs import ModelInputs
from .named_files import named_files
from .paths import is_noise

NOTHING = "the model does not depend on it"
SHOWN_FILES = 3


@dataclass(frozen=True)
class FileReason:
    """What one changed file means for the model."""

    path: str
    role: str
    """`Data`, `Script`, or '' for a file that does not matter."""
    reason: str
    named_by: str = ""
    """The script or module that names the file, where nothing declares it."""


@dataclass(frozen=True)
class Cause:
    """Why there is something to train, or that there is not."""

    kind: str
    """`Data`, `Script`, `Both`, or '' for none."""
    files: tuple[FileReason, ...]
    unknown: str = ""
    """Why the cause can't be told; then `kind` says nothing."""

    @property
    def changed_inputs(self) -> tuple[str, ...]:
        """The paths that made the cause."""
        return tuple(each.path for each in self.files if each.role)

    @property
    def undeclared(self) -> tuple[FileReason, ...]:
        """The files that the model's code names and nothing declares: no cause, though it may depend on them."""
        return tuple(each for each in self.files if each.named_by)


def tell_undeclared(cause: Cause) -> list[str]:
    """Sentences on the changed files that code of the model names and nothing declares, with the key to add them to."""
    by_key: dict[str, list[FileReason]] = {}
    for file in cause.undeclared:
        by_key.setdefault(key_for(file.path), []).append(file)
    sentences = []
    for key, files in by_key.items():
        shown = ", ".join(f"`{file.path}`" for file in files[:SHOWN_FILES])
        more = f" and {len(files) - SHOWN_FILES} more" if len(files) > SHOWN_FILES else ""
        them = "it" if len(files) == 1 else "them"
        sentences.append(
            f"{shown}{more} changed, and `{files[0].named_by}` names {them}, but nothing declares {them}: add {them} "
            f"to `{key}`, so that such a change is a reason to train."
        )
    return sentences


def find_cause(root: Path, changed: ChangedFiles, inputs: ModelInputs, names: Sequence[str] = ()) -> Cause:
    """The cause, with the reason for each changed file, in the order of their paths; `names` are the repository's."""
    files = [_reason(root, path, changed, inputs) for path in changed.paths]
    roles = {each.role for each in files} - {""}
    unknown = {each.path for each in files if each.reason == NOTHING}
    named = named_files(root, inputs.modules, unknown, inputs.folder, names) if unknown else {}
    return Cause(
        "Both" if len(roles) == 2 else next(iter(roles), ""),
        tuple(_named_by(each, named[each.path]) if each.path in named else each for each in files),
    )


def _named_by(file: FileReason, module: str) -> FileReason:
    key = key_for(file.path)
    return replace(file, reason=f"{module} names it, and `{key}` does not", named_by=module)


def key_for(path: str) -> str:
    """The config's key that declares such a file."""
    return "project.train_script" if path.endswith(".py") else "project.data_paths"


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
