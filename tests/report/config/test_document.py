"""Whatever a config's file holds, it is read as plain values with their lines, or refused in one line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from devops_mlops_report.report.config.document import MAX_BYTES, Document, parse_document, read_document
from devops_mlops_report.report.errors import ConfigError

NAME = "report-config.yml"
WANTED = "wanted a config in YAML, of a few lines"


def message_of(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        parse_document(text, NAME)
    return str(raised.value)


def test_values_keep_their_types_and_keys_their_lines() -> None:
    document = parse_document("a: 1\nb:\n  - x\n  - 2.5\nc: {d: true, e: }\n", NAME)

    assert document == Document(
        NAME,
        {"a": 1, "b": ["x", 2.5], "c": {"d": True, "e": None}},
        {("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 1): 4, ("c",): 5, ("c", "d"): 5, ("c", "e"): 5},
    )


def test_dates_and_signs_are_text() -> None:
    assert parse_document("a: 2024-01-31\nb: =\n", NAME).values == {"a": "2024-01-31", "b": "="}


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"\xef\xbb\xbfa: 1\r\n")

    assert read_document(tmp_path / NAME, NAME).values == {"a": 1}


def test_merged_keys_give_way_to_those_that_are_written() -> None:
    text = "x: &x {p: 1, q: 2}\ny: &y {q: 3, r: 4}\nz:\n  <<: [*x, *y]\n  p: 5\n"

    document = parse_document(text, NAME)

    assert document.values["z"] == {"p": 5, "q": 2, "r": 4}
    assert document.lines["z", "p"] == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: [1\n",
            "not valid YAML at line 2, column 1: while parsing a flow sequence, expected ',' or ']', "
            "but got '<stream end>'; "
            "wanted `key: value` lines such as `version: 3`",
        ),
        (
            "a: 1\n\tb: 2\n",
            "not valid YAML at line 2, column 1: while scanning for the next token, found character "
            "'\\t' that cannot start any token; "
            "wanted `key: value` lines such as `version: 3`",
        ),
        (
            "a: \0",
            "not valid YAML at character 4: special characters are not allowed; "
            "wanted `key: value` lines such as `version: 3`",
        ),
        (
            "a: 1\n---\nb: 2\n",
            "not valid YAML at line 2, column 1: expected a single document in the stream, but found "
            "another document; "
            "wanted `key: value` lines such as `version: 3`",
        ),
        (
            "a: &x 1\nb: &x 2\n",
            "not valid YAML at line 2, column 4: found duplicate anchor 'x'; first occurrence, "
            "second occurrence; "
            "wanted `key: value` lines such as `version: 3`",
        ),
        (
            f"a: 0x{'f' * 5000}\n",
            "a (line 1): a number of hundreds of digits; wanted a smaller one, or text in quotes",
        ),
        (
            "- a\n" * 10_001,
            "more than 10,000 values, with anchors written out; wanted a config of a few lines",
        ),
        ("- a\n", "not a mapping; wanted `key: value` lines such as `version: 3`"),
        ("just text\n", "not a mapping; wanted `key: value` lines such as `version: 3`"),
        ("[" * 5000, "nested too deeply; wanted sections with keys and values"),
        ("a: 1\na: 2\n", "a (line 2): given twice, first in line 1; wanted once"),
        ("s:\n  a: 1\n  b: 1\n  a: 1\n", "s.a (line 4): given twice, first in line 2; wanted once"),
        (
            "yes: 1\n",
            "yes (line 1): a key that is not text; wanted a name, in quotes where YAML reads it otherwise",
        ),
        (
            "? [a]\n: 1\n",
            "'a list or a mapping' (line 1): a key that is not text; wanted a name, in quotes where "
            "YAML reads "
            "it otherwise",
        ),
        (
            "a: !!python/object/apply:os.system [true]\n",
            "a (line 1): a YAML tag that is not known here; wanted text, a number, a list or a mapping",
        ),
        (
            "a: !!int x\n",
            "a (line 1): can't be read as int; wanted the value without a tag, or text in quotes",
        ),
        (
            "a: !!bool x\n",
            "a (line 1): can't be read as bool; wanted the value without a tag, or text in quotes",
        ),
        (
            "a: !!float ''\n",
            "a (line 1): can't be read as float; wanted the value without a tag, or text in quotes",
        ),
        (
            f"a: {'9' * 5000}\n",
            "a (line 1): can't be read as int; wanted the value without a tag, or text in quotes",
        ),
        ("a:\n  <<: 3\n", "a.'<<' (line 2): not a mapping; wanted an anchor of a mapping"),
    ],
)
def test_what_is_not_a_config_is_refused_in_one_line(text: str, message: str) -> None:
    assert message_of(text) == f"report-config.yml: {message}"


@pytest.mark.parametrize("start", ["a0: &a0 [x, x]\n", "a0: &a0 {x: 1, y: 2}\n"])
@pytest.mark.parametrize("step", ["a{n}: &a{n} [*a{m}, *a{m}]\n", "a{n}: &a{n} {{<<: [*a{m}, *a{m}]}}\n"])
def test_anchors_that_multiply_are_refused(start: str, step: str) -> None:
    text = start + "".join(step.format(n=n, m=n - 1) for n in range(1, 60))

    assert message_of(text) == (
        "report-config.yml: more than 10,000 values, with anchors written out; wanted a config of a few lines"
    )


def test_an_anchor_that_holds_itself_is_refused() -> None:
    assert "more than 10,000 values" in message_of("a: &a [*a]\n")
    assert "more than 10,000 values" in message_of("a: &a {<<: *a}\n")


def test_a_file_that_can_not_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "latin.yml").write_bytes(b"a: \xe9\n")
    (tmp_path / "large.yml").write_bytes(b"#" * (MAX_BYTES + 1))
    cases = {
        "absent.yml": f"is not there; {WANTED}",
        "folder": f"is a folder, no file; {WANTED}",
        "pipe": f"is a named pipe, no file; {WANTED}",
        "null\0byte": f"can't be read: embedded null byte; {WANTED}",
        "latin.yml": "not UTF-8 text: byte 0xe9 at offset 3; wanted UTF-8",
        "large.yml": f"is larger than 1,000,000 bytes; {WANTED}",
    }

    for name, reason in cases.items():
        with pytest.raises(ConfigError) as raised:
            read_document(tmp_path / name, NAME)
        assert str(raised.value) == f"report-config.yml: {reason}"


def test_a_file_without_permission_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)

    with pytest.raises(ConfigError) as raised:
        read_document(tmp_path / "x.yml", "x.yml")
    assert str(raised.value) == f"x.yml: can't be read: Permission denied; {WANTED}"
