"""A history for a script or a notebook: from wherever it is, as the report sees it."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from ..history import History, HistoryError, Settings
from ..history import open_history as open_csv
from ..history.stores import BranchAddress, BranchLocation, GistLocation, GistUrl, is_branch_url, is_url
from ..history.stores.location import Location, archive_name
from .config import load_config
from .facts.git import GitError, read_default_branch
from .verdicts.named_commits import settle_accepted, tell_checkout, with_tags_resolved

Source = Path | str | bytes | IO[Any] | None


def open_history(
    source: Source | Iterable[Source],
    settings: Settings | None = None,
    archive: Path | str | bytes | None = None,
    *,
    config: Path | str | None = None,
) -> History:
    """A history to be asked: `open_history("commitHistory.csv").sql("from deltas").df()`. Usable in `with`.

    `source` is a path, a pattern of paths (`runs/*.csv`), a gist's URL, a branch of a public repository
    (`https://github.com/you/name.git#commit-history`), what `export --partitioned` wrote (a folder, or
    `s3://bucket/path` with the extra `s3`), a CSV's text (`bytes`, or a `str` with a line break), an open file, or a
    list of these, whose rows are merged, each once. The archive beside a CSV belongs to it. `None` is an empty history.
    What is changed in it stays in memory.

    With `config`, a `report-config.yml`, the views judge as the report does: by its settings, rules and accepted
    changes, and by the ancestors and releases of HEAD in the checkout that holds it; else by `settings` and by the
    ancestors that the rows tell.

    Raises `HistoryError` for what is not there, can't be read or is no history, `ConfigError` for the config.
    """
    if config is not None and settings is not None:
        raise HistoryError("settings and config are both given, wanted one of them")
    if config is None:
        history = _opened(source, settings or Settings(), archive)
        history.set_recorded_ancestry()
        return history
    root = Path(config).absolute().parent
    loaded, _ = with_tags_resolved(load_config(Path(config), root=root), root)
    of_config = loaded.to_settings(
        repository=None, branch=None, commit_sha=None, default_branch=_default_branch(root)
    )
    history = _opened(source, of_config, archive)
    settle_accepted(history)
    tell_checkout(history, loaded, root)
    return history


def _opened(
    source: Source | Iterable[Source], settings: Settings, archive: Path | str | bytes | None
) -> History:
    sources = [each for given in _listed(source) for each in _found(given)]
    history = _opened_alone(sources[0], settings, archive) if sources else open_csv(None, settings, archive)
    for other in sources[1:]:
        with _opened_alone(other, settings, None) as another:
            history.merge(another)
    return history


def _listed(source: Source | Iterable[Source]) -> list[Source]:
    if source is None or isinstance(source, Path | str | bytes) or hasattr(source, "read"):
        return [source]  # type: ignore[list-item]
    return list(source)


def _found(source: Source) -> list[Source]:
    """The files that a pattern stands for; anything else as it is."""
    if not isinstance(source, str) or "\n" in source or is_url(source) or not glob.has_magic(source):
        return [source]
    if Path(source).exists():
        return [source]
    found = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 - a pattern may be absolute
    if not found:
        raise HistoryError(f"{source}: no file is there, wanted the path of a CSV, or a pattern of some")
    return list(found)


def _opened_alone(source: Source, settings: Settings, archive: Path | str | bytes | None) -> History:
    lake = _lake(source)
    if lake is not None:
        history = lake.load(settings)
        if lake.is_new:
            raise HistoryError(f"{lake.shown}: there is no history")
        return history
    if isinstance(source, str) and "\n" not in source and is_branch_url(source):
        return BranchLocation(BranchAddress.parse(source)).load(settings)
    if isinstance(source, str) and "\n" not in source and is_url(source):
        return GistLocation(GistUrl.parse(source)).load(settings)
    if source is not None and not isinstance(source, Path | str | bytes):
        content = source.read()
        return open_csv(content if isinstance(content, bytes) else str(content).encode(), settings, archive)
    if archive is None and source and not isinstance(source, bytes) and "\n" not in str(source):
        path = Path(source)
        beside = path.with_name(archive_name(path.name))
        archive = beside if beside.is_file() else None
    return open_csv(source, settings, archive)


def _lake(source: Source) -> Location | None:
    """The place of what `export --partitioned` wrote. Few have one, and those alone need what reads it."""
    if isinstance(source, bytes) or not isinstance(source, Path | str) or "\n" in str(source):
        return None
    if str(source).lower().startswith("s3://"):
        from ..history.partitions import PartitionedLocation
        from ..history.partitions.bucket import Bucket

        return PartitionedLocation(Bucket(str(source)))
    if source and Path(source).is_dir():
        from ..history.partitions import LocalFolder, PartitionedLocation, is_partitioned

        return PartitionedLocation(LocalFolder(Path(source))) if is_partitioned(Path(source)) else None
    return None


def _default_branch(root: Path) -> str | None:
    try:
        return read_default_branch(root)
    except GitError:
        return None
