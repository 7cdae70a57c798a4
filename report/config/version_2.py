"""Version 2 of the config, the prototype's: read as it was read then, turned into version 3.

The prototype converted values and ignored what it did not know. So does this module, and it leaves a notice
wherever that changes what the user wrote.
"""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from ...history.settings import Settings
from .messages import Problem, shown
from .model import CURRENT_VERSION, ConfigFile, MlflowSection, ProjectSection
from .values import (
    MAX_TREND_WINDOW,
    MIN_TREND_WINDOW,
    SYSTEM_DEPENDENCIES,
    GistAddress,
    HighlightMetric,
    Section,
    SharpDelta,
    Timezone,
    TrendWindow,
    is_timezone,
)

_DEFAULTS = Settings()
_PRUNING_NOTICE = (
    "private no longer deletes old MLflow runs: `mlflow.keep_runs` does, where it is set, and this key can go"
)


class StorageVersion2(Section):
    """Where the history is kept."""

    gist_url: GistAddress


class ReportVersion2(Section):
    """What the report is about."""

    highlight_metric: HighlightMetric
    trend_window: TrendWindow = _DEFAULTS.trend_window
    sharp_delta: SharpDelta = _DEFAULTS.sharp_delta


class Version2File(Section):
    """report-config.yml, version 2."""

    version: Literal[2] = Field(default=2, description="Version of the config's layout.")
    timezone: Timezone = _DEFAULTS.timezone
    repo_visibility: Literal["public", "private"] = Field(
        default="public",
        description="No longer used: old MLflow runs are not deleted any more.",
        deprecated=True,
    )
    storage: StorageVersion2 = Field(description="Where the history is kept.")
    report: ReportVersion2 = Field(description="What the report is about.")
    mlflow: MlflowSection = Field(default=MlflowSection(), description="Where training runs are tracked.")
    project: ProjectSection = Field(
        default=ProjectSection(), description="What is trained, and which files a training depends on."
    )


def to_current(file: Version2File) -> ConfigFile:
    """The same config in version 3."""
    values = file.model_dump(exclude={"version", "repo_visibility"}, exclude_unset=True)
    return ConfigFile.model_validate({"version": CURRENT_VERSION, **values})


def loosen(values: dict[str, object]) -> tuple[dict[str, object], list[Problem]]:
    """The values as the prototype read them, and what it ignored or changed (for notices).

    Text that is a number becomes one, blank values are left out, a single path stands for a list. What it
    could not read either is left as it is.
    """
    loose = {key: dict(value) if isinstance(value, dict) else value for key, value in values.items()}
    changed: list[Problem] = []
    _loosen_top(loose, changed)
    storage, report, project = (loose.get(name) for name in ("storage", "report", "project"))
    if isinstance(storage, dict):
        _loosen_gist_url(storage, changed)
    if isinstance(report, dict):
        _loosen_report(report, changed)
    if isinstance(project, dict):
        _loosen_project(project, changed)
    mlflow = loose.get("mlflow")
    if isinstance(mlflow, dict) and _is_blank(mlflow.get("tracking_uri")):
        mlflow.pop("tracking_uri", None)
    return loose, changed


def _loosen_top(values: dict[str, object], changed: list[Problem]) -> None:
    visibility = values.get("repo_visibility")
    if isinstance(visibility, str) and visibility.strip().lower() in ("public", "private"):
        values["repo_visibility"] = visibility.strip().lower()
    else:
        values.pop("repo_visibility", None)
    if values.get("repo_visibility") == "private":
        changed.append(Problem(("repo_visibility",), _PRUNING_NOTICE))
    zone = values.get("timezone")
    if _is_blank(zone):
        values.pop("timezone", None)
    elif isinstance(zone, str) and not is_timezone(zone.strip()):
        changed.append(Problem(("timezone",), f"not a known time zone; UTC is used; found {shown(zone)}"))
        values["timezone"] = _DEFAULTS.timezone


def _loosen_gist_url(storage: dict[str, object], changed: list[Problem]) -> None:
    url = storage.get("gist_url")
    start = "http://gist.github.com/"
    if isinstance(url, str) and url.strip().lower().startswith(start):
        storage["gist_url"] = "https://gist.github.com/" + url.strip()[len(start) :]
        changed.append(Problem(("storage", "gist_url"), "starts with http://; https:// is used"))


def _loosen_report(report: dict[str, object], changed: list[Problem]) -> None:
    for key in ("trend_window", "sharp_delta"):
        number = _number(report.get(key))
        if not number:
            # As then: nothing and 0 stand for the default; what is no number at all is the models' to refuse.
            if number == 0 or _is_blank(report.get(key)):
                report.pop(key, None)
            continue
        report[key] = number
    window = report.get("trend_window")
    if isinstance(window, int | float) and math.isfinite(window):
        nearest = min(max(int(window), MIN_TREND_WINDOW), MAX_TREND_WINDOW)
        if nearest != int(window):
            text = (
                f"wanted {MIN_TREND_WINDOW} to {MAX_TREND_WINDOW}; {nearest} is used; found {shown(window)}"
            )
            changed.append(Problem(("report", "trend_window"), text))
        report["trend_window"] = nearest


def _loosen_project(project: dict[str, object], changed: list[Problem]) -> None:
    for key in ("train_script", "train_args", "data_paths", "system_deps"):
        value = project.get(key)
        if _is_blank(value):
            project.pop(key, None)
            continue
        items = value if isinstance(value, list) else [value]
        project[key] = [_text(item) for item in items if not _is_blank(item)]
    wanted = project.get("system_deps")
    for name in wanted if isinstance(wanted, list) else []:
        if name not in SYSTEM_DEPENDENCIES:
            text = (
                f"not a known package, ignored; known: {', '.join(SYSTEM_DEPENDENCIES)}; found {shown(name)}"
            )
            changed.append(Problem(("project", "system_deps"), text))
    if isinstance(wanted, list):
        project["system_deps"] = [name for name in wanted if name in SYSTEM_DEPENDENCIES]


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _number(value: object) -> int | float | None:
    """The number that a value is or spells; None when it is neither."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def _text(value: object) -> object:
    return str(value).strip() if isinstance(value, str | int | float) else value
