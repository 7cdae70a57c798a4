"""Nothing that is printed acts: no command of a CI, no sequence of a terminal, no turned reading direction."""

from __future__ import annotations

import json
import re

import pytest
from devops_mlops_report.report.harmless import (
    HarmlessStream,
    annotation,
    harmless,
    harmless_json,
)

COMMANDS = [
    "::error::no",
    "  \t::set-env name=a::b",
    "x\n::add-mask::a",
    "a ##[error]b",
    "a ##vso[task.setvariable variable=x]b",
    "##VSO[task.complete result=Failed;]",
    "###[x",
    "##teamcity[buildStatus text='x']",
    "\x1b[0Ksection_start:1700000000:x\r\x1b[0K",
    "section_end:1:x",
    "travis_fold:start:x",
]
LIVE = re.compile(
    r"^\s*::|##(vso|teamcity)?\[|section_(start|end):|travis_(fold|time):|[\x00-\x08\x0b-\x1f\x7f-\x9f]",
    re.M | re.I,
)


@pytest.mark.parametrize("text", COMMANDS)
def test_text_from_outside_holds_no_command_and_stays_readable(text: str) -> None:
    assert LIVE.search(text)
    shown = harmless(text)
    assert not LIVE.search(shown)
    assert "".join(shown.split()) == re.sub(r"\s|[\x00-\x1f]", "", text)


@pytest.mark.parametrize(
    "text", ["std::vector", "tests/a.py::test_b", "C# ## x [y]", "section_started: 1", "a\tb\n"]
)
def test_what_is_no_command_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_what_is_not_seen_becomes_a_space_so_that_columns_stay() -> None:
    assert harmless("a\x1b[31mb\x07\x9bc\u202ed\u2066e\u200bf\ufeffg\U000e0041h\ud800i\r") == (
        "a [31mb  c d e f g h i "
    )


def test_groups_are_broken_up_where_the_log_has_some() -> None:
    text = "--- a\n+++\nx --- y\n~~~ z\n^^^ +++"
    assert harmless(text) == text
    assert harmless(text, has_groups=True) == " --- a\n +++\nx --- y\n ~~~ z\n ^^^ +++"


@pytest.mark.parametrize("text", [*COMMANDS, "\x1b]0;title\x07\x9b31m\u202e\U000e0041"])
def test_json_says_the_same_and_acts_not(text: str) -> None:
    written = json.dumps({text: [text]}, ensure_ascii=False, indent=2)
    shown = harmless_json(written)
    assert json.loads(shown) == {text: [text]}
    assert not LIVE.search(shown)
    assert not re.search("[\u202e\U000e0041]", shown)


@pytest.mark.parametrize("text", COMMANDS[3:])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_no_cut_makes_a_command_of_pieces(text: str, size: int) -> None:
    stream = HarmlessStream()
    shown = "".join(stream.feed(text[at : at + size]) for at in range(0, len(text), size)) + stream.finish()
    assert not re.search(r"##(vso|teamcity)?\[|section_(start|end):|travis_(fold|time):", shown, re.I)
    assert shown.replace(" ", "") == text.replace(" ", "")


def test_a_stream_keeps_colours_and_progress_bars() -> None:
    stream = HarmlessStream()
    assert (
        stream.feed("\x1b[32m10%\r") + stream.feed("20%\x1b[0m # done\n")
        == "\x1b[32m10%\r20%\x1b[0m # done\n"
    )


def test_an_annotation_is_one_command_whatever_its_text() -> None:
    line = annotation("warning", "a:b,c", "100 %\n::error::x ##[error]y\x1b")
    assert line == "::warning title=a%3Ab%2Cc::100 %25%0A::error::x ## [error]y "
