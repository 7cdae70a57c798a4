"""The script that asks MLflow stands alone: any interpreter that has an MLflow can run it."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from devops_mlops_report import __file__ as package

FOLDER = Path(package).parent / "report" / "mlflow_client" / "child"
MODULES = sorted(FOLDER.glob("*.py"))
FROM_MLFLOW = {"mlflow", "requests", "sqlalchemy"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_it_imports_python_s_own_modules_its_neighbours_and_what_mlflow_brings(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= 1
            names = [] if node.level else [node.module or ""]
        for name in names:
            assert name.split(".")[0] in sys.stdlib_module_names | FROM_MLFLOW


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_it_is_written_in_the_python_that_the_oldest_mlflow_runs_on(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 8))
    assert "from __future__ import annotations" in text or module.name == "__init__.py"
