"""What a person sees in a terminal: the first screen with colours, a drawn trend, tables that fit."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from checkouts import Checkout
from commands import run_here
from csv_samples import csv_bytes, many_rows
from terminals import SEQUENCE, cells, in_a_terminal

HOSTILE = "\x1b]0;owned\x07\x1b[31m ##vso[task] [x](http://evil.example) <b>`|` ✓ 精度"


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout whose metric fell at its last commit but one, measured there and now."""
    made = Checkout.create(tmp_path_factory.mktemp("terminal") / "wine")
    config = {"version": 3, "report": {"highlight_metric": "score"}}
    (made.root / "report-config.yml").write_text(json.dumps(config))
    rows = many_rows(9)
    for row, score in zip(rows, (0.9, 0.91, 0.9, 0.905, 0.9, 0.902, 0.91, 0.903, 0.4), strict=True):
        row["repository"], row["commit_sha"] = "acme/wine", made.commit("Go on")
        row["metrics"] = json.dumps({"score": score})
    (made.root / "h.csv").write_bytes(csv_bytes(rows))
    made.commit(HOSTILE)
    (made.root / "m.json").write_text('{"score": 0.41}')
    return made


def _report(wine: Checkout, **environment: str) -> str:
    arguments = ("run", "--history", "h.csv", "--metrics", "m.json", "--dry-run")
    code, shown = in_a_terminal(*arguments, cwd=wine.root, **environment)
    assert code == 0
    return shown


def test_the_first_screen_is_coloured_fits_eighty_cells_and_draws_the_trend(wine: Checkout) -> None:
    shown = _report(wine)
    assert SEQUENCE.search(shown)
    text = SEQUENCE.sub("", shown)
    assert "\x1b" not in text  # nothing but colours and links acts
    assert [line for line in text.splitlines() if cells(line) > 80] == []
    assert "**" not in text
    assert "| ---" not in text
    trend = re.findall(r"^ *[\d.]* +[▁▂▃▄▅▆▇█]+$", text, re.MULTILINE)
    assert len(trend) == 5
    assert trend[0].strip().startswith("0.91 ")
    assert trend[-1].strip().startswith("0.4 ")
    assert "\x1b[31m█" in shown or "\x1b[31m▂" in shown  # what is worse is red
    assert "summary.md" in text
    assert "chart.svg" in text


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"CI": "true"}])
def test_without_colours_it_is_plain_text(wine: Checkout, environment: dict[str, str]) -> None:
    assert "\x1b" not in _report(wine, **environment)


def test_where_a_program_reads_it_it_is_plain_text_in_whole_lines(wine: Checkout) -> None:
    answer = run_here("run", "--history", "h.csv", "--metrics", "m.json", "--dry-run", cwd=wine.root)
    assert "\x1b" not in answer.stdout
    assert "A dry run: nothing was recorded." in answer.stdout
    assert [line for line in answer.stdout.splitlines() if line != line.rstrip()] == []


def test_a_table_fits_the_terminal_and_is_the_same_elsewhere_as_before(wine: Checkout) -> None:
    query = (
        "select commit_sha, commit_message, 1.5 as number, NULL as nothing from commits order by recorded_at"
    )
    code, shown = in_a_terminal("sql", query, "--history", "h.csv", cwd=wine.root)
    assert code == 0
    text = SEQUENCE.sub("", shown)
    assert [line for line in text.splitlines() if cells(line) > 80] == []
    assert text.splitlines()[-1] == "(9 rows)"
    assert "NULL" in text
    answer = run_here("sql", query, "--history", "h.csv", cwd=wine.root)
    assert answer.stdout.splitlines()[1].startswith("----")


@pytest.mark.parametrize("asked", [("explain", "HEAD~1"), ("sql",)], ids=" ".join)
def test_texts_with_tables_fit_the_terminal_and_are_plain_where_a_program_reads_them(
    wine: Checkout, asked: tuple[str, ...]
) -> None:
    code, shown = in_a_terminal(*asked, "--history", "h.csv", cwd=wine.root)
    assert code == 0
    assert "\x1b[1m" in shown
    text = SEQUENCE.sub("", shown)
    assert "\x1b" not in text
    assert [line for line in text.splitlines() if cells(line) > 80 or line != line.rstrip()] == []
    answer = run_here(*asked, "--history", "h.csv", cwd=wine.root)
    assert "\x1b" not in answer.stdout
    assert max(map(len, answer.stdout.splitlines())) > 80
    # Nothing is lost by the width, nor by the colours.
    assert sorted("".join(text.split())) == sorted("".join(answer.stdout.split()))


def test_a_secret_is_hidden_in_a_table_and_in_a_report(wine: Checkout, tmp_path: Path) -> None:
    shown = _report(wine, A_PASSWORD="精度 and more")
    assert "owned" in shown
    shown = _report(wine, A_PASSWORD="evil.example")
    assert "evil.example" not in shown
    query = "select 'evil.example' as a"
    assert (
        "evil.example"
        not in in_a_terminal("sql", query, "--history", "h.csv", cwd=wine.root, A_PASSWORD="evil.example")[1]
    )
