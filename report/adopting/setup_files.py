"""The files that set a repository up: its config, and the job of its workflow that reports. Texts in, texts out."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from typing import Any, Literal

import yaml

from ...history.late_dataclass import dataclass
from ..config.loading import parse_config
from ..errors import ReportError
from .guessing import Guess

Store = Literal["branch", "gist", "file"]

CONFIG = "report-config.yml"
OWN_WORKFLOW = ".github/workflows/devops-mlops-report.yml"


@dataclass(frozen=True)
class Wish:
    """What is set up, guessed or said."""

    metric: str
    metric_seen_in: str
    store: Store
    gist_url: str | None = None


@dataclass(frozen=True)
class Change:
    """A file that is written: what it holds now (None: it is not there), and then."""

    path: str
    before: str | None
    after: str

    @property
    def diff(self) -> str:
        """As `git diff` shows it."""
        old = [] if self.before is None else self.before.splitlines(keepends=True)
        name = "/dev/null" if self.before is None else f"a/{self.path}"
        lines = difflib.unified_diff(old, self.after.splitlines(keepends=True), name, f"b/{self.path}")
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def config_text(guess: Guess, wish: Wish) -> str:
    """The config. It is one that `load_config` reads."""
    schema = ""
    if guess.tool.is_known:
        where = f"https://raw.githubusercontent.com/{guess.tool.repository}/{guess.tool.commit}"
        schema = f"# yaml-language-server: $schema={where}/report/config/report-config.schema.json\n"
    places = {
        "branch": "# A branch for the history alone: the first run makes it, the job's own token writes it.\n"
        "storage:\n  branch: commit-history\n",
        "gist": "# The token comes from the environment (GIST_TOKEN), never from here.\n"
        f"storage:\n  gist_url: {wish.gist_url}\n",
        "file": "# Without a remote the history is a file of this checkout.\n"
        "storage:\n  path: .devops-mlops-report/commitHistory.csv\n",
    }
    project = ""
    if guess.workdir not in (None, "", "."):
        project = f"\n# The folder of the MLproject.\nproject:\n  workdir: {json.dumps(guess.workdir)}\n"
    text = (
        f"{schema}version: 3\n\nreport:\n"
        f"  # The metric of the headline, the chart and the table ({_in_one_line(wish.metric_seen_in)}).\n"
        f"  highlight_metric: {json.dumps(wish.metric, ensure_ascii=False)}\n\n{places[wish.store]}{project}"
    )
    parse_config(text, CONFIG)
    return text


def workflow_change(guess: Guess, wish: Wish, texts: Mapping[str, str]) -> Change | None:
    """The workflow with the report's job: added to the one that tests, else in a file of its own.

    `texts` holds the workflows that are there, by path. None where a workflow reports already. Raises `ReportError`
    where the job can't be added by adding lines alone.
    """
    if guess.is_reported:
        return None
    if guess.job is None:
        head = "name: report\n\non:\n  push:\n  pull_request:\n\npermissions: {}\n\njobs:\n"
        return Change(OWN_WORKFLOW, texts.get(OWN_WORKFLOW), head + _job("report", (), guess, wish, "  "))
    path = guess.job.workflow
    before = texts[path]
    names = [job.name for job in guess.jobs]
    name = "report" if "report" not in names else "devops-mlops-report"
    node = yaml.compose(before, Loader=yaml.SafeLoader)
    last, jobs = node.value[-1] if isinstance(node, yaml.MappingNode) and node.value else (None, None)
    if last and last.value == "jobs" and isinstance(jobs, yaml.MappingNode) and not jobs.flow_style:
        indent = " " * jobs.value[0][0].start_mark.column
        added = before.rstrip("\n") + "\n\n" + _job(name, tuple(names), guess, wish, indent)
        if _adds_a_job(before, added, name):
            return Change(path, before, added)
    raise ReportError(
        f"{path}: its `jobs` can't be added to without changing more of the file; add this job by hand:\n"
        + _job(name, tuple(names), guess, wish, "  ")
    )


def _adds_a_job(before: str, after: str, name: str) -> bool:
    """Whether the new text holds what the old one held, and that job."""
    try:
        old, new = yaml.safe_load(before), yaml.safe_load(after)
    except yaml.YAMLError:
        return False
    jobs: dict[str, Any] = dict(new["jobs"])
    return jobs.pop(name, None) is not None and {**new, "jobs": jobs} == old


def _job(name: str, others: tuple[str, ...], guess: Guess, wish: Wish, indent: str) -> str:
    writes = "write # the history's branch" if wish.store == "branch" else "read"
    given = {"needs": "${{ toJSON(needs) }}"} if others else {}
    given |= {"results-artifact": guess.artifact} if guess.artifact else {}
    lines = [f"{name}:"]
    if others:
        lines += [
            f"  needs: [{', '.join(others)}]",
            "  if: ${{ always() }} # a commit that failed is reported too",
        ]
    lines += [
        "  permissions:",
        f"    contents: {writes}",
        "    actions: read # the run's jobs and their durations",
        "    pull-requests: write # the pull request's comment",
        f"  uses: {guess.tool.repository}/.github/workflows/report.yml@{guess.tool.commit}",
    ]
    if given:
        lines += ["  with:", *(f"    {key}: {value}" for key, value in given.items())]
    if wish.store == "gist":
        lines += ["  secrets:", "    GIST_TOKEN: ${{ secrets.GIST_TOKEN }}"]
    return "".join(f"{indent}{line}\n" for line in lines)


def _in_one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
