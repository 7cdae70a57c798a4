"""Questions about runs and experiments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from .failures import RefusedError, failure, once
from .stores import folder_of, pages

_EXPERIMENTS_AT_ONCE = 500
_RUNS_AT_MOST = 200_000
_RECENT_AT_MOST = 200
_PARENTS_AT_MOST = 20


def find_runs(
    client: Any, uri: str, tags: Sequence[Sequence[str]], experiment: str | None, at_most: int
) -> dict[str, Any]:
    """The newest active runs that have one of the tags, of one experiment or of all."""
    folder = folder_of(uri)
    experiments = experiments_of(client, experiment)
    if folder is not None:
        # MLflow's file store answers a query by reading every run whole: 3 CPU seconds for 2,000 runs.
        named = _read_each(client, _with_tag_files(folder, tags))
        found = {run.info.run_id: run for run in named if run.info.experiment_id in experiments}
    else:
        queries = [f"tags.`{tag}` = '{value}'" for tag, value in tags]
        runs = [run for query in queries for run in _search(client, experiments, query, at_most)]
        found = {run.info.run_id: run for run in runs}
    newest = sorted(found.values(), key=lambda run: run.info.start_time or 0, reverse=True)
    return {"runs": [_run(run) for run in [*newest[:at_most], *_missing_parents(client, found)]]}


def _with_tag_files(folder: Path, tags: Sequence[Sequence[str]]) -> list[str]:
    found: list[str] = []
    for tag, value in tags:
        for path in folder.glob(f"*/*/tags/{tag}"):
            with path.open(encoding="utf-8", errors="replace") as file:
                if file.read(len(value) + 8).strip() == value:
                    found.append(path.parent.parent.name)
    return list(dict.fromkeys(found))


def _read_each(client: Any, run_ids: Sequence[str]) -> Iterator[Any]:
    """The active ones of some runs; what can't be read of them is left out, as MLflow's own search does."""
    for run_id in run_ids:
        try:
            run = client.get_run(run_id)
        except Exception as error:
            if failure(error)["error"] == "down":
                raise
            continue
        if run.info.lifecycle_stage == "active":
            yield run


def _missing_parents(client: Any, found: Mapping[str, Any]) -> Iterator[Any]:
    """The parents of nested runs that are not among them: a sweep has more children than are looked at."""
    wanted = [run.data.tags.get("mlflow.parentRunId") for run in found.values()]
    missing = list(dict.fromkeys(each for each in wanted if each and each not in found))
    return _read_each(client, missing[:_PARENTS_AT_MOST])


def experiments_of(client: Any, name: str | None) -> list[str]:
    """The ids of the active experiments; of the named one alone, where a name is given."""
    if name is None:
        found = pages(client.search_experiments, lambda each: each.experiment_id)
    else:
        found = iter([client.get_experiment_by_name(name)])
    return [
        each.experiment_id
        for each in found
        if each is not None and each.experiment_id and each.lifecycle_stage == "active"
    ]


def _search(client: Any, experiments: Sequence[str], query: str, at_most: int) -> Iterator[Any]:
    for at in range(0, len(experiments), _EXPERIMENTS_AT_ONCE):
        some = list(experiments[at : at + _EXPERIMENTS_AT_ONCE])
        yield from islice(_search_in(client, some, query), at_most)


def _search_in(client: Any, experiments: list[str], query: str) -> Iterator[Any]:
    def ask(**page: Any) -> Any:
        order = ["attributes.start_time DESC"]
        return client.search_runs(experiments, filter_string=query, order_by=order, **page)

    return pages(ask, lambda run: run.info.run_id)


def get_run(client: Any, uri: str, run_id: str) -> dict[str, Any]:
    """One active run."""
    run = client.get_run(run_id)
    if run.info.lifecycle_stage != "active":
        raise RefusedError("missing", "the run was deleted")
    return {"run": _run(run)}


def runs_since(client: Any, uri: str, since_ms: int) -> dict[str, Any]:
    """The active runs that were started at or after a time."""
    folder = folder_of(uri)
    if folder is not None:
        files = [path for path in folder.glob("*/*/meta.yaml") if path.stat().st_mtime * 1000 >= since_ms]
        runs = list(_read_each(client, [path.parent.name for path in files]))
    else:
        query = f"attributes.start_time >= {int(since_ms)}"
        runs = list(_search(client, experiments_of(client, None), query, _RECENT_AT_MOST))
    return {"runs": [_run(run) for run in runs if (run.info.start_time or 0) >= since_ms]}


def finished_runs(client: Any, uri: str, experiment: str | None, at_most: int) -> dict[str, Any]:
    """The finished runs of one experiment, or of all, that are not nested; the newest first."""
    runs = _search(client, experiments_of(client, experiment), "attributes.status = 'FINISHED'", at_most)
    return {"runs": [_run(run) for run in runs if "mlflow.parentRunId" not in run.data.tags]}


def _run(run: Any) -> dict[str, Any]:
    info, data = run.info, run.data
    inputs = getattr(getattr(run, "inputs", None), "dataset_inputs", None) or []
    outputs = getattr(getattr(run, "outputs", None), "model_outputs", None) or []
    return {
        "run_id": info.run_id,
        "experiment_id": info.experiment_id,
        "status": info.status,
        "started_ms": info.start_time,
        "ended_ms": info.end_time,
        "artifact_uri": info.artifact_uri,
        "params": dict(data.params),
        "metrics": {name: float(value) for name, value in data.metrics.items()},
        "tags": dict(data.tags),
        "datasets": [_dataset(each) for each in inputs],
        "model_ids": [each.model_id for each in sorted(outputs, key=lambda each: each.step or 0)],
    }


def _dataset(entry: Any) -> dict[str, str]:
    context = [tag.value for tag in entry.tags or [] if tag.key == "mlflow.data.context"]
    return {
        "name": entry.dataset.name,
        "digest": entry.dataset.digest,
        "context": context[0] if context else "",
    }


def experiment_id(client: Any, uri: str, name: str) -> dict[str, Any]:
    """The experiment of a name, made when there is none."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        if found.lifecycle_stage != "active":
            raise RefusedError("failed", f"the experiment {name} was deleted")
        return {"experiment_id": found.experiment_id}
    try:
        return {"experiment_id": once(lambda: client.create_experiment(name))}
    except Exception as error:
        if failure(error)["error"] != "conflict":
            raise
    # Somebody made it in between.
    return {"experiment_id": client.get_experiment_by_name(name).experiment_id}


