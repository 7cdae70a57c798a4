"""Questions about registered models; and their download."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .failures import failure, once
from .stores import pages


def aliases(client: Any, uri: str, name: str) -> dict[str, Any]:
    """Alias -> version of a registered model; null when there is no such model."""
    try:
        model = client.get_registered_model(name)
    except Exception as error:
        if failure(error)["error"] != "missing":
            raise
        return {"aliases": None}
    return {"aliases": {alias: int(version) for alias, version in (model.aliases or {}).items()}}


def versions(client: Any, uri: str, name: str, run_id: str | None) -> dict[str, Any]:
    """The versions of a model; of one run only, where it is given."""
    quoted = name.replace("'", "''")
    query = f"name = '{quoted}'" + (f" and run_id = '{run_id}'" if run_id else "")
    return {"versions": [_version_of(each) for each in _search_versions(client, query)]}


def _search_versions(client: Any, query: str) -> Iterator[Any]:
    def ask(**page: Any) -> Any:
        return client.search_model_versions(query, **page)

    return pages(ask, lambda each: (each.name, each.version))


def version(client: Any, uri: str, name: str, version: int) -> dict[str, Any]:
    """One version."""
    return {"version": _version_of(client.get_model_version(name, str(version)))}


def create_model(client: Any, uri: str, name: str) -> dict[str, Any]:
    """Make the registered model; whether it was not there yet."""
    try:
        once(lambda: client.create_registered_model(name))
    except Exception as error:
        if failure(error)["error"] != "conflict":
            raise
        return {"is_new": False}
    return {"is_new": True}


def delete_model(client: Any, uri: str, name: str) -> dict[str, Any]:
    """Delete a registered model."""
    client.delete_registered_model(name)
    return {}


def create_version(
    client: Any,
    uri: str,
    name: str,
    source: str,
    run_id: str | None,
    model_id: str | None,
    tags: dict[str, str],
) -> dict[str, Any]:
    """Register a run's model as the next version; what it takes to copy its files is not waited for."""
    more = {"model_id": model_id} if model_id else {}
    made = once(
        lambda: client.create_model_version(name, source, run_id, tags=tags, await_creation_for=0, **more)
    )
    return {"version": _version_of(made)}


def set_tags(client: Any, uri: str, name: str, version: int, tags: Mapping[str, str]) -> dict[str, Any]:
    """Set tags of a version."""
    for key, value in tags.items():
        client.set_model_version_tag(name, str(version), key, value)
    return {}


def set_alias(client: Any, uri: str, name: str, alias: str, version: int) -> dict[str, Any]:
    """Move an alias to a version."""
    client.set_registered_model_alias(name, alias, str(version))
    return {}


def aliased_runs(client: Any, uri: str, run_ids: Sequence[str]) -> dict[str, Any]:
    """Those of the runs whose version bears an alias; none where there is no registry.

    The search for versions tells no aliases: each registered model is asked once for its own.
    """
    found: list[Any] = []
    try:
        for at in range(0, len(run_ids), 50):
            quoted = ", ".join(f"'{each}'" for each in run_ids[at : at + 50])
            found += _search_versions(client, f"run_id IN ({quoted})")
    except Exception as error:
        if failure(error)["error"] != "endpoint":
            raise
        return {"run_ids": []}
    bearing = set()
    for name in sorted({each.name for each in found}):
        numbers = set((aliases(client, uri, name)["aliases"] or {}).values())
        bearing |= {each.run_id for each in found if each.name == name and int(each.version) in numbers}
    return {"run_ids": sorted(bearing)}


def _version_of(found: Any) -> dict[str, Any]:
    return {
        "name": found.name,
        "version": int(found.version),
        "run_id": found.run_id,
        "source": found.source,
        "created_ms": found.creation_timestamp,
        "status": found.status,
        "tags": dict(found.tags or {}),
    }


def download(client: Any, uri: str, model: str, folder: str) -> dict[str, Any]:
    """Bring the files of a model into a folder; the folder that they are in."""
    import mlflow

    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(client._registry_uri)
    return {"folder": mlflow.artifacts.download_artifacts(artifact_uri=model, dst_path=folder)}
