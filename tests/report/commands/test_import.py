"""`import`: what other tools have kept is taken in once, whole, and with what they tell of it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from checkouts import Checkout
from commands import Answer, run_here
from servers.github_api import GitHubApi, github_api
from servers.mlflow_api import MlflowApi
from servers.mlflow_server import MlflowServer
from servers.odd_server import answering


@pytest.fixture
def wine(checkout: Checkout) -> list[str]:
    """The hashes of twelve commits of the checkout, oldest first."""
    shas = [checkout.git("rev-parse", "HEAD"), *(checkout.commit(f"Change {at}") for at in range(1, 12))]
    (checkout.root / "report-config.yml").write_text(
        "version: 3\nreport: {highlight_metric: p50}\nstorage: {path: h.csv}\n"
    )
    return shas


def take_in(checkout: Checkout, *arguments: str | Path) -> Answer:
    return run_here("import", *arguments, cwd=checkout.root)


def rows(checkout: Checkout) -> list[dict[str, str]]:
    path = checkout.root / "h.csv"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def run_of(sha: str, at: int, tool: str, *benches: dict[str, Any]) -> dict[str, Any]:
    commit = {"id": sha, "message": "Said\n\nmore", "timestamp": "2026-03-01T09:00:00+01:00"}
    commit |= {"author": {"name": "Ada"}}
    return {"commit": commit, "date": 1772359200000 + 60_000 * at, "tool": tool, "benches": list(benches)}


def bench(name: object, value: object, unit: str = "ms") -> dict[str, object]:
    return {"name": name, "value": value, "unit": unit}


def data_js(entries: dict[str, Any]) -> str:
    document = {"lastUpdate": 1, "repoUrl": "https://github.com/other/name", "entries": entries}
    return f"window.BENCHMARK_DATA = {json.dumps(document, indent=1)};\n"


def test_a_file_of_github_action_benchmark_comes_with_units_directions_and_its_order(
    checkout: Checkout, wine: list[str]
) -> None:
    """The reference is the list itself: each value at its commit, in the order of the file."""
    values = [3.0, "3.5", 2, 4, 5]
    runs = [
        run_of(sha, at, "go", bench("p50", value))
        for at, (sha, value) in enumerate(zip(wine, values, strict=False))
    ]
    (checkout.root / "data.js").write_text(data_js({"Go": runs}))
    dry = take_in(checkout, "github-action-benchmark", "data.js", "--dry-run")
    assert "5 rows would be new in h.csv; nothing was written" in dry.stderr
    assert "Found: 5 rows of 5 commits, 2026-03-01 to 2026-03-01" in dry.stderr
    assert rows(checkout) == []

    assert (
        "5 rows are new in h.csv, which makes 5"
        in take_in(checkout, "github-action-benchmark", "data.js").stderr
    )
    found = rows(checkout)
    assert [row["commit_sha"] for row in found] == wine[:5]
    assert [json.loads(row["metrics"])["p50"] for row in found] == [3.0, 3.5, 2, 4, 5]
    assert {row["metric_facts"] for row in found} == {'{"p50":{"goal":"minimize","unit":"ms"}}'}
    assert {row["author"] for row in found} == {"Ada Lovelace"}
    assert found[1]["parent_sha"] == wine[0]
    assert {row["repository"] for row in found} == {"acme/wine"}
    before = (checkout.root / "h.csv").read_bytes()
    assert "0 rows are new" in take_in(checkout, "github-action-benchmark", "data.js").stderr
    assert (checkout.root / "h.csv").read_bytes() == before


def test_several_suites_are_told_apart_and_what_is_none_is_left_out_and_counted(
    checkout: Checkout, wine: list[str]
) -> None:
    entries = {
        "fast": [
            run_of(wine[0], 0, "benchmarkjs", bench("a", 1, "ops/sec"), bench("b", "n/a"), bench(7, 1)),
            run_of(wine[1], 1, "benchmarkjs"),
            {"nothing": 1},
            run_of("main", 2, "benchmarkjs", bench("a", 1)),
        ],
        "slow": [run_of(wine[0], 0, "unheard-of", bench("a", 2)), run_of(wine[0], 5, "cargo", bench("a", 3))],
    }
    (checkout.root / "data.js").write_text(data_js(entries))
    answer = take_in(checkout, "github-action-benchmark", "data.js")
    assert answer.code == 0
    assert "3 runs have no commit, no date or no number" in answer.stderr
    assert f"{wine[0][:7]}, fast: 2 of its values are no numbers" in answer.stderr
    found = [(json.loads(row["metrics"]), json.loads(row["metric_facts"])) for row in rows(checkout)]
    assert sorted(found, key=str) == [
        ({"fast.a": 1}, {"fast.a": {"goal": "maximize", "unit": "ops/sec"}}),
        ({"slow.a": 2}, {"slow.a": {"unit": "ms"}}),
        ({"slow.a": 3}, {"slow.a": {"goal": "minimize", "unit": "ms"}}),
    ]


def test_after_an_import_the_first_report_has_a_verdict(checkout: Checkout, wine: list[str]) -> None:
    values = [3.0, 3.1, 2.9, 3.0, 3.05, 2.95, 3.0, 3.1, 2.9, 3.0, 3.0]
    runs = [
        run_of(sha, at, "go", bench("p50", value))
        for at, (sha, value) in enumerate(zip(wine, values, strict=False))
    ]
    (checkout.root / "data.js").write_text(data_js({"Go": runs}))
    assert take_in(checkout, "github-action-benchmark", "data.js").code == 0
    (checkout.root / "m.json").write_text('{"p50": 9.0}')
    answer = run_here("run", "--metrics", "m.json", cwd=checkout.root)
    assert answer.code == 0
    headline = answer.stdout.splitlines()[0]
    assert "p50 9" in headline
    assert "worse" in headline


def test_a_url_is_read_and_one_that_has_nothing_is_told(checkout: Checkout, wine: list[str]) -> None:
    text = data_js({"Go": [run_of(wine[0], 0, "go", bench("p50", 3))]})
    with answering(200, text.encode()) as (url, _):
        assert "1 row is new" in take_in(checkout, "github-action-benchmark", f"{url}/data.js").stderr
    with answering(404, b"") as (url, _):
        answer = take_in(checkout, "github-action-benchmark", f"{url}/data.js")
    assert (answer.code, answer.is_one_line()) == (2, True)
    assert "the answer is 404" in answer.stderr


def test_the_action_s_branch_is_read_in_the_checkout_or_of_its_remote(
    checkout: Checkout, wine: list[str]
) -> None:
    text = data_js({"Go": [run_of(wine[0], 0, "go", bench("p50", 3))]})
    checkout.git("checkout", "--quiet", "--orphan", "gh-pages")
    checkout.git("rm", "--quiet", "-r", "--cached", "--ignore-unmatch", ".")
    checkout.commit("Pages", {"dev/bench/data.js": text, "other/data.js": text})
    checkout.git("update-ref", "refs/remotes/origin/pages", "gh-pages")
    checkout.git("checkout", "--quiet", "--force", "main")
    (checkout.root / "report-config.yml").write_text(
        "version: 3\nreport: {highlight_metric: p50}\nstorage: {path: h.csv}\n"
    )
    for source, count in (("gh-pages", 1), ("gh-pages:other/data.js", 0), ("pages", 0)):
        told = take_in(checkout, "github-action-benchmark", source).stderr
        assert f"{count} row{' is' if count == 1 else 's are'} new" in told
    for source in ("nowhere", "gh-pages:nothing.js", "-c"):
        answer = take_in(checkout, "github-action-benchmark", "--", source)
        assert (answer.code, answer.is_one_line()) == (2, True), answer.stderr


@pytest.mark.parametrize(
    "content", ["", "nonsense", "[]", '{"entries": 3}', "\x00", '{"entries": {"a": [[]]}}']
)
def test_what_is_no_file_of_benchmarks_changes_nothing(
    checkout: Checkout, wine: list[str], content: str
) -> None:
    (checkout.root / "data.js").write_text(content)
    answer = take_in(checkout, "github-action-benchmark", "data.js")
    assert "Traceback" not in answer.stderr
    assert answer.code == (0 if "[[]]" in content else 2)
    assert rows(checkout) == []


def test_a_table_s_columns_are_mapped_and_its_odd_lines_named(checkout: Checkout, wine: list[str]) -> None:
    lines = [
        "sha,when,acc,note,lr",
        f"{wine[0][:8]},2026-03-02T10:00:00Z,0.9,first,0.1",
        f"{wine[1]},1772532000,,second,0.2",
        f"{wine[1]},1772532000,0.91,again,0.2",
        "HEAD,2026-03-02,0.5,,",
        f"{wine[2]},yesterday,0.5,,",
        f"{wine[2]},2026-03-03,high,,",
    ]
    (checkout.root / "t.csv").write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")
    mapped = ("--commit", "sha", "--time", "when", "--metric", "acc=val_accuracy", "--param", "lr")
    answer = take_in(checkout, "csv", "t.csv", *mapped)
    assert answer.code == 0
    for words in (
        "Line 5 is left out: sha is 'HEAD'",
        "Line 6 is left out: the time",
        "val_accuracy is 'high'",
    ):
        assert words in answer.stderr
    found = rows(checkout)
    assert [row["commit_sha"] for row in found] == [wine[0], wine[1], wine[1]]
    assert [row["metrics"] for row in found] == ['{"val_accuracy":0.9}', "", '{"val_accuracy":0.91}']
    assert [row["params"] for row in found] == ['{"lr":"0.1"}', '{"lr":"0.2"}', '{"lr":"0.2"}']
    assert found[0]["recorded_at"] == "2026-03-02T10:00:00Z"
    assert "0 rows are new" in take_in(checkout, "csv", "t.csv", *mapped).stderr


def test_without_a_mapping_every_column_of_numbers_is_a_metric_at_the_commit_s_time(
    checkout: Checkout, wine: list[str]
) -> None:
    (checkout.root / "t.csv").write_text(f"sha;a;b;c\n{wine[3]};1;x;\n{wine[4]};2;3;4\n{'0' * 40};1;1;1\n")
    answer = take_in(checkout, "csv", "t.csv", "--commit", "sha", "--delimiter", ";")
    assert "Taken for metrics: a, c." in answer.stderr
    assert "Line 4 is left out: commit 000000000000 is not in the checkout" in answer.stderr
    assert [(row["commit_sha"], row["metrics"]) for row in rows(checkout)] == [
        (wine[3], '{"a":1.0}'),
        (wine[4], '{"a":2.0,"c":4.0}'),
    ]
    assert rows(checkout)[0]["recorded_at"] == rows(checkout)[0]["committed_at"] == "2026-03-01T12:00:00Z"
    refused = take_in(checkout, "csv", "t.csv", "--commit", "hash", "--delimiter", ";")
    assert (refused.code, refused.is_one_line()) == (2, True)
    assert "has no column 'hash' (it has: sha, a, b, c)" in refused.stderr


def test_commits_alone_are_taken_in_along_the_first_parents(checkout: Checkout, wine: list[str]) -> None:
    checkout.git("checkout", "--quiet", "-b", "side", "HEAD~1")
    side = checkout.commit("Aside")
    checkout.git("checkout", "--quiet", "main")
    checkout.git("merge", "--quiet", "--no-ff", "-m", "Merge", "side", at=checkout.moment)
    assert "13 rows are new" in take_in(checkout, "git").stderr
    found = rows(checkout)
    assert [row["commit_sha"] for row in found][:12] == wine
    assert side not in {row["commit_sha"] for row in found}
    assert {row["branch"] for row in found} == {"main"}
    assert "0 rows are new" in take_in(checkout, "git").stderr


def test_runs_of_mlflow_belong_to_the_commit_of_their_tag_else_to_the_one_before_them(
    checkout: Checkout, wine: list[str], mlflow: MlflowServer
) -> None:
    api = MlflowApi(mlflow.url)
    experiment = api.experiment("to-be-imported")
    tagged = api.create_run(experiment, tags={"mlflow.source.git.commit": wine[2]})
    api.log(tagged, metrics={"p50": 3.0}, params={"lr": "0.1"})
    api.end_run(tagged, ended_ms=1772400000000)
    # The checkout's commits are an hour apart from 2026-03-01 09:00 UTC on.
    between = api.create_run(experiment, started_ms=1772355600000 + 5 * 3_600_000 + 1_800_000)
    api.log(between, metrics={"p50": 4.0})
    api.end_run(between, ended_ms=1772400000000)
    api.end_run(api.create_run(experiment))
    running = api.create_run(experiment)
    api.log(running, metrics={"p50": 5.0})
    text = (checkout.root / "report-config.yml").read_text()
    (checkout.root / "report-config.yml").write_text(
        f"{text}mlflow: {{tracking_uri: '{mlflow.url}', experiment: to-be-imported}}\n"
    )
    answer = take_in(checkout, "mlflow")
    assert answer.code == 0, answer.stderr
    assert (
        "1 runs name no commit, and are tied to the newest one that was there when they began"
        in answer.stderr
    )
    assert "1 runs have no metric, and are left out" in answer.stderr
    found = {row["mlflow_run_id"]: row for row in rows(checkout)}
    assert {run: row["commit_sha"] for run, row in found.items()} == {tagged: wine[2], between: wine[5]}
    assert found[tagged]["params"] == '{"lr":"0.1"}'
    assert found[tagged]["training"] == "trained"
    assert "0 rows are new" in take_in(checkout, "mlflow").stderr


def test_secrets_of_the_environment_are_not_taken_in(checkout: Checkout, wine: list[str]) -> None:
    (checkout.root / "t.csv").write_text(f"sha,a,key\n{wine[3]},1,s3cret-value\n")
    arguments = ("import", "csv", "t.csv", "--commit", "sha", "--param", "key")
    assert run_here(*arguments, cwd=checkout.root, environment={"API_KEY": "s3cret-value"}).code == 0
    assert rows(checkout)[0]["params"] == '{"key":"(hidden)"}'


def take_in_runs(checkout: Checkout, api: GitHubApi, *options: str) -> Answer:
    told = {"GITHUB_TOKEN": "ghp_s3cret0123456789", "GITHUB_API_URL": api.url, "NO_PROXY": "127.0.0.1"}
    return run_here("import", "github", "--months", "120", *options, cwd=checkout.root, environment=told)


def test_workflow_runs_are_recorded_as_their_own_reports_would_have_done(
    checkout: Checkout, wine: list[str]
) -> None:
    with github_api() as api:
        api.add_job("test", "failure")
        api.add_job("lint", "skipped")
        api.add_run(3, wine[3], "2026-03-03T10:00:00Z", conclusion="failure", run_attempt=2)
        api.add_run(2, wine[2], "2026-03-02T10:00:00Z", head="mallory/wine")
        api.add_run(1, wine[1], "2026-03-01T10:00:00Z", name="deploy", event="pull_request")
        dry = take_in_runs(checkout, api, "--dry-run")
        assert "2 rows would be new" in dry.stderr
        assert rows(checkout) == []
        answer = take_in_runs(checkout, api)
        assert "2 rows are new in h.csv, which makes 2" in answer.stderr
        assert "Left out: 1 run of forks, whose branches are none of this repository's" in answer.stderr
        asked = len(api.asked)
        again = take_in_runs(checkout, api, "--workflow", "ci")
        assert "0 rows are new" in again.stderr
        assert "Left out: 2 runs in the history already" in again.stderr
        assert set(api.asked[asked:]) == {"runs"}
        assert api.tokens == {"Bearer ghp_s3cret0123456789"}
    older, newer = rows(checkout)
    assert (newer["workflow_run_id"], newer["run_attempt"], newer["workflow_status"]) == ("3", "2", "failure")
    assert (newer["commit_sha"], newer["parent_sha"], newer["author"]) == (wine[3], wine[2], "Ada Lovelace")
    assert (newer["event"], newer["workflow"], newer["branch"]) == ("push", "ci", "main")
    assert json.loads(newer["jobs"])[0] == {"name": "test", "conclusion": "failure", "duration_seconds": 96.0}
    assert json.loads(newer["ci_metrics"]) == {"duration_seconds": 96.0}
    assert newer["recorded_at"] == "2026-03-03T10:00:00Z"
    assert (older["workflow"], older["event"]) == ("deploy", "pull_request")


def test_where_the_rate_limit_is_used_up_what_came_stays_and_the_next_import_goes_on(
    checkout: Checkout, wine: list[str]
) -> None:
    with github_api() as api:
        for at in range(5):
            api.add_run(10 - at, wine[at], f"2026-03-0{6 - at}T10:00:00Z")
        # Of 120 months each is asked for once, the newest first.
        take_in_runs(checkout, api)
        api.requests_left, listed = None, api.asked.count("runs")
        assert listed == 120
        (checkout.root / "h.csv").unlink()
        api.requests_left = api.asked[:-1].index("jobs") + 2
        answer = take_in_runs(checkout, api)
        assert answer.code == 0
        assert "its rate limit is used up until 10:00 UTC" in answer.stderr
        assert "2 rows are new" in answer.stderr
        api.requests_left = None
        assert "3 rows are new in h.csv, which makes 5" in take_in_runs(checkout, api).stderr
    assert {row["workflow_run_id"] for row in rows(checkout)} == {"6", "7", "8", "9", "10"}


def test_a_period_with_more_runs_than_github_lists_is_asked_in_parts(
    checkout: Checkout, wine: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a limit of 10 in place of GitHub's 1,000."""
    monkeypatch.setattr("devops_mlops_report.report.adopting.github_runs.LISTED_AT_MOST", 10)
    with github_api() as api:
        api.listed_at_most = 10
        for at in range(45):
            when = f"2026-03-0{1 + (44 - at) // 24}T{(44 - at) % 24:02}:30:00Z"
            api.add_run(100 - at, wine[at % 12], when, name="ci" if at % 15 == 0 else "other")
        answer = take_in_runs(checkout, api, "--workflow", "ci")
    assert "Left out: 42 runs of other workflows" in answer.stderr
    assert sorted(row["workflow_run_id"] for row in rows(checkout)) == ["100", "70", "85"]


