"""Summaries as readers see them: on GitHub's page, light and dark, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import HEIGHT, LINES, THEMES, WIDTHS, chromium, page_html, shown

pytest.importorskip("playwright", reason="playwright is not installed")
from devops_mlops_report.report.config import parse_config
from playwright.sync_api import Browser
from scenario import CONFIG, Scenario

HERE = Path(__file__).parent
MOST_LINES = 12
"""Of text that a reader takes in at once, on a desk."""
SCREENS = sorted((HERE / "first_screens").glob("*.md"))
SUMMARIES = sorted((HERE / "summaries").glob("*.md"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.parametrize("golden", [*SCREENS, *SUMMARIES], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_reader_sees_the_state_and_nothing_runs_out_of_the_page(browser: Browser, golden: Path) -> None:
    html = page_html(golden.read_text(encoding="utf-8"))
    for width in WIDTHS:
        for theme in THEMES:
            with shown(browser, html, theme, width) as page:
                assert page.evaluate("document.scrollingElement.scrollWidth") <= width
                heading = page.locator("h2").first.bounding_box()
                assert heading is not None
                assert heading["y"] + heading["height"] < HEIGHT / 2
                assert heading["x"] >= 0


@pytest.mark.parametrize("golden", SCREENS, ids=lambda path: path.stem)
def test_the_first_screen_fits_on_a_desks_first_screen_and_a_phone_shows_each_verdict(
    browser: Browser, golden: Path
) -> None:
    html = page_html(golden.read_text(encoding="utf-8"))
    with shown(browser, html, "light", 1280) as page:
        bottom = page.evaluate(
            "document.querySelector('article').lastElementChild.getBoundingClientRect().bottom"
        )
        assert bottom <= HEIGHT
        assert page.evaluate(LINES) <= MOST_LINES
    with shown(browser, html, "light", 400) as page:
        for cell in page.locator("table").last.locator("td:nth-child(2)").all():
            box = cell.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= 400


def test_the_pictures_of_a_report_are_loaded_each_theme_its_own_and_fit_a_phone(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = Scenario(tmp_path, tmp_path / "kept", monkeypatch)
    scenario.config = parse_config(CONFIG.replace("val_accuracy}", "val_accuracy, charts: [loss]}"))
    for score in (0.9, 0.91):
        elsewhere = {"GITHUB_STEP_SUMMARY": ""}
        report = scenario.report("Go on", {"val_accuracy": score, "loss": 1 - score}, environment=elsewhere)
    for name, content in report.files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "summary.html").write_text(page_html(report.summary), encoding="utf-8")
    for theme, name in zip(THEMES, ("chart.svg", "chart-dark.svg"), strict=True):
        with shown(browser, "", theme, 400) as page:
            page.goto((tmp_path / "summary.html").as_uri())
            [picture] = page.locator("picture img").all()
            assert picture.evaluate("each => each.decode().then(() => each.naturalWidth)") > 400
            assert picture.evaluate("each => each.currentSrc").endswith(f"/{name}")
            assert page.evaluate("document.scrollingElement.scrollWidth") <= 400
