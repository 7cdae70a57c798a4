from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from devops_mlops_report.history.errors import UnusableFileError
from devops_mlops_report.history.regular_files import open_regular, read_regular


def _make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def _count_open() -> int:
    """How many descriptors this process has open, where the system tells."""
    open_now = Path("/proc/self/fd")
    return len(list(open_now.iterdir())) if open_now.exists() else 0


NO_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a folder": (Path.mkdir, "is a folder, no file"),
    "a named pipe": (os.mkfifo, "is a named pipe, no file"),
    "a link to a named pipe": (
        lambda path: (os.mkfifo(path.with_name("pipe")), path.symlink_to("pipe")),
        "is a named pipe, no file",
    ),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "is a device, no file"),
    "a socket": (_make_socket, "can't be read: "),
    "nothing": (lambda path: None, "is not there"),
    "a link to nothing": (lambda path: path.symlink_to("absent"), "is not there"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "can't be read: "),
}


@pytest.mark.parametrize(("make", "told"), NO_FILES.values(), ids=NO_FILES.keys())
def test_what_is_no_regular_file_is_refused_and_never_waited_for(
    make: Callable[[Path], object], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    path = Path("in.json")
    make(path)
    before = _count_open()
    for read in (open_regular, lambda path: read_regular(path, 100)):
        with pytest.raises(UnusableFileError) as raised:
            read(path)
        assert str(raised.value).startswith(told)
    assert _count_open() == before


def test_a_path_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(UnusableFileError, match="can't be read"):
        open_regular(Path("a\0b"))


def test_a_file_is_read_up_to_the_limit_and_not_beyond(tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_bytes(b"x" * 1000)
    assert read_regular(path, 1000) == b"x" * 1000
    with pytest.raises(UnusableFileError, match="is larger than 999 bytes"):
        read_regular(path, 999)


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_bytes(b"{}")
    (tmp_path / "link.json").symlink_to("in.json")
    assert read_regular(tmp_path / "link.json", 10) == b"{}"


def test_a_file_without_permission_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_bytes(b"{}")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root may read everything")
    with pytest.raises(UnusableFileError, match="can't be read: Permission denied"):
        open_regular(path)
