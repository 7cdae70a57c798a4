"""An attribution as facts to be told, the most telling first; neither Markdown nor escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...history.late_dataclass import dataclass
from ..verdicts.attribution import Attribution
from .quantities import ABSENT, plural

Row = Mapping[str, Any]

_CAUSES = {"Data": "the data", "Script": "the code", "Both": "the data and the code"}
_DATA_SET = "mlflow.dataset."
_PACKAGE = "packages."
_DIGEST = 12


@dataclass(frozen=True)
class OtherChange:
    """One kind of things that changed: `2 params`, and which."""

    what: str
    items: tuple[tuple[str, ...], ...]
    """Each a name alone, or a name with what it was and what it is."""
    kind: str = ""
    """`inputs` for files that a training depends on."""


def other_changes(attribution: Attribution) -> list[OtherChange]:
    """Data, environment, code, params, dependencies: those that changed. The machine is looked at before the code."""
    changes = _data_sets(attribution.params)
    if attribution.environment:
        items = [
            (row["part"].removeprefix(_PACKAGE), row["old_value"] or ABSENT, row["new_value"] or ABSENT)
            for row in attribution.environment
        ]
        changes.append(OtherChange("the environment", tuple(items)))
    if attribution.cause or attribution.changed_inputs:
        what = _CAUSES.get(attribution.cause, "inputs")
        changes.append(OtherChange(what, tuple((path,) for path in attribution.changed_inputs), "inputs"))
    changes += _params(attribution.params)
    if attribution.dependencies:
        changes.append(OtherChange("dependencies", tuple((path,) for path in attribution.dependencies)))
    return changes


def changes_of_params(rows: Iterable[Row]) -> list[OtherChange]:
    """The same of rows of `param_changes` alone: data sets, then params."""
    known = list(rows)
    return [*_data_sets(known), *_params(known)]


def _data_sets(rows: Iterable[Row]) -> list[OtherChange]:
    items = [
        (row["param"].removeprefix(_DATA_SET), *(_cut(row[side]) for side in ("old_value", "new_value")))
        for row in rows
        if row["is_data_set"]
    ]
    return (
        [OtherChange("the data set" if len(items) == 1 else "the data sets", tuple(items))] if items else []
    )


def _params(rows: Iterable[Row]) -> list[OtherChange]:
    items = [
        (row["param"], row["old_value"] or ABSENT, row["new_value"] or ABSENT)
        for row in rows
        if not row["is_data_set"]
    ]
    return [OtherChange(plural(len(items), "param"), tuple(items))] if items else []


def _cut(digest: str | None) -> str:
    return (digest or ABSENT)[:_DIGEST]
