"""The documentation's site is built without a warning, and every command in the documentation does what it says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
import pytest
from commands import Answer, run_here
from devops_mlops_report.report.commands import cli

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    page
    for page in (ROOT / "docs").rglob("*.md")
    if "reference" not in page.parts and page.name != "development.md"
)
DOCUMENTS = [ROOT / "README.md", *PAGES]
PROGRAM = "devops-mlops-report"
COMMIT = "4f2a91c"
"""The hash that the documentation writes where a reader has one."""

ELSEWHERE = {
    "model": "an MLflow server with a registry",
    "move --to branch": "a git host",
    "init --demo": "what made the repository in which all of this is run",
}
"""Commands that need more than a repository: they are read by the command line, not run."""


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    tool = Path(sys.executable).parent / "mkdocs"
    answer = subprocess.run(
        [tool, "build", "--strict", "--quiet", "--site-dir", tmp_path / "site"],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    page = (tmp_path / "site/ci/index.html").read_text(encoding="utf-8")
    assert "/blob/HEAD/examples/caller-workflow.yml" in page
    shown = "".join(path.read_text("utf-8") for path in (tmp_path / "site").rglob("*.html"))
    assert (
        re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?://(?!github\.com)[^"]+\.(?:js|css)', shown)
        == []
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that `init --demo` makes."""
    folder = tmp_path_factory.mktemp("demo")
    answer = run_here("init", "--demo", cwd=folder, environment={"TMPDIR": str(folder)})
    assert answer.code == 0, answer.stderr
    [root] = re.findall(r"is made in (\S+)", answer.stderr)
    return Path(root)


def lines_of(document: Path) -> list[str]:
    """The lines of the document's blocks of shell commands, without their comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def commands_of(document: Path) -> Iterator[list[str]]:
    """What the document's blocks call of ours, in order; and what they write for it."""
    for line in lines_of(document):
        words = shlex.split(line, comments=True)
        if words and words[0].rpartition("/")[2] == PROGRAM:
            yield [PROGRAM, *words[1:]]
        elif words and words[0] == "echo":
            yield words


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_commands_of_a_page_run_as_written_in_their_order(
    document: Path, demo: Path, tmp_path: Path
) -> None:
    repository = tmp_path / "wine"
    shutil.copytree(demo, repository)
    (repository / "histories").mkdir()
    for name in ("other.csv", "histories/wine.csv", "histories/churn.csv"):
        shutil.copy(repository / "commitHistory.csv", repository / name)
    (repository / "fleet.yml").write_text("histories: ['histories/*.csv']\n")
    sha = subprocess.run(
        ["git", "-C", repository, "rev-parse", "HEAD~4"], capture_output=True, text=True, check=True
    ).stdout.strip()
    for words in commands_of(document):
        if words[0] == "echo":
            (repository / words[-1]).write_text(words[1])
            continue
        arguments = [sha if word == COMMIT else word for word in words[1:]]
        is_elsewhere = any(" ".join(arguments).startswith(each) for each in ELSEWHERE)
        if is_elsewhere or any(word.startswith(("https://", "s3://")) for word in arguments):
            read(arguments)
            continue
        answer = run_here(*arguments, cwd=repository)
        assert is_fine(arguments, answer), f"{words}: {answer.code}\n{answer.stderr}{answer.stdout}"


def is_fine(arguments: list[str], answer: Answer) -> bool:
    """`check` ends with 1 where a repository that nobody pushes lacks what it should have."""
    return answer.code == 0 or (
        arguments[0] == "check" and answer.code == 1 and "Traceback" not in answer.stderr
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_command_that_a_sentence_names_is_one_with_such_options(document: Path) -> None:
    for text in re.findall(rf"`{PROGRAM} ([^`\n]+)`", document.read_text(encoding="utf-8")):
        if "…" not in text:
            with suppress(click.MissingParameter, click.exceptions.NoArgsIsHelpError):
                read(shlex.split(re.sub(r"[\[\]]", "", text)))


def read(arguments: list[str]) -> None:
    """Let the command line read the arguments, and run nothing. Raises `click.UsageError`."""
    command: click.Command | None = cli
    context = click.Context(cli)
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        name, *arguments = arguments
        command = command.get_command(context, name)
    assert command is not None, arguments
    if "--help" not in arguments and "--version" not in arguments:
        command.make_context(command.name, list(arguments))


def test_what_python_is_shown_to_ask_answers(demo: Path) -> None:
    [code] = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    answer = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=demo, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
