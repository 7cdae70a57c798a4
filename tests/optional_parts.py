"""Parts that a fresh machine may lack, as a browser: their tests are skipped there and say why.

`.ci/run` installs all of them and sets `EVERY_PART_IS_HERE`: then a part that is absent fails its tests.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

EVERY_PART = "EVERY_PART_IS_HERE"
NODE_MODULES = "TEST_NODE_MODULES"
"""The folder with the packages of npm that tests read."""


def absent(part: str, how_to_install: str) -> NoReturn:
    """Skip the test, or fail it where every part is said to be there."""
    told = f"{part} is not installed ({how_to_install})"
    if os.environ.get(EVERY_PART):
        pytest.fail(told)
    pytest.skip(told)


def program(name: str, how_to_install: str) -> str:
    """The path of a program, or no test."""
    return shutil.which(name) or absent(name, how_to_install)


def node_package(name: str) -> Path:
    """The folder of a package of npm, or no test."""
    modules = os.environ.get(NODE_MODULES, "")
    folder = Path(modules) / name
    if not modules or not folder.is_dir():
        absent(name, f"npm install {name}, and {NODE_MODULES} names its node_modules")
    return folder
