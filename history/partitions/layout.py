"""Where a row is kept and how its file is called: `repository=<name>/<newest row's time>-<what it holds>.parquet`.

A file's name tells what it holds: of a run, whose rows are few, the digest of each; of more rows one digest of them
all. So the same rows always have the same name, whoever writes them, and what is there is told without opening it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote

PARTITION = "repository="
"""What a partition's folder begins with, as Hive, Spark and DuckDB read it: column and value."""

NOBODYS = "__HIVE_DEFAULT_PARTITION__"
"""The value for rows without a repository, as Hive has it."""

UNREADABLE = "_unreadable"
"""The folder of lines that can't be read. What begins with an underscore is passed over by readers of partitions."""

SUFFIX = ".parquet"
MOST_NAMED = 4
"""Rows whose digests stand in a file's name: a name of 255 bytes is what file systems allow."""

_LONGEST_VALUE = 200
_DIGEST = "[0-9a-f]{32}"
_OF_FEW = re.compile(rf"[0-9TZ]+-(?P<rows>{_DIGEST}(?:\.{_DIGEST})*)\.parquet")
_COMPACTED = re.compile(rf"[0-9TZ]+-compacted-{_DIGEST}\.parquet")


def partition_of(repository: str | None) -> str:
    """The folder of a repository: its name percent-encoded, a very long one cut, with its digest."""
    value = quote(repository, safe="") if repository else NOBODYS
    if len(value) > _LONGEST_VALUE:
        digest = hashlib.sha256(value.encode()).hexdigest()[:32]
        # A name that is cut within a character has no half of one.
        value = re.sub(r"%[0-9A-F]?$", "", value[: _LONGEST_VALUE - 33]) + f"-{digest}"
    return PARTITION + value


def file_name(digests: Iterable[str], newest: datetime | None, *, is_compacted: bool = False) -> str:
    """The name of a file of rows with these digests, the newest recorded at that time."""
    digests = sorted(digests)
    time = "0" if newest is None else f"{newest:%Y%m%dT%H%M%SZ}"
    if len(digests) <= MOST_NAMED and not is_compacted:
        return f"{time}-{'.'.join(digests)}{SUFFIX}"
    together = hashlib.sha256("".join(digests).encode()).hexdigest()[:32]
    return f"{time}-{'compacted' if is_compacted else 'rows'}-{together}{SUFFIX}"


def digests_in(name: str) -> list[str] | None:
    """The digests of the rows of a file, as its name tells; `None` where only the file does."""
    match = _OF_FEW.fullmatch(name.rpartition("/")[2])
    return match["rows"].split(".") if match else None


def is_compacted(name: str) -> bool:
    """Whether a file took the place of others."""
    return _COMPACTED.fullmatch(name.rpartition("/")[2]) is not None