def test_without_a_token_or_a_repository_nothing_is_asked(checkout: Checkout, wine: list[str]) -> None:
    assert "GITHUB_TOKEN is empty" in take_in(checkout, "github").stderr
    checkout.git("remote", "remove", "origin")
    answer = take_in(checkout, "github")
    assert (answer.code, answer.is_one_line()) == (2, True)
    assert "wanted --repository OWNER/NAME" in answer.stderr


def test_dvc_s_metrics_are_those_of_the_commits_that_wrote_them(checkout: Checkout, wine: list[str]) -> None:
    """The reference is what each commit wrote, in the order of the commits."""
    pipeline = """
stages:
  train:
    cmd: python train.py
    params: [lr, {other.toml: [depth]}]
    metrics: [{eval/scores.json: {cache: false}}, cached.json]
  each:
    foreach: [a]
    do: {cmd: x, wdir: sub, metrics: [m.yaml]}
"""
    first = checkout.commit(
        "Evaluate",
        {
            **{"dvc.yaml": pipeline, "params.yaml": "lr: 0.1\n", "other.toml": "depth = 4\n[x]\ny = 'z'\n"},
            **{"eval/scores.json": '{"acc": 0.9, "by": {"class": 1}, "note": "x", "ok": true}'},
            **{"sub/m.yaml": "acc: 0.8\nloss: .nan\n"},
        },
    )
    checkout.commit("Document", {"README.md": "text"})
    checkout.commit("Break", {"eval/scores.json": "{"})
    last = checkout.commit("Better", {"eval/scores.json": '{"acc": 0.95}', "params.yaml": "lr: 0.2\n"})
    answer = take_in(checkout, "dvc")
    assert answer.code == 0, answer.stderr
    assert "are not in git (DVC keeps them), and are left out: cached.json" in answer.stderr
    assert "can't be read, and are left out: eval/scores.json" in answer.stderr
    found = [
        (row["commit_sha"], json.loads(row["metrics"]), json.loads(row["params"])) for row in rows(checkout)
    ]
    params = {"depth": "4", "x.y": "z"}
    assert [each for each in found if each[0] in (first, last)] == [
        (first, {"eval/scores.json:acc": 0.9, "by.class": 1, "sub/m.yaml:acc": 0.8}, {"lr": "0.1", **params}),
        (last, {"eval/scores.json:acc": 0.95, "sub/m.yaml:acc": 0.8}, {"lr": "0.2", **params}),
    ]
    assert "0 rows are new" in take_in(checkout, "dvc").stderr


