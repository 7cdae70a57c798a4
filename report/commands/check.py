"""`devops-mlops-report check`: is all there that a report needs."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ...history import HistoryError
from ...history.stores import Location, UnknownLocation
from ..checking import Finding, Subject
from ..checking import check as findings_of
from ..config import Config, load_config
from ..delivery.printing import say
from ..errors import ConfigError, ExitCode
from ..facts.ci import read_ci
from .places import find_location, history_options, name_option

_SIGNS = {"ok": "ok      ", "notice": "notice  ", "problem": "PROBLEM "}


@click.command()
@history_options
@name_option
def check(config: Path | None, repo: Path, history: str | None, name: str | None) -> int:
    """Look at all that a report needs, and say how to mend what is missing; nothing is written.

    The config; the clone's depth; whether the history can be read and, tried without writing, written; the highlight
    metric; the MLflow server and its registry, where the config names them; the job's permissions in the workflows of
    the checkout. It ends with 1 when there is a problem.

    \b
    Examples:
      devops-mlops-report check
      HISTORY_TOKEN=$(gh auth token) devops-mlops-report check
    """
    try:
        loaded = load_config(config, root=repo, is_trusted=not read_ci(os.environ).untrusted).renamed(name)
    except ConfigError as error:
        _show(Finding("config", "problem", str(error), "mend the file; all else depends on it"))
        return ExitCode.ERROR
    count = 0
    for finding in findings_of(Subject(loaded, repo, _location(history, loaded, repo), os.environ)):
        _show(finding)
        count += finding.state == "problem"
    say(f"{count or 'no'} problem{'' if count == 1 else 's'}\n")
    return ExitCode.ERROR if count else ExitCode.REPORTED


def _location(history: str | None, config: Config, root: Path) -> Location:
    try:
        return find_location(history, config, root)
    except HistoryError as error:
        return UnknownLocation(str(error))


def _show(finding: Finding) -> None:
    remedy = f"\n{'':20}→ {finding.remedy}" if finding.remedy else ""
    say(f"{_SIGNS[finding.state]}{finding.subject:<12}{finding.text}{remedy}\n")
