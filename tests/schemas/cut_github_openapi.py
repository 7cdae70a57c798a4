"""Cuts from GitHub's OpenAPI description what the report asks, so that the tests need no network.

npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
python tests/schemas/cut_github_openapi.py package/generated/api.github.com.json > tests/schemas/github-openapi.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

OPERATIONS = {
    "/repos/{owner}/{repo}/actions/runs": ("get",),
    "/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs": ("get",),
    "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts": ("get",),
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ("get", "post"),
    "/repos/{owner}/{repo}/issues/comments/{comment_id}": ("patch",),
    "/repos/{owner}/{repo}/check-runs": ("post",),
    "/repos/{owner}/{repo}/check-runs/{check_run_id}": ("patch",),
    "/repos/{owner}/{repo}/statuses/{sha}": ("post",),
    "/user": ("get",),
}
_TOLD_TO_PEOPLE = (
    "description",
    "example",
    "examples",
    "x-github",
    "externalDocs",
    "summary",
    "tags",
    "links",
)


def cut(whole: dict[str, Any]) -> dict[str, Any]:
    """The operations, and what they refer to, without what is for people."""
    paths = {
        path: {method: whole["paths"][path][method] for method in methods}
        for path, methods in OPERATIONS.items()
    }
    components: dict[str, dict[str, Any]] = {}
    kept = _without_words(paths)
    missing = _references(kept)
    while missing:
        _, kind, name = missing.pop().removeprefix("#/").split("/")
        if name not in components.setdefault(kind, {}):
            components[kind][name] = _without_words(whole["components"][kind][name])
            missing |= _references(components[kind][name])
    named = {kind: dict(sorted(found.items())) for kind, found in sorted(components.items())}
    return {
        "openapi": whole["openapi"],
        "info": {"license": whole["info"]["license"]},
        "paths": kept,
        "components": named,
    }


def _without_words(value: Any, *, is_properties: bool = False) -> Any:
    if isinstance(value, list):
        return [_without_words(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _without_words(item, is_properties=key == "properties" and not is_properties)
        for key, item in value.items()
        if is_properties or key not in _TOLD_TO_PEOPLE
    }


def _references(value: Any) -> set[str]:
    if isinstance(value, list):
        return {reference for item in value for reference in _references(item)}
    if not isinstance(value, dict):
        return set()
    found = {reference for item in value.values() for reference in _references(item)}
    own = value.get("$ref")
    return found | {own} if isinstance(own, str) else found


if __name__ == "__main__":
    json.dump(cut(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), sys.stdout, indent=1)
    sys.stdout.write("\n")
