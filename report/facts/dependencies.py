"""The files that pin what a program depends on, and which of them a commit changed."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from .git_command import run_git

_NAMES = frozenset(
    {
        *("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pixi.lock", "pylock.toml", "conda-lock.yml"),
        *(
            "environment.yml",
            "environment.yaml",
            "conda.yaml",
            "python_env.yaml",
            "renv.lock",
            "Manifest.toml",
        ),
        *("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "Cargo.lock", "go.sum"),
    }
)
_REQUIREMENTS = re.compile(r"(.*[-_.])?(requirements|constraints)([-_.].*)?\.(txt|lock)", re.IGNORECASE)


def is_dependency_file(path: str) -> bool:
    """True for a lock file of a package manager, or a list of requirements."""
    name = posixpath.basename(path)
    in_folder = posixpath.basename(posixpath.dirname(path)) == "requirements" and name.endswith(".txt")
    return name in _NAMES or in_folder or _REQUIREMENTS.fullmatch(name) is not None


def changed_dependencies(root: Path, base: str, head: str) -> tuple[str, ...]:
    """The dependency files that differ between two commits, by path. Raises `GitError` where git can't tell."""
    listing = run_git(root, "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", base, head, "--")
    return tuple(sorted(path for path in listing.split("\0") if path and is_dependency_file(path)))
