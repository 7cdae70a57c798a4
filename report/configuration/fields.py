"""The types of the config's values: what each accepts, and the words that describe it.

Both versions of the config are made of these, so that a key means the same in both.
"""

from __future__ import annotations

import re
import zoneinfo
from difflib import get_close_matches
from typing import Annotated, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

_NO_CONTROL_CHARACTERS = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
_ALIAS_PATTERN = r"^[A-Za-z0-9_-]+$"

SystemDependency = Literal[
    "graphviz", "ffmpeg", "opencv_runtime", "poppler_utils", "tesseract", "build_essential"
]
SYSTEM_DEPENDENCIES: tuple[str, ...] = get_args(SystemDependency)


class Section(BaseModel):
    """A part of the config: unknown keys are errors, values keep their YAML type, nothing changes later."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, protected_namespaces=()
    )


def rule_error(text: str) -> PydanticCustomError:
    """A value that has the right type and is still not usable; `text` says what is wanted."""
    return PydanticCustomError("config_rule", "{text}", {"text": text})


def is_timezone(name: str) -> bool:
    """True for an IANA name that this machine has the rules of."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return name.upper() == "UTC"
    return True


def _check_timezone(name: str) -> str:
    if name.upper() == "UTC":
        return "UTC"
    if not is_timezone(name):
        close = get_close_matches(name, sorted(zoneinfo.available_timezones()), n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise rule_error(f"not a known time zone{hint}; wanted an IANA name such as America/Toronto")
    return name


def _check_model_name(name: str) -> str:
    if "/" in name or ":" in name:
        raise rule_error("a model's name can't hold '/' or ':' (MLflow's rule); wanted a name such as churn")
    return name


def _check_alias(alias: str) -> str:
    if alias.lower() == "latest" or re.fullmatch(r"[vV]\d+", alias):
        raise rule_error("MLflow keeps 'latest' and 'v1', 'v2' … for itself; wanted a name such as champion")
    return alias


def _one_or_many(value: object) -> object:
    """Text stands for a list of one; a list becomes a tuple, so that it can't change."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def many(value: object) -> object:
    """A list becomes a tuple, so that it can't change."""
    return tuple(value) if isinstance(value, list) else value


def _arguments(value: object) -> object:
    """Numbers on a command line are the text that Python prints for them."""
    if not isinstance(value, list):
        return value
    is_number = [isinstance(item, int | float) and not isinstance(item, bool) for item in value]
    return tuple(str(item) if number else item for item, number in zip(value, is_number, strict=True))


_TEXT_SCHEMA = {"type": "string", "minLength": 1}
_ONE_OR_MANY_SCHEMA = {"anyOf": [_TEXT_SCHEMA, {"type": "array", "items": _TEXT_SCHEMA}]}
_ARGUMENTS_SCHEMA = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "number"}]}}

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=_NO_CONTROL_CHARACTERS),
]
Argument = Annotated[str, StringConstraints(max_length=1000, pattern=_NO_CONTROL_CHARACTERS)]
MetricName = Annotated[Text, Field(max_length=250)]

Timezone = Annotated[
    Text,
    AfterValidator(_check_timezone),
    Field(
        description="IANA name of the time zone that the report shows times in; naive times in the histories "
        "of earlier layouts are read in it.",
        examples=["America/Toronto"],
    ),
]
TrackingUri = Annotated[
    Text,
    Field(
        description="MLflow tracking server, or a local store. The user name and the password come from the "
        "environment (MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD), never from here.",
        examples=["https://dagshub.com/<user>/<repo>.mlflow"],
    ),
]
ExperimentName = Annotated[
    Text,
    Field(
        description="MLflow experiment that trainings are put into and looked for in. Without it: the one that "
        "MLFLOW_EXPERIMENT_NAME names, else the server's default; looked for in all.",
        examples=["churn"],
    ),
]
TimeoutSeconds = Annotated[
    float,
    Field(
        gt=0,
        le=600,
        allow_inf_nan=False,
        description="Longest wait for one answer of the MLflow server, seconds.",
    ),
]
TotalSeconds = Annotated[
    float,
    Field(
        gt=0,
        le=3600,
        allow_inf_nan=False,
        description="Longest wait for all answers of the MLflow server in one run of the report, seconds.",
    ),
]
KeepRuns = Annotated[
    int,
    Field(
        ge=1,
        le=100_000,
        description="Keep this many MLflow runs of the experiment and delete older ones. Without it nothing is "
        "deleted; never a run whose model version has an alias, or that the history's newest rows point to.",
    ),
]
ModelName = Annotated[
    Text,
    AfterValidator(_check_model_name),
    Field(description="Name of the registered model that trained versions are added to.", examples=["churn"]),
]
ModelAlias = Annotated[
    Text,
    Field(pattern=_ALIAS_PATTERN, max_length=255),
    AfterValidator(_check_alias),
    Field(description="Alias that is moved to a version when it is promoted."),
]
WorkDirectory = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=1000, pattern=_NO_CONTROL_CHARACTERS),
    Field(description="Where the training runs, relative to the repository's root; empty for the root."),
]
Interpreter = Annotated[
    Text,
    Field(
        description="Python interpreter that trains: a name on PATH, or a path (relative to the repository's root). "
        "Without it: the `python` on PATH.",
        examples=[".venv/bin/python"],
    ),
]
TimeLimitMinutes = Annotated[
    float,
    Field(
        gt=0, le=10_080, allow_inf_nan=False, description="A training that takes longer is ended, minutes."
    ),
]
TrainScripts = Annotated[
    tuple[Text, ...],
    BeforeValidator(_one_or_many),
    WithJsonSchema(_ONE_OR_MANY_SCHEMA),
    Field(
        description="Training script, or a list of scripts: a change in any of them is a reason to train; "
        "the first is the one that is started.",
        examples=["src/train.py"],
    ),
]
TrainArguments = Annotated[
    tuple[Argument, ...],
    BeforeValidator(_arguments),
    WithJsonSchema(_ARGUMENTS_SCHEMA),
    Field(description="Arguments that the training script is started with."),
]
DataPaths = Annotated[
    tuple[Text, ...],
    BeforeValidator(_one_or_many),
    WithJsonSchema(_ONE_OR_MANY_SCHEMA),
    Field(description="Data files or folders: a change in any of them is a reason to train."),
]
SystemDependencies = Annotated[
    tuple[SystemDependency, ...],
    BeforeValidator(many),
    WithJsonSchema({"type": "array", "items": {"enum": list(SYSTEM_DEPENDENCIES)}}),
    Field(description="System packages that the training needs; the workflow installs them."),
]
