"""The workflows and the examples: valid, safe by zizmor's rules, and doing what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from devops_mlops_report.report.commands.cause import PACKAGES
from devops_mlops_report.report.config import Config
from devops_mlops_report.report.config.values import SYSTEM_DEPENDENCIES
from optional_parts import NODE_MODULES, node_package, program
from repositories import GitRepository

ROOT = Path(__file__).parent.parent
LANGUAGE_SERVICE = Path(__file__).parent / "workflow_language.mjs"
WORKFLOWS = [
    *sorted((ROOT / ".github" / "workflows").glob("*.yml")),
    ROOT / "examples" / "caller-workflow.yml",
    ROOT / "examples" / "overview-workflow.yml",
    ROOT / "examples" / "organisation" / "required-workflow.yml",
]
each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    executable = Path(sys.executable).parent / name
    return subprocess.run([executable, *arguments], capture_output=True, text=True, check=False, cwd=ROOT)


def load(path: Path) -> dict[str, Any]:
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in load(path)["jobs"].values():
        yield from job.get("steps", [])


def script(name: str) -> str:
    """The `run:` of the called workflow's step of this name."""
    [run] = [step["run"] for step in steps(ROOT / ".github/workflows/report.yml") if step.get("name") == name]
    assert isinstance(run, str)
    return run


def run_script(name: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script(name)]
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_workflows_fit_the_schema() -> None:
    answer = tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS))
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_issue_forms_fit_their_schemas() -> None:
    forms = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
    for schema, of_schema in (
        ("vendor.github-issue-config", [path for path in forms if path.name == "config.yml"]),
        ("vendor.github-issue-forms", [path for path in forms if path.name != "config.yml"]),
    ):
        answer = tool("check-jsonschema", "--builtin-schema", schema, *map(str, of_schema))
        assert answer.returncode == 0, answer.stdout + answer.stderr


