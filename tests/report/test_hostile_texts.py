"""600 strings in every place where text comes from outside: shown, and never anything but text."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from checkouts import Checkout
from commands import run_here
from csv_samples import many_rows
from devops_mlops_report.history.columns import COLUMN_NAMES
from devops_mlops_report.history.stores import FileLocation
from devops_mlops_report.report import run as run_module
from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.facts.collecting import Inputs
from devops_mlops_report.report.redaction import Redaction
from devops_mlops_report.report.rendering.content import Content
from devops_mlops_report.report.rendering.markdown import one_line
from devops_mlops_report.report.rendering.summary import render_problem, render_summary
from devops_mlops_report.report.training.process import run_process
from hostile import ACTS_IN_A_TERMINAL, HOSTILE, LIVE_IN_A_LOG, page_of

# Tests and machines are in the row already, and in a summary as soon as one shows them.
PLACES = (
    *(
        "message",
        "author",
        "branch",
        "workflow",
        "job",
        "metric",
        "param",
        "old",
        "new",
        "run",
        "error",
        "quoted",
    ),
    *("tag", "config", "file", "output", "model", "history"),
)
"""Where text comes from outside. A marker with its name goes the real way, and then each string takes its place."""


def marker(place: str) -> str:
    return f"zq{place}qz"


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> list[Content]:
    """What summaries are made of: of a commit that regressed, of one that is steady, of one that did not train."""
    root = tmp_path_factory.mktemp("hostile")
    checkout = Checkout.create(root / "wine")
    metric = marker("metric")
    config = parse_config(
        json.dumps({"report": {"highlight_metric": metric, "baseline": "release"}, "timezone": "UTC"})
    )
    captured: list[Content] = []
    for number, value in enumerate((0.9, 0.91, 0.9, 0.905, 0.9, 0.902, 0.5, 0.51, None)):
        checkout.git("checkout", "--quiet", "-B", marker("branch"))
        sha = checkout.commit(f"{marker('message')} {number}", {"uv.lock": str(number)})
        checkout.git(
            "commit", "--quiet", "--amend", "--no-edit", f"--author={marker('author')} <a@example.org>"
        )
        sha = checkout.git("rev-parse", "HEAD")
        if number == 3:
            checkout.git("tag", "v1.0")
        (root / "metrics.json").write_text(json.dumps({metric: value, f"{metric}2": value}))
        params = {marker("param"): marker("old") if number < 6 else marker("new")}
        (root / "params.json").write_text(json.dumps(params))
        needs = {marker("job"): {"result": "failure"}}
        environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "acme/wine",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REF_NAME": marker("branch"),
            "GITHUB_REF_TYPE": "branch",
            "GITHUB_WORKFLOW": marker("workflow"),
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_RUN_ID": str(number),
            "GITHUB_SHA": sha,
            "NEEDS_JSON": json.dumps(needs),
        }
        given = [root / "metrics.json", root / "params.json"] if value is not None else [None, None]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(run_module, "render_summary", lambda content: captured.append(content) or "x")
            run_module.make_report(
                config,
                FileLocation(root / "h.csv"),
                Inputs(checkout.root, environment, *given),
                checkout.moment,
            )
    quoting = (f"It said: {marker('error')}.", f"{marker('error')} said `{marker('quoted')}`.")
    more = {
        "problems": quoting,
        "notices": quoting,
        "promotion": quoting[1],
        "training_headline": "The training failed",
        "training_note": quoting[1],
        "failed_rules": (f"`{marker('metric')}` (`on_regression: fail`)", marker("config")),
        "output_tail": (marker("output"), f"    {marker('output')}"),
        "unrecorded": f"commit_sha\n{marker('output')}\n",
        "trace": replace(captured[-1].trace, history=marker("history"), history_revision=marker("history")),
    }
    trained, untrained = captured[-2], captured[-1]
    row = {
        "cause": "Data",
        "changed_inputs": [f"{marker('file')}{number}" for number in range(7)],
        "mlflow_run_id": marker("run"),
        "model_name": marker("model"),
        "model_version": marker("model"),
        "base_branch": marker("branch"),
        "failed_tests": [marker("test")],
        "environment": {"cpu": marker("machine")},
        "pull_request": marker("run"),
    }
    model = {
        **(untrained.answers.newest_model or {}),
        "model_name": marker("model"),
        "model_version": marker("model"),
    }
    steady = {**captured[5].answers.metrics[0], "baseline_tag": marker("tag")}
    return [
        replace(trained, row={**trained.row, **row}, **more),
        replace(captured[5], answers=replace(captured[5].answers, metrics=[steady])),
        replace(untrained, answers=replace(untrained.answers, newest_model=model)),
    ]


def put(value: Any, texts: Mapping[str, str]) -> Any:
    """The value with the markers in it replaced; addresses are the CI's own."""
    if isinstance(value, str):
        for found, text in texts.items() if "zq" in value else ():
            value = value.replace(found, text)
        return value
    if isinstance(value, Mapping):
        return {
            put(key, texts): item if str(key).endswith("_url") else put(item, texts)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return type(value)(put(item, texts) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        own = (each.name for each in fields(value) if not each.name.endswith("_url"))
        return replace(value, **{name: put(getattr(value, name), texts) for name in own})
    return value


def rotated(number: int) -> dict[str, str]:
    """A string for each place, so that each string comes to each place once."""
    places = (*PLACES, "test", "machine")
    return {marker(place): HOSTILE[(number + 37 * at) % len(HOSTILE)] for at, place in enumerate(places)}


def test_every_place_is_in_the_summaries(contents: list[Content]) -> None:
    shown = "".join(map(render_summary, contents))
    assert [place for place in PLACES if marker(place) not in shown] == []


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_summary_is_the_same_page_whatever_the_texts_are(contents: list[Content], which: int) -> None:
    content = contents[which]
    benign = page_of(render_summary(put(content, dict.fromkeys(rotated(0), "benign"))))
    assert benign.live == []
    # What the others have more than the first is a few lines.
    for number in range(0, len(HOSTILE), 5 if which else 1):
        texts = rotated(number)
        page = page_of(render_summary(put(content, texts)))
        assert page.skeleton == benign.skeleton, texts
        assert page.links == benign.links, texts
        assert page.live == [], texts
        assert not ACTS_IN_A_TERMINAL.search(page.text), texts
        assert one_line(texts[marker("author")], 60).removesuffix("…") in page.text, texts


def test_an_error_is_the_same_page_whatever_its_text_is() -> None:
    skeleton = page_of(render_problem("No report could be made", "benign")).skeleton
    for text in HOSTILE:
        page = page_of(render_problem("No report could be made", " ".join(text.splitlines())))
        assert (page.skeleton, page.links, page.live) == (skeleton, [], []), text


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history of 600 rows with a string in each cell that holds text."""
    rows = many_rows(len(HOSTILE))
    for number, row in enumerate(rows):
        text = dict(
            zip(PLACES, (HOSTILE[(number + 37 * at) % 600] for at in range(len(PLACES))), strict=True)
        )
        row |= {
            "author": text["author"],
            "commit_message": text["message"],
            "workflow": text["workflow"],
            "jobs": json.dumps([{"name": text["job"], "conclusion": text["error"]}]),
            "changed_inputs": json.dumps([text["file"]]),
            "mlflow_run_id": text["run"],
            "model_name": text["model"],
            "model_version": text["tag"],
            "params": json.dumps({text["param"]: text["old"], "x": text["new"]}),
            "metrics": json.dumps({"loss": 0.1, text["metric"]: 0.5}),
        }
    path = tmp_path_factory.mktemp("hostile") / "h.csv"
    lines = [
        ",".join(COLUMN_NAMES),
        *(",".join(_cell(row.get(name, "")) for name in COLUMN_NAMES) for row in rows),
    ]
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    return path


def _cell(text: str) -> str:
    """Quoted, which `csv` leaves out around a carriage return."""
    return '"' + text.replace('"', '""') + '"' if text else ""


QUERIES = {
    "values": "select * from commits",
    "names": "select " + ", ".join(f'1 as "{text.replace(chr(34), chr(34) * 2)}"' for text in HOSTILE),
    "nested": "select list(commit_message) as l, struct_pack(a := author)::json as s from commits group by author",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
@pytest.mark.parametrize("style", ["table", "json", "markdown"])
def test_an_answer_does_nothing(history: Path, query: str, style: str) -> None:
    answer = run_here("sql", query, "--format", style, "--history", history, environment={"CI": "true"})
    assert answer.code == 0, answer.stderr
    assert not LIVE_IN_A_LOG.search(answer.stdout)
    assert not ACTS_IN_A_TERMINAL.search(answer.stdout)
    if style == "markdown":
        page = page_of(answer.stdout)
        assert set(page.skeleton) <= {"table", "thead", "tbody", "tr", "th", "td"}
        assert (page.links, page.live) == ([], [])


def test_a_csv_in_the_log_of_a_ci_does_nothing_and_in_a_file_is_exact(history: Path, tmp_path: Path) -> None:
    query = "select author from commits order by workflow_run_id::int"
    command = [
        sys.executable,
        "-I",
        "-m",
        "devops_mlops_report",
        "sql",
        query,
        "--format",
        "csv",
        "--history",
        history,
    ]
    environment = {"PATH": os.environ["PATH"], "TF_BUILD": "True"}
    shown = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, check=True
    ).stdout.decode()
    assert not LIVE_IN_A_LOG.search(shown)
    assert not ACTS_IN_A_TERMINAL.search(shown)
    with (tmp_path / "answer.csv").open("wb") as file:
        subprocess.run(command, env=environment, cwd=tmp_path, stdout=file, check=True)
    exact = (tmp_path / "answer.csv").read_bytes().decode()
    with history.open(encoding="utf-8", newline="") as file:
        written = [row["author"] for row in csv.DictReader(file)]
    assert [row[0] for row in csv.reader(io.StringIO(exact, newline=""))][1:] == written


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", f"{599:040x}"),
        ("explain", f"{590:040x}", "--format", "json"),
        ("backtest", "--metric", "loss"),
        ("explain", f"{3:040x}", "--metric", HOSTILE[1]),
    ],
    ids=" ".join,
)
def test_a_command_s_text_does_nothing(history: Path, arguments: tuple[str, ...]) -> None:
    answer = run_here(*arguments, "--history", history)
    for shown in (answer.stdout, answer.stderr):
        assert not LIVE_IN_A_LOG.search(shown)
        assert not ACTS_IN_A_TERMINAL.search(shown)


def test_the_cause_of_a_training_names_files_and_does_nothing(tmp_path: Path) -> None:
    checkout = Checkout.create(tmp_path / "wine")
    config = "report: {highlight_metric: r2}\nproject: {train_script: train.py, data_paths: [data]}\n"
    checkout.commit("Begin", {"report-config.yml": config, "train.py": "1"})
    names = [f"data/{text.replace('/', '-').strip()[:100] or 'x'}" for text in HOSTILE]
    checkout.commit("Add", dict.fromkeys(names, "x"))
    for style in ("text", "json", "outputs"):
        answer = run_here("cause", "--format", style, "--since", "HEAD~1", cwd=checkout.root)
        assert answer.code == 0, answer.stderr
        assert not LIVE_IN_A_LOG.search(answer.stdout + answer.stderr)
        assert not ACTS_IN_A_TERMINAL.search(answer.stdout + answer.stderr)


def test_the_output_of_a_training_holds_no_command_where_nothing_stops_them(tmp_path: Path) -> None:
    output = io.BytesIO()
    (tmp_path / "texts.json").write_text(json.dumps(HOSTILE))
    code = "import json\nfor text in json.load(open('texts.json')): print('a', text, flush=True)"
    ended = run_process(
        [sys.executable, "-c", code],
        tmp_path,
        os.environ,
        limit_seconds=60,
        redaction=Redaction.of({}),
        output=output,
        is_in_actions=False,
    )
    assert ended.problem is None
    shown = output.getvalue().decode()
    assert not [found[0] for found in LIVE_IN_A_LOG.finditer(shown) if "::" not in found[0]]
    assert "\x1b[31mred" in shown
