"""An accepted change is one more entry in the file, and nothing else of it changes."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.config.editing import CannotEditError, accept_in_file, with_accepted
from devops_mlops_report.report.errors import ReportError, UsageError

ENTRY = {"commit": "abcdef0", "metric": "f1"}
REPORT = "report: {highlight_metric: f1}\n"
ITEM = '  - commit: "abcdef0"\n    metric: "f1"\n'

SHAPES = {
    "no list yet": (f"# mine\n{REPORT}# end\n", f"# mine\n{REPORT}# end\n\naccept:\n{ITEM}"),
    "no line end at the end": (REPORT.rstrip(), f"{REPORT}\naccept:\n{ITEM}"),
    "all is indented": (
        "  report: {highlight_metric: f1}\n",
        '  report: {highlight_metric: f1}\n\n  accept:\n    - commit: "abcdef0"\n      metric: "f1"\n',
    ),
    "a list, then another section": (
        f"accept:\n  - 1234567a  # why\n\n# about\n{REPORT}",
        f"accept:\n  - 1234567a  # why\n{ITEM}\n# about\n{REPORT}",
    ),
    "a list of mappings without indentation": (
        f"{REPORT}accept:\n- commit: '1234567'\n  reason: x\n",
        f'{REPORT}accept:\n- commit: \'1234567\'\n  reason: x\n- commit: "abcdef0"\n  metric: "f1"\n',
    ),
    "a key without a value": (f"accept:  # none yet\n{REPORT}", f"accept:  # none yet\n{ITEM}{REPORT}"),
    "an empty list in brackets": (
        f"accept: []\n{REPORT}",
        f'accept: [{{commit: "abcdef0", metric: "f1"}}]\n{REPORT}',
    ),
    "a list in brackets": (
        f"accept: [1234567a, ]  # why\n{REPORT}",
        f'accept: [1234567a, {{commit: "abcdef0", metric: "f1"}}, ]  # why\n{REPORT}',
    ),
    "CRLF": (REPORT.replace("\n", "\r\n"), f"{REPORT}\naccept:\n{ITEM}".replace("\n", "\r\n")),
    "a text over lines at the end": (
        f"{REPORT}accept:\n  - commit: '1234567'\n    reason: >-\n      because\n      of it\n",
        f"{REPORT}accept:\n  - commit: '1234567'\n    reason: >-\n      because\n      of it\n{ITEM}",
    ),
}


@pytest.mark.parametrize(("before", "after"), SHAPES.values(), ids=SHAPES.keys())
def test_the_entry_is_added_and_every_other_character_stays(before: str, after: str) -> None:
    assert with_accepted(before, ENTRY, "c.yml") == after
    assert parse_config(after).accept[-1].metric == "f1"


@pytest.mark.parametrize(
    "text",
    [
        "{report: {highlight_metric: f1}}\n",
        f"{REPORT}...\n",
        f"{REPORT}accept: null\n",
        f"{REPORT}accept: a1b2c3d\n",
    ],
)
def test_where_more_would_change_the_lines_to_add_are_given(text: str) -> None:
    with pytest.raises(CannotEditError, match="add these lines by hand") as raised:
        with_accepted(text, ENTRY, "c.yml")
    assert raised.value.lines == f"accept:\n{ITEM}"


@pytest.mark.parametrize(
    ("text", "entry", "told"),
    [
        ("version: 2\n" + REPORT, ENTRY, "version 2 has no `accept`"),
        (
            REPORT,
            ENTRY | {"reason": "two\nlines"},
            "reason: can't stand in a config; wanted one line of text",
        ),
        (REPORT, ENTRY | {"commit": "sha1"}, "commit: can't stand in a config; wanted a git hash"),
        (REPORT, ENTRY | {"metric": "m" * 300}, "metric: can't stand in a config"),
    ],
)
def test_what_no_config_may_hold_is_refused(text: str, entry: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        with_accepted(text, entry, "c.yml")


def test_the_file_is_replaced_as_a_whole_with_its_mark_and_permissions(tmp_path: Path) -> None:
    target, path = tmp_path / "real.yml", tmp_path / "report-config.yml"
    target.write_bytes(b"\xef\xbb\xbf" + REPORT.encode())
    target.chmod(0o640)
    path.symlink_to(target)
    accept_in_file(path, {"commit": "abcdef0", "reason": 'a "harder" set: yes # ö'})
    assert path.is_symlink()
    assert target.read_bytes().startswith(b"\xef\xbb\xbfreport: ")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert parse_config(target.read_text("utf-8-sig")).accept[0].reason == 'a "harder" set: yes # ö'
    assert sorted(tmp_path.iterdir()) == [target, path]


def test_a_file_that_is_gone_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="is not there, wanted a config in YAML"):
        accept_in_file(tmp_path / "c.yml", ENTRY)
