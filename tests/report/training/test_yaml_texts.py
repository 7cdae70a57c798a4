from __future__ import annotations

import pytest
from devops_mlops_report.report.training import declared_inputs
from devops_mlops_report.report.training.declared_inputs import UnreadableYamlError, load_yaml

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_values_are_as_yaml_has_them_anchors_among_them() -> None:
    text = "stages: &s {train: {wdir: src, deps: [{path: a}]}}\nagain: *s\nnone:\n"
    train = {"train": {"wdir": "src", "deps": [{"path": "a"}]}}
    assert load_yaml(text) == {"stages": train, "again": train, "none": None}
    assert load_yaml("") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB, "more than 100,000 values"),
        ("a: &a {do: *a}", "more than 100,000 values"),
        ("&a [*a]", "more than 100,000 values"),
        ("[" * 100_000, "is nested too deeply"),
        ("- " * 100_000, "is nested too deeply"),
        ("a: [", "expected the node content"),
        ("a: !!python/object/apply:os.system [x]", "could not determine a constructor"),
        ("a: !!int x", "invalid literal"),
        ("? [a]\n: b", "unhashable"),
        ("a: 2026-99-99", "month must be"),
        ("a\0b", "special characters are not allowed"),
    ],
)
def test_what_can_t_be_read_is_told_in_one_line(text: str, told: str) -> None:
    with pytest.raises(UnreadableYamlError) as raised:
        load_yaml(text)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_long_list_is_read_up_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared_inputs, "NODES_AT_MOST", 100)
    assert load_yaml("[x]\n".replace("x", "x, " * 98 + "x")) == ["x"] * 99
    with pytest.raises(UnreadableYamlError, match="more than 100 values"):
        load_yaml("[x]\n".replace("x", "x, " * 99 + "x"))
