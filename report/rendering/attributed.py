"""An attribution as facts to be told, the most telling first; neither Markdown nor escaped."""

from __future__ import annotations

from dataclasses import dataclass

from ..verdicts.attribution import Attribution
from .quantities import ABSENT, plural

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
    data_sets = [row for row in attribution.params if row["is_data_set"]]
    params = [row for row in attribution.params if not row["is_data_set"]]
    changes = []
    if data_sets:
        items = [
            (row["param"].removeprefix(_DATA_SET), *(_cut(row[side]) for side in ("old_value", "new_value")))
            for row in data_sets
        ]
        changes.append(OtherChange("the data set" if len(items) == 1 else "the data sets", tuple(items)))
    if attribution.environment:
        items = [
            (row["part"].removeprefix(_PACKAGE), row["old_value"] or ABSENT, row["new_value"] or ABSENT)
            for row in attribution.environment
        ]
        changes.append(OtherChange("the environment", tuple(items)))
    if attribution.cause or attribution.changed_inputs:
        what = _CAUSES.get(attribution.cause, "inputs")
        changes.append(OtherChange(what, tuple((path,) for path in attribution.changed_inputs), "inputs"))
    if params:
        items = [(row["param"], row["old_value"] or ABSENT, row["new_value"] or ABSENT) for row in params]
        changes.append(OtherChange(plural(len(items), "param"), tuple(items)))
    if attribution.dependencies:
        changes.append(OtherChange("dependencies", tuple((path,) for path in attribution.dependencies)))
    return changes


def _cut(digest: str | None) -> str:
    return (digest or ABSENT)[:_DIGEST]
