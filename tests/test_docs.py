"""The documentation says what the code does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from devops_mlops_report.history.columns import COLUMNS
from devops_mlops_report.history.sql_files import views

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_columns_of_the_csv_are_documented_in_their_order() -> None:
    text = (ROOT / "docs/history.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(\w+)` \| ([\w ]+) \| (.+) \|$", text, re.MULTILINE)
    assert documented == [(column.name, column.type.replace("_", " "), column.meaning) for column in COLUMNS]


def test_every_public_view_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) >= {
        view.name for view in views() if view.is_public
    }


def test_the_reference_is_what_the_code_has() -> None:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs/reference.py")
    assert spec is not None
    assert spec.loader is not None
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    folder = ROOT / "docs/reference"
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    assert written == reference.pages(), "write it again: python docs/reference.py"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_within_the_repository_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target
