"""Where a finished summary goes: the job's page in GitHub Actions, files, and the terminal."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from ..errors import ReportError
from ..redaction import Redaction

OWN_FOLDER = ".devops-mlops-report"
"""The output folder's name where the command line gives none."""

OUTPUT_NAMES = (
    ".gitignore",
    "badge.json",
    "badge.svg",
    "chart-dark.svg",
    "chart.png",
    "chart.svg",
    "pending",
    "summary.md",
)
"""What a report writes into the output folder."""

_TEXTS = (".json", ".md", ".svg")
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


def write_file(folder: Path, name: str, content: bytes, root: Path, *, is_text: bool | None = None) -> None:
    """Write one file of the output folder of a report on the checkout at `root`, a text without secrets.

    `is_text`: else its name tells. Raises `ReportError`.
    """
    path = folder / name
    if path.suffix in _TEXTS if is_text is None else is_text:
        content = Redaction.of(os.environ).text(content.decode()).encode()
    try:
        make_folder(path.parent, root)
        _refuse_link(path, root)
        path.write_bytes(content)
    except OSError as error:
        raise ReportError(f"{path}: can't be written: {error.strerror or error}") from error


def make_folder(folder: Path, root: Path) -> Path:
    """Make a folder for output, and return it. One of our own keeps itself out of the repository.

    Raises `OSError`, also where a link of the checkout at `root` would lead the output elsewhere.
    """
    _refuse_link(folder, root)
    folder.mkdir(parents=True, exist_ok=True)
    own = next((each for each in (folder, *folder.parents) if each.name == OWN_FOLDER), None)
    if own is not None and not (own / ".gitignore").exists():
        _refuse_link(own / ".gitignore", root)
        (own / ".gitignore").write_text(_IGNORE_ALL, encoding="utf-8")
    return folder


def _refuse_link(path: Path, root: Path) -> None:
    if (link := linked_part(path, root)) is not None:
        raise OSError(errno.ELOOP, f"{link} is a symbolic link within the checkout, which is not followed")


def linked_part(path: Path, root: Path) -> Path | None:
    """The first part of `path`, within the checkout that `root` belongs to, that is a symbolic link; None without one.

    A commit may hold links that lead anywhere: what is written must not follow them.
    """
    top = _top(root)
    within: list[Path] = []
    for each in (path.absolute(), *path.absolute().parents):
        if each.exists() and each.samefile(top):
            return next((part for part in reversed(within) if part.is_symlink()), None)
        within.append(each)
    return None


def _top(root: Path) -> Path:
    """The folder of the whole checkout, where `root` is a part of it."""
    real = root.resolve()
    return next((each for each in (real, *real.parents) if (each / ".git").exists()), real)
