"""What comes from outside is shown, and is never live."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from devops_mlops_report.report.rendering.markdown import (
    LONGEST_TEXT,
    code,
    escaped,
    link,
    one_line,
    prose,
    table,
)
from hypothesis import given, settings
from hypothesis import strategies as st

HOSTILE = [
    "**bold** _it_ ~~gone~~",
    "[text](http://evil.example) ![image](http://evil.example/a.png)",
    "<img src=x onerror=alert(1)> <script>alert(1)</script> <!-- -->",
    "@someone and #12 and me@example.org",
    "https://evil.example www.evil.example",
    ":tada: $x^2$ `code` ``` fence",
    "a|b\\|c\\\\|d",
    "1. list",
    "- list",
    "# heading",
    "> quote",
    "&lt;b&gt; &#42;",
    "two\nlines\r\nof\ttext\u2028and\u202emore",
    "",
    "`",
    "``a` b",
    "\\",
]
INERT = {"p", "li", "ul", "table", "thead", "tbody", "tr", "th", "td", "code", "span"}


def _page(markdown: str) -> str:
    """As a table's cell, as an item and as a line of its own."""
    text = f"| h |\n| --- |\n| {markdown} |\n\n- {markdown}\n\nx {markdown}\n"
    return cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)


def _shown(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", page)).replace("\u200b", "")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("write", [escaped, code, prose])
def test_nothing_but_text_and_code_comes_out(write: Callable[[str], str], text: str) -> None:
    page = _page(write(text))
    assert set(re.findall(r"</?([a-z0-9]+)", page)) <= INERT
    assert page.count("<td>") == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_written_is_what_is_read(text: str) -> None:
    for write in (escaped, code):
        assert one_line(text) in " ".join(_shown(_page(write(text))).split(" "))


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab1 |`\\<>[]()!*_~#@&:./-+$\"'\n"), max_size=30))
def test_no_combination_of_marks_is_live(text: str) -> None:
    for write in (escaped, code, prose):
        assert set(re.findall(r"</?([a-z0-9]+)", _page(write(text)))) <= INERT


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert one_line("x" * 500) == "x" * (LONGEST_TEXT - 1) + "…"


@pytest.mark.parametrize(
    "url", [None, "", "javascript:alert(1)", "https://a b", "https://a)b", 'https://a"b', "ftp://a"]
)
def test_a_link_needs_a_plain_web_address(url: str | None) -> None:
    assert link("`a`", url) == "`a`"


def test_a_table_says_which_columns_are_numbers() -> None:
    assert table(["a", "b"], [["1", "2"]], numeric=[1]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |"