def test_a_checkout_without_dvc_is_told_so(checkout: Checkout, wine: list[str]) -> None:
    answer = take_in(checkout, "dvc")
    assert (answer.code, answer.is_one_line()) == (2, True)
    assert "no commit has a dvc.yaml with metrics" in answer.stderr


def bencher_line(name: str, slug: str, units: str, *points: tuple[str, str, str, object]) -> dict[str, Any]:
    metrics = [
        {
            **{"report": report, "iteration": 0, "start_time": when, "end_time": when},
            **{"version": {"number": 1, "hash": sha}, "metric": {"uuid": "u", "value": value}},
        }
        for report, sha, when, value in points
    ]
    return {
        **{"branch": {"name": "main"}, "testbed": {"name": "runner"}, "benchmark": {"name": name}},
        **{"measure": {"name": slug.title(), "slug": slug, "units": units}, "metrics": metrics},
    }


def test_a_bencher_export_s_iterations_are_repeats_with_units_and_directions(
    checkout: Checkout, wine: list[str]
) -> None:
    times = ["2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z"]
    lines = [
        bencher_line(
            *("parse", "latency", "nanoseconds (ns)"),
            *[("r1", wine[0], times[0], value) for value in (30.0, 10, 20.0)],
            ("r2", wine[1], times[1], 12.5),
            ("r3", "", times[1], 1.0),
        ),
        bencher_line("parse", "throughput", "ops", ("r1", wine[0], times[0], 7)),
        {"nothing": 1},
    ]
    newer = bencher_line("parse", "memory", "MB", ("r2", wine[1], times[1], 1))
    newer["metrics"][0] |= {"metric": None, "metrics": {"value": {"value": 3.5}}}
    export = checkout.root / "perf.json"
    export.write_text(json.dumps({"project": {}, "results": [*lines, newer]}))
    answer = take_in(checkout, "bencher", export)
    assert answer.code == 0, answer.stderr
    assert "Left out: 1 value without a commit, a time or a number" in answer.stderr
    found = rows(checkout)
    assert [(row["commit_sha"], json.loads(row["metrics"])) for row in found] == [
        (wine[0], {"parse.latency": 20.0, "parse.throughput": 7.0}),
        (wine[1], {"parse.latency": 12.5, "parse.memory": 3.5}),
    ]
    assert json.loads(found[0]["repeats"]) == {"parse.latency": [30.0, 10.0, 20.0]}
    assert json.loads(found[0]["metric_facts"]) == {
        "parse.latency": {"goal": "minimize", "unit": "nanoseconds (ns)"},
        "parse.throughput": {"goal": "maximize", "unit": "ops"},
    }
    assert "0 rows are new" in take_in(checkout, "bencher", export).stderr


@pytest.mark.parametrize(
    "content", ["", "[]", '{"results": 3}', '{"results": [1, {"metrics": [2]}]}', "\x00"]
)
def test_what_is_no_export_of_bencher_changes_nothing(
    checkout: Checkout, wine: list[str], content: str
) -> None:
    (checkout.root / "perf.json").write_text(content)
    answer = take_in(checkout, "bencher", "perf.json")
    assert "Traceback" not in answer.stderr
    assert answer.code == (0 if "metrics" in content else 2)
    assert rows(checkout) == []
