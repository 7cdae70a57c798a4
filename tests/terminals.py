"""A terminal of a given width, which a command writes to, and what a person would see in it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata
from pathlib import Path

SEQUENCE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b\x07]*\x1b\\")
"""Colours, and links: all that may act."""


def in_a_terminal(*arguments: str | Path, cwd: Path, width: int = 80, **environment: str) -> tuple[int, str]:
    """The exit code of `devops-mlops-report <arguments>`, and all that it wrote to the terminal as its stdout."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    variables = {**kept, "HOME": str(cwd), "TERM": "xterm-256color", **environment}
    process = subprocess.Popen(
        [sys.executable, "-I", "-m", "devops_mlops_report", *map(str, arguments)],
        cwd=cwd,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    shown = bytearray()
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:  # on Linux the end of a terminal is an error
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return process.wait(), shown.decode().replace("\r\n", "\n")


def cells(line: str) -> int:
    """How wide a line of text is."""
    return sum(
        0
        if unicodedata.combining(character) or character == "\ufe0f"
        else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in line
    )
