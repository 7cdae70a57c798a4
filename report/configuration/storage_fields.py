"""The types of the config's values that say where the history is kept, how much of it, and how hard to try."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ...history.errors import LocationError
from ...history.locations.gist_url import GistUrl
from .fields import Text, rule_error


def _check_gist_url(text: str) -> str:
    try:
        GistUrl.parse(text)
    except LocationError as error:
        raise rule_error(str(error)) from None
    return text


GistAddress = Annotated[
    Text,
    AfterValidator(_check_gist_url),
    Field(
        description="Address of the gist that keeps commitHistory.csv, the chart and the badge. The token "
        "comes from the environment (GIST_TOKEN), never from here.",
        examples=["https://gist.github.com/<user>/<id>"],
    ),
]
CsvPath = Annotated[
    Text,
    Field(
        description="File that keeps the history, relative to the repository's root; used without a "
        "gist_url.",
    ),
]
KeepRows = Annotated[
    int,
    Field(
        ge=1,
        le=100_000_000,
        description="How many rows the CSV keeps; older ones move to commitHistory.archive.csv beside it and are read "
        "with it. Rows move when the limit is exceeded by a tenth. Without it and keep_days: all stay.",
    ),
]
KeepDays = Annotated[
    int,
    Field(
        ge=1,
        le=36_525,
        description="How many days before its newest row the CSV reaches back; older rows move to the archive as those "
        "beyond keep do.",
    ),
]
RetryAttempts = Annotated[
    int,
    Field(
        ge=1,
        le=10_000,
        description="How often a push to the gist is tried when others push too; then the row goes to a pending file.",
    ),
]
RetrySeconds = Annotated[
    float,
    Field(
        gt=0,
        le=6 * 3600,
        allow_inf_nan=False,
        description="After this many seconds of reading or pushing the gist no other attempt is begun.",
    ),
]
OnUnreachable = Annotated[
    Literal["report", "fail"],
    Field(
        description="What it means for the exit code that the gist's host can't be reached: `report` names it in the "
        "summary, `fail` ends the run with 1. The row is pending both times.",
    ),
]
