from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
from devops_mlops_report.report.errors import UsageError
from devops_mlops_report.report.facts import measurement_files
from devops_mlops_report.report.facts.measurement_files import read_metrics, read_params


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "file.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(read: object, path: Path) -> str:
    assert callable(read)
    with pytest.raises(UsageError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def test_metrics_are_numbers_with_nested_names_joined_in_order(tmp_path: Path) -> None:
    path = written(tmp_path, '{"val": {"loss": 1, "top": {"k5": 2.5e-1}}, "accuracy": -0.0, "a.b": 3}')
    assert list(read_metrics(path).items()) == [
        ("val.loss", 1.0),
        ("val.top.k5", 0.25),
        ("accuracy", 0.0),
        ("a.b", 3.0),
    ]


def test_nan_and_infinities_are_taken_bare_and_as_strings(tmp_path: Path) -> None:
    path = written(
        tmp_path, '{"a": NaN, "b": "NaN", "c": Infinity, "d": "Infinity", "e": -Infinity, "f": "-Infinity"}'
    )
    metrics = read_metrics(path)
    assert math.isnan(metrics["a"])
    assert math.isnan(metrics["b"])
    assert [metrics[key] for key in "cdef"] == [math.inf, math.inf, -math.inf, -math.inf]


def test_an_empty_object_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    assert read_metrics(written(tmp_path, b"\xef\xbb\xbf{}")) == {}
    assert read_params(written(tmp_path, b'\xef\xbb\xbf{"a": {}}')) == {}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"a": true}', "key 'a' is true, wanted a number"),
        ('{"a": null}', "key 'a' is null, wanted a number"),
        ('{"a": [1]}', "key 'a' is a list, wanted a number"),
        ('{"a": {"b": "0.9"}}', "key 'a.b' is the string '0.9', wanted a number"),
        ('{"a": "nan"}', "key 'a' is the string 'nan', wanted a number"),
        ('{"a": 1e999}', "key 'a' is the number 1e999, wanted a number that fits a double"),
        ('{"a": ' + "9" * 5000 + "}", "wanted a number that fits a double"),
        ('{"a": 1, "a": 2}', "key 'a' is there twice"),
        ('{"a": {"b": 1, "b": 2}}', "key 'b' is there twice"),
        ('{"a": {"b": 1}, "a.b": 2}', "key 'a.b' is there twice"),
        ('{"": 1}', "whose key is ''"),
        ('{"\\ud800": 1}', "lone surrogate"),
        ("[1]", "found a list, wanted a JSON object of numbers"),
        ("0.5", "found the number 0.5, wanted a JSON object of numbers"),
        ("null", "found null, wanted a JSON object of numbers"),
        ("", "not valid JSON at line 1, column 1"),
        ('{"a": 1,\n "b": }', "not valid JSON at line 2, column 7"),
        ("[" * 100_000, "nested too deeply"),
        (b'{"a\xff": 1}', "byte 3 is not UTF-8"),
    ],
)
def test_metrics_that_are_none_name_the_file_the_key_and_what_is_wanted(
    tmp_path: Path, content: str | bytes, found: str
) -> None:
    assert found in refusal(read_metrics, written(tmp_path, content))


def test_params_keep_their_json_spelling(tmp_path: Path) -> None:
    content = """{"lr": 1e-3, "n": 1.50, "big": 12345678901234567890, "on": true, "off": false, "no": null,
        "s": " é; =", "x": NaN, "o": {"name": "adam"}}"""
    assert read_params(written(tmp_path, content)) == {
        "lr": "1e-3",
        "n": "1.50",
        "big": "12345678901234567890",
        "on": "true",
        "off": "false",
        "no": "",
        "s": " é; =",
        "x": "NaN",
        "o.name": "adam",
    }


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"layers": [64, 32]}', "key 'layers' is a list, wanted a string, a number, true, false or null"),
        ('"a"', "found the string 'a', wanted a JSON object of strings"),
        ('{"a": "\\udfff"}', "lone surrogate"),
        ('{"a": 1, "a": 1}', "twice"),
    ],
)
def test_params_that_are_none_name_the_file_the_key_and_what_is_wanted(
    tmp_path: Path, content: str, found: str
) -> None:
    assert found in refusal(read_params, written(tmp_path, content))


def test_a_file_that_is_absent_a_folder_or_a_pipe_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refusal(read_metrics, tmp_path / "absent.json")
    assert "not a regular file" in refusal(read_params, tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in refusal(read_metrics, tmp_path / "pipe")


def test_a_file_above_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert measurement_files.SIZE_LIMIT_BYTES == 10_000_000
    monkeypatch.setattr(measurement_files, "SIZE_LIMIT_BYTES", 8)
    assert read_metrics(written(tmp_path, '{"a": 1}')) == {"a": 1.0}
    assert "larger than" in refusal(read_metrics, written(tmp_path, '{"a": 10}'))
