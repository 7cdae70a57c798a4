"""What holds for every test: figures that a test measured are printed at the end, also when tests run in parallel."""

from __future__ import annotations

from pathlib import Path

import pytest

FIGURE = "figure"

TESTS = Path(__file__).parent
APART = TESTS / "fleet"
SLOW = (
    "history/partitions",
    "history/stores/test_gist.py",
    "history/stores/test_gist_failures.py",
    "history/test_answering.py",
    "history/test_hostile_files.py",
    "history/test_unreadable.py",
    "migrations/test_samples.py",
    "report/commands/test_import.py",
    "report/commands/test_killed_runs.py",
    "report/commands/test_many_writers.py",
    "report/mlflow_client",
    "report/overview",
    "report/page",
    "report/test_in_browser.py",
    "report/test_picture.py",
    "report/test_secrets_stay.py",
    "report/training",
    "test_analysis.py",
    "test_called_workflow.py",
    "test_ducklake.py",
    "test_examples.py",
    "test_recipes.py",
    "test_site.py",
    "verdicts",
)
"""Files and folders below `tests` that together take as long as all others."""


def pytest_configure(config: pytest.Config) -> None:
    """A plain `pytest` leaves out what is slow; where files are named, or marks, they are run."""
    is_plain = config.args_source == pytest.Config.ArgsSource.TESTPATHS
    if is_plain and not config.option.markexpr:
        config.option.markexpr = "not slow"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What needs engines of its own is there only where it is named: `pytest tests/fleet`."""
    if collection_path != APART:
        return None
    named = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
    return None if any(path == APART or APART in path.parents for path in named) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow by its place."""
    slow = tuple(TESTS / place for place in SLOW)
    for item in items:
        if any(place == item.path or place in item.path.parents for place in slow):
            item.add_marker(pytest.mark.slow)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print every `record_property("figure", ...)`."""
    figures = [
        f"{report.nodeid.split('::')[-1]}: {value}"
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == FIGURE
    ]
    if figures:
        terminalreporter.section("figures")
        for figure in figures:
            terminalreporter.write_line(figure)
