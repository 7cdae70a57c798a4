"""`devops-mlops-report init`: a config and a workflow for a repository, from what it tells."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ...history.errors import UnusableFileError
from ...history.regular_files import read_regular
from ...history.stores import GistUrl
from ..adopting.guessing import Guess, guess
from ..adopting.setup_files import CONFIG, Change, Store, Wish, config_text, workflow_change
from ..config.model import CONFIG_NAMES
from ..delivery.printing import note, say
from ..errors import ExitCode, ReportError, UsageError
from .places import FOLDER

_MAX_BYTES = 1_000_000


@click.command()
@click.option("--repo", type=FOLDER, default=Path(), help="The git checkout. Default: this folder.")
@click.option("--metric", metavar="NAME", help="The metric that the report is about. Default: as found.")
@click.option(
    "--store",
    type=click.Choice(("branch", "gist", "file")),
    help="What keeps the history. Default: a branch, or a file without a remote.",
)
@click.option("--gist", "gist_url", metavar="URL", help="The gist that keeps the history.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option(
    "--demo", is_flag=True, help="Make a throw-away repository with a history, and report on it, instead."
)
def init(
    repo: Path, metric: str | None, store: Store | None, gist_url: str | None, yes: bool, demo: bool
) -> int:
    """Set a repository up: write report-config.yml, and the job that reports into its workflow.

    The metric is looked for in metrics.json, MLflow's runs and scripts, the workflow in .github/workflows. What is
    written is shown as a diff before, and no file is replaced.

    \b
    Examples:
      devops-mlops-report init
      devops-mlops-report init --yes --metric val_accuracy
      devops-mlops-report init --demo
    """
    if demo:
        from ..adopting.demo import show_demo

        return show_demo()
    found = guess(repo)
    for notice in found.notices:
        note(notice)
    wish = _wish(found, metric, store, gist_url, is_asking=not yes and sys.stdin.isatty())
    changes = _changes(repo, found, wish)
    if not changes:
        note("All is set up already: there is nothing to write.")
        return ExitCode.REPORTED
    say("".join(change.diff for change in changes))
    if not yes and not (sys.stdin.isatty() and click.confirm("Write this?", err=True)):
        note("Nothing was written; `--yes` writes it.")
        return ExitCode.REPORTED
    for change in changes:
        _write(repo / change.path, change)
    note("\n".join(_afterwards(found, wish, changes)))
    return ExitCode.REPORTED


def _wish(
    found: Guess, metric: str | None, store: Store | None, gist_url: str | None, *, is_asking: bool
) -> Wish:
    if gist_url is not None:
        GistUrl.parse(gist_url)
        if store not in (None, "gist"):
            raise UsageError(f"--gist is given, and --store {store}; wanted one of them")
    chosen: Store = "gist" if gist_url else store or ("branch" if found.address else "file")
    if chosen == "gist" and gist_url is None:
        raise UsageError("--store gist: wanted --gist URL as well; make one on https://gist.github.com")
    if chosen == "branch" and found.address is None:
        raise UsageError(
            "--store branch: the checkout has no remote `origin` on a git host; `git remote add origin URL`"
        )
    if metric is None and is_asking:
        metric = click.prompt("The metric that the report is about", default=found.metric.name, err=True)
    guessed, named = found.metric, metric or found.metric.name
    seen_in = guessed.seen_in if guessed.seen_in.startswith("no metric") else f"found in {guessed.seen_in}"
    return Wish(named, seen_in if named == guessed.name else "as it was named", chosen, gist_url)


def _changes(root: Path, found: Guess, wish: Wish) -> list[Change]:
    changes = []
    there = [name for name in CONFIG_NAMES if (root / name).exists()]
    if there:
        note(f"{there[0]} is there already, and stays as it is.")
    else:
        changes.append(Change(CONFIG, None, config_text(found, wish)))
    if not found.is_on_github:
        note(
            "This is not GitHub: call `devops-mlops-report run` in your CI; docs/ci.md and examples/ show how on each."
        )
        return changes
    texts = {job.workflow: _read(root / job.workflow) for job in found.jobs}
    try:
        change = workflow_change(found, wish, texts)
    except ReportError as error:
        note(str(error))
        return changes
    if change is None:
        note("A workflow reports already, and stays as it is.")
    return [*changes, change] if change else changes


def _read(path: Path) -> str:
    try:
        return read_regular(path, _MAX_BYTES).decode("utf-8")
    except (UnusableFileError, UnicodeDecodeError) as error:
        raise ReportError(f"{path}: can't be read: {error}") from error


def _write(path: Path, change: Change) -> None:
    """A file that came into being since the diff was shown is not replaced."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if change.before is None:
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(change.after)
        elif _read(path) == change.before:
            path.write_text(change.after, encoding="utf-8", newline="")
        else:
            raise ReportError(f"{path}: it changed meanwhile, and is left as it is: run it again")
    except FileExistsError:
        raise ReportError(f"{path}: it is there meanwhile, and is left as it is: run it again") from None
    except OSError as error:
        raise ReportError(f"{path}: can't be written: {error.strerror or error}") from error


def _afterwards(found: Guess, wish: Wish, changes: list[Change]) -> list[str]:
    """What is left to be done, and where."""
    written = " and ".join(change.path for change in changes)
    to_set = []
    if any("workflows" in change.path for change in changes) and not found.tool.is_known:
        to_set.append(
            "in the workflow, OWNER/devops-mlops-report and the zeros behind it: this tool's repository and commit"
        )
    if wish.store == "gist":
        to_set.append(
            "the secret GIST_TOKEN (Settings, Secrets and variables, Actions): a personal token with the `gist` scope"
        )
    lines = [f"Written: {written}.", ""]
    if to_set:
        lines += ["To be set:", *(f"- {each}" for each in to_set)]
    else:
        lines.append("Nothing has to be set or created: commit and push what was written.")
    if found.is_tested and not found.artifact:
        lines.append(
            "To have tests and metrics in the report, upload an artifact with junit.xml, coverage.xml or metrics.json, "
            "and name it as `results-artifact` in the report's job."
        )
    return [
        *lines,
        "",
        "`devops-mlops-report run` reports here and now, `devops-mlops-report check` looks whether all is there.",
    ]
