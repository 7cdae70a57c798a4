"""An export for spreadsheets: what would run as a formula is text there, everything else is as it was."""

import csv
from pathlib import Path

import pytest
from csv_samples import ROW, csv_bytes, many_rows
from devops_mlops_report.history import HistoryError, open_history
from devops_mlops_report.history.exporting import export_history

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-1+2", "@SUM(A1)", "\t=1", " =1", "\n=1", "＝1", "\0=1", "%0a=1")
HARMLESS = ("-0.5", "+1e3", "main", "a=b", "", "'=1", "é", "-inf")


def exported(tmp_path: Path, branches: tuple[str, ...], **options: bool) -> list[list[str]]:
    rows = [
        ROW | {"branch": branch, "workflow_run_id": f"{place:02}"} for place, branch in enumerate(branches)
    ]
    history = open_history(csv_bytes([row | {"=HYPERLINK(A1)": "x"} for row in rows], [*ROW_NAMES]))
    export_history(history, tmp_path / "out.csv", **options)
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


ROW_NAMES = (*csv.reader(csv_bytes([]).decode().splitlines()).__next__(), "=HYPERLINK(A1)")


def test_formulas_become_text_and_numbers_stay_numbers(tmp_path: Path) -> None:
    header, *rows = exported(tmp_path, FORMULAS + HARMLESS, for_spreadsheet=True)
    branch = header.index("branch")
    assert [row[branch] for row in rows] == [*("'" + cell for cell in FORMULAS), *HARMLESS]
    assert header[-1] == "'=HYPERLINK(A1)"


def test_without_the_option_every_cell_is_kept(tmp_path: Path) -> None:
    header, *rows = exported(tmp_path, FORMULAS + HARMLESS)
    assert [row[header.index("branch")] for row in rows] == [*FORMULAS, *HARMLESS]
    assert header[-1] == "=HYPERLINK(A1)"


def test_the_file_says_that_it_is_utf_8_and_an_empty_history_has_a_header(tmp_path: Path) -> None:
    export_history(open_history(None), tmp_path / "out.csv", for_spreadsheet=True)
    assert (tmp_path / "out.csv").read_bytes() == b"\xef\xbb\xbf" + csv_bytes([])


def test_a_view_is_exported_for_a_spreadsheet_too(tmp_path: Path) -> None:
    history = open_history(csv_bytes([ROW | {"repository": "=1+1", "metrics": '{"@x":-0.5}'}]))
    export_history(history, tmp_path / "out.csv", "deltas", for_spreadsheet=True)
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        [delta] = csv.DictReader(file)
    assert (delta["repository"], delta["metric"], delta["value"]) == ("'=1+1", "'@x", "-0.5")


def test_other_formats_need_no_such_option(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"found the suffix '.json', wanted .csv for a spreadsheet"):
        export_history(open_history(None), tmp_path / "out.json", for_spreadsheet=True)
    assert not (tmp_path / "out.json").exists()


def test_archived_rows_are_exported_with_the_others(tmp_path: Path) -> None:
    history = open_history(csv_bytes(many_rows(5)[2:]), archive=csv_bytes(many_rows(5)[:2]))
    export_history(history, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == csv_bytes(many_rows(5))
