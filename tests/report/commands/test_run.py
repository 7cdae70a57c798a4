"""`devops-mlops-report run`, as a process."""

from __future__ import annotations

import csv
import itertools
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from checkouts import Checkout
from commands import run_command, run_here
from csv_samples import csv_bytes, many_rows

ROOT = Path(__file__).resolve().parents[3]
LAYOUT_8 = (
    "timestamp_local,branch,author,commit_sha,commit_message,workflow_status,mlflow_project_detected,is_trained,"
    "mlflow_run_id,duration,mlflow_params_kv,mlflow_metrics_kv,cause\n"
)
TRACEBACK = "Traceback"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout.create(tmp_path / "wine")
    made.commit("Begin", {"src/train.py": "print(1)\n"})
    return made


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _history(checkout: Checkout) -> Path:
    return checkout.root / ".devops-mlops-report" / "commitHistory.csv"


def test_without_a_config_it_reports_about_head_and_starts_a_local_history(checkout: Checkout) -> None:
    answer = run_command("run", cwd=checkout.root)
    assert (answer.code, answer.stderr) == (0, "")
    assert "Begin" in answer.stdout
    [row] = _rows(_history(checkout))
    assert row["commit_sha"] == checkout.git("rev-parse", "HEAD")
    assert (row["repository"], row["branch"], row["training"]) == ("acme/wine", "main", "none")
    summary = (checkout.root / ".devops-mlops-report/summary.md").read_text()
    assert summary.splitlines()[0] == f"## {answer.stdout.splitlines()[0]}"
    assert not set(answer.stdout) & set("#`*<>")  # for people: no Markdown, no HTML
    assert checkout.git("status", "--porcelain") == ""


def test_run_after_run_the_history_grows_by_one_row_each(checkout: Checkout) -> None:
    for number in range(3):
        checkout.commit(f"Commit {number}")
        assert run_here("run", cwd=checkout.root).code == 0
    assert [row["commit_message"] for row in _rows(_history(checkout))] == [
        "Commit 0",
        "Commit 1",
        "Commit 2",
    ]


def test_the_same_run_attempt_that_reports_again_updates_its_row(checkout: Checkout) -> None:
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "1"}
    for status in ("failure", "success"):
        run_here("run", "--status", status, cwd=checkout.root, environment=environment)
    assert [row["workflow_status"] for row in _rows(_history(checkout))] == ["success"]


