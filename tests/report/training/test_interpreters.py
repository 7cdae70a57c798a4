"""A training runs with the adopter's own interpreter, never ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from report_project import Project, Reported

TELL = """
import importlib.util, os, pathlib, sys
found = [sys.prefix, os.environ.get("WRAPPED", ""), str(importlib.util.find_spec("duckdb") is not None)]
pathlib.Path("told.txt").write_text("\\n".join(found))
"""
WRAPPER = f'#!/bin/sh\nWRAPPED=yes exec "{sys.executable}" "$@"\n'


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing in it."""
    folder = tmp_path_factory.mktemp("own") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder


def told(project: Project, python: str | None, **environment: str) -> tuple[list[str], Reported]:
    named = f", python: {python}" if python else ""
    project.configure(f"project: {{train_script: train.py{named}}}\n")
    project.repository.commit("first", {"train.py": TELL, ".gitignore": "tools\nvenv\ntold.txt\n"})
    answer = project.report(**environment)
    assert answer.row["training"] == "trained", answer.summary
    return (project.repository.root / "told.txt").read_text().split("\n"), answer


def test_an_environment_of_its_own_has_its_own_packages(project: Project, venv: Path) -> None:
    (project.repository.root / "venv").symlink_to(venv)
    (prefix, _, has_ours), answer = told(project, "venv/bin/python")
    assert Path(prefix).resolve() == venv.resolve()
    assert has_ours == "False"
    assert "logged no MLflow run" in answer.summary


def test_a_wrapper_script_is_an_interpreter(project: Project) -> None:
    wrapper = project.repository.root / "tools" / "python"
    wrapper.parent.mkdir()
    wrapper.write_text(WRAPPER)
    wrapper.chmod(0o755)
    assert told(project, "tools/python")[0][1] == "yes"


def test_without_a_name_it_is_the_python_on_the_path(project: Project, tmp_path: Path) -> None:
    wrapper = tmp_path / "bin" / "python"
    wrapper.parent.mkdir()
    wrapper.write_text(WRAPPER)
    wrapper.chmod(0o755)
    path = os.pathsep.join([str(wrapper.parent), os.environ["PATH"]])
    assert told(project, None, PATH=path)[0][1] == "yes"
