"""What values are compared with: a rule by name, or a commit or a tag that stays."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from .fields import Section, Text, rule_error
from .verdict_fields import CommitHash

BaselineName = Literal["previous", "default_branch", "best", "release"]

BASELINE = (
    "What a value is compared with: `previous` (the nearest ancestor that has one), `default_branch` (the "
    "nearest ancestor on the default branch), `best` (the best value so far), `release` (the nearest ancestor with a "
    "release's tag, such as v1.2), or one commit that stays: `{commit: a1b2c3d}`, `{tag: v1.2}`."
)


class NamedBaseline(Section):
    """One commit that values are compared with, by its hash or by its tag."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    commit: CommitHash | None = None
    tag: Text | None = Field(default=None, description="A tag of the repository.", examples=["v1.2"])

    @model_validator(mode="after")
    def _check_one(self) -> NamedBaseline:
        if (self.commit is None) == (self.tag is None):
            raise rule_error("wanted one of commit and tag, such as {tag: v1.2}")
        return self


def _kind(value: Any) -> str:
    return "[named]" if isinstance(value, dict | NamedBaseline) else "[name]"


Baseline = Annotated[
    Annotated[BaselineName, Tag("[name]")] | Annotated[NamedBaseline, Tag("[named]")],
    Discriminator(_kind),
]
