"""Where a finished summary goes: the job's page in GitHub Actions, files, and the terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ..errors import ReportError
from ..redaction import Redaction

OWN_FOLDER = ".devops-mlops-report"
"""The output folder's name where the command line gives none."""

OUTPUT_NAMES = (
    ".gitignore",
    "badge.json",
    "chart-dark.svg",
    "chart.png",
    "chart.svg",
    "pending",
    "summary.md",
)
"""What a report writes into the output folder."""

_IGNORE_ALL = "# Made by devops-mlops-report; remove this file to commit what is here.\n*\n"


def publish_summary(summary: str, environment: Mapping[str, str]) -> bool:
    """Append the summary to the page of the job; False outside of GitHub Actions.

    Source: GitHub, "Workflow commands", adding a job summary.
    """
    path = environment.get("GITHUB_STEP_SUMMARY")
    if not path:
        return False
    try:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(Redaction.of(environment).text(summary))
    except OSError as error:
        raise ReportError(f"GITHUB_STEP_SUMMARY: can't be written: {error.strerror or error}") from error
    return True


def write_file(folder: Path, name: str, content: bytes) -> None:
    """Write one file of the output folder. Raises `ReportError`."""
    path = folder / name
    try:
        make_folder(path.parent)
        path.write_bytes(content)
    except OSError as error:
        raise ReportError(f"{path}: can't be written: {error.strerror or error}") from error


def make_folder(folder: Path) -> Path:
    """Make a folder for output, and return it. One of our own keeps itself out of the repository.

    Raises `OSError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    own = next((each for each in (folder, *folder.parents) if each.name == OWN_FOLDER), None)
    if own is not None and not (own / ".gitignore").exists():
        (own / ".gitignore").write_text(_IGNORE_ALL, encoding="utf-8")
    return folder


def annotation(level: str, title: str, message: str) -> str:
    """A line for the runner that shows a message beside the run: `notice`, `warning` or `error`.

    Source: GitHub, "Workflow commands", and the runner's own unescaping in actions/toolkit.
    """
    return f"::{level} title={_property(title)}::{_data(message)}"


def harmless(text: str) -> str:
    """Text from outside for stdout: one line, in which the runner finds no command.

    The runner takes `::command::` at a line's start, and `##[command]` wherever it stands.
    """
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).split())
    return line.replace("::", ": :").replace("##[", "## [")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").replace("##[", "## [")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