def find_experiment(client: Any, uri: str, name: str) -> dict[str, Any]:
    """The active experiment of a name; null where there is none."""
    found = client.get_experiment_by_name(name)
    is_there = found is not None and found.lifecycle_stage == "active"
    return {"experiment_id": found.experiment_id if is_there else None}


def create_run(
    client: Any, uri: str, experiment_id: str, name: str, started_ms: int, tags: dict[str, str]
) -> dict[str, Any]:
    """A new run, in status RUNNING."""
    run = once(lambda: client.create_run(experiment_id, start_time=started_ms, tags=tags, run_name=name))
    return {"run": _run(run)}


def log_params(client: Any, uri: str, run_id: str, params: Mapping[str, str]) -> dict[str, Any]:
    """Add params to a run."""
    from mlflow.entities import Param

    entries = [Param(name, value) for name, value in params.items()]
    for at in range(0, len(entries), 100):
        client.log_batch(run_id, params=entries[at : at + 100])
    return {}


def end_run(client: Any, uri: str, run_id: str, status: str, ended_ms: int) -> dict[str, Any]:
    """Give a run its last status."""
    client.set_terminated(run_id, status=status, end_time=ended_ms)
    return {}


def delete_run(client: Any, uri: str, run_id: str) -> dict[str, Any]:
    """Move a run to the trash."""
    client.delete_run(run_id)
    return {}


def tagged_runs(client: Any, uri: str, experiment_id: str, tag: str, tops: int) -> dict[str, Any]:
    """What retention asks of the active runs of an experiment that have a tag, whatever its value; newest first.

    Ends with the last of so many runs that are not nested: what is nested began after its parent.
    """
    names = (tag, "mlflow.parentRunId", "devops_mlops_report.repository")
    runs: list[dict[str, Any]] = []
    for run in _search(client, [experiment_id], f"tags.`{tag}` LIKE '%'", _RUNS_AT_MOST):
        tags = {name: run.data.tags[name] for name in names if name in run.data.tags}
        info = run.info
        runs.append(
            {"run_id": info.run_id, "status": info.status, "started_ms": info.start_time, "tags": tags}
        )
        tops -= "mlflow.parentRunId" not in tags
        if tops <= 0:
            break
    return {"runs": runs}
