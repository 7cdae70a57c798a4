from __future__ import annotations

from pathlib import Path

import pytest
from devops_mlops_report.report.facts.result_files import read_results
from devops_mlops_report.report.facts.tested_cases import TestedCase, TestResults

PYTEST = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests">
<testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="2.5">
<testcase classname="a" name="one" time="0.5"/>
<testcase classname="a" name="two" time="0.5"><failure message="no">text &lt;</failure></testcase>
<testcase classname="a" name="three" time="0.5"><skipped type="pytest.skip" message="later"/></testcase>
<testcase classname="a" name="four" time="0.5"><error message="down"/><system-out>x</system-out></testcase>
</testsuite></testsuites>"""
NESTED = """<testsuites tests="4" time="10"><testsuite name="outer" tests="4" failures="2" time="9">
<testsuite name="inner" tests="2" failures="1" time="4"><testcase name="a" time="2"/>
<testcase name="b" time="2"><failure/><error/></testcase></testsuite>
<testcase name="c" time="1"/><testcase name="d"><failure/><failure/><rerunFailure/></testcase>
</testsuite></testsuites>"""


def numbers(results: TestResults) -> tuple[object, ...]:
    """The counts and the seconds, and the names of the failing."""
    counts = (results.tests_total, results.tests_failed, results.tests_errored, results.tests_skipped)
    return (*counts, results.tests_seconds, results.failed_tests)


def read(tmp_path: Path, *contents: str) -> TestResults:
    for number, content in enumerate(contents):
        (tmp_path / f"junit-{number}.xml").write_text(content, encoding="utf-8")
    return read_results(["junit-*.xml"], tmp_path)


def test_a_file_of_pytest_is_counted_by_its_cases(tmp_path: Path) -> None:
    assert numbers(read(tmp_path, PYTEST)) == (4, 1, 1, 1, 2.5, ("a.two", "a.four"))


def test_nested_suites_count_once_and_a_case_has_one_outcome(tmp_path: Path) -> None:
    assert numbers(read(tmp_path, NESTED)) == (4, 2, 0, 0, 10.0, ("b", "d"))


def test_files_add_up(tmp_path: Path) -> None:
    results = read(tmp_path, PYTEST, NESTED)
    assert numbers(results) == (8, 3, 1, 1, 12.5, ("a.two", "a.four", "b", "d"))


def test_a_lone_testsuite_without_times_has_no_seconds(tmp_path: Path) -> None:
    assert numbers(read(tmp_path, '<testsuite><testcase name="a"/></testsuite>')) == (1, 0, 0, 0, None, ())


@pytest.mark.parametrize(
    ("time", "seconds"),
    [("1,234.5", 1234.5), ("", None), ("soon", None), ("nan", None), ("-1", None), ("1e400", None)],
)
def test_a_time_that_is_no_duration_is_passed_over(tmp_path: Path, time: str, seconds: float | None) -> None:
    assert read(tmp_path, f'<testsuite time="{time}"><testcase/></testsuite>').tests_seconds == seconds


def test_a_suite_without_a_time_takes_its_cases_times(tmp_path: Path) -> None:
    content = '<testsuites><testsuite><testcase time="1"/><testcase time="2"/></testsuite></testsuites>'
    assert read(tmp_path, content).tests_seconds == 3.0


def test_an_empty_suite_is_no_test_at_all(tmp_path: Path) -> None:
    assert numbers(read(tmp_path, "<testsuites/>")) == (0, 0, 0, 0, None, ())


@pytest.mark.parametrize(
    "broken", ["", "<testsuite><testcase>", "<html/>", '<!DOCTYPE a [<!ENTITY x "y">]><testsuite/>']
)
def test_a_file_that_can_t_be_read_leaves_a_notice_and_the_others_count(tmp_path: Path, broken: str) -> None:
    results = read(tmp_path, PYTEST, broken)
    assert results.tests_total == 4
    assert len(results.notices) == 1
    assert "junit-1.xml" in results.notices[0]


def test_files_that_all_fail_leave_no_numbers(tmp_path: Path) -> None:
    results = read(tmp_path, "<html/>")
    assert (results.tests_total, results.tests_seconds, len(results.notices)) == (None, None, 1)


def test_a_pattern_without_a_file_says_so(tmp_path: Path) -> None:
    assert read_results(["**/nothing.xml"], tmp_path) == TestResults(
        notices=("No test results: no file matches '**/nothing.xml'.",)
    )


def test_a_file_that_two_patterns_match_counts_once(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "junit.xml").write_text(PYTEST)
    patterns = ["**/junit.xml", "deep/*/*.xml", str(tmp_path / "deep" / "**" / "junit*.xml")]
    assert read_results(patterns, tmp_path).tests_total == 4


def test_failed_tests_are_named_by_class_and_case_each_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    assert read(tmp_path, PYTEST, NESTED, PYTEST).failed_tests == ("a.two", "a.four", "b", "d")


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        (
            'classname="tests.test_fit.TestFit" name="test_rate[0.1-adam]"',
            "tests.test_fit.TestFit.test_rate[0.1-adam]",
        ),
        ('classname="Wine tastes good" name="Wine tastes good"', "Wine tastes good"),
        ('classname="" name="one"', "one"),
        ('classname="a&#10;b" name="c&#9;d"', "a b.c d"),
        ('name="{}"'.format("x" * 1000), "x" * 299 + "…"),
    ],
)
def test_a_failed_test_s_name_is_one_line_of_a_bounded_length(
    tmp_path: Path, attributes: str, name: str
) -> None:
    content = f"<testsuite><testcase {attributes}><failure/></testcase></testsuite>"
    assert read(tmp_path, content).failed_tests == (name,)


def test_a_test_without_a_name_is_counted_and_not_named(tmp_path: Path) -> None:
    results = read(tmp_path, "<testsuite><testcase><failure/></testcase></testsuite>")
    assert (results.tests_failed, results.failed_tests) == (1, ())


def test_of_many_failed_tests_two_hundred_are_named(tmp_path: Path) -> None:
    cases = "".join(f'<testcase name="t{number}"><error/></testcase>' for number in range(250))
    results = read(tmp_path, f"<testsuite>{cases}</testsuite>")
    assert (results.tests_errored, len(results.failed_tests), results.failed_tests[-1]) == (250, 200, "t199")
    assert results.notices == ("Of 250 failed tests the names of the first 200 are kept.",)


FRAMES = """def test_converges():
&gt;       assert fit() == 1
tests/test_fit.py:12: in test_converges
    assert fit() == 1
