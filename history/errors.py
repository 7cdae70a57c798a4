"""What can go wrong in the store, in words that name what was found, what was wanted and where."""

from __future__ import annotations


class HistoryError(Exception):
    """Base of every error that the store raises on purpose."""


class CsvError(HistoryError):
    """The file is not a history: its header, or the file as a whole, can't be read."""


class LayoutError(CsvError):
    """The header belongs to no layout that was ever written."""


class SettingsError(HistoryError):
    """A setting has a value that the views can't work with."""


class QueryError(HistoryError):
    """A query was refused by the database: wrong SQL, or something that a locked history does not allow."""


class UnusableFileError(HistoryError):
    """What is meant to be a file is none, or can't be read; the text goes on after the file's name."""


class LocationError(HistoryError):
    """The place where the history lives can't be read or written."""


class UnreachableError(LocationError):
    """The network or the host fails, in a way that may pass: nothing that the user could mend."""


class ReadOnlyError(LocationError):
    """The place may be read but not written, and that is how it is meant: no token, or a fork's pull request."""


def in_one_line(error: Exception) -> str:
    """What an error says, as a part of one line."""
    return " ".join(str(error).split())


def reason_of(error: Exception) -> str:
    """Why the system, or the database, refused: without the name of the file, which may be a temporary one."""
    return getattr(error, "strerror", None) or in_one_line(error)
