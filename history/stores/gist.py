"""A history in a gist: private to nobody, readable by whoever has its URL, written with a person's token."""

from __future__ import annotations

from .gist_url import GistUrl
from .git_location import GitLocation
from .patience import Patience


class GistLocation(GitLocation):
    """A CSV in a gist, on the branch that the gist has."""

    def __init__(
        self,
        url: GistUrl,
        token: str | None = None,
        *,
        file_name: str = "commitHistory.csv",
        patience: Patience | None = None,
        read_only_reason: str | None = None,
    ) -> None:
        """`token` needs the `gist` scope; without one the gist is read anonymously and can't be written."""
        super().__init__(
            url,
            token,
            "GIST_TOKEN",
            file_name=file_name,
            patience=patience,
            read_only_reason=read_only_reason,
        )
