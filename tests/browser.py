"""Summaries as GitHub shows them, in headless Chromium.

To look at one: TEST_NODE_MODULES=… python tests/browser.py SUMMARY.md FOLDER, which writes four pictures.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hostile import sanitised
from optional_parts import node_package, program
from playwright.sync_api import Browser, Page, sync_playwright

THEMES = ("light", "dark")
WIDTHS = (1280, 400)
HEIGHT = 800

# Text that stands on one line, whatever its letters' height: rows of a table count as such.
LINES = """() => {
    const bottoms = [];
    const walker = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        if (!walker.currentNode.textContent.trim()) continue;
        const range = document.createRange();
        range.selectNodeContents(walker.currentNode);
        for (const box of range.getClientRects()) bottoms.push((box.top + box.bottom) / 2);
    }
    bottoms.sort((a, b) => a - b);
    return bottoms.filter((y, at) => at === 0 || y - bottoms[at - 1] > 8).length;
}"""

# The box in which the page of a job shows a summary; the class is that of github-markdown-css.
_PAGE = """<!doctype html><html><head><meta charset="utf-8"><style>{css}
body {{ margin: 0; background: var(--bgColor-default, Canvas) }}
.markdown-body {{ box-sizing: border-box; max-width: 980px; margin: 0 auto; padding: 32px }}
@media (max-width: 767px) {{ .markdown-body {{ padding: 15px }} }}
</style></head><body><article class="markdown-body">{content}</article></body></html>"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that is always closed."""
    path = program("chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        # A container has no sandbox to offer, and nothing is shown but pages of ours.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def page_html(markdown: str) -> str:
    """The page that GitHub makes of a summary."""
    css = (node_package("github-markdown-css") / "github-markdown.css").read_text(encoding="utf-8")
    return _PAGE.format(css=css, content=sanitised(markdown))


@contextmanager
def shown(browser: Browser, html: str, theme: str, width: int, height: int = HEIGHT) -> Iterator[Page]:
    """A page, offline, as it is seen in a theme at a width."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        offline=True,
        java_script_enabled=True,
    )
    try:
        page = context.new_page()
        page.set_content(html)
        yield page
    finally:
        context.close()


def _take_pictures(summary: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    html = page_html(summary.read_text(encoding="utf-8"))
    with chromium() as browser:
        for theme in THEMES:
            for width in WIDTHS:
                with shown(browser, html, theme, width) as page:
                    page.screenshot(path=folder / f"{summary.stem}-{theme}-{width}.png", full_page=True)


if __name__ == "__main__":
    _take_pictures(Path(sys.argv[1]), Path(sys.argv[2]))
