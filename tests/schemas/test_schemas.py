"""The schemas that the tests hold requests and answers against are those that were published."""

from __future__ import annotations

import json
from pathlib import Path

from optional_parts import node_package
from schemas.cut_github_openapi import cut

HERE = Path(__file__).parent


def test_what_is_kept_of_github_s_description_is_what_was_published() -> None:
    whole = node_package("@octokit/openapi") / "generated/api.github.com.json"
    kept = json.loads((HERE / "github-openapi.json").read_text(encoding="utf-8"))
    assert cut(json.loads(whole.read_text(encoding="utf-8"))) == kept


def test_the_schema_of_ctrf_is_the_published_one() -> None:
    published = node_package("ctrf") / "src/ctrf-schema-0.0.json"
    assert (HERE / "ctrf-schema-0.0.json").read_bytes() == published.read_bytes()
