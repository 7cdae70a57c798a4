"""Stories of a metric, written as tables: each commit with its values, and what the report says of it.

A story is a section of a Markdown file in `scenarios/`: words, perhaps a block of settings, and a table.

    ```yaml
    metrics: {score: {on_regression: fail}}   # the config's rules; this is the default
    before: [0.9, 0.91]                       # measured on main before the table begins, and as they should be
    ```

    | commit | what | score | headline | standing | exit |

`what` says how the commit came about, by phrases with commas between them: `on feature` (from where main is, if it is
new; `on feature from b`), `in #7` (a pull request into main; `in #7 into feature`), `merge feature`, `called main` (by
its branch), `again` (another run of that commit), `accept b` (in the config from here on; `accept b of loss`),
`training failed`, `CI failed`, `shallow` (a clone that knows HEAD alone, and its parent's hash).
A column that is named as a metric holds its values; the first one is the highlight metric. `headline` is the sign and
the words, commits by their names here; `…` stands for whatever is there, and an empty one says that nobody asks.
`standing` is the highlight metric's.

A story is told by the real path: its commits are made in a real repository; each adds its row to the history, the views
are asked as a report asks them, the gate judges, and headline and badge say it.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from devops_mlops_report.history import open_history
from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.facts.git import read_ancestry
from devops_mlops_report.report.rendering.badge import make_badge
from devops_mlops_report.report.rendering.states import STATES, state_in_words
from devops_mlops_report.report.verdicts.answers import Answers, ask_standings, focus
from devops_mlops_report.report.verdicts.gate import judge
from devops_mlops_report.report.verdicts.named_commits import settle_accepted

COLUMNS = ("commit", "what", "headline", "standing", "exit")
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
REPOSITORY = "acme/wine"


@dataclass(frozen=True)
class Commit:
    """One row of a story's table."""

    name: str
    what: tuple[str, ...]
    values: dict[str, float]
    headline: str
    standing: str
    exit_code: int

    @property
    def is_asked(self) -> bool:
        """Whether the table says what is told of it."""
        return bool(self.headline)

    def said(self, phrase: str) -> re.Match[str] | None:
        """What `what` says by a phrase, as a match of the pattern."""
        return next(filter(None, (re.fullmatch(phrase, each) for each in self.what)), None)


@dataclass(frozen=True)
class Story:
    """One section of a file."""

    name: str
    highlight: str
    settings: dict[str, Any]
    commits: list[Commit]

    def config(self, accepted: list[dict[str, str]]) -> str:
        """The text of `report-config.yml`, with what is accepted by now."""
        metrics = self.settings.get("metrics", {self.highlight: {"on_regression": "fail"}})
        report = {"highlight_metric": self.highlight, **self.settings.get("report", {})}
        return yaml.safe_dump({"version": 3, "report": report, "metrics": metrics, "accept": accepted})


def read_stories(path: Path) -> list[Story]:
    """The stories of a file, in their order."""
    stories = []
    for section in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, _, text = section.partition("\n")
        block = re.search(r"^```yaml\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
        settings = yaml.safe_load(block[1]) if block else {}
        header, _, *lines = [_cells(line) for line in text.splitlines() if line.startswith("|")]
        metrics = [column for column in header if column not in COLUMNS]
        before = [
            Commit(f"base{at}", (), {metrics[0]: float(value)}, "", "", 0)
            for at, value in enumerate(settings.get("before", ()), 1)
        ]
        rows = [dict(zip(header, line, strict=True)) for line in lines]
        commits = [*before, *(_commit(row, metrics) for row in rows)]
        stories.append(Story(name.strip(), metrics[0], settings, commits))
    return stories


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _commit(row: dict[str, str], metrics: list[str]) -> Commit:
    return Commit(
        name=row["commit"],
        what=tuple(phrase.strip() for phrase in row.get("what", "").split(",") if phrase.strip()),
        values={metric: float(row[metric]) for metric in metrics if row[metric]},
        headline=row["headline"],
        standing=row["standing"],
        exit_code=int(row["exit"] or 0),
    )


@dataclass
class Made:
    """A story's commits in a real repository, made at once."""

    root: Path
    shas: dict[str, str] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    """Commit → the branch that it is on."""
    parents: dict[str, str] = field(default_factory=dict)
    """Commit → the hash of its first parent; '' for the root."""

    def named(self, text: str) -> str:
        """The text with the commits' names in place of their short hashes, and without the marks of code."""
        for name, sha in self.shas.items():
            text = text.replace(sha[:7], name)
        return text.replace("`", "")


def make_commits(story: Story, root: Path) -> Made:
    """The repository of a story: every commit adds a file, times an hour apart."""
    made, stream, tips = Made(root), [], dict[str, int]()
    marks: dict[str, int] = {}
    first_parents: dict[str, int | None] = {}
    branch = "main"
    for at, commit in enumerate(story.commits, 1):
        if commit.said("again"):
            continue
        merged = commit.said(r"merge (\S+)")
        if on := commit.said(r"on (\S+)(?: from (\S+))?"):
            branch = on[1]
            start = marks[on[2]] if on[2] else tips.get(branch, tips.get("main"))
            if start is not None:
                tips[branch] = start
        elif merged:
            branch = "main"
        marks[commit.name], made.branches[commit.name] = at, branch
        first_parents[commit.name] = tips.get(branch)
        parents = [tips[branch]] if branch in tips else []
        parents += [tips[merged[1]]] if merged else []
        stream.append(_imported(at, commit.name, branch, parents))
        tips[branch] = at
    _git(root, "init", "--quiet", "--initial-branch=main")
    listing = root / ".git" / "marks"
    _git(root, "fast-import", "--quiet", "--force", f"--export-marks={listing}", given="".join(stream))
    found = dict(line.split() for line in listing.read_text().splitlines())
    made.shas = {name: found[f":{mark}"] for name, mark in marks.items()}
    made.parents = {name: found[f":{mark}"] if mark else "" for name, mark in first_parents.items()}
    return made


def _imported(mark: int, name: str, branch: str, parents: list[int]) -> str:
    """One commit for `git fast-import`."""
    when = int((START + timedelta(hours=mark)).timestamp())
    who = f"Ada Lovelace <ada@example.org> {when} +0000"
    # A branch that is made anew somewhere else is reset there first.
    begun = f"reset refs/heads/{branch}\nfrom :{parents[0]}\n\n" if parents else ""
    merges = "".join(f"merge :{parent}\n" for parent in parents[1:])
    first = f"from :{parents[0]}\n" if parents else ""
    return (
        f"{begun}commit refs/heads/{branch}\nmark :{mark}\nauthor {who}\ncommitter {who}\n"
        f"data {len(name)}\n{name}\n{first}{merges}M 644 inline {mark}.txt\ndata 0\n\n"
    )


def _git(root: Path, *arguments: str, given: str | None = None) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], input=given, text=True, check=True)


