from __future__ import annotations

from pathlib import Path

import pytest
from devops_mlops_report.report.facts import xml_files
from devops_mlops_report.report.facts.xml_files import UnreadableXmlError, read_xml

BOMB = """<?xml version="1.0"?>
<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]>
<a b="&y;">&y;</a>"""
EXTERNAL = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
PARAMETER = '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]><a/>'


def tags(path: Path) -> list[str]:
    seen: list[str] = []
    read_xml(path, lambda tag, _attributes: seen.append(tag), lambda tag: seen.append(f"/{tag}"))
    return seen


def test_elements_come_in_order_without_their_prefixes(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_text('<j:a xmlns:j="x"><b/></j:a>')
    assert tags(path) == ["a", "b", "/b", "/a"]


def test_a_doctype_that_only_names_a_dtd_is_let_through_unread(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_text('<!DOCTYPE coverage SYSTEM "http://127.0.0.1:1/coverage-04.dtd"><coverage/>')
    assert tags(path) == ["coverage", "/coverage"]


@pytest.mark.parametrize("content", [BOMB, EXTERNAL, PARAMETER, "<!DOCTYPE a [<!ELEMENT a ANY>]><a/>"])
def test_declarations_inside_a_doctype_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "file.xml"
    path.write_text(content)
    with pytest.raises(UnreadableXmlError, match="DOCTYPE declares"):
        tags(path)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "not valid XML at line 1, column 1 "),
        (b"<a>\n<b></a>", "not valid XML at line 2, column 6 "),
        (b"<a>\xff</a>", "not valid XML"),
        (b"<a>&undeclared;</a>", "not valid XML"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "no-such|unknown encoding"),
        (b"PK\x03\x04", "not valid XML"),
    ],
)
def test_what_is_not_xml_is_one_line_that_names_the_file(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(content)
    with pytest.raises(UnreadableXmlError, match=found) as caught:
        tags(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_absent_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path, found in ((tmp_path / "absent.xml", "is not there"), (tmp_path, "is a folder, no file")):
        with pytest.raises(UnreadableXmlError, match=found):
            tags(path)


def test_a_file_above_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert xml_files.SIZE_LIMIT_BYTES == 50_000_000
    monkeypatch.setattr(xml_files, "SIZE_LIMIT_BYTES", 10)
    path = tmp_path / "file.xml"
    path.write_text("<a>" + " " * 20 + "</a>")
    with pytest.raises(UnreadableXmlError, match="is larger than 10 bytes"):
        tags(path)
