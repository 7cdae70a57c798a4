"""Whatever a server answers with 200, the answer is a value of the right type or an error that says so."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from devops_mlops_report.report.mlflow_client.errors import TrackingError
from devops_mlops_report.report.mlflow_client.registry import ModelVersion, Registry
from devops_mlops_report.report.mlflow_client.runs import LoggedModel, TrackedRun
from devops_mlops_report.report.mlflow_client.tracking import Tracking
from servers.odd_server import Told, answering_as_told
from tracking_here import asking

INFO = {
    "run_id": "abc",
    "experiment_id": "0",
    "status": "FINISHED",
    "lifecycle_stage": "active",
    "start_time": 1,
}
METRIC = {"key": "r2", "value": 0.5, "timestamp": 1, "step": 0}
RUN = {"info": INFO, "data": {"metrics": [METRIC], "params": [{"key": "a", "value": "1"}], "tags": []}}
EXPERIMENT = {"experiment_id": "0", "name": "Default", "lifecycle_stage": "active"}
VERSION = {"name": "churn", "version": "1", "run_id": "abc", "status": "READY", "source": "x"}
MODEL = {
    "info": {"model_id": "m-1", "experiment_id": "0", "name": "m", "tags": []},
    "data": {"metrics": [METRIC]},
}


def whole() -> dict[str, Any]:
    """One object that is a good answer to every question."""
    return {
        "run": RUN,
        "runs": [RUN],
        "experiment": EXPERIMENT,
        "experiments": [EXPERIMENT],
        "experiment_id": "0",
        "registered_model": {"name": "churn", "aliases": [{"alias": "champion", "version": "1"}]},
        "model_version": VERSION,
        "model_versions": [VERSION],
        "model": MODEL,
        "models": [MODEL],
    }


def run(**changes: Any) -> bytes:
    """An answer whose run has other parts: `info__status=5` is that of its `info`."""
    changed = json.loads(json.dumps(RUN))
    for path, value in changes.items():
        *parents, name = path.split("__")
        place = changed
        for each in parents:
            place = place[each]
        place[name] = value
    return dumped(run=changed, runs=[changed])


def dumped(**changes: Any) -> bytes:
    return json.dumps(whole() | changes).encode()


def metric(**changes: Any) -> bytes:
    return run(data__metrics=[METRIC | changes])


def version(**changes: Any) -> bytes:
    return dumped(model_version=VERSION | changes, model_versions=[VERSION | changes])


SHAPES = {
    "nothing": b"",
    "spaces": b"   ",
    "an empty object": b"{}",
    "a list": b"[]",
    "null": b"null",
    "a number": b"42",
    "a text": b'"OK"',
    "a page": b"<!doctype html><title>Sign in</title>",
    "half of an answer": dumped()[:200],
    "no UTF-8": b'{"run": "\xff\xfe"}',
    "deep": b'{"run":' * 5000 + b"1" + b"}" * 5000,
    "every member null": json.dumps(dict.fromkeys(whole())).encode(),
    "every member a number": json.dumps(dict.fromkeys(whole(), 1)).encode(),
    "every member a text": json.dumps(dict.fromkeys(whole(), "x")).encode(),
    "every member an empty list": json.dumps({key: [] for key in whole()}).encode(),
    "every member an empty object": json.dumps({key: {} for key in whole()}).encode(),
    "every member a list of null": json.dumps({key: [None] for key in whole()}).encode(),
    "every member a list of texts": json.dumps({key: ["x"] for key in whole()}).encode(),
    "every member a list of empty objects": json.dumps({key: [{}] for key in whole()}).encode(),
    "a run without info": run(info=None),
    "a run without data": run(data=None),
    "a run without an id": run(info__run_id=None),
    "a run with an empty id": run(info__run_id=""),
    "a run with a number as its id": run(info__run_id=5),
    "a run of an unknown status": run(info__status="DREAMING"),
    "a run with a number as its status": run(info__status=3),
    "a run that began never": run(info__start_time=None),
    "a run that began at a text": run(info__start_time="yesterday"),
    "a run that began long ago": run(info__start_time=-(10**15)),
    "a run that began at a fraction": run(info__start_time=0.5),
    "a metric of null": metric(value=None),
    "a metric of text": metric(value="high"),
    "a metric of a list": metric(value=[1]),
    "a metric of an object": metric(value={}),
    "a metric of a truth": metric(value=True),
    "a metric of a number in a text": metric(value="0.5"),
    "a metric by the name of NaN": metric(value="NaN"),
    "a metric of NaN": metric(value=math.nan),
    "a metric beyond all numbers": metric(value=0).replace(b'"value": 0,', b'"value": 1e999,'),
    "a metric without a key": metric(key=None),
    "metrics that are an object": run(data__metrics={"r2": 0.5}),
    "metrics twice": run(data__metrics=[METRIC, METRIC | {"value": 0.75}]),
    "params that are texts": run(data__params=["a=1"]),
    "a param of null": run(data__params=[{"key": "a", "value": None}]),
    "tags that are null": run(data__tags=None),
    "a tag without a value": run(data__tags=[{"key": "x"}]),
    "inputs that are a list": run(inputs=[1]),
    "the same run many times": dumped(runs=[RUN] * 50),
    "a next page for ever": dumped(next_page_token="again"),
    "a next page that is a number": dumped(next_page_token=5),
    "an experiment without an id": dumped(experiment={"name": "x"}, experiments=[{"name": "x"}]),
    "a version that is no number": version(version="latest"),
    "a version of null": version(version=None),
    "a version of a fraction": version(version=1.5),
    "a version in an unknown state": version(status="DREAMING"),
    "aliases that are texts": dumped(registered_model={"name": "churn", "aliases": ["champion"]}),
    "an alias of no version": dumped(registered_model={"name": "churn", "aliases": [{"alias": "champion"}]}),
}


@dataclass
class Nonsense:
    """A server that answers as told, and those who ask it."""

    told: Told
    tracking: Tracking
    registry: Registry


@pytest.fixture(scope="module")
def nonsense(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nonsense]:
    told = Told(200, b"{}")
    folder = tmp_path_factory.mktemp("nonsense")
    with answering_as_told(told) as url, asking(url, folder, limits="total_seconds: 600") as tracking:
        yield Nonsense(told, tracking, Registry(tracking.session, url))


def is_run(found: object) -> bool:
    return (
        isinstance(found, TrackedRun)
        and bool(found.run_id)
        and isinstance(found.started_ms, int | None)
        and all(isinstance(value, float) for value in found.metrics.values())
        and all(isinstance(value, str) for pairs in (found.params, found.tags) for value in pairs.values())
    )


def is_version(found: object) -> bool:
    return (
        isinstance(found, ModelVersion)
        and isinstance(found.version, int)
        and isinstance(found.value, float | None)
    )


def is_one_line(text: str) -> bool:
    return "\n" not in text and "Traceback" not in text


QUESTIONS: dict[str, tuple[Callable[[Nonsense], Any], Callable[[Any], bool]]] = {
    "a run": (lambda asked: asked.tracking.run("abc"), is_run),
    "runs": (lambda asked: asked.tracking.of_commits(["a" * 40]), lambda found: all(map(is_run, found))),
    "models": (
        lambda asked: asked.tracking.models_of_commits(["a" * 40]),
        lambda found: all(isinstance(each, LoggedModel) and each.model_id for each in found),
    ),
    "an experiment": (
        lambda asked: asked.tracking.experiment_id("x"),
        lambda found: isinstance(found, str) and bool(found),
    ),
    "a new run": (lambda asked: asked.tracking.create("0", "x", 1, {}), is_run),
    "tagged runs": (
        lambda asked: asked.tracking.tagged("0", "x", asked.registry.uri, 10),
        lambda found: all(map(is_run, found)),
    ),
    "aliases": (
        lambda asked: asked.registry.aliases("churn"),
        lambda found: found is None or all(isinstance(each, int) for each in found.values()),
    ),
    "versions": (lambda asked: asked.registry.versions("churn"), lambda found: all(map(is_version, found))),
    "a version": (lambda asked: asked.registry.version("churn", 1), is_version),
    "aliased runs": (
        lambda asked: asked.registry.aliased_runs({"abc"}),
        lambda found: all(isinstance(each, str) for each in found),
    ),
}


def test_the_shapes_are_made_of_an_answer_that_is_a_good_one(nonsense: Nonsense) -> None:
    nonsense.told.body = dumped()
    for question, (ask, is_right) in QUESTIONS.items():
        found = ask(nonsense)
        assert found, question
        assert is_right(found), question


@pytest.mark.parametrize("shape", SHAPES)
def test_nonsense_is_an_error_or_of_the_right_type(nonsense: Nonsense, shape: str) -> None:
    nonsense.told.body = SHAPES[shape]
    for question, (ask, is_right) in QUESTIONS.items():
        said = ""
        try:
            found = ask(nonsense)
        except TrackingError as error:
            said = str(error)
        assert is_one_line(said) if said else is_right(found), question
