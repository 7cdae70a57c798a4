"""Where a summary goes, and what may stand on stdout in GitHub Actions."""

from __future__ import annotations

from pathlib import Path

import pytest
from devops_mlops_report.report.delivery.publishing import annotation, harmless, publish_summary, write_file
from devops_mlops_report.report.errors import ReportError
from devops_mlops_report.report.redaction import HIDDEN


def test_outside_of_actions_there_is_no_page() -> None:
    assert publish_summary("text", {}) is False


def test_the_page_is_appended_to(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    for text in ("one\n", "two\n"):
        assert publish_summary(text, {"GITHUB_STEP_SUMMARY": str(page)})
    assert page.read_text() == "one\ntwo\n"


def test_the_page_has_no_secret(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    publish_summary("said `gho_a1b2c3d4`\n", {"GITHUB_STEP_SUMMARY": str(page), "A_TOKEN": "gho_a1b2c3d4"})
    assert page.read_text() == f"said `{HIDDEN}`\n"


def test_a_page_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="GITHUB_STEP_SUMMARY"):
        publish_summary("text", {"GITHUB_STEP_SUMMARY": str(tmp_path)})


@pytest.mark.parametrize("text", ["::error::no", "a ##[error]b", "x\n::set-env name=a::b", "\r::add-mask::a"])
def test_text_from_outside_holds_no_workflow_command(text: str) -> None:
    shown = harmless(text)
    assert "::" not in shown
    assert "##[" not in shown
    assert "\n" not in shown


def test_an_annotation_is_one_command_whatever_its_text() -> None:
    line = annotation("warning", "a:b,c", "100 %\n::error::x ##[error]y")
    assert line == "::warning title=a%3Ab%2Cc::100 %25%0A::error::x ## [error]y"


def test_our_own_folder_keeps_itself_out_of_the_repository(tmp_path: Path) -> None:
    write_file(tmp_path / ".devops-mlops-report", "pending/row.csv", b"y")
    assert (tmp_path / ".devops-mlops-report/.gitignore").read_text().endswith("*\n")
    assert (tmp_path / ".devops-mlops-report/pending/row.csv").read_bytes() == b"y"
    write_file(tmp_path / "other", "summary.md", b"x")
    assert not (tmp_path / "other/.gitignore").exists()


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="can't be written"):
        write_file(tmp_path / "file", "summary.md", b"x")