def test_metrics_and_params_of_any_framework_get_the_same_report(checkout: Checkout) -> None:
    (checkout.root / "report-config.yml").write_text("version: 3\nreport: {highlight_metric: val_accuracy}\n")
    (checkout.root / "m.json").write_text('{"val_accuracy": 0.91, "nested": {"loss": NaN}}')
    (checkout.root / "p.json").write_text('{"rate": 0.1}')
    answer = run_command("run", "--metrics", "m.json", "--params", "p.json", cwd=checkout.root)
    assert answer.code == 0, answer.stderr
    [row] = _rows(_history(checkout))
    assert json.loads(row["metrics"]) == {"nested.loss": "NaN", "val_accuracy": 0.91}
    assert json.loads(row["params"]) == {"rate": "0.1"}
    output = checkout.root / ".devops-mlops-report"
    assert (output / "chart.svg").read_text().startswith("<svg")
    assert (output / "chart.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((output / "badge.json").read_text())["message"] == "0.91"


@pytest.mark.parametrize(
    ("files", "metrics", "repeats"),
    [
        (["a", "b", "c"], {"f1": 0.8, "loss": 0.5}, {"f1": [0.9, 0.8, 0.7]}),
        (["a", "none", "c"], {"f1": 0.8, "loss": 0.5}, {"f1": [0.9, 0.7]}),
        (["none", "b"], {"f1": 0.8}, None),
    ],
)
def test_of_a_training_that_was_done_several_times_the_medians_count_and_all_values_are_kept(
    checkout: Checkout, files: list[str], metrics: dict[str, float], repeats: dict[str, list[float]] | None
) -> None:
    (checkout.root / "report-config.yml").write_text("version: 3\nreport: {highlight_metric: f1}\n")
    contents = {"a": {"f1": 0.9, "loss": 0.5}, "b": {"f1": 0.8}, "c": {"f1": 0.7}}
    for name, content in contents.items():
        (checkout.root / f"{name}.json").write_text(json.dumps(content))
    first, *others = [f"{name}.json" for name in files]
    more = [part for name in others for part in ("--repeat-metrics", name)]
    answer = run_here("run", "--metrics", first, *more, cwd=checkout.root)
    assert answer.code == 0, answer.stderr
    [row] = _rows(_history(checkout))
    assert row["training"] == "trained"
    assert json.loads(row["metrics"]) == pytest.approx(metrics)
    assert json.loads(row["repeats"] or "null") == repeats
    summary = (checkout.root / ".devops-mlops-report/summary.md").read_text(encoding="utf-8")
    count = len(repeats["f1"]) if repeats else 0
    assert (f"easured {count} times, the medians count" in summary) == bool(repeats)


def test_in_actions_the_summary_is_appended_to_the_jobs_page(checkout: Checkout, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n")
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(page), "GITHUB_RUN_ID": "7"}
    answer = run_command("run", cwd=checkout.root, environment=environment)
    assert answer.code == 0
    assert page.read_text().startswith("before\n## ")
    assert "Begin" not in answer.stdout  # what comes from outside stays off the runner's log


@pytest.mark.parametrize("link", [".devops-mlops-report", ".devops-mlops-report/pending"])
def test_a_committed_link_leads_nothing_out_of_the_checkout_and_the_report_appears(
    checkout: Checkout, tmp_path: Path, link: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (checkout.root / link).parent.mkdir(exist_ok=True)
    (checkout.root / link).symlink_to(elsewhere)
    checkout.commit("Link")
    page, temporary = tmp_path / "page.md", tmp_path / "temporary"
    temporary.mkdir()
    environment = {"GITHUB_STEP_SUMMARY": str(page), "TMPDIR": str(temporary)}
    answer = run_command(
        "run", "--history", checkout.root / "h.csv", cwd=checkout.root, environment=environment
    )
    assert page.read_text().startswith("## ")
    assert list(elsewhere.iterdir()) == []
    assert [row["commit_message"] for row in _rows(checkout.root / "h.csv")] == ["Link"]
    is_folder = link == ".devops-mlops-report"
    assert (answer.code, answer.stderr.count("is a symbolic link within the checkout")) == (
        int(is_folder),
    ) * 2
    # The history that stands there by default is not followed either: its row is pending, where it can be.
    answer = run_command("run", cwd=checkout.root, environment=environment)
    assert list(elsewhere.iterdir()) == []
    if is_folder:
        assert answer.code == 1
        assert "is a symbolic link within the checkout, which is not followed" in page.read_text()
        assert len(list(temporary.rglob("*.csv"))) == 1


def test_a_dry_run_records_nothing(checkout: Checkout) -> None:
    answer = run_here("run", "--dry-run", cwd=checkout.root)
    assert answer.code == 0
    assert "nothing was recorded" in answer.stdout
    assert not _history(checkout).exists()


@pytest.mark.parametrize(("rule", "code"), [("fail", 3), ("warn", 0)])
def test_a_regression_is_told_after_everything_was_written_and_fails_where_its_rule_is_fail(
    checkout: Checkout, rule: str, code: int
) -> None:
    (checkout.root / "report-config.yml").write_text(
        f"version: 3\nreport: {{highlight_metric: score}}\nmetrics: {{score: {{on_regression: {rule}}}}}\n"
    )
    rows = many_rows(11)
    scores = [0.9, 0.91, 0.9, 0.905, 0.9, 0.902, 0.91, 0.903, 0.9, 0.905, 0.4]
    for row, score in zip(rows, scores, strict=True):
        row["repository"], row["commit_sha"] = "acme/wine", checkout.commit("Go on")
        row["metrics"] = json.dumps({"score": score})
    _history(checkout).parent.mkdir()
    _history(checkout).write_bytes(csv_bytes(rows))
    checkout.commit("Go on")
    (checkout.root / "m.json").write_text('{"score": 0.41}')
    answer = run_command("run", "--metrics", "m.json", cwd=checkout.root)
    assert answer.code == code
    assert "score is worse since" in answer.stderr
    assert len(_rows(_history(checkout))) == 12


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("version: 3\nreport: {}\n", "report.highlight_metric"),
        ("version: 3\nreport: {highlight_metrics: a}\n", "highlight_metrics"),
        ("version: 3\nreport: {highlight_metric: a}\nstorage: {gist_url: nowhere}\n", "storage.gist_url"),
        ("version: [\n", "report-config.yml"),
    ],
)
def test_a_config_that_cannot_be_used_ends_with_2_and_a_summary_that_says_why(
    checkout: Checkout, tmp_path: Path, config: str, told: str
) -> None:
    (checkout.root / "report-config.yml").write_text(config)
    page = tmp_path / "page.md"
    answer = run_here("run", cwd=checkout.root, environment={"GITHUB_STEP_SUMMARY": str(page)})
    assert answer.code == 2
    assert told in answer.stderr
    assert TRACEBACK not in answer.stderr
    assert page.read_text().startswith("## ❌")


