from __future__ import annotations

from pathlib import Path

import pytest
from devops_mlops_report.report.facts.xml_results import CoverageFacts, read_coverage

COVERAGE_PY = """<?xml version="1.0" ?>
<coverage version="7.6.1" timestamp="1" lines-valid="300" lines-covered="200" line-rate="0.6667"
 branches-covered="0" branches-valid="0" branch-rate="0" complexity="0">
<packages><package name="." line-rate="0.1"/></packages></coverage>"""
GCOVR = """<?xml version='1.0'?>
<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>
<coverage line-rate="0.875" branch-rate="0.5" version="gcovr"/>"""


@pytest.mark.parametrize(("content", "percent"), [(COVERAGE_PY, 66.6667), (GCOVR, 87.5)])
def test_line_coverage_comes_from_the_totals(tmp_path: Path, content: str, percent: float) -> None:
    path = tmp_path / "coverage.xml"
    path.write_text(content)
    assert read_coverage(path) == CoverageFacts(percent)


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
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><coverage line-rate='1'/>", "DOCTYPE"),
    ],
)
def test_a_file_that_is_no_cobertura_leaves_a_notice(tmp_path: Path, content: str, found: str) -> None:
    path = tmp_path / "coverage.xml"
    path.write_text(content)
    facts = read_coverage(path)
    assert facts.coverage_percent is None
    assert found in facts.notices[0]
    assert str(path) in facts.notices[0]


def test_a_file_that_is_absent_leaves_a_notice(tmp_path: Path) -> None:
    assert "is not there" in read_coverage(tmp_path / "coverage.xml").notices[0]
