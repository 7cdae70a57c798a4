"""`devops-mlops-report model`: the registered model's versions, its alias, and models brought back."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ...history import History
from ..delivery.printing import give, give_answer, note, tell
from ..delivery.progress import progress, told_progress
from ..errors import ReportError
from ..mlflow_client.registered_model import RegisteredModel
from ..rendering.answer_tables import FORMATS, json_text
from ..training.cause import top_folder
from ..training.starting import python_if_there
from ..verdicts.answers import ask_question
from .places import FOLDER, Place, on_a_history

_WHICH = (
    click.option("--version", type=int, help="This version."),
    click.option("--alias", help="The version with this alias. Default: the config's alias."),
    click.option("--commit", metavar="SHA", help="The newest version of this commit (a prefix will do)."),
    click.option("--best", metavar="METRIC", help="The version with the best value in the history."),
)


def _registered_model(place: Place) -> RegisteredModel:
    """The config's, until the command ends."""
    python = python_if_there(top_folder(place.root), place.config.project)
    registered = RegisteredModel.of(place.config, os.environ, place.root, python)

    def end() -> None:
        registered.close()
        for notice in registered.tracking.session.notices:
            tell(notice)

    click.get_current_context().call_on_close(end)
    return registered


def _best_versions(history: History, name: str, metric: str) -> list[int]:
    """Versions of a model in the history, the best value of a metric first. Raises where it has no goal."""
    rows = ask_question(history, "versions_by_metric", model_name=name, metric=metric)
    if rows and rows[0]["goal"] is None:
        raise ReportError(f"{metric} has no goal, so no version is the best: set `metrics.{metric}.goal`")
    return [int(row["model_version"]) for row in rows if str(row["model_version"]).isdecimal()]


def _which(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that name one version; it gets them as one number, `chosen`."""

    @wraps(command)
    def with_version(
        place: Place,
        version: int | None,
        alias: str | None,
        commit: str | None,
        best: str | None,
        **others: Any,
    ) -> Any:
        given = [each for each in (version, alias, commit, best) if each is not None]
        if len(given) > 1:
            raise click.UsageError("give one of --version, --alias, --commit and --best")
        registered = _registered_model(place)
        versions = _best_versions(place.open(), registered.name, best) if best is not None else []
        with progress("asking the registry"):
            if version is not None:
                chosen = version
            elif commit is not None:
                chosen = registered.of_commit(commit)
            elif best is not None:
                chosen = registered.of_first(versions, best)
            else:
                chosen = registered.of_alias(alias or registered.alias)
        return command(registered=registered, chosen=chosen, **others)

    for option in reversed(_WHICH):
        with_version = option(with_version)
    return on_a_history(with_version)


@click.group()
def model() -> None:
    """The model registry of full mode (`registry` in the config).

    \b
    Examples:
      devops-mlops-report model list
      devops-mlops-report model pull --output model
    """


@model.command("list")
@click.option("--format", "style", type=click.Choice(FORMATS), default="table", show_default=True)
@on_a_history
def list_versions(place: Place, style: str) -> None:
    """List the versions, newest first: aliases, commit, branch, metric, run.

    \b
    Examples:
      devops-mlops-report model list --format markdown
    """
    registered = _registered_model(place)
    with progress("asking the registry"):
        names, rows = registered.listing()
    give_answer(names, rows, style)


@model.command()
@_which
def show(registered: RegisteredModel, chosen: int) -> None:
    """Show one version as JSON: commit, run, metrics, params, where its files are.

    \b
    Examples:
      devops-mlops-report model show
      devops-mlops-report model show --commit 4f2a91c
    """
    give(json_text(registered.details(chosen), is_sorted=True))


@model.command()
@_which
@click.option("--to", metavar="ALIAS", help="The alias that is moved. Default: the config's alias.")
def promote(registered: RegisteredModel, chosen: int, to: str | None) -> None:
    """Move the alias to a version by hand, whatever the gate would say.

    \b
    Examples:
      devops-mlops-report model promote --version 7
      devops-mlops-report model promote --best val_accuracy --to candidate
    """
    target = to or registered.alias
    before = registered.move(target, chosen)
    was = f" (it was version {before})" if before is not None else ""
    note(f"{registered.name}: {target} is version {chosen}{was}.")


@model.command()
@_which
@click.option("--output", type=FOLDER, default=Path("model"), show_default=True, help="The folder to make.")
def pull(registered: RegisteredModel, chosen: int, output: Path) -> None:
    """Download a version's model, whole or not at all, with a provenance.json and a model card (README.md).

    `mlflow.pyfunc.load_model` loads the folder.

    \b
    Examples:
      devops-mlops-report model pull --alias champion --output model
      devops-mlops-report model pull --best val_accuracy
    """
    with told_progress(f"downloading version {chosen}") as report:
        found = registered.pull(chosen, output, report)
    note(f"{output}: {registered.name} version {chosen}, {found['digest']}")
