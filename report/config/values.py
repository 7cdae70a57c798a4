"""The types that values of several sections, or of both versions of the config, have in common."""

from __future__ import annotations

import re
import zoneinfo
from difflib import get_close_matches
from pathlib import PurePath
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from ...history.errors import LocationError
from ...history.stores.branch import DEFAULT_BRANCH, BranchAddress, is_branch
from ...history.stores.gist_url import GistUrl

NO_CONTROL_CHARACTERS = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
MIN_TREND_WINDOW = 2
MAX_TREND_WINDOW = 500
HASH_PATTERN = r"^[0-9a-fA-F]{7,64}$"

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


def one_or_many(value: object) -> object:
    """Text stands for a list of one; a list becomes a tuple, so that it can't change."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def many(value: object) -> object:
    """A list becomes a tuple, so that it can't change."""
    return tuple(value) if isinstance(value, list) else value


def arguments(value: object) -> object:
    """Numbers on a command line are the text that Python prints for them."""
    if not isinstance(value, list):
        return value
    is_number = [isinstance(item, int | float) and not isinstance(item, bool) for item in value]
    return tuple(str(item) if number else item for item, number in zip(value, is_number, strict=True))


def _check_gist_url(text: str) -> str:
    try:
        GistUrl.parse(text)
    except LocationError as error:
        raise rule_error(str(error)) from None
    return text


def _check_git_url(text: str) -> str:
    try:
        address = BranchAddress.parse(text)
    except LocationError as error:
        raise rule_error(str(error)) from None
    if address.branch != DEFAULT_BRANCH:
        raise rule_error("the repository's URL names a branch after its #; wanted that as `storage.branch`")
    return text


def _check_branch(name: str) -> str:
    if not is_branch(name):
        raise rule_error(f"can't be the name of a branch; wanted one such as {DEFAULT_BRANCH}")
    return name


def _check_shared(target: str) -> str:
    wanted = "wanted a path from this file's folder, or an https:// URL"
    if "://" not in target:
        if PurePath(target).is_absolute():
            raise rule_error(f"an absolute path; {wanted}")
        return target
    try:
        parts = urlsplit(target)
        is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        has_host = bool(parts.hostname) and (parts.port is None or True)
    except ValueError:
        raise rule_error(f"not a URL; {wanted}") from None
    if not has_host or (parts.scheme != "https" and not (parts.scheme == "http" and is_local)):
        raise rule_error(f"a URL that is not https; {wanted}")
    if "@" in parts.netloc:
        raise rule_error("a URL with a user name or a password, which everyone with the repository can read")
    return target


def is_page_address(url: str) -> bool:
    """Whether a report may link to it: https, with a host, without a user name or a password."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and (parts.port is None or True)
    except ValueError:
        return False
    return (
        has_host and parts.scheme == "https" and "@" not in parts.netloc and LINKED.fullmatch(url) is not None
    )


LINKED = re.compile(r"https://[^\s<>()\[\]\"'`|\\]+")
"""What a link of a report may hold."""


def _check_page_address(url: str) -> str:
    if not is_page_address(url):
        raise rule_error(
            "can't be linked to; wanted an https:// address without credentials, such as https://you.github.io/name/"
        )
    return url


TEXT_SCHEMA = {"type": "string", "minLength": 1}
ONE_OR_MANY_SCHEMA = {"anyOf": [TEXT_SCHEMA, {"type": "array", "items": TEXT_SCHEMA}]}
ARGUMENTS_SCHEMA = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "number"}]}}

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=NO_CONTROL_CHARACTERS),
]
Argument = Annotated[str, StringConstraints(max_length=1000, pattern=NO_CONTROL_CHARACTERS)]
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
SharedConfig = Annotated[
    Text,
    AfterValidator(_check_shared),
    Field(
        description="Another config, whose keys count where this one is silent: a path from this file's folder, in the "
        "repository, or an https URL that can be read without a token. It extends no other.",
        examples=["../report-config.yml", "https://example.org/report-config.yml"],
    ),
]
GistAddress = Annotated[
    Text,
    AfterValidator(_check_gist_url),
    Field(
        description="Address of the gist that keeps commitHistory.csv, the chart and the badge. The token "
        "comes from the environment (GIST_TOKEN), never from here.",
        examples=["https://gist.github.com/<user>/<id>"],
    ),
]
REPORT_NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
ReportName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=REPORT_NAME_PATTERN),
    Field(
        description="The report's name, where a repository has several (a monorepo, a matrix): letters, digits, dots, "
        "hyphens and underscores, 64 at most. Its trainings, metrics and chart are then its own. `--name` of `run` "
        "goes before it.",
        examples=["fraud-model"],
    ),
]
RepositoryAddress = Annotated[
    Text,
    AfterValidator(_check_git_url),
    Field(
        description="Address of the repository whose `branch` keeps the history, where it is another than the "
        "report's own. The token comes from the environment (HISTORY_TOKEN), never from here.",
        examples=["https://github.com/<owner>/<name>"],
    ),
]
PageAddress = Annotated[
    Text,
    AfterValidator(_check_page_address),
    Field(
        description="Where the page of the history (`devops-mlops-report page`) is published: the summary links to the "
        "commit there. Without it: what the called workflow, or the variable PAGE_URL, tells.",
        examples=["https://<owner>.github.io/<name>/report/"],
    ),
]
HistoryBranch = Annotated[
    Text,
    AfterValidator(_check_branch),
    Field(
        description="Branch that keeps the history, and nothing else; it is made when it is not there. In GitHub "
        "Actions the job's own token writes it, with `permissions: contents: write`.",
        examples=[DEFAULT_BRANCH],
    ),
]
HighlightMetric = Annotated[
    MetricName,
    Field(
        description="The metric that the headline, the chart and the table are about, as MLflow calls it.",
        examples=["val_accuracy"],
    ),
]
TrendWindow = Annotated[
    int,
    Field(
        ge=MIN_TREND_WINDOW,
        le=MAX_TREND_WINDOW,
        description="How many of the latest trained commits the chart and the table show.",
    ),
]
CommitHash = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=HASH_PATTERN),
    AfterValidator(str.lower),
    Field(
        description="Hash of a commit: in full, or its first 7 characters or more. In quotes, "
        "as one of digits alone is a number in YAML.",
        examples=["a1b2c3d"],
    ),
]
SharpDelta = Annotated[
    float,
    Field(
        gt=0,
        allow_inf_nan=False,
        description="A change of at least this much, in the metric's own unit, is marked as sharp.",
    ),
]
MinEffect = Annotated[
    float,
    Field(
        ge=0,
        allow_inf_nan=False,
        description="Smallest change that counts, in the metric's own unit; smaller ones are steady.",
    ),
]
MinEffectPercent = Annotated[
    float,
    Field(
        ge=0,
        allow_inf_nan=False,
        description="Smallest change that counts, in percent of the recent median; smaller ones are steady.",
    ),
]
