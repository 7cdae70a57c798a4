"""A runner for the called workflow: its steps one by one as GitHub's would run them, with stand-ins for the actions.

Scripts are run by bash as they are; the actions are played on this machine: checkouts by git, artifacts and caches as
folders. What pip and uv would install is written down; the report is this environment's own.
"""

from __future__ import annotations

import fnmatch
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from expressions import evaluate, fill, is_true, shown

WORKFLOW = Path(__file__).resolve().parent.parent / ".github/workflows/report.yml"
TOOL_SHA = "7" * 40


class ActionError(Exception):
    """An action fails; the text says how."""


@dataclass
class Step:
    """A step that was come to."""

    name: str
    outcome: str
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    """An action's inputs, a script's environment."""


@dataclass
class Runner:
    """One job of the called workflow, for a repository that is on this machine."""

    root: Path
    repository: Path
    github: dict[str, Any]
    inputs: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, dict[str, str]] = field(default_factory=dict)
    """What earlier jobs uploaded: name -> path -> content."""
    caches: dict[str, Path] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    """What the runner sets besides."""
    last: str = ""
    """The step after which nothing more is looked at; '' for all of them."""
    steps: list[Step] = field(default_factory=list)
    uploaded: dict[str, list[str]] = field(default_factory=dict)
    """Artifact -> the paths in it."""

    def __post_init__(self) -> None:
        workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
        declared = workflow[True]["workflow_call"]["inputs"]
        assert set(self.inputs) <= set(declared)
        self.inputs = {name: each.get("default", "") for name, each in declared.items()} | self.inputs
        self.job: dict[str, Any] = workflow["jobs"]["report"]
        self.temp, self.workspace = self.root / "temp", self.root / "workspace"
        self.bin = self.root / "bin"
        self.page = self.root / "page.md"
        for folder in (self.temp, self.workspace, self.bin):
            folder.mkdir(parents=True)
        self._write_stand_ins()
        self.github = {"token": "ghs_job_token", "workspace": str(self.workspace), **self.github}
        self.env: dict[str, str] = {}

    def play(self) -> Runner:
        """Run the job; raises nothing, its steps tell how each ended."""
        self.env = {name: shown(self._filled(value)) for name, value in self.job["env"].items()}
        for step in self.job["steps"]:
            if self.last and any(played.name == self.last for played in self.steps):
                break
            if not self._is_due(step):
                self._note(step, Step(step["name"], "skipped"))
                continue
            played = Step(step["name"], "success")
            try:
                if "run" in step:
                    self._run(step, played)
                else:
                    self._act(step, played)
            except ActionError as error:
                played.outcome, played.log = "failure", f"{played.log}{error}"
            self._note(step, played)
        return self

    @property
    def result(self) -> str:
        """How the job ended."""
        continued = {step["name"] for step in self.job["steps"] if step.get("continue-on-error")}
        failed = [step for step in self.steps if step.outcome == "failure" and step.name not in continued]
        return "failure" if failed else "success"

    def step(self, name: str) -> Step:
        """The step of this name."""
        [found] = [step for step in self.steps if step.name == name]
        return found

    @property
    def installed(self) -> list[str]:
        """The lock files whose packages were installed, in order."""
        log = self.root / "installed"
        return log.read_text().splitlines() if log.exists() else []

    def _contexts(self) -> dict[str, Any]:
        told = {step.get("id"): played for step, played in zip(self.job["steps"], self.steps, strict=False)}
        return {
            "github": self.github,
            "inputs": self.inputs,
            "secrets": self.secrets,
            "env": self.env,
            "runner": {"temp": str(self.temp), "os": "Linux"},
            "job": {"workflow_repository": "octo/tool", "workflow_sha": TOOL_SHA},
            "steps": {
                name: {"outputs": each.outputs, "outcome": each.outcome}
                for name, each in told.items()
                if name
            },
        }

    def _filled(self, value: Any) -> Any:
        return fill(value, self._contexts()) if isinstance(value, str) else value

    def _is_due(self, step: Mapping[str, Any]) -> bool:
        condition = str(step.get("if", "success()"))
        condition = condition.removeprefix("${{").removesuffix("}}")
        functions = {"always": lambda: True, "success": lambda: self.result == "success"}
        due = is_true(evaluate(condition, self._contexts(), functions))
        return due and ("always()" in condition or self.result == "success")

    def _note(self, step: Mapping[str, Any], played: Step) -> None:
        self.steps.append(played)

    def _run(self, step: Mapping[str, Any], played: Step) -> None:
        played.given = {name: shown(self._filled(value)) for name, value in step.get("env", {}).items()}
        output = self.root / "output"
        output.write_text("")
        variables = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "HOME": str(self.root),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(self.page),
            **self.environment,
        }
        answer = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self._filled(step.get("working-directory")) or self.workspace,
            env={**variables, **self.env, **played.given},
            capture_output=True,
            text=True,
            timeout=300,
        )
        played.log = answer.stdout + answer.stderr
        played.outputs = dict(
            line.split("=", 1) for line in output.read_text().splitlines() if not line.startswith("#")
        )
        if answer.returncode:
            raise ActionError(f"exit code {answer.returncode}")

    def _act(self, step: Mapping[str, Any], played: Step) -> None:
        played.given = {name: self._filled(value) for name, value in step.get("with", {}).items()}
        action = step["uses"].split("@")[0].removeprefix("actions/").replace("/", "_").replace("-", "_")
        getattr(self, f"_play_{action}")(played)

    def _play_checkout(self, played: Step) -> None:
        given = played.given
        if given.get("repository") == "octo/tool":
            assert given["ref"] == TOOL_SHA
            tool = self.workspace / given["path"]
            tool.mkdir()
            for name in ("requirements.lock", "requirements-core.lock"):
                shutil.copy(WORKFLOW.parent.parent.parent / name, tool / name)
            return
        assert not list(self.workspace.iterdir()), "a checkout would remove what is there"
        git = ("git", "-c", "advice.detachedHead=false")
        subprocess.run([*git, "clone", "--quiet", self.repository, self.workspace], check=True)
        subprocess.run([*git, "-C", self.workspace, "checkout", "--quiet", given["ref"]], check=True)
        url = f"{self.github['server_url']}/{self.github['repository']}"
        subprocess.run(["git", "-C", self.workspace, "remote", "set-url", "origin", url], check=True)

    def _play_setup_python(self, played: Step) -> None:
        played.outputs["python-version"] = str(played.given["python-version"])

    def _play_cache_restore(self, played: Step) -> None:
        kept = self.caches.get(played.given["key"])
        if kept is not None:
            shutil.copytree(kept, played.given["path"])
        played.outputs["cache-hit"] = str(kept is not None).lower()

    def _play_cache_save(self, played: Step) -> None:
        kept = self.root / f"cache-{len(self.caches)}"
        Path(played.given["path"]).mkdir(parents=True, exist_ok=True)
        shutil.copytree(played.given["path"], kept)
        self.caches[played.given["key"]] = kept

    def _play_download_artifact(self, played: Step) -> None:
        given, target = played.given, Path(played.given["path"])
        wanted = given.get("name") or given["pattern"]
        found = {name: files for name, files in self.artifacts.items() if fnmatch.fnmatch(name, wanted)}
        if not found and "name" in given:
            raise ActionError(f"Unable to download artifact(s): Artifact not found for name: {wanted}")
        for name, files in found.items():
            for path, content in files.items():
                place = (target if "name" in given else target / name) / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(content, encoding="utf-8")

    def _play_upload_artifact(self, played: Step) -> None:
        patterns = str(played.given["path"]).split()
        left_out = [each[1:].removesuffix("/**") for each in patterns if each.startswith("!")]
        paths = []
        for pattern in (each for each in patterns if not each.startswith("!")):
            for path in sorted((self.workspace / pattern).rglob("*")):
                # Beside the workspace, a folder's files are there without it, as the action has it.
                top = self.workspace if path.is_relative_to(self.workspace) else Path(pattern)
                name = path.relative_to(top).as_posix()
                if path.is_file() and not any(name.startswith(each) for each in left_out):
                    paths.append(name)
        if paths:
            assert played.given["name"] not in self.uploaded, "two artifacts of one name"
            self.uploaded[played.given["name"]] = paths

    def _write_stand_ins(self) -> None:
        """A `python` that makes the environments in which this one's report, and no network, is."""
        real = f'#!/bin/sh\nexec {sys.executable} "$@"\n'
        pip = f"""#!/bin/bash
for each in "$@"; do case "$each" in *.lock|*.txt) basename "$each" >> {self.root}/installed;; esac; done
"""
        environment = f"""#!/bin/bash
if [[ "$*" == *"-m venv"* ]]; then
  folder="${{@: -1}}"; mkdir -p "$folder/bin"
  cat > "$folder/bin/python" <<'END'
#!/bin/bash
if [[ "$*" == *"-m pip"* ]]; then exec {self.bin}/uv "$@"; fi
exec {sys.executable} "$@"
END
  cp {self.bin}/uv "$folder/bin/uv"; chmod +x "$folder/bin/python"
  exit
fi
exec {sys.executable} "$@"
"""
        for name, text in (("python3", real), ("uv", pip), ("python", environment), ("sudo", pip)):
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)


def push(repository: str, sha: str, run_id: int = 77, **changes: Any) -> dict[str, Any]:
    """The context `github` of a push to main."""
    told = {"repository": repository, "sha": sha, "run_id": run_id, "run_attempt": 1, "event": {}}
    return told | {"server_url": "https://github.com", "event_name": "push"} | changes


def variables(github: Mapping[str, Any], root: Path) -> dict[str, str]:
    """What the runner tells every step of the context."""
    event = root / "event.json"
    event.write_text(json.dumps(github["event"]))
    return {
        "GITHUB_ACTIONS": "true",
        "CI": "true",
        "GITHUB_REPOSITORY": github["repository"],
        "GITHUB_SERVER_URL": github["server_url"],
        "GITHUB_API_URL": "http://127.0.0.1:9",
        "GITHUB_EVENT_NAME": github["event_name"],
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_SHA": github["sha"],
        "GITHUB_REF_NAME": "main",
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_RUN_ID": str(github["run_id"]),
        "GITHUB_RUN_ATTEMPT": str(github["run_attempt"]),
        "GITHUB_WORKFLOW": "ci",
        "NO_PROXY": "127.0.0.1",
    }