def test_zizmor_finds_nothing() -> None:
    answer = tool(
        "zizmor",
        "--offline",
        "--no-progress",
        "--min-severity=low",
        *map(str, WORKFLOWS),
        "examples/forgejo-workflow.yml",
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_github_s_own_language_service_finds_no_fault_in_a_workflow(tmp_path: Path) -> None:
    node_package("@actions/languageservice")
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("on: push\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    step: []\n")
    paths = map(str, (*WORKFLOWS, wrong))
    command = [program("node", "apt-get install nodejs"), LANGUAGE_SERVICE, os.environ[NODE_MODULES], *paths]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found = dict(json.loads(line) for line in answer.stdout.splitlines())
    assert found.pop(str(wrong)) == [[5, "Unexpected value 'step'"]]
    assert found == {str(path): [] for path in WORKFLOWS}


@each_workflow
def test_no_script_has_an_expression(path: Path) -> None:
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []


@each_workflow
def test_every_action_is_pinned_by_a_full_hash_and_names_its_version(path: Path) -> None:
    used = re.findall(r"^\s*(?:- )?uses: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert used
    for line in used:
        own = line.startswith("$/.github/workflows/")  # this repository at the running commit
        assert own or re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


@each_workflow
def test_permissions_are_declared_and_write_no_more_than_the_report_s_own(path: Path) -> None:
    workflow = load(path)
    if (
        path.name == "report.yml"
    ):  # what is optional can't be asked for in a called workflow: the caller grants it
        assert "permissions" not in workflow
        assert all("permissions" not in job for job in workflow["jobs"].values())
        return
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        granted = {(right, value) for right, value in job["permissions"].items()}
        assert {right for right, value in granted if value == "read"} <= {"contents", "actions"}
        of_one_job = {("publish", "publish"): {"id-token"}, ("overview-workflow", "overview"): {"issues"}}
        may_write = (
            {"contents", "pull-requests", "checks"}
            if job.get("uses", "").partition("@")[0].endswith("/report.yml")
            else of_one_job.get((path.stem, name), set())
        )
        assert {right for right, value in granted if value != "read"} <= may_write


@each_workflow
def test_no_checkout_leaves_its_token_behind(path: Path) -> None:
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@each_workflow
def test_every_job_on_a_runner_has_a_time_limit_and_no_run_cancels_a_report(path: Path) -> None:
    workflow = load(path)
    assert "concurrency" not in workflow
    for job in workflow["jobs"].values():
        assert "concurrency" not in job
        assert ("timeout-minutes" in job) == ("runs-on" in job)


def test_the_same_action_has_the_same_hash_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for name, pin in re.findall(r"uses: (actions/[\w-]+)@(.*)$", path.read_text("utf-8"), re.MULTILINE):
            pins.setdefault(name, set()).add(pin)
    assert [name for name, found in pins.items() if len(found) > 1] == []


def test_a_caller_reports_whatever_its_other_jobs_ended_in() -> None:
    for path in (ROOT / ".github/workflows/ci.yml", ROOT / "examples/caller-workflow.yml"):
        job = load(path)["jobs"]["report"]
        assert job["if"] == "${{ always() }}"
        assert job["with"]["needs"] == "${{ toJSON(needs) }}"
        assert job["needs"]


def test_a_caller_passes_only_inputs_and_secrets_that_are_declared() -> None:
    called = load(ROOT / ".github/workflows/report.yml")[True]["workflow_call"]  # YAML 1.1 reads `on` as true
    for path in (ROOT / ".github/workflows/ci.yml", ROOT / "examples/caller-workflow.yml"):
        job = load(path)["jobs"]["report"]
        assert set(job["with"]) <= set(called["inputs"])
        assert set(job["secrets"]) <= set(called["secrets"])


def test_the_tool_is_installed_before_any_of_the_caller_s_files_are_there() -> None:
    names = [step["name"] for step in steps(ROOT / ".github/workflows/report.yml")]
    assert names.index("Keep the report's packages") < names.index("Fetch the commit and its history")


def test_what_is_installed_later_takes_nothing_of_the_caller_s_and_is_kept_before_anything_of_it_runs() -> (
    None
):
    listed = {step["name"]: step for step in steps(ROOT / ".github/workflows/report.yml")}
    later = listed["Install MLflow's client"]
    assert later["working-directory"] == "${{ runner.temp }}"
    assert '/bin/uv" --no-config pip install --require-hashes' in later["run"]
    names = list(listed)
    assert names.index("Keep MLflow's client") < names.index("Install what the training needs")


def test_a_fork_s_commit_never_gets_a_token_and_is_never_trained() -> None:
    workflow = load(ROOT / ".github/workflows/report.yml")
    job = workflow["jobs"]["report"]
    assert " ".join(job["env"]["IS_OURS"].split()) == (
        "${{ (!github.event.pull_request || "
        "github.event.pull_request.head.repo.full_name == github.repository) "
        "&& (!github.event.workflow_run || "
        "github.event.workflow_run.head_repository.full_name == github.repository) }}"
    )
    [report] = [step for step in job["steps"] if step["name"] == "Report"]
    for name in set(workflow[True]["workflow_call"]["secrets"]) - {"TOOL_TOKEN"}:
        assert report["env"][name] == f"${{{{ env.IS_OURS == 'true' && secrets.{name} || '' }}}}"
    asked = next(step for step in job["steps"] if step.get("id") == "cause")
    assert asked["if"] == "${{ env.IS_OURS == 'true' }}"
    for name in ("Set up the Python that trains", "Install what the training needs"):
        [step] = [step for step in job["steps"] if step["name"] == name]
        assert step["if"] == "${{ steps.cause.outputs.train == 'true' }}"


def test_no_step_but_the_report_and_those_that_read_its_history_sees_a_secret() -> None:
    for step in steps(ROOT / ".github/workflows/report.yml"):
        if step["name"] == "Ask for the cause of a training":
            assert step["if"] == "${{ env.IS_OURS == 'true' }}"
            assert set(step["env"]) == {"CONFIG", "NAME", "GITHUB_TOKEN", "HISTORY_TOKEN"}
        elif step["name"] == "Make the page":
            assert "env.IS_OURS == 'true'" in step["if"]
            names = {"CONFIG", "GITHUB_TOKEN", "HISTORY_TOKEN", "PAGE_BRANCH", "PAGE_FOLDER"}
            assert set(step["env"]) == names
        elif step["name"] == "Fetch the report's code":
            assert step["with"]["token"] == "${{ secrets.TOOL_TOKEN || github.token }}"
        elif step["name"] != "Report":
            assert "secrets." not in str(step)
            assert "github.token" not in str(step)


def test_the_job_lasts_longer_than_a_training_may() -> None:
    workflow = load(ROOT / ".github/workflows/report.yml")
    limit = workflow[True]["workflow_call"]["inputs"]["timeout-minutes"]["default"]
    assert workflow["jobs"]["report"]["timeout-minutes"] == "${{ inputs.timeout-minutes }}"
    assert limit >= Config.defaults().project.time_limit_minutes + 20


@pytest.mark.parametrize(
    ("repository", "sha"),
    [("", ""), ("octo/tool", ""), ("", "a" * 40), ("octo/tool", "main"), ("octo/tool", "A" * 40)],
)
def test_without_its_own_commit_the_workflow_fails_and_says_why(repository: str, sha: str) -> None:
    answer = run_script("Require this workflow's own commit", TOOL_REPOSITORY=repository, TOOL_SHA=sha)
    assert answer.returncode == 1
    assert answer.stdout.startswith("::error::This server does not tell a called workflow its own commit")


def test_with_its_own_commit_the_workflow_goes_on() -> None:
    answer = run_script("Require this workflow's own commit", TOOL_REPOSITORY="octo/tool", TOOL_SHA="a" * 40)
    assert (answer.returncode, answer.stdout) == (0, "")


def run_report(tmp_path: Path, files: tuple[str, ...], **variables: str) -> tuple[list[str], str]:
    """Run the report's step with a stand-in for Python; return its arguments and what the step printed."""
    python = tmp_path / "devops-mlops-report" / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$RUNNER_TEMP/arguments"\n')
    python.chmod(0o755)
    for name in files:
        path = tmp_path / "devops-mlops-report-results" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    defaults = {
        "CONFIG": "",
        "MLFLOW_RUN": "",
        "RESULTS_OUTCOME": "skipped",
        "MATRIX_OUTCOME": "skipped",
        "SETUP_OUTCOME": "skipped",
        "GITHUB_WORKSPACE": "/ws",
        "RUNNER_TEMP": str(tmp_path),
    }
    answer = run_script("Report", **{**defaults, **variables})
    assert answer.returncode == 0, answer.stderr
    return (tmp_path / "arguments").read_text().splitlines(), answer.stdout


START = ["-I", "-m", "devops_mlops_report", "run", "--repo", "/ws", "--output", "/ws/.devops-mlops-report"]


def test_without_inputs_the_command_gets_the_work_tree_alone(tmp_path: Path) -> None:
    assert run_report(tmp_path, ()) == (START, "")


def test_what_the_artifact_holds_is_passed_on(tmp_path: Path) -> None:
    files = (
        "metrics.json",
        "params.json",
        "coverage.xml",
        "c/lcov.info",
        "3.11/junit-a.xml",
        "web/ctrf-report.json",
    )
    arguments, _ = run_report(tmp_path, files, RESULTS_OUTCOME="success")
    results = tmp_path / "devops-mlops-report-results"
    assert arguments == [
        *START,
        "--metrics",
        f"{results}/metrics.json",
        "--params",
        f"{results}/params.json",
        *("--junit", f"{results}/**/junit*.xml"),
        *("--junit", f"{results}/**/ctrf*.json"),
        *("--coverage", f"{results}/**/coverage*.xml"),
        *("--coverage", f"{results}/**/*.info"),
    ]


def test_a_config_s_path_is_one_argument_whatever_it_holds(tmp_path: Path) -> None:
    arguments, _ = run_report(tmp_path, (), CONFIG="--a b; $(id) *")
    assert arguments == [*START, "--config=--a b; $(id) *"]


def test_an_artifact_that_is_absent_is_a_warning_and_the_report_goes_on(tmp_path: Path) -> None:
    arguments, printed = run_report(tmp_path, (), RESULTS_OUTCOME="failure")
    assert arguments == START
    assert printed.startswith("::warning::")


def test_a_run_is_named_and_a_failed_setup_is_a_warning(tmp_path: Path) -> None:
    arguments, printed = run_report(tmp_path, (), MLFLOW_RUN="$(id) abc", SETUP_OUTCOME="failure")
    assert arguments == [*START, "--mlflow-run=$(id) abc"]
    assert printed.startswith("::warning::What the training needs")


def test_the_cause_is_asked_of_the_command_itself(tmp_path: Path) -> None:
    """With the real command in a repository that trains: what comes is what `$GITHUB_OUTPUT` takes."""
    repository = GitRepository(tmp_path / "churn")
    text = "version: 3\nreport: {highlight_metric: r2}\n"
    text += "project: {train_script: train.py, system_deps: [graphviz, opencv_runtime]}\n"
    repository.commit("first", {"train.py": "", "report-config.yml": text})
    python = tmp_path / "devops-mlops-report" / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    output = tmp_path / "output"
    answer = run_script(
        "Ask for the cause of a training",
        CONFIG="",
        NAME="",
        GITHUB_OUTPUT=str(output),
        GITHUB_WORKSPACE=str(repository.root),
        RUNNER_TEMP=str(tmp_path),
    )
    assert answer.returncode == 0, answer.stderr
    assert output.read_text().splitlines() == [
        "cause=Script",
        "train=true",
        "system-packages=graphviz libgl1 libglib2.0-0",
        "report-name=",
        "mlflow=true",
    ]
    assert set(PACKAGES) == set(SYSTEM_DEPENDENCIES)


def test_the_training_s_own_environment_is_made_and_found(tmp_path: Path) -> None:
    """The step that prepares it, and then the report's, which has its `python` on PATH."""
    setup = 'python -c "import sys; print(sys.prefix)" > prefix.txt'
    variables = {
        "RUNNER_TEMP": str(tmp_path),
        "REQUIREMENTS": "",
        "PACKAGES": "",
        "SETUP": f"cd {tmp_path}\n{setup}",
    }
    answer = run_script("Install what the training needs", **variables)
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "prefix.txt").read_text().strip() == str(tmp_path / "training")
    python = tmp_path / "devops-mlops-report" / "venv" / "bin" / "python"
    run_report(tmp_path, ())
    python.write_text('#!/bin/sh\ncommand -v python > "$RUNNER_TEMP/found"\n')
    script_of_report = {"CONFIG": "", "MLFLOW_RUN": "", "RESULTS_OUTCOME": "", "SETUP_OUTCOME": ""}
    answer = run_script("Report", GITHUB_WORKSPACE="/ws", RUNNER_TEMP=str(tmp_path), **script_of_report)
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "found").read_text().strip() == str(tmp_path / "training" / "bin" / "python")
