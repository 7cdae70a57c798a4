"""Errors of the report: one base, caught once by the command line, each with its exit code."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the command's exit code tells."""

    REPORTED = 0
    ERROR = 1
    USAGE = 2
    REGRESSED = 3


class ReportError(Exception):
    """Base of every error that the report raises on purpose; its text is one line for the user."""

    exit_code = ExitCode.ERROR


class UsageError(ReportError):
    """An option or an input file given on the command line is not what is wanted."""

    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    """The config can't be used: the text names the file, the key, what was found and what is wanted."""


def shortened(text: object, longest: int = 300) -> str:
    """A text from outside on one line; the ellipsis at its cut tells the redaction to look for a part of a secret."""
    line = " ".join(str(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def unexpected(error: Exception) -> str:
    """One line about an error that nobody foresaw: a fault of this program."""
    return (
        f"unexpected {type(error).__name__}: {shortened(error)}; this is a fault of the program "
        "(DEVOPS_MLOPS_REPORT_DEBUG=1 shows where)"
    )
