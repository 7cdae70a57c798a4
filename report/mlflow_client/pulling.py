"""Bring a model version back: whole, with where it came from, or not at all."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ..errors import ReportError
from ..redaction import Redaction
from .errors import TrackingError
from .model_card import CARD, CARD_BESIDE, model_card
from .registry import ModelVersion, Registry
from .runs import TrackedRun

PROVENANCE = "provenance.json"
SLOW_BYTES_PER_SECOND = 1000
SLOW_SECONDS = 60.0
"""A download that brings less for so long is given up. A model may be large, so there is no limit for the whole."""
TELL_SECONDS = 10.0


class PullError(ReportError):
    """The model could not be brought; the text is one line, and nothing is left behind."""


def pull_model(
    registry: Registry,
    version: ModelVersion,
    aliases: list[str],
    run: TrackedRun | None,
    target: Path,
    tell: Callable[[str], None],
) -> dict[str, object]:
    """Download a version's files into the folder `target`; returns what `provenance.json` there holds.

    The files come into a folder beside it, which takes its place only when all are there; the next pull removes one
    that a killed pull left. A `target` that holds something else than an earlier pull is refused. `tell` gets a few
    words of progress now and then. Raises `PullError`.
    """
    target = target.absolute()
    if target.exists() and not _is_ours(target):
        raise PullError(
            f"{target}: is there already, and was not made by a pull: name a new or an empty folder"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(target)
        partial = _folder_beside(target)
    except OSError as error:
        raise PullError(f"{target}: can't be written: {error.strerror or error}") from error
    try:
        folder = _download(registry, version, partial, tell)
        files = _digests(folder)
        if "MLmodel" not in files:
            raise PullError(
                f"model {version.name} version {version.version} has no model at {version.source}: "
                "its artifacts are gone, or its source was never a model"
            )
        provenance = _provenance(version, aliases, run, files)
        text = json.dumps(provenance, indent=2, ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n"
        # What was logged may hold what nobody meant to hand on with the model.
        clean = Redaction.of(os.environ).text
        (folder / PROVENANCE).write_text(clean(text), encoding="utf-8")
        card = folder / (CARD_BESIDE if CARD in files else CARD)
        card.write_text(clean(model_card(json.loads(text))), encoding="utf-8")
        _replace(folder, target)
    except OSError as error:
        raise PullError(f"{target}: can't be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return provenance


def _folder_beside(target: Path) -> Path:
    """A new folder on the same disk, whose name tells the process that it belongs to."""
    prefix = f".{target.name}.{os.getpid()}-"
    return Path(tempfile.mkdtemp(dir=target.parent, prefix=prefix, suffix=".partial"))


def _remove_leftovers(target: Path) -> None:
    """Remove the folders of pulls that were killed."""
    for path in target.parent.glob(f".{glob.escape(target.name)}.*.partial"):
        process = path.name.removeprefix(f".{target.name}.").partition("-")[0]
        if process.isdecimal() and not _is_running(int(process)):
            shutil.rmtree(path, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # somebody else's
    return True


class _Progress:
    """How much came, told now and then; ends a download that hardly moves."""

    def __init__(self, folder: Path, tell: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._folder, self._tell, self._clock = folder, tell, clock
        self._size, self._since = 0, clock()
        self._told_at = self._since

    def watch(self) -> None:
        """Raises `PullError` when hardly anything came for a while."""
        now = self._clock()
        if now - self._told_at >= TELL_SECONDS:
            self._told_at = now
            self._tell(f"{_size(self._folder) / 1e6:.0f} MB so far")
        if now - self._since >= SLOW_SECONDS:
            size = _size(self._folder)
            if size - self._size < SLOW_BYTES_PER_SECOND * (now - self._since):
                raise PullError(
                    f"given up, as less than {SLOW_BYTES_PER_SECOND} bytes a second came for {SLOW_SECONDS:.0f} s"
                )
            self._size, self._since = size, now


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _download(registry: Registry, version: ModelVersion, partial: Path, tell: Callable[[str], None]) -> Path:
    model = f"models:/{version.name}/{version.version}"
    progress = _Progress(partial, tell, time.monotonic)
    try:
        found = registry.session.ask_long(
            "download", registry.uri, progress.watch, model=model, folder=str(partial)
        )
    except (TrackingError, PullError) as error:
        raise PullError(
            f"model {version.name} version {version.version} could not be downloaded: {error}"
        ) from None
    return Path(str(found.get("folder")))


def _digests(folder: Path) -> dict[str, str]:
    """Path -> SHA-256 of each file; what the download notes about the registry aside."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    found = {}
    for path in paths:
        if path.name != "registered_model_meta":
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def digest_of(files: Mapping[str, str]) -> str:
    """One digest of all files: SHA-256 over the lines that `sha256sum` writes for them, sorted by path."""
    lines = "".join(f"{files[path]}  {path}\n" for path in sorted(files))
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def _provenance(
    version: ModelVersion, aliases: list[str], run: TrackedRun | None, files: Mapping[str, str]
) -> dict[str, object]:
    metrics = {} if run is None else {name: json_number(value) for name, value in run.metrics.items()}
    return {
        "model_name": version.name,
        "model_version": str(version.version),
        "aliases": sorted(aliases),
        "commit_sha": version.tag("commit_sha")
        or (run.tags.get("mlflow.source.git.commit", "") if run else ""),
        "branch": version.tag("branch"),
        "workflow_run_id": version.tag("workflow_run_id"),
        "mlflow_run_id": version.run_id,
        "mlflow_experiment_id": run.experiment_id if run else "",
        "metrics": metrics,
        "params": dict(run.params) if run else {},
        "datasets": [vars(each) for each in run.datasets] if run else [],
        "source": version.source,
        "digest": digest_of(files),
        "files": dict(files),
    }


def json_number(value: float) -> float | str:
    """A number as JSON has it; NaN and infinities by name."""
    names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return names.get(repr(value), value)


def _is_ours(target: Path) -> bool:
    return target.is_dir() and ((target / PROVENANCE).is_file() or not any(target.iterdir()))


def _replace(folder: Path, target: Path) -> None:
    if not target.exists():
        folder.replace(target)
        return
    aside = _folder_beside(target)
    try:
        target.replace(aside / "model")
        try:
            folder.replace(target)
        except OSError:
            (aside / "model").replace(target)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
