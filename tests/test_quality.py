"""The code as a whole: lint, types, who may import whom, what is shipped."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("history", "migrations", "report", "views")


def _run(*command: str) -> None:
    answer = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def _modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def _imports(module: Path) -> set[str]:
    """Absolute names of what the module imports, our own as `history...`, `report...`."""
    package = [*module.relative_to(ROOT).parts[:-1]]
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            found.add(".".join([*base, *(node.module or "").split(".")]).strip("."))
    return found


def test_the_linter_finds_nothing() -> None:
    _run("ruff", "check", ".")


def test_the_code_is_formatted() -> None:
    _run("ruff", "format", "--check", ".")


def test_the_types_are_right() -> None:
    _run("mypy")


def test_nobody_imports_whom_they_may_not_know() -> None:
    """The contracts stand in pyproject.toml."""
    _run("lint-imports", "--no-cache")


@pytest.mark.parametrize("heavy", ["mlflow", "pandas", "altair", "vl_convert", "requests"])
def test_what_is_slow_to_import_is_imported_where_it_is_used(heavy: str) -> None:
    """At the top of no module, the chart's design (which no run imports) aside."""
    for module in [ROOT / "__init__.py", *_modules("history"), *_modules("report")]:
        if module.relative_to(ROOT) == Path("history/charting/template.py"):
            continue
        tree = ast.parse(module.read_text(encoding="utf-8"))
        top = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        names = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in top if isinstance(node, ast.ImportFrom) and not node.level}
        assert heavy not in {name.split(".")[0] for name in names}, module


def test_every_folder_with_code_is_installed() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    found = {"devops_mlops_report"}
    for folder in PACKAGES:
        for module in _modules(folder):
            found.add(".".join(["devops_mlops_report", *module.relative_to(ROOT).parts[:-1]]))
    assert listed == found


def test_the_version_is_said_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    said = re.search(r'^__version__ = "(.+)"$', (ROOT / "__init__.py").read_text(), re.MULTILINE)
    assert said is not None
    assert said[1] == project["version"]


def test_answers_are_fetched_to_their_end() -> None:
    """An answer that is fetched in part keeps the connection busy, and the next query is refused."""
    for module in [*_modules("history"), *_modules("report")]:
        tree = ast.parse(module.read_text(encoding="utf-8"))
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not names & {"fetchone", "fetchmany"}, module
