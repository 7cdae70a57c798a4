"""Real git checkouts with fixed identities and times, so that their hashes are always the same."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@dataclass
class Checkout:
    """A git repository in `root`; every commit is an hour after the one before."""

    root: Path
    count: int = field(default=0)

    @classmethod
    def create(cls, root: Path, origin: str = "https://github.com/acme/wine.git") -> Checkout:
        root.mkdir(parents=True, exist_ok=True)
        checkout = cls(root)
        checkout.git("init", "--quiet", "--initial-branch=main")
        checkout.git("remote", "add", "origin", origin)
        return checkout

    def git(self, *arguments: str, at: datetime | None = None) -> str:
        stamp = (at or START).isoformat()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada Lovelace",
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada Lovelace",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
            "GIT_AUTHOR_DATE": stamp,
            "GIT_COMMITTER_DATE": stamp,
        }
        answer = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return answer.stdout.strip()

    def commit(self, message: str, files: dict[str, str] | None = None) -> str:
        """Commit the files; returns the full hash."""
        for name, text in (files or {}).items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message, at=self.moment)
        self.count += 1
        return self.git("rev-parse", "HEAD")

    @property
    def moment(self) -> datetime:
        """When the next commit is made."""
        return START + timedelta(hours=self.count)
