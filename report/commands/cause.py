"""`devops-mlops-report cause`: would this commit be trained, and why."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from ..config import load_config
from ..delivery.publishing import harmless
from ..training.system_packages import system_packages
from ..training.why import explain
from .places import find_location, history_options


@click.command()
@history_options
@click.option(
    "--since", metavar="REVISION", help="Compare with this commit, instead of what history and CI run tell."
)
@click.option(
    "--format",
    "style",
    type=click.Choice(("text", "json", "outputs")),
    default="text",
    show_default=True,
    help="`outputs`: lines for $GITHUB_OUTPUT, with what a training would need.",
)
def cause(config: Path | None, repo: Path, history: str | None, since: str | None, style: str) -> None:
    """Tell the cause of a training: Data, Script, Both or none, with the reason for each changed file.

    The range is the pull request's, else what came since the last training that the history knows; where it knows
    none, the push's, else since the first parent. Nothing is trained.

    \b
    Examples:
      devops-mlops-report cause
      devops-mlops-report cause --since main --format json
    """
    loaded = load_config(config, root=repo)
    told = explain(repo, loaded, os.environ, find_location(history, loaded, repo), since)
    changed, found = told.changed, told.cause
    for notice in told.notices:
        click.echo(f"devops-mlops-report: {harmless(notice)}", err=True)
    if style == "json":
        files = [vars(each) for each in found.files]
        answer = {"cause": found.kind, "base": changed.base, "head": changed.head, "range": changed.reason}
        click.echo(json.dumps(answer | {"files": files}, indent=2, ensure_ascii=False))
        return
    if style == "outputs":
        click.echo(f"cause={found.kind}")
        click.echo(f"train={str(told.may_train and loaded.project.train).lower()}")
        click.echo(f"system-packages={' '.join(system_packages(loaded.project.system_deps))}")
        return
    click.echo(f"{found.kind or 'none'} ({changed.base[:7]}..{changed.head[:7]}, {changed.reason})")
    width = max((len(each.path) for each in found.files), default=0)
    for each in found.files:
        click.echo(harmless_columns(each.role or "-", each.path, each.reason, width))


def harmless_columns(role: str, path: str, reason: str, width: int) -> str:
    """One aligned line, in which a CI finds no command."""
    return f"  {role:<6}  {harmless(path):<{min(width, 80)}}  {harmless(reason)}"
