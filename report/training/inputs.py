"""What a model depends on: the scripts and the data that count, and who says so."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..config import ProjectSection
from ..facts.git_command import run_git
from .local_imports import local_imports
from .mlproject import FILE_NAME, PIPELINE, ProjectFile, read_mlproject, read_pipeline
from .paths import candidates, is_glob, matches

FILES_AT_MOST = 1000


@dataclass(frozen=True)
class Input:
    """One file, folder or glob that the model depends on."""

    pattern: str
    """From the repository's root."""
    role: str
    """`Data` or `Script`."""
    reason: str


@dataclass(frozen=True)
class ModelInputs:
    """Everything that the model depends on; empty when there is nothing to train."""

    inputs: tuple[Input, ...] = ()
    project_folder: str | None = None
    """The folder of the `MLproject`, from the root ('' for the root itself); None without one."""
    project: ProjectFile | None = None
    notices: tuple[str, ...] = ()

    def find(self, path: str, role: str | None = None) -> Input | None:
        """The first input that a path belongs to; a script before data."""
        return next(
            (each for each in self.inputs if role in (None, each.role) and matches(each.pattern, path)), None
        )

    def covers(self, folder: str) -> Input | None:
        """The first data input that lies within a folder: DVC may track the folder, the config name a file."""
        return next(
            (each for each in self.inputs if each.role == "Data" and matches(folder, each.pattern)), None
        )


def names_a_training(root: Path, project: ProjectSection) -> bool:
    """True where the config, an `MLproject` or GoMLOps' pipeline may name inputs, whether or not they are there."""
    workdir = _workdir(project)
    folder, mlproject = _mlproject(root, workdir)
    named = project.train_script or project.data_paths or mlproject
    return bool(named) or read_pipeline(root / (workdir if folder is None else folder)) is not None


def read_inputs(
    root: Path, project: ProjectSection, changed: Sequence[str], names: Sequence[str]
) -> ModelInputs:
    """What counts at this commit. `changed` are paths that may be gone; `names` the repository's names.

    The config's `train_script` and `data_paths` go first; what it leaves open is told by the `MLproject` (of the
    work directory, else of the root) and by GoMLOps' pipeline. Runs nothing of theirs.
    """
    workdir = _workdir(project)
    folder, mlproject = _mlproject(root, workdir)
    pipeline = read_pipeline(root / (workdir if folder is None else folder))
    gone = set(changed)

    def exists(path: str) -> bool:
        return path in gone or (root / path).is_file()

    def resolve(path: str) -> list[str]:
        found = candidates(path, root, workdir, names)
        there = [each for each in found if is_glob(each) or (root / each).exists() or each in gone]
        return there[:1] if there and not is_glob(there[0]) else there or found

    told = [
        (f"named by `{name}`", file)
        for name, file in ((FILE_NAME, mlproject), (PIPELINE, pipeline))
        if file is not None
    ]
    scripts = [(path, f"`project.train_script` names {path}") for path in project.train_script]
    scripts = scripts or [(path, why) for why, file in told for path in file.scripts]
    data = [(path, f"`project.data_paths` names {path}") for path in project.data_paths]
    data = data or [(path, why) for why, file in told for path in file.data]
    inputs = [Input(path, "Script", why) for named, why in scripts for path in resolve(named)]
    inputs += [Input(path, "Data", why) for named, why in data for path in resolve(named)]
    if mlproject is not None and folder is not None and not project.train_script:
        named_files = (FILE_NAME, *mlproject.environment_files)
        inputs += [
            Input(path, "Script", f"the project's `{name}`")
            for name in named_files
            for path in candidates(name, root, folder, names)[:1]
        ]
    inputs += _imported(root, workdir, inputs, exists)
    notices = [notice for _, file in told for notice in file.notices]
    return ModelInputs(tuple(dict.fromkeys(inputs)), folder, mlproject, tuple(notices))


def _workdir(project: ProjectSection) -> str:
    workdir = posixpath.normpath(project.workdir or ".").lstrip("/")
    return "" if workdir == "." else workdir


def _mlproject(root: Path, workdir: str) -> tuple[str | None, ProjectFile | None]:
    for folder in dict.fromkeys((workdir, "")):
        found = read_mlproject(root / folder)
        if found is not None:
            return folder, found
    return None, None


def _imported(
    root: Path, workdir: str, inputs: Sequence[Input], exists: Callable[[str], bool]
) -> list[Input]:
    folders = tuple(dict.fromkeys((workdir, "")))
    found: dict[str, Input] = {}
    patterns = [each.pattern for each in inputs if each.role == "Script"]
    for script in dict.fromkeys(file for pattern in patterns for file in python_files(root, pattern)):
        for module, importer in local_imports(script, root, folders, exists).items():
            found.setdefault(module, Input(module, "Script", f"imported by {importer}"))
    return list(found.values())


def python_files(root: Path, pattern: str) -> list[str]:
    """The Python files that a file's path, a folder or a glob stands for, from the root, sorted."""
    if not is_glob(pattern) and not (root / pattern).is_dir():
        return [pattern] if pattern.endswith(".py") else []
    tracked = run_git(root, "ls-files", "-z", "--", "*.py").split("\0")
    return sorted(path for path in tracked if path and matches(pattern, path))[:FILES_AT_MOST]