def as_pattern(text: str) -> re.Pattern[str]:
    """What an expected text matches: `…` is anything."""
    return re.compile(".*".join(re.escape(part) for part in text.split("…")))


def tell(story: Story, root: Path) -> list[tuple[str, str, str, int]]:
    """What is told of each commit that the table says something of, in the table's words where they fit."""
    made = make_commits(story, root)
    told = []
    for commit, answers in _reported(story, made):
        headline, standing, code = _told(answers, made, story.highlight)
        fits = as_pattern(commit.headline).fullmatch(headline)
        told.append((commit.name, commit.headline if fits else headline, standing, code))
    return told


def written(story: Story) -> list[tuple[str, str, str, int]]:
    """What the table says."""
    return [
        (commit.name, commit.headline, commit.standing, commit.exit_code)
        for commit in story.commits
        if commit.is_asked
    ]


def _reported(story: Story, made: Made) -> list[tuple[Commit, Answers]]:
    """The answers to what a report asks, for each commit of the table when it is the newest."""
    history = open_history(None)
    found, accepted = [], []
    for number, commit in enumerate(story.commits, 1):
        if said := commit.said(r"accept (\S+)(?: of (\S+))?"):
            accepted.append({"commit": made.shas[said[1]]} | ({"metric": said[2]} if said[2] else {}))
        row = _row(commit, number, made)
        if commit.is_asked:
            config = parse_config(story.config(accepted))
            history.change_settings(
                config.to_settings(
                    repository=REPOSITORY,
                    branch=row["branch"],
                    commit_sha=row["commit_sha"],
                    default_branch="main",
                    report="",
                    workflow="ci",
                )
            )
            is_cut = commit.said("shallow") is not None
            ancestry = read_ancestry(made.root, row["commit_sha"])
            history.set_ancestry(ancestry[:2] if is_cut else ancestry, is_cut=is_cut)
        history.append(row)
        if commit.is_asked:
            assert settle_accepted(history) == ()
            focus(history, row, story.highlight)
            standings, base_branch = ask_standings(history, row)
            found.append((commit, Answers(standings=standings, base_branch=base_branch)))
            history.focus_on(())
            history.answer_for(())
    return found


def _row(commit: Commit, number: int, made: Made) -> dict[str, Any]:
    """The row that a report on the commit would add."""
    request = commit.said(r"in #(\d+)(?: into (\S+))?")
    is_failed = commit.said("training failed") is not None
    branch = commit.said(r"called (\S+)")
    return {
        "repository": REPOSITORY,
        "report": "",
        "commit_sha": made.shas[commit.name],
        "parent_sha": made.parents[commit.name],
        "branch": branch[1] if branch else made.branches[commit.name],
        "base_branch": (request[2] or "main") if request else "",
        "pull_request": request[1] if request else "",
        "author": "Ada Lovelace",
        "commit_message": commit.name,
        "recorded_at": START + timedelta(hours=number),
        "workflow": "ci",
        "workflow_run_id": str(number),
        "run_attempt": 1,
        "workflow_status": "failure" if commit.said("CI failed") else "success",
        "training": "failed" if is_failed else "trained" if commit.values else "skipped",
        "metrics": commit.values or None,
    }


def _told(answers: Answers, made: Made, highlight: str) -> tuple[str, str, int]:
    """Headline, standing of the highlight metric, exit code; and the badge has the colour of the headline."""
    gate = judge(answers)
    told = answers.told
    if told is None:
        assert gate.failed == ()
        return "–", "–", 0
    state = STATES[told["state"]]
    words = f"{state.sign} {state_in_words(told, answers.base_branch)}"
    assert (make_badge(told, "success").colour == "red") == (state.sign == "🔴")
    assert not gate.failed or state.sign in ("🔴", "🟠")
    [standing] = [row for row in answers.standings if row["metric"] == highlight]
    since = (
        f" since {made.named(standing['worse_since_commit_sha'][:7])}"
        if standing["worse_since_commit_sha"]
        else ""
    )
    headline = "–" if told["state"] == "not measured" else made.named(words)
    return headline, standing["standing"] + since, 3 if gate.failed else 0
