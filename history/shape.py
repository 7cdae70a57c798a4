"""What the export needs to know of the file that was read: its columns and the lines that could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import field, replace
from typing import TypeVar

from .columns import COLUMN_NAMES
from .csv_records import Record
from .late_dataclass import dataclass
from .layouts import TODAY

_Identity = tuple[tuple[str, ...], bytes]
_Name = TypeVar("_Name", str, _Identity)


@dataclass(frozen=True)
class CsvShape:
    """The columns of a file, in its order, and its unreadable lines, in theirs."""

    header: tuple[str, ...] = COLUMN_NAMES
    """Names in the order in which they are written."""
    unknown: dict[str, str] = field(default_factory=dict)
    """Name in the file -> name in `commits`, of the columns that today's layout does not know."""
    layout: str = TODAY
    """The layout that the file was in."""
    rejected: tuple[Record, ...] = ()

    @property
    def columns(self) -> dict[str, str]:
        """Name in the file -> name in `commits`, of all columns."""
        return dict(zip(COLUMN_NAMES, COLUMN_NAMES, strict=True)) | self.unknown

    def with_unknown(self, names: Iterable[str]) -> CsvShape:
        """This shape with more unknown columns, each with a name in the table that no other column has.

        The database does not tell `Metrics` from `metrics`; the file does.
        """
        unknown = dict(self.unknown)
        # A column `rowid` would hide the database's own.
        taken = {name.lower() for name in ("rowid", *COLUMN_NAMES, *unknown.values())}
        for name in names:
            if name not in unknown:
                unknown[name] = free_name(name or "unnamed", taken)
                taken.add(unknown[name].lower())
        return replace(self, unknown=unknown)

    def joined_with(self, other: CsvShape) -> CsvShape:
        """The shape of the merged file: the same columns and lines in the same order, whichever side comes first."""
        unknown = self.unknown | other.unknown
        return replace(
            self,
            header=_joined(self.header, other.header, (*COLUMN_NAMES, *sorted(unknown))),
            unknown=unknown,
            rejected=joined_records(self.rejected, other.rejected),
        )


def joined_records(mine: tuple[Record, ...], theirs: tuple[Record, ...]) -> tuple[Record, ...]:
    """Of every line, with its header, as many copies as the side has that has more; sorted by header."""
    mine, theirs = (tuple(sorted(side, key=_header)) for side in (mine, theirs))
    records = list(mine)
    spare = Counter(map(_identity, mine))
    for record in theirs:
        if spare[_identity(record)] > 0:
            spare[_identity(record)] -= 1
        else:
            records.append(record)
    records.sort(key=_identity)
    ordered = _joined(*(tuple(map(_identity, side)) for side in (mine, theirs, records)))
    by_identity: dict[_Identity, list[Record]] = {}
    for record in records:
        by_identity.setdefault(_identity(record), []).append(record)
    return tuple(by_identity[identity].pop(0) for identity in ordered)


def _header(record: Record) -> tuple[str, ...]:
    return record.header


def _identity(record: Record) -> _Identity:
    return record.header, record.raw


def _joined(
    mine: tuple[_Name, ...], theirs: tuple[_Name, ...], everything: tuple[_Name, ...]
) -> tuple[_Name, ...]:
    """The order of the side that has everything; of two such, one that is not the plain order, the lesser one.

    It is associative because the plain order yields to any other, and a part to the whole.
    """
    return min(
        (side for side in (mine, theirs) if len(side) == len(everything) and side != everything),
        default=everything,
    )


def free_name(name: str, taken: set[str]) -> str:
    """The name, or the name with a number, that is not taken; `taken` is in lower case."""
    candidate, count = name, 1
    while candidate.lower() in taken:
        count += 1
        candidate = f"{name}_{count}"
    return candidate