def test_outside_of_a_repository_it_ends_with_one_line(tmp_path: Path) -> None:
    answer = run_here("run", cwd=tmp_path)
    assert answer.code == 1
    assert answer.is_one_line(), answer.stderr


BAD_FILES = {
    "an unknown layout": b"a,b\n1,2\n",
    "an HTML page": b"<!DOCTYPE html>\n<html></html>\n",
    "UTF-16": "recorded_at,x\n".encode("utf-16"),
    "a header that is cut": LAYOUT_8.encode()[:40],
    "a header named twice": b"commit_sha,commit_sha\n",
}


@pytest.mark.parametrize("content", BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_file_that_is_no_history_is_left_as_it_is_and_the_report_appears(
    checkout: Checkout, content: bytes
) -> None:
    path = checkout.root / "history.csv"
    path.write_bytes(content)
    answer = run_here("run", "--history", "history.csv", cwd=checkout.root)
    assert answer.code == 1
    assert "history.csv" in answer.stderr
    assert TRACEBACK not in answer.stderr
    assert path.read_bytes() == content
    assert "Begin" in answer.stdout
    [pending] = (checkout.root / ".devops-mlops-report/pending").iterdir()
    assert len(_rows(pending)) == 1


ROW = (
    "2024-06-25 11:27:12,main,ada,{sha},Message,success,Yes,true,,3m 12s,lr=0.1,val_accuracy={value},Script\n"
)
ODD_FILES = {
    "empty": b"",
    "a header alone": LAYOUT_8.encode(),
    "a mark at the beginning": b"\xef\xbb\xbf" + (LAYOUT_8 + ROW.format(sha="a1", value=1)).encode(),
    "CRLF": (LAYOUT_8 + ROW.format(sha="a1", value=1)).replace("\n", "\r\n").encode(),
    "a cut last line": (LAYOUT_8 + ROW.format(sha="a1", value=1) + "2024-06-2").encode(),
    "a stray quote": (LAYOUT_8 + '2024,"x\n' + ROW.format(sha="a1", value=1)).encode(),
    "a duplicate row": (LAYOUT_8 + 2 * ROW.format(sha="a1", value=1)).encode(),
    "too many fields": (
        LAYOUT_8 + ROW.format(sha="a1", value=1) + "1,2,3,4,5,6,7,8,9,10,11,12,13,14\n"
    ).encode(),
    "not UTF-8": LAYOUT_8.encode() + b"\xff\xfe,b\n" + ROW.format(sha="a1", value=1).encode(),
    "a million characters": (
        LAYOUT_8 + ROW.format(sha="a1", value=1).replace("Message", "x" * 1_000_000)
    ).encode(),
}


@pytest.mark.parametrize("content", ODD_FILES.values(), ids=ODD_FILES.keys())
def test_an_odd_file_works_and_keeps_what_it_holds(checkout: Checkout, content: bytes) -> None:
    path = checkout.root / "history.csv"
    path.write_bytes(content)
    answer = run_here("run", "--history", "history.csv", cwd=checkout.root)
    assert (answer.code, answer.stderr) == (0, "")
    written = path.read_bytes()
    assert checkout.git("rev-parse", "HEAD").encode() in written
    for line in content.splitlines():
        if not line.startswith((b"timestamp_local", b"\xef\xbb\xbftimestamp_local", b"2024-06-25")):
            assert line in written


def test_a_commit_that_trains_nothing_imports_no_heavy_package(checkout: Checkout) -> None:
    program = (
        "import sys; from devops_mlops_report.report.commands import cli\n"
        "cli.main(['run'], standalone_mode=False)\n"
        "print('loaded:', sorted({'mlflow', 'pandas', 'altair', 'numpy', 'requests'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=checkout.root, capture_output=True, text=True, check=True
    )
    assert answer.stdout.endswith("loaded: []\n")


def test_the_projects_own_last_commits_get_one_row_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Commits of one second, reported in one second, stand in the order of their hashes: here the clock goes on.
    moments = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds) for seconds in itertools.count())
    clock = SimpleNamespace(now=lambda zone: next(moments))
    monkeypatch.setattr("devops_mlops_report.report.commands.run.datetime", clock)
    clone = tmp_path / "own"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    commits = subprocess.run(
        ["git", "-C", str(clone), "log", "--max-count=4", "--format=%H"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    for sha in reversed(commits):
        subprocess.run(["git", "-C", str(clone), "checkout", "--quiet", sha], check=True)
        answer = run_here("run", "--history", tmp_path / "own.csv", "--output", tmp_path / "out", cwd=clone)
        assert answer.code == 0, answer.stderr
    assert [row["commit_sha"] for row in _rows(tmp_path / "own.csv")] == commits[::-1]


def test_the_row_tells_where_the_run_took_place_and_which_tests_failed(checkout: Checkout) -> None:
    (checkout.root / "requirements.txt").write_text("numpy==2.1.3\nflask==3.0.0\n")
    (checkout.root / "junit.xml").write_text(
        '<testsuite><testcase classname="a" name="one"><failure/></testcase><testcase name="two"/></testsuite>'
    )
    environment = {"ImageOS": "ubuntu24", "ImageVersion": "20261120.1"}
    assert run_here("run", "--junit", "junit.xml", cwd=checkout.root, environment=environment).code == 0
    [row] = _rows(_history(checkout))
    assert json.loads(row["failed_tests"]) == ["a.one"]
    told = json.loads(row["environment"])
    assert (told["runner_image"], told["packages.numpy"]) == ("ubuntu24 20261120.1", "2.1.3")
    assert {"os", "cpus", "python"} <= set(told)
    assert "packages.flask" not in told


def test_the_config_names_the_packages_whose_versions_are_kept(checkout: Checkout) -> None:
    (checkout.root / "requirements.txt").write_text("numpy==2.1.3\nflask==3.0.0\n")
    (checkout.root / "report-config.yml").write_text(
        "version: 3\nreport: {highlight_metric: a}\nproject: {packages: Flask, train_script: x.py, train: false}\n"
    )
    assert run_here("run", cwd=checkout.root).code == 0
    [row] = _rows(_history(checkout))
    told = json.loads(row["environment"])
    assert [name for name in told if name.startswith("packages.")] == ["packages.flask"]


def test_a_strangers_python_is_not_started(checkout: Checkout) -> None:
    python = checkout.root / "python"
    python.write_text("#!/bin/sh\ntouch started\necho 3.12.7\n")
    python.chmod(0o755)
    (checkout.root / "report-config.yml").write_text(
        "version: 3\nreport: {highlight_metric: a}\nproject: {python: ./python}\n"
    )
    stranger = {"TF_BUILD": "True", "SYSTEM_PULLREQUEST_ISFORK": "True"}
    assert run_here("run", cwd=checkout.root, environment=stranger).code == 0
    assert not (checkout.root / "started").exists()
    assert run_here("run", cwd=checkout.root).code == 0
    assert (checkout.root / "started").exists()
