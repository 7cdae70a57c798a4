"""Which layout a CSV is in, told by its header, and the migrations that lift it to today's."""

from __future__ import annotations

from functools import cache

from .columns import COLUMN_NAMES
from .errors import LayoutError
from .late_dataclass import dataclass
from .sql_files import folder

TODAY = "today"


@dataclass(frozen=True)
class Migration:
    """One file of `migrations/`: it lifts the layout `name` to the layout `to`."""

    number: int
    name: str
    to: str
    required: tuple[str, ...]
    """Columns by which the layout is recognised: a file of it has them all."""
    optional: dict[str, tuple[str, ...]]
    """Columns that a file of it may have, with the spellings that occur."""
    select: str


@dataclass(frozen=True)
class Layout:
    """What was recognised: where each of the layout's columns stands in the file, and what is left over."""

    name: str
    positions: dict[str, int | None]
    """Column of the layout -> its place in the file; `None` for an optional one that the file lacks."""
    unknown: dict[int, str]
    """Place in the file -> name, of the columns that the layout does not know."""
    header: tuple[str, ...]
    migrations: tuple[Migration, ...]

    @property
    def has_times_of_toronto(self) -> bool:
        """Whether the file's naive times are Toronto's, whatever the config says."""
        return "timestamp_toronto" in self.header


@cache
def all_migrations() -> tuple[Migration, ...]:
    """Every migration, by number."""
    found = [
        _parse(file.name, file.read_text(encoding="utf-8"))
        for file in folder("migrations").iterdir()
        if file.name[:4].isdigit() and file.name.endswith(".sql")
    ]
    return tuple(sorted(found, key=lambda migration: migration.number))


def recognise(header: list[str]) -> Layout:
    """The layout that explains most of the header.

    Raises `LayoutError` when none has all of its columns there.
    """
    candidates = [_match(header, TODAY, COLUMN_NAMES, {})]
    candidates += [_match(header, step.name, step.required, step.optional) for step in all_migrations()]
    fitting = [candidate for candidate in candidates if candidate is not None]
    if not fitting:
        raise LayoutError(_explain(header))
    return min(fitting, key=lambda layout: len(layout.unknown))


def _match(
    header: list[str], name: str, required: tuple[str, ...], optional: dict[str, tuple[str, ...]]
) -> Layout | None:
    if not set(required) <= set(header):
        return None
    positions: dict[str, int | None] = {column: header.index(column) for column in required}
    for column, spellings in optional.items():
        present = [header.index(spelling) for spelling in spellings if spelling in header]
        positions[column] = present[0] if present else None
    used = set(positions.values())
    return Layout(
        name=name,
        positions=positions,
        unknown={place: column for place, column in enumerate(header) if place not in used},
        header=tuple(header),
        migrations=_path_to_today(name),
    )


def _path_to_today(name: str) -> tuple[Migration, ...]:
    by_name = {step.name: step for step in all_migrations()}
    path: list[Migration] = []
    while name != TODAY:
        path.append(by_name[name])
        name = by_name[name].to
    return tuple(path)


def _explain(header: list[str]) -> str:
    shown = ", ".join(header[:8]) + (", ..." if len(header) > 8 else "")
    known = [(TODAY, COLUMN_NAMES), *((step.name, step.required) for step in all_migrations())]
    name, columns = max(known, key=lambda layout: len(set(header) & set(layout[1])) / len(layout[1]))
    missing = [column for column in columns if column not in header]
    hint = ""
    if len(missing) < len(columns):
        closest = "today's" if name == TODAY else f"the layout {name}"
        hint = f"; closest is {closest}, of which is missing: {', '.join(missing)}"
    return f"line 1: unknown layout: found the columns {shown[:200]!r}{hint}; wanted the header of a commitHistory.csv"


def _parse(file_name: str, text: str) -> Migration:
    notes: dict[str, list[str]] = {"from": [], "optional": [], "to": []}
    for line in text.splitlines():
        name, _, value = line.removeprefix("--").strip().partition(":")
        if line.startswith("--") and name in notes:
            notes[name] += [part.strip() for part in value.split(",")]
    optional = {}
    for entry in notes["optional"]:
        column, _, spellings = entry.partition("=")
        optional[column.strip()] = tuple(s.strip() for s in (spellings or column).split("|"))
    return Migration(
        number=int(file_name[:4]),
        name=file_name[5:].removesuffix(".sql"),
        to=notes["to"][0],
        required=tuple(notes["from"]),
        optional=optional,
        select=text,
    )
