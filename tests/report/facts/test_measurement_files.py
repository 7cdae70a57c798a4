from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest
from devops_mlops_report.report.facts import measurement_files
from devops_mlops_report.report.facts.measurement_files import (
    median_of,
    read_metrics,
    read_params,
    repeats_of,
)


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "file.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_metrics_are_numbers_with_nested_names_joined_in_order(tmp_path: Path) -> None:
    path = written(tmp_path, '{"val": {"loss": 1, "top": {"k5": 2.5e-1}}, "accuracy": -0.0, "a.b": 3}')
    read = read_metrics(path)
    assert list(read.values.items()) == [
        ("val.loss", 1.0),
        ("val.top.k5", 0.25),
        ("accuracy", 0.0),
        ("a.b", 3.0),
    ]
    assert (read.is_usable, read.is_empty, read.notices) == (True, False, ())


def test_nan_and_infinities_are_taken_bare_and_as_strings(tmp_path: Path) -> None:
    path = written(
        tmp_path, '{"a": NaN, "b": "NaN", "c": Infinity, "d": "Infinity", "e": -Infinity, "f": "-Infinity"}'
    )
    metrics = read_metrics(path).values
    assert math.isnan(metrics["a"])
    assert math.isnan(metrics["b"])
    assert [metrics[key] for key in "cdef"] == [math.inf, math.inf, -math.inf, -math.inf]


def test_an_empty_object_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    for content in (b"\xef\xbb\xbf{}", b'\xef\xbb\xbf{"a": {}}'):
        read = read_params(written(tmp_path, content))
        assert (read.values, read.is_usable, read.is_empty, read.notices) == ({}, True, True, ())
    assert read_metrics(written(tmp_path, b'\xef\xbb\xbf{"a": 1}')).values == {"a": 1.0}


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ('"a": true', "'a' is true, wanted a number"),
        ('"a": null', "'a' is null, wanted a number"),
        ('"a": [1]', "'a' is a list, wanted a number"),
        ('"a": {"b": "0.9"}', "'a.b' is the string '0.9', wanted a number"),
        ('"a": "nan"', "'a' is the string 'nan', wanted a number"),
        ('"a": 1e999', "'a' is the number 1e999, wanted a number that fits a double"),
        ('"a": ' + "9" * 5000, "wanted a number that fits a double"),
        ('"a": 1, "a": 1', "'a' is there twice"),
        ('"a": 1, "a": 2, "a": 3', "'a' is there twice"),
        ('"a": {"b": 1, "b": 2}', "'a.b' is there twice"),
        ('"a": {"b": 1}, "a": 2', "'a' is there twice"),
        ('"a": {"b": 1}, "a.b": 2', "'a.b' is there twice"),
        ('"": 1', "'' is the key of a value, wanted a name"),
        ('"": {"": 1}', "'.' is the key of a value, wanted a name"),
        ('"\\ud800": 1', "lone surrogate"),
        ('"a": "\\ud800"', "'a' holds half a character"),
    ],
)
def test_an_odd_value_costs_itself_with_a_notice_that_names_file_and_key(
    tmp_path: Path, odd: str, told: str
) -> None:
    path = written(tmp_path, f'{{"first": 1, {odd}, "last": 2}}')
    read = read_metrics(path)
    assert (read.values, read.is_usable, read.is_empty) == ({"first": 1.0, "last": 2.0}, True, False)
    [notice] = read.notices
    assert notice.startswith(f"A metric of {path} is left out: ")
    assert told in notice
    assert notice.isprintable()


def test_a_file_of_odd_values_alone_is_not_empty(tmp_path: Path) -> None:
    read = read_metrics(written(tmp_path, '{"auc": null}'))
    assert (read.values, read.is_usable, read.is_empty) == ({}, True, False)


