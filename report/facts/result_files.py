"""The files in which tests and coverage tools leave their results: found by patterns, told apart by what they hold."""

from __future__ import annotations

import glob
import json
from collections.abc import Sequence
from pathlib import Path

from ...history.errors import UnusableFileError
from ...history.regular_files import open_regular, read_regular
from .ctrf import UnreadableCtrfError, read_ctrf
from .junit import read_junit
from .tested_cases import Tally, TestResults
from .xml_files import SIZE_LIMIT_BYTES, UnreadableXmlError


def matching_files(patterns: Sequence[str], root: Path, notices: list[str], what: str) -> list[Path]:
    """The files, each once, sorted, so that the same files give the same numbers.

    Patterns are relative to `root`; `**` crosses folders. One that is the name of a file is that file.
    """
    found: dict[Path, Path] = {}
    for pattern in patterns:
        names = [pattern] if (root / pattern).exists() else []
        names = names or glob.glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207 - absolute patterns too
        # What else is no file is refused when it is opened, by its name.
        files = [root / name for name in names if not (root / name).is_dir()]
        if not files:
            notices.append(f"No {what}: no file matches {pattern!r}.")
        found |= {path.resolve(): path for path in files}
    return [found[resolved] for resolved in sorted(found)]


def read_results(patterns: Sequence[str], root: Path, *, keeps_all: bool = False) -> TestResults:
    """What the tests in the files that match `patterns` did: JUnit XML or CTRF JSON, told by their first character.

    A file that can't be read leaves a notice; the others count without it. `keeps_all`: also the list of all cases.
    """
    notices: list[str] = []
    tally = Tally(keeps_all=keeps_all)
    count_read = 0
    for path in matching_files(patterns, root, notices, "test results"):
        try:
            if begins_with(path) == b"{":
                _read_ctrf(path, tally, notices)
            else:
                read_junit(path, tally)
        except UnreadableXmlError as error:
            notices.append(f"Test results left out: {error}.")
        except (UnreadableCtrfError, UnusableFileError) as error:
            notices.append(f"Test results left out: {path}: {error}.")
        else:
            count_read += 1
    return tally.results(notices) if count_read else TestResults(notices=tuple(notices))


def _read_ctrf(path: Path, tally: Tally, notices: list[str]) -> None:
    left_out = read_ctrf(read_json(path), tally)
    if left_out:
        notices.append(
            f"{left_out} of the tests in {path} were left out, as they have no name or no status of CTRF's."
        )


def read_json(path: Path) -> object:
    """What a JSON file of results holds. Raises `UnusableFileError`."""
    content = read_regular(path, SIZE_LIMIT_BYTES)
    try:
        document: object = json.loads(content.decode("utf-8-sig", "replace"))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnusableFileError(f"is not valid JSON at {where} ({error.msg})") from error
    except (RecursionError, ValueError) as error:  # also a number of too many digits
        raise UnusableFileError("is no JSON that can be read") from error
    return document


def begins_with(path: Path) -> bytes:
    """The first byte that is no white space, nor a mark of UTF-8; empty without one, and for what can't be read."""
    try:
        with open_regular(path) as file:
            return file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    except (OSError, UnusableFileError):
        return b""  # whoever reads it whole says what is wrong with it
