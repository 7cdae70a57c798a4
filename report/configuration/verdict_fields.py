"""The types of the values that verdicts depend on: which metric, compared with what, and when a change counts."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from .fields import MetricName, Text

MIN_TREND_WINDOW = 2
MAX_TREND_WINDOW = 500
HASH_PATTERN = r"^[0-9a-fA-F]{7,64}$"

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
BranchName = Annotated[
    Text,
    Field(
        description="The branch that others are compared with. Without it: the one that the CI names, else "
        "main.",
        examples=["main"],
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
MaxDrop = Annotated[
    float,
    Field(
        ge=0,
        allow_inf_nan=False,
        description="How much worse than its baseline a value may be, in the metric's own unit; beyond it has "
        "regressed at once, however noisy the metric is.",
    ),
]
Target = Annotated[
    float,
    Field(
        allow_inf_nan=False,
        description="What a value must reach: at least this (maximize), or at most this (minimize); else it has "
        "regressed.",
    ),
]
