"""`devops-mlops-report cause`: would this commit be trained, and why."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click

from ..config import load_config
from ..delivery.printing import give, show_parts, tell
from ..facts.ci import read_ci
from ..rendering.answer_tables import Grid, json_text, plain
from ..training.cause import explain
from .places import find_location, history_options, name_option

PACKAGES = {
    "graphviz": ("graphviz",),
    "ffmpeg": ("ffmpeg",),
    "opencv_runtime": ("libgl1", "libglib2.0-0"),
    "poppler_utils": ("poppler-utils",),
    "tesseract": ("tesseract-ocr",),
    "build_essential": ("build-essential",),
}


def system_packages(names: Iterable[str]) -> tuple[str, ...]:
    """The packages of these names, each once, in order."""
    return tuple(dict.fromkeys(package for name in names for package in PACKAGES[name]))


@click.command()
@history_options
@name_option
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
def cause(
    config: Path | None, repo: Path, history: str | None, name: str | None, since: str | None, style: str
) -> None:
    """Tell the cause of a training: Data, Script, Both or none, with the reason for each changed file.

    The range is the pull request's, else what came since the last training that the history knows; where it knows
    none, the push's, else since the first parent. Nothing is trained.

    \b
    Examples:
      devops-mlops-report cause
      devops-mlops-report cause --since main --format json
    """
    loaded = load_config(config, root=repo, is_trusted=not read_ci(os.environ).untrusted).renamed(name)
    told = explain(repo, loaded, os.environ, lambda: find_location(history, loaded, repo), since)
    changed, found = told.changed, told.cause
    for notice in told.notices:
        tell(notice)
    if style == "json":
        files = [vars(each) for each in found.files]
        answer = {"cause": found.kind, "base": changed.base, "head": changed.head, "range": changed.reason}
        give(json_text(answer | {"files": files}))
        return
    if style == "outputs":
        give(
            f"cause={found.kind}\n"
            f"train={str(told.may_train and loaded.project.train).lower()}\n"
            f"system-packages={' '.join(system_packages(loaded.project.system_deps))}\n"
            f"report-name={loaded.report_name}\n"
            f"mlflow={str(told.may_ask_mlflow).lower()}\n"
        )
        return
    told_first = f"{found.kind or 'none'} ({changed.base[:7]}..{changed.head[:7]}, {changed.reason})"
    show_parts(
        [told_first, Grid([(each.role or "-", plain(each.path), plain(each.reason)) for each in found.files])]
    )
