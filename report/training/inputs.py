"""What a model depends on: the scripts and the data that count, and who says so."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from ...history.late_dataclass import dataclass
from ..config import ProjectSection
from ..facts.git import run_git
from .declared_inputs import FILE_NAME, PIPELINE, ProjectFile, read_mlproject, read_pipeline
from .model_code import LocalModules
from .paths import candidates, is_glob, matches, may_lie_in

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
    modules: tuple[str, ...] = ()
    """The Python files among the scripts, and those that they import."""
    folder: str = ""
    """Where the training runs, from the root."""
    notices: tuple[str, ...] = ()

    @property
    def has_data(self) -> bool:
        """Data is declared: then a file that is not is known to be none."""
        return any(each.role == "Data" for each in self.inputs)

    def find(self, path: str, role: str) -> Input | None:
        """The first input of a role that a path belongs to."""
        exact, globs = self._by_pattern
        found = [at for place in _with_folders(path) for at in exact.get((role, place), ())]
        found += [
            at for at in globs if self.inputs[at].role == role and matches(self.inputs[at].pattern, path)
        ]
        return self.inputs[min(found)] if found else None

    @cached_property
    def _by_pattern(self) -> tuple[dict[tuple[str, str], list[int]], list[int]]:
        """Role and path -> places in `inputs`; and the places of globs, which are tried one by one."""
        exact: dict[tuple[str, str], list[int]] = {}
        globs: list[int] = []
        for at, each in enumerate(self.inputs):
            if is_glob(each.pattern):
                globs.append(at)
            else:
                exact.setdefault((each.role, each.pattern.rstrip("/")), []).append(at)
        return exact, globs

    def covers(self, folder: str) -> Input | None:
        """The first data input that lies within a folder: DVC may track the folder, the config name a file."""
        return next(
            (each for each in self.inputs if each.role == "Data" and may_lie_in(each.pattern, folder)), None
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
    told = [
        (f"named by `{name}`", file)
        for name, file in ((FILE_NAME, mlproject), (PIPELINE, pipeline))
        if file is not None
    ]
    inputs: list[Input] = []
    for role, named in (("Script", _scripts(project, told)), ("Data", _data(project, told))):
        for path, why in named:
            found = _there(root, candidates(path, root, workdir, names), gone)
            inputs += [Input(each, role, why) for each in found]
    if mlproject is not None and folder is not None and not project.train_script:
        for name in (FILE_NAME, *mlproject.environment_files):
            found = candidates(name, root, folder, names)[:1]
            inputs += [Input(each, "Script", f"the project's `{name}`") for each in found]
    modules, imported = _modules(root, workdir, inputs, gone)
    notices = tuple(notice for _, file in told for notice in file.notices)
    runs_in = workdir if project.train_script or folder is None else folder
    return ModelInputs(tuple(dict.fromkeys(inputs + imported)), folder, mlproject, modules, runs_in, notices)


def _scripts(project: ProjectSection, told: Sequence[tuple[str, ProjectFile]]) -> list[tuple[str, str]]:
    """The scripts as they are written, with who names them."""
    own = [(path, f"`project.train_script` names {path}") for path in project.train_script]
    return own or [(path, why) for why, file in told for path in file.scripts]


def _data(project: ProjectSection, told: Sequence[tuple[str, ProjectFile]]) -> list[tuple[str, str]]:
    own = [(path, f"`project.data_paths` names {path}") for path in project.data_paths]
    return own or [(path, why) for why, file in told for path in file.data]


def _there(root: Path, found: list[str], gone: Collection[str]) -> list[str]:
    """Of the paths that one may stand for, the first that is there, and every glob; all where none is."""
    there = [each for each in found if is_glob(each) or (root / each).exists() or each in gone]
    return there[:1] if there and not is_glob(there[0]) else there or found


def _modules(
    root: Path, workdir: str, inputs: Sequence[Input], gone: Collection[str]
) -> tuple[tuple[str, ...], list[Input]]:
    """The Python files among the scripts with those that they import; and the latter as inputs."""
    patterns = dict.fromkeys(each.pattern for each in inputs if each.role == "Script")
    if not patterns:
        return (), []
    files = _tracked_python(root)
    scripts = dict.fromkeys(file for each in patterns for file in _stands_for(root, each, files))
    modules = LocalModules(root, {*files, *gone}, tuple(dict.fromkeys((workdir, ""))))
    importers = modules.imported_by(scripts)
    imported = [Input(module, "Script", f"imported by {by}") for module, by in importers.items()]
    return tuple(dict.fromkeys((*scripts, *importers))), imported


def _workdir(project: ProjectSection) -> str:
    workdir = posixpath.normpath(project.workdir or ".").lstrip("/")
    return "" if workdir == "." else workdir


def _mlproject(root: Path, workdir: str) -> tuple[str | None, ProjectFile | None]:
    for folder in dict.fromkeys((workdir, "")):
        found = read_mlproject(root / folder)
        if found is not None:
            return folder, found
    return None, None


def python_files(root: Path, pattern: str) -> list[str]:
    """The Python files that a file's path, a folder or a glob stands for, from the root, sorted."""
    return _stands_for(root, pattern, _tracked_python(root))


def _stands_for(root: Path, pattern: str, files: Sequence[str]) -> list[str]:
    if not is_glob(pattern) and not (root / pattern).is_dir():
        return [pattern] if pattern.endswith(".py") else []
    return [path for path in files if matches(pattern, path)][:FILES_AT_MOST]


def _tracked_python(root: Path) -> list[str]:
    return sorted(filter(None, run_git(root, "ls-files", "-z", "--", "*.py").split("\0")))


def _with_folders(path: str) -> Iterator[str]:
    """The path, and every folder that it lies in."""
    while path:
        yield path
        path = posixpath.dirname(path)
