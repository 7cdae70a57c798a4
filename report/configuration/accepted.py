"""The config's list `accept`: changes that are meant, by the commits that made them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from .fields import (
    MetricName,
    Section,
    Text,
    many,
    rule_error,
)
from .verdict_fields import HASH_PATTERN, CommitHash

_WANTED = "wanted a commit's hash in quotes, or a mapping such as {commit: 'a1b2c3d', metric: val_accuracy}"


class AcceptedSection(Section):
    """One change that is meant: the level begins anew at its commit."""

    commit: CommitHash
    metric: MetricName | None = Field(
        default=None, description="The metric whose change is accepted. Without it: every metric's."
    )
    reason: Text | None = Field(
        default=None, description="Why it is accepted, for those who read the config."
    )


class _HashOrSection:
    """In the schema: the hash alone, or the section."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        alone = {"type": "string", "pattern": HASH_PATTERN}
        return {"anyOf": [alone, handler(schema)]}


def _hash_alone(value: Any) -> Any:
    if isinstance(value, str):
        return {"commit": value}
    if not isinstance(value, dict | AcceptedSection):
        raise rule_error(_WANTED)
    return value


AcceptedSections = Annotated[
    tuple[Annotated[AcceptedSection, BeforeValidator(_hash_alone), _HashOrSection()], ...],
    BeforeValidator(many),
    Field(
        default=(),
        description="Changes that are meant, by the commit that made them: from there on the level begins anew.",
    ),
]
