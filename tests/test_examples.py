"""The examples for other CIs: each fits its CI's schema, and its script, run as that CI would, records the commit."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from checkouts import Checkout
from devops_mlops_report.report.config import load_config

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
SCHEMAS = {
    "gitlab-ci.yml": ("vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
    "azure-pipelines.yml": (
        *("vendor.azure-pipelines", "--data-transform", "azure-pipelines", "--regex-variant", "python"),
    ),
    "circleci.yml": ("vendor.circle-ci",),
    "buildkite.yml": ("vendor.buildkite",),
    "forgejo-workflow.yml": ("vendor.github-workflows",),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_example_fits_its_ci_s_schema(name: str) -> None:
    schema = ("--builtin-schema", *SCHEMAS[name])
    tool = Path(sys.executable).parent / "check-jsonschema"
    answer = subprocess.run([tool, *schema, EXAMPLES / name], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_config_of_an_organisation_is_one_to_extend(tmp_path: Path) -> None:
    text = (EXAMPLES / "organisation/report-config.yml").read_text(encoding="utf-8")
    (tmp_path / "shared.yml").write_text(text)
    (tmp_path / "report-config.yml").write_text("extends: shared.yml\nreport: {highlight_metric: f1}\n")
    config = load_config(None, root=tmp_path)
    assert (config.notices, config.storage.branch, config.report.check) == ((), "commit-history", True)
    assert "extends: https://" in text


def yaml_of(name: str) -> Any:
    return yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))


def gitlab() -> str:
    return "\n".join(yaml_of("gitlab-ci.yml")[".report"]["script"])


def azure() -> str:
    [script] = [each["bash"] for each in yaml_of("azure-pipelines.yml")["steps"] if each.get("env")]
    return str(script)


def circle() -> str:
    steps = yaml_of("circleci.yml")["jobs"]["test"]["steps"]
    named = {each["run"]["name"]: each["run"] for each in steps if isinstance(each.get("run"), dict)}
    return f"{named['It failed']['command']}\n{named['Report']['command']}"


def buildkite() -> str:
    script = str(yaml_of("buildkite.yml")["steps"][-1]["command"])
    return script.replace("$$", "$")


def forgejo() -> str:
    return str(yaml_of("forgejo-workflow.yml")["jobs"]["report"]["steps"][-1]["run"])


def jenkins() -> str:
    scripts = re.findall(r"sh '''\n(.*?)'''", (EXAMPLES / "Jenkinsfile").read_text("utf-8"), re.DOTALL)
    return str(scripts[-1])


def cron() -> str:
    return 'exec "$EXAMPLES/cron.sh" "$PWD" main'


SHA = "{sha}"
FAILED = json.dumps({"train": {"result": "failure"}})
PLAYS: dict[str, tuple[Callable[[], str], dict[str, str], str]] = {
    "GitLab": (
        gitlab,
        {"GITLAB_CI": "true", "CI_COMMIT_SHA": SHA, "CI_PIPELINE_ID": "91", "OUTCOME": "failure"},
        "91",
    ),
    "Azure": (
        azure,
        {
            **{"TF_BUILD": "True", "BUILD_SOURCEVERSION": SHA, "BUILD_BUILDID": "92"},
            **{"AGENT_JOBSTATUS": "SucceededWithIssues", "AGENT_TEMPDIRECTORY": "{temp}"},
        },
        "92",
    ),
    "CircleCI": (circle, {"CIRCLECI": "true", "CIRCLE_SHA1": SHA, "CIRCLE_WORKFLOW_ID": "w-93"}, "w-93"),
    "Buildkite": (
        buildkite,
        {"BUILDKITE": "true", "BUILDKITE_COMMIT": SHA, "BUILDKITE_BUILD_ID": "b-94"},
        "b-94",
    ),
    "Forgejo": (
        forgejo,
        {
            **{
                "GITHUB_ACTIONS": "true",
                "GITHUB_SHA": SHA,
                "GITHUB_RUN_ID": "95",
                "GITHUB_EVENT_NAME": "push",
            },
            **{"GITEA_ACTIONS": "true", "NEEDS_JSON": FAILED},
        },
        "95",
    ),
    "Jenkins": (
        jenkins,
        {
            **{"JENKINS_URL": "https://ci.example.org/", "GIT_COMMIT": SHA, "JOB_NAME": "wine/main"},
            **{"BUILD_NUMBER": "96", "RESULT": "ABORTED", "WORKSPACE_TMP": "{temp}"},
        },
        "wine/main#96",
    ),
    "cron": (cron, {}, ""),
}
STATUSES = {"Azure": "success", "Jenkins": "cancelled", "Buildkite": "success", "cron": "unknown"}


@pytest.mark.parametrize("name", PLAYS)
def test_an_example_s_script_records_the_commit_and_how_its_jobs_ended(name: str, tmp_path: Path) -> None:
    script, told, run_id = PLAYS[name]
    wine = Checkout.create(tmp_path / "wine", origin=str(tmp_path / "origin"))
    sha = wine.commit("Begin", {"results/metrics.json": '{"score": 0.9}', "metrics.json": '{"score": 0.9}'})
    wine.git("clone", "--quiet", "--bare", str(wine.root), str(tmp_path / "origin"))
    temp = stand_ins(tmp_path)
    environment = {
        key: value.replace("{sha}", sha).replace("{temp}", str(temp)) for key, value in told.items()
    }
    variables = {"PATH": f"{temp}/bin:{os.environ['PATH']}", "HOME": str(temp), "TMPDIR": str(temp)}
    for _ in range(2 if name == "cron" else 1):
        answer = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script().replace("/tmp/", f"{temp}/")],
            cwd=wine.root,
            env={"EXAMPLES": str(EXAMPLES), **variables, **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert answer.returncode == 0, answer.stderr
    kept = wine.root.with_name("wine.commitHistory.csv")
    path = kept if name == "cron" else wine.root / ".devops-mlops-report/commitHistory.csv"
    with path.open(encoding="utf-8", newline="") as file:
        [row] = list(csv.DictReader(file))
    assert (row["commit_sha"], row["workflow_run_id"]) == (sha, run_id)
    assert row["workflow_status"] == STATUSES.get(name, "failure")
    assert row["metrics"] == ("" if name == "Forgejo" else '{"score":0.9}')


def stand_ins(folder: Path) -> Path:
    """Programs that need a network, or a CI, replaced: the report that is installed is this environment's."""
    temp = folder / "temp"
    (temp / "bin").mkdir(parents=True)
    report = f'exec {sys.executable} -I -m devops_mlops_report "$@"\n'
    programs = {
        "python3": f"""\
if [[ "$*" == *"-m venv"* ]]; then
  folder="${{@: -1}}"; mkdir -p "$folder/bin"
  printf '#!/bin/sh\\nexec {sys.executable} "$@"\\n' > "$folder/bin/python"
  printf '#!/bin/sh\\n' > "$folder/bin/pip"; chmod +x "$folder/bin/"*; exit
fi
exec {sys.executable} "$@"
""",
        # The tool's clone is not made; every other command is git's own.
        "git": 'if [[ "$*" == *OWNER/* || "$*" == *" checkout --quiet 0000"* ]]; then exit; fi\n'
        f'exec {git()} "$@"\n',
        "buildkite-agent": 'if [[ "$1 $2" == "step get" ]]; then echo passed; fi\n',
        "devops-mlops-report": report,
    }
    for name, text in programs.items():
        (temp / "bin" / name).write_text(f"#!/bin/bash\n{text}")
        (temp / "bin" / name).chmod(0o755)
    return temp