src/fit.py:3: AssertionError"""


@pytest.mark.parametrize(
    ("case", "message", "place"),
    [
        (
            'name="a" file="t/a.py" line="7"><failure message="assert 1 == 2&#10;more"/>',
            "assert 1 == 2",
            "t/a.py:7",
        ),
        (f'name="a"><failure message="x">{FRAMES}</failure>', "x", "tests/test_fit.py:12"),
        ('name="a"><failure type="java.lang.AssertionError"/>', "java.lang.AssertionError", ":None"),
        ('name="a"><error>\n\n  Boom: 1\nat x</error>', "Boom: 1", ":None"),
        ('name="a" file="a.js" line="0"><failure message="\x1b"/>'.replace("\x1b", "&#9;"), "", "a.js:None"),
        ('name="a" line="9999999999"><failure message="m"/>', "m", ":None"),
        (f'name="a"><failure message="{"m" * 9000}"/>', "m" * 299 + "…", ":None"),
    ],
)
def test_a_failing_test_tells_its_first_line_and_its_place(
    tmp_path: Path, case: str, message: str, place: str
) -> None:
    [failing] = read(tmp_path, f"<testsuite><testcase {case}</testcase></testsuite>").failing
    assert (failing.message, f"{failing.file}:{failing.line}") == (message, place)


def test_the_slowest_tests_are_kept_in_order(tmp_path: Path) -> None:
    cases = "".join(f'<testcase name="t{number}" time="{number % 50}"/>' for number in range(100))
    slowest = read(tmp_path, f"<testsuite>{cases}</testsuite>").slowest
    assert [(case.name, case.seconds) for case in slowest] == [
        ("t49", 49.0),
        ("t99", 49.0),
        ("t48", 48.0),
        ("t98", 48.0),
        ("t47", 47.0),
    ]


def test_a_case_that_passed_when_it_was_run_again_is_flaky_and_no_failure(tmp_path: Path) -> None:
    content = """<testsuite><testcase name="a"><flakyFailure message="x"/></testcase>
    <testcase name="b"><failure message="x"/><rerunFailure message="y"/></testcase></testsuite>"""
    results = read(tmp_path, content)
    assert (results.flaky, results.failed_tests, results.tests_total) == (("a",), ("b",), 2)


def test_all_cases_are_kept_where_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(PYTEST)
    assert read_results(["a.xml"], tmp_path).cases == ()
    cases = read_results(["a.xml"], tmp_path, keeps_all=True).cases
    assert cases[0] == TestedCase("a.one", "passed", 0.5)
    assert [case.outcome for case in cases] == ["passed", "failed", "skipped", "errored"]
