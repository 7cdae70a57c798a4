"""Texts from outside that would act if they could, 600 of them, the same in each run; and what acts in an output."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

import cmarkgfm
import nh3
from cmarkgfm.cmark import Options

_PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</code></td></tr></table><h1>gone</h1>",
    "<details open><summary>x</summary>",
    "<!-- hidden",
    "<a href=https://evil.example>x</a>",
    "<https://evil.example>",
    "![x](https://evil.example/a.png)",
    "[x](https://evil.example)",
    "[x]: https://evil.example",
    "[^1] [x][y] [ ]",
    "https://evil.example/a?b=c",
    "www.evil.example",
    "me@evil.example",
    "@acme/security @someone",
    "#1 acme/wine#2 GH-3 gh-4",
    "0123456789abcdef0123456789abcdef01234567 and 1234567 acme/wine@abcdef1",
    ":tada: :+1: a:smile:b",
    "$x^2$ $$y$$ $`z`$",
    "**bold** __bold__ *it* _it_ ~~gone~~",
    "`code` ``more`` ```fence",
    "```\n# out of the fence\n```",
    "~~~\nout\n~~~",
    "| a | b |\n| --- | --- |",
    "a|b\\|c\\\\|d",
    "# heading",
    "heading\n===",
    "rule\n---",
    "> quote\n> [!WARNING]",
    "1. one",
    "- item\n  - [x] task",
    "\\",
    "&lt;b&gt; &#42; &amp;amp;",
    "::error title=x::no",
    "::stop-commands::x",
    "::add-mask::a",
    "##[error]no",
    "##vso[task.setvariable variable=PATH]no",
    "##VSO[task.complete result=Failed;]no",
    "##teamcity[buildStatus text='no']",
    "\x1b[0Ksection_start:1700000000:no\r\x1b[0Kno",
    "travis_fold:start:no",
    "--- no",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07\x1b]52;c;bm8=\x07",
    "\x9b31m\x08\x08\x7f",
    "a\u202eb\u2066c\u200f",
    "a\u200bb\ufeffc\U000e0041d",
    '=HYPERLINK("https://evil.example")',
    "%0A::error::no %25 %s {0} ${IFS} $(id)",
)
_MUTATIONS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: f"say {text} now",
    lambda text: f"\n{text}\n",
    lambda text: f"\r\n\t{text}",
    lambda text: f"`{text}`",
    lambda text: f"\"{text}'",
    lambda text: f"|{text}|{text}",
    lambda text: f"</summary>{text}",
    lambda text: f"{text} " * 3,
    lambda text: "x" * 40 + text,
    lambda text: f"\x1b[1m{text}\u2028{text}",
    lambda text: f"*{text}_",
)
HOSTILE = tuple(mutate(payload) for payload in _PAYLOADS for mutate in _MUTATIONS)
assert len(HOSTILE) == 600

LIVE_IN_A_LOG = re.compile(
    r"^[^\S\n]*::|##(?:vso|teamcity)?\[|section_(?:start|end):\d|travis_(?:fold|time):", re.M | re.I
)
"""What a CI obeys; `report/harmless.py` says which."""
ACTS_IN_A_TERMINAL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)

# What GitHub's html-pipeline leaves of a page (its `ALLOWLIST`).
_TAGS = set(
    re.findall(
        r"\w+",
        "h1 h2 h3 h4 h5 h6 br b i strong em a pre code img tt div ins del sup sub p picture ol ul table thead tbody "
        "tfoot blockquote dl dt dd kbd q samp var hr ruby rt rp li tr td th s strike summary details caption figure "
        "figcaption abbr bdo cite dfn mark small source span time wbr",
    )
)
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt", "width"}, "source": {"media", "srcset"}, "th": {"align"}}
_ATTRIBUTES["td"] = {"align"}
# What GitHub makes of the text that is not code and not a link: its filters for names, issues, commits, emoji, maths.
_LIVE_ON_A_PAGE = re.compile(
    r"(?<!\w)@[a-z0-9]|(?<!\w)(?:#|GH-)\d|\w#\d|(?<![0-9A-Za-z_])[0-9a-f]{7,}(?![0-9A-Za-z_])"
    r"|:[a-z0-9_+-]*[a-z1][a-z0-9_+-]*:|\$[^$]+\$",
    re.I,
)


@dataclass
class Page(HTMLParser):
    """What is left of a page."""

    skeleton: list[str] = field(default_factory=list)
    """The tags in their order, without those that only show text."""
    links: list[str] = field(default_factory=list)
    text: str = ""
    live: list[str] = field(default_factory=list)
    """What would become something in a text that is neither code nor a link."""
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("code", "span"):
            self.skeleton.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "srcset")]
        if tag not in ("br", "hr", "img", "source"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if not {"code", "pre", "a"} & set(self._open):
            self.live += _LIVE_ON_A_PAGE.findall(data)


def sanitised(markdown: str) -> str:
    """The HTML that GitHub would show: cmark-gfm, then the sanitiser."""
    rendered = cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
    return nh3.clean(rendered, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None, strip_comments=True)


def page_of(markdown: str) -> Page:
    """What is left of the Markdown on the page."""
    page = Page()
    page.feed(sanitised(markdown))
    page.close()
    page.text = page.text.replace("\u200b", "")
    return page