def git() -> str:
    return subprocess.run(["bash", "-c", "command -v git"], capture_output=True, text=True).stdout.strip()


@dataclass
class GitLab:
    """The notes of a merge request, as GitLab's API keeps them."""

    notes: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    url: str = ""


@contextmanager
def gitlab_api() -> Iterator[GitLab]:
    kept = GitLab()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            kept.tokens.add(self.headers.get("PRIVATE-TOKEN"))
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            answer: Any = {"id": 7}
            if self.command == "POST":
                kept.notes.append({"id": len(kept.notes), "author": {"id": 7}, **json.loads(sent)})
            elif self.command == "PUT":
                kept.notes[int(path.rpartition("/")[2])] |= json.loads(sent)
            elif path.endswith("/projects/3/merge_requests/5/notes"):
                answer = kept.notes
            elif not path.endswith("/user"):
                self.send_error(404)
                return
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}/api/v4"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_note(url: str, page: Path) -> subprocess.CompletedProcess[str]:
    told = {"CI_API_V4_URL": url, "CI_MERGE_REQUEST_IID": "5", "CI_MERGE_REQUEST_PROJECT_ID": "3"}
    return subprocess.run(
        [sys.executable, "-I", EXAMPLES / "gitlab_note.py", page],
        env={**told, "GITLAB_NOTE_TOKEN": "glpat-s3cret", "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_merge_request_has_one_note_which_is_kept_up_to_date_and_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    with gitlab_api() as api:
        api.notes.append({"id": 0, "author": {"id": 8}, "body": "<!-- devops-mlops-report -->\nsomebody's"})
        for text in ("first", "second"):
            page.write_text(text)
            answer = write_note(api.url, page)
            assert answer.returncode == 0, answer.stderr
        assert [note["body"] for note in api.notes] == [
            "<!-- devops-mlops-report -->\nsomebody's",
            "<!-- devops-mlops-report -->\nsecond",
        ]
        assert api.tokens == {"glpat-s3cret"}
    down = write_note(api.url, page)
    assert (down.returncode, down.stderr.count("\n")) == (0, 1)
    assert "glpat" not in down.stderr