def test_of_many_odd_values_the_first_are_named_and_the_others_counted(tmp_path: Path) -> None:
    odd = {f"m{number}": None for number in range(1000)}
    read = read_metrics(written(tmp_path, json.dumps({**odd, "good": 1})))
    assert read.values == {"good": 1.0}
    assert len(read.notices) == 6
    assert "'m4'" in read.notices[4]
    assert read.notices[5].startswith("995 more metrics of ")


NO_OBJECTS = [
    ("[1]", "it holds a list, wanted a JSON object of numbers"),
    ("0.5", "it holds the number 0.5, wanted a JSON object of numbers"),
    ("null", "it holds null, wanted a JSON object of numbers"),
    ('"\\ud800"', "it holds the string '\\ud800', wanted"),
    ("", "it is not valid JSON at line 1, column 1"),
    ('{"a": 1,\n "b": }', "it is not valid JSON at line 2, column 7"),
    ("[" * 100_000, "it is nested too deeply"),
    ('{"a":' * 100_000, "it is nested too deeply"),
    (b'{"a\xff": 1}', "it is not UTF-8 at byte 3"),
    ('{"a": 1}'.encode("utf-16"), "it is not UTF-8 at byte 0"),
]


@pytest.mark.parametrize(("content", "told"), NO_OBJECTS)
def test_a_file_that_is_no_object_costs_its_numbers(tmp_path: Path, content: str | bytes, told: str) -> None:
    path = written(tmp_path, content)
    read = read_metrics(path)
    assert (read.values, read.is_usable) == ({}, False)
    [notice] = read.notices
    assert notice.startswith(f"All metrics of {path} are left out: {told}")


def test_params_keep_their_json_spelling(tmp_path: Path) -> None:
    content = """{"lr": 1e-3, "n": 1.50, "big": 12345678901234567890, "on": true, "off": false, "no": null,
        "s": " é; =", "x": NaN, "o": {"name": "adam"}}"""
    read = read_params(written(tmp_path, content))
    assert read.values == {
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
    assert read.notices == ()


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ('"layers": [64, 32]', "'layers' is a list, wanted a string, a number, true, false or null"),
        ('"a": "\\udfff"', "lone surrogate"),
        ('"a": 1, "a": 1', "twice"),
    ],
)
def test_an_odd_param_costs_itself(tmp_path: Path, odd: str, told: str) -> None:
    read = read_params(written(tmp_path, f'{{"first": 1, {odd}}}'))
    assert read.values == {"first": "1"}
    assert told in read.notices[0]


def test_a_file_that_is_absent_a_folder_or_a_pipe_costs_its_numbers(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    told = {"absent.json": "it is not there", ".": "it is a folder", "pipe": "it is a named pipe"}
    for name, reason in told.items():
        read = read_params(tmp_path / name)
        assert (read.values, read.is_usable) == ({}, False)
        assert reason in read.notices[0]


def test_a_file_above_the_limit_costs_its_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert measurement_files.SIZE_LIMIT_BYTES == 10_000_000
    monkeypatch.setattr(measurement_files, "SIZE_LIMIT_BYTES", 8)
    assert read_metrics(written(tmp_path, '{"a": 1}')).values == {"a": 1.0}
    assert "it is larger than 8 bytes" in read_metrics(written(tmp_path, '{"a": 10}')).notices[0]


def test_repeats_are_the_values_of_each_metric_in_order() -> None:
    assert repeats_of([]) == {}
    assert repeats_of([{"a": 2.0, "b": 1.0}, {"a": 1.0}]) == {"a": [2.0, 1.0], "b": [1.0]}


@pytest.mark.parametrize(
    ("values", "median"),
    [
        ([3.0], "3.0"),
        ([3.0, 1.0, 2.0], "2.0"),
        ([4.0, 1.0], "2.5"),
        ([math.nan, 1.0, 3.0], "2.0"),
        ([math.nan, 1.0], "1.0"),
        ([math.nan, math.inf, 1.0], "nan"),
        ([-math.inf], "-inf"),
    ],
)
def test_the_median_is_of_finite_values_as_long_as_half_of_them_are(values: list[float], median: str) -> None:
    assert str(median_of(values)) == median
