"""How a training is started: its command, its folder, its environment."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from ...history.late_dataclass import dataclass
from ..config import ProjectSection
from ..errors import ReportError
from ..mlflow_client.address import TrackingAddress
from ..redaction import without_withheld
from .inputs import ModelInputs, python_files

# What `mlflow run . --env-manager local` does, without the import of all of MLflow's commands: half of its CPU time.
# The folder of the project is taken off the path, so that none of its modules stands in for one of MLflow's.
_RUN_PROJECT = """
import sys
sys.path[:] = [folder for folder in sys.path if folder]
import json
from mlflow import projects
from mlflow.exceptions import ExecutionException
try:
    projects.run(".", env_manager="local", synchronous=True, **json.loads(sys.argv[1]))
except ExecutionException as error:
    sys.exit(f"=== {error} ===")
"""


class StartError(ReportError):
    """A training can't be started as it is configured; the text is a sentence's end."""


@dataclass(frozen=True)
class Start:
    """What is started."""

    command: tuple[str, ...]
    folder: Path
    shown: str
    """The script, or `MLproject`, for people."""
    is_mlflow_project: bool
    params: Mapping[str, str]
    """Params that MLflow Projects would have logged, had it made the run."""


def plan_start(root: Path, project: ProjectSection, inputs: ModelInputs) -> Start | None:
    """The config's script, else the `MLproject`; None when there is neither. Raises `StartError`."""
    folder = root / project.workdir
    if project.train_script:
        python = find_python(root, project)
        script = project.train_script[0]
        path = _entry(root, folder, script, inputs)
        start = (python,) if path.suffix == ".py" else ()
        name = os.path.relpath(path, folder)
        command = (*start, name if start else str(path.resolve()), *project.train_args)
        return Start(command, folder, script, is_mlflow_project=False, params={})
    if inputs.project is None or inputs.project_folder is None:
        return None
    given = _project_params(project.train_args)
    options = {"entry_point": inputs.project.entry_point, "parameters": given}
    return Start(
        (find_python(root, project), "-c", _RUN_PROJECT, json.dumps(options)),
        root / inputs.project_folder,
        "MLproject",
        is_mlflow_project=True,
        params={**inputs.project.defaults, **given},
    )


def _entry(root: Path, folder: Path, script: str, inputs: ModelInputs) -> Path:
    """The file that the first of `project.train_script` names."""
    path = next((place / script for place in (folder, root) if (place / script).is_file()), None)
    if path is not None:
        return path
    # As the cause has it: a path like `../<repository>/x`, or a glob.
    named = next((each.pattern for each in inputs.inputs if each.role == "Script"), "")
    if (root / named).is_file():
        return root / named
    files = python_files(root, named) if named else []
    if len(files) > 1:
        raise StartError(
            f"`project.train_script` begins with {script}, which is {len(files)} files: put the one to start first"
        )
    if not files or not (root / files[0]).is_file():
        raise StartError(f"`project.train_script` names {script}, which is not there")
    return root / files[0]


def with_run(start: Start, run_id: str, experiment_id: str) -> tuple[str, ...]:
    """The command that uses a run which is there: MLflow Projects takes it as an option."""
    if not start.is_mlflow_project:
        return start.command
    *command, options = start.command
    return (*command, json.dumps({**json.loads(options), "run_id": run_id, "experiment_id": experiment_id}))


def find_python(root: Path, project: ProjectSection) -> str:
    """The adopter's interpreter. Raises `StartError` where it is not there."""
    named = project.python
    if named is None:
        found = shutil.which("python") or shutil.which("python3")
        if found is None:
            raise StartError("there is no `python` on PATH: name one in `project.python`")
        return found
    if "/" in named or "\\" in named:
        path = (root / Path(named).expanduser()).absolute()
        if not path.is_file():
            raise StartError(f"`project.python` names {named}, which is not there")
        return str(path)
    found = shutil.which(named)
    if found is None:
        raise StartError(f"`project.python` names {named}, which is not on PATH")
    return found


def python_if_there(root: Path, project: ProjectSection) -> str | None:
    """The adopter's interpreter; None where it is not there."""
    try:
        return find_python(root, project)
    except StartError:
        return None


def child_environment(
    environment: Mapping[str, str],
    address: TrackingAddress,
    python: str,
    tags: Mapping[str, str],
    *,
    run_id: str | None,
    experiment_id: str | None,
    experiment_name: str | None,
) -> dict[str, str]:
    """Our environment without the secrets that a training has no use for, and with what ties its runs to the commit.

    `tags` go to every run that the training starts itself, by MLFLOW_RUN_CONTEXT.
    """
    child = without_withheld(environment)
    for name in ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "MLFLOW_TRACKING_URI"):
        child.pop(name, None)
    if address.uri:
        child["MLFLOW_TRACKING_URI"] = address.uri
    child |= address.credentials.variables
    try:
        context = json.loads(environment.get("MLFLOW_RUN_CONTEXT") or "{}")
    except ValueError:
        context = {}
    context = context if isinstance(context, dict) else {}
    child["MLFLOW_RUN_CONTEXT"] = json.dumps({**context, **tags})
    if run_id:
        child["MLFLOW_RUN_ID"] = run_id
    if experiment_id:
        child["MLFLOW_EXPERIMENT_ID"] = experiment_id
        child.pop("MLFLOW_EXPERIMENT_NAME", None)
    elif experiment_name:
        child["MLFLOW_EXPERIMENT_NAME"] = experiment_name
    child["PYTHONUNBUFFERED"] = "1"
    # MLflow's own default is minutes for each call to a server that went away.
    child.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    # A project's commands say `python`: that is the same interpreter.
    if os.sep in python:
        child["PATH"] = os.pathsep.join([str(Path(python).parent), child.get("PATH", "")])
    return child


def _project_params(arguments: tuple[str, ...]) -> dict[str, str]:
    """`train_args` for MLflow Projects: `--name value`, `--name=value` and `name=value` are params."""
    params: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        name, equals, value = argument.removeprefix("-P").lstrip("-").partition("=")
        if equals:
            params[name] = value
        elif argument.startswith("--") and rest:
            params[name] = rest.pop(0)
        else:
            raise StartError(
                f"`project.train_args` has {argument!r}, which an MLproject can't take: wanted `name=value` pairs"
            )
    return params
