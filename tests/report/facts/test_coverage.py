from __future__ import annotations

from pathlib import Path

import pytest
from devops_mlops_report.report.facts.coverage import CoverageFacts, read_coverage

COVERAGE_PY = """<?xml version="1.0" ?>
<coverage version="7.6.1" timestamp="1" lines-valid="300" lines-covered="200" line-rate="0.6667"
 branches-covered="0" branches-valid="0" branch-rate="0" complexity="0">
<packages><package name="." line-rate="0.1"/></packages></coverage>"""
GCOVR = """<?xml version='1.0'?>
<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>
<coverage line-rate="0.875" branch-rate="0.5" version="gcovr"/>"""


LCOV = (
    "TN:\nSF:src/a.c\nFN:1,main\nDA:1,5\nDA:2,0\nDA:3,1,abc\nLF:3\nLH:2\nend_of_record\n"
    "SF:b.c\nDA:1,0\nend_of_record\n"
)
JSON = """{"meta": {"format": 3}, "files": {"a.py": {"executed_lines": [1, 2], "missing_lines": [3]}},
"totals": {"covered_lines": 2, "num_statements": 3, "percent_covered": 50.0, "num_branches": 4}}"""


@pytest.mark.parametrize(
    ("content", "percent"),
    [(COVERAGE_PY, 66.6667), (GCOVR, 87.5), (LCOV, 50.0), (JSON, 66.6667), ("\ufeff" + JSON, 66.6667)],
)
def test_line_coverage_comes_from_the_totals(tmp_path: Path, content: str, percent: float) -> None:
    path = tmp_path / "coverage.xml"
    path.write_text(content)
    assert read_coverage([str(path)], tmp_path) == CoverageFacts(percent)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("<coverage generated='1' clover='4'/>", "wanted Cobertura's <coverage> with a line-rate"),
        ("<report line-rate='0.5'/>", "its root is <report>"),
        ("<coverage line-rate='85'/>", "line-rate from 0 to 1"),
        ("<coverage line-rate='nan'/>", "'nan'"),
        ("<coverage lines-valid='10' lines-covered='11' line-rate='1'/>", "line-rate from 0 to 1"),
        ("<coverage lines-valid='0' lines-covered='0' line-rate='1'/>", "no line was measured"),
        ("<coverage", "not valid XML"),
        ("", "not valid XML"),
        (
            "SF:a.c\nend_of_record\n",
            "no line was measured, wanted Cobertura's XML, LCOV or coverage.py's JSON",
        ),
        ("DA:1,1\n", "no line was measured"),
        ('{"totals": 5}', "has no `totals`"),
        ('{"totals": {"covered_lines": 9, "num_statements": 3}}', "no covered_lines of num_statements"),
        ('{"totals": {"covered_lines": 0, "num_statements": 0}}', "no line was measured"),
        ('{"totals": ', "is not valid JSON at line 1"),
        ("[" * 100_000, "no line was measured"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><coverage line-rate='1'/>", "DOCTYPE"),
    ],
)
def test_a_file_that_tells_no_coverage_leaves_a_notice(tmp_path: Path, content: str, found: str) -> None:
    path = tmp_path / "coverage.xml"
    path.write_text(content)
    facts = read_coverage([str(path)], tmp_path)
    assert facts.coverage_percent is None
    assert found in facts.notices[0]
    assert str(path) in facts.notices[0]


def test_a_file_that_is_absent_leaves_a_notice(tmp_path: Path) -> None:
    assert read_coverage(["coverage.xml"], tmp_path).notices == (
        "No coverage: no file matches 'coverage.xml'.",
    )


def _cobertura(*lines: tuple[int, int]) -> str:
    told = "".join(f'<line number="{number}" hits="{hits}"/>' for number, hits in lines)
    rate = sum(hits > 0 for _, hits in lines) / len(lines)
    classes = f'<classes><class filename="a.py"><lines>{told}</lines></class></classes>'
    return f'<coverage line-rate="{rate}"><packages><package>{classes}</package></packages></coverage>'


def test_of_several_files_a_line_counts_as_run_where_any_ran_it(tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_text(_cobertura((1, 1), (2, 0), (3, 0), (4, 0)))
    (tmp_path / "2.info").write_text("SF:a.py\nDA:2,3\nDA:1,0\nend_of_record\n")
    (tmp_path / "3.json").write_text(
        '{"totals": {"covered_lines": 1, "num_statements": 1}, "files": {"b.py": {"missing_lines": [1]}}}'
    )
    assert read_coverage(["*.*"], tmp_path) == CoverageFacts(40.0)
    (tmp_path / "4.xml").write_text(GCOVR)
    facts = read_coverage(["*.xml", "2.info", "3.json"], tmp_path)
    assert facts.coverage_percent == 40.0
    assert "it names no lines, so it can't be joined with other files" in facts.notices[0]


def test_a_name_with_the_signs_of_a_pattern_is_a_name(tmp_path: Path) -> None:
    (tmp_path / "cov[1].xml").write_text(GCOVR)
    assert read_coverage(["cov[1].xml"], tmp_path) == CoverageFacts(87.5)
