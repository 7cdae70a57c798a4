"""Where a summary goes, and what may stand on stdout in GitHub Actions."""

from __future__ import annotations

from pathlib import Path

import pytest
from devops_mlops_report.report.delivery.publishing import (
    linked_part,
    publish_summary,
    write_file,
)
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


def test_files_have_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "gho_a1b2c3d4")
    for name in ("summary.md", "chart.svg", "badge.json"):
        write_file(tmp_path, name, b"x gho_a1b2c3d4", tmp_path)
        assert (tmp_path / name).read_text() == f"x {HIDDEN}"
    write_file(tmp_path, "chart.png", b"\x89PNG gho_a1b2c3d4", tmp_path)
    assert (tmp_path / "chart.png").read_bytes() == b"\x89PNG gho_a1b2c3d4"


def test_a_page_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="GITHUB_STEP_SUMMARY"):
        publish_summary("text", {"GITHUB_STEP_SUMMARY": str(tmp_path)})


def test_our_own_folder_keeps_itself_out_of_the_repository(tmp_path: Path) -> None:
    write_file(tmp_path / ".devops-mlops-report", "pending/row.csv", b"y", tmp_path)
    assert (tmp_path / ".devops-mlops-report/.gitignore").read_text().endswith("*\n")
    assert (tmp_path / ".devops-mlops-report/pending/row.csv").read_bytes() == b"y"
    write_file(tmp_path / "other", "summary.md", b"x", tmp_path)
    assert not (tmp_path / "other/.gitignore").exists()


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="can't be written"):
        write_file(tmp_path / "file", "summary.md", b"x", tmp_path)


@pytest.mark.parametrize("link", [".devops-mlops-report", ".devops-mlops-report/pending", "out", "a/b"])
def test_a_link_within_the_checkout_leads_no_output_elsewhere(tmp_path: Path, link: str) -> None:
    root, elsewhere = tmp_path / "wine", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (root / ".git").mkdir(parents=True)
    (root / link).parent.mkdir(exist_ok=True)
    (root / link).symlink_to(elsewhere)
    folder = root / link / "deeper"
    for given in (root, root / "packages", tmp_path / "wine" / ".." / "wine"):
        (root / "packages").mkdir(exist_ok=True)
        assert linked_part(folder, given) == root / link
        with pytest.raises(ReportError, match="is a symbolic link within the checkout"):
            write_file(folder, "summary.md", b"x", given)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("name", ["summary.md", ".gitignore"])
def test_a_file_of_the_output_that_is_a_link_is_not_written_through(tmp_path: Path, name: str) -> None:
    target = tmp_path / "target"
    folder = tmp_path / "wine/.devops-mlops-report"
    folder.mkdir(parents=True)
    (folder / name).symlink_to(target)
    with pytest.raises(ReportError, match="is a symbolic link within the checkout"):
        write_file(folder, "summary.md", b"x", tmp_path / "wine")
    assert not target.exists()


def test_links_outside_of_the_checkout_are_the_user_s_own(tmp_path: Path) -> None:
    (tmp_path / "real/wine").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "out").symlink_to(tmp_path / "real")
    for folder in (tmp_path / "link/wine/.devops-mlops-report", tmp_path / "out"):
        write_file(folder, "summary.md", b"x", tmp_path / "link/wine")
        assert (folder / "summary.md").read_bytes() == b"x"
