"""A training that somebody else did: the run that the command line names, or those of the commit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..tracking.address import TrackingAddress
from ..tracking.choosing import choose
from ..tracking.errors import TrackingError
from ..tracking.local_stores import read_store
from ..tracking.runs import COMMIT_TAG, OWN_COMMIT_TAG, TrackedRun
from ..tracking.server import TrackingServer


@dataclass(frozen=True)
class Finder:
    """Where runs are looked for."""

    address: TrackingAddress
    server: TrackingServer | None
    experiment: str | None
    """Only in this one."""
    highlight_metric: str | None

    def named(self, run_id: str) -> TrackedRun:
        """The run of an id. Raises `TrackingError`, also where there is none."""
        if self.server is not None:
            return self.server.run(run_id)
        found = next((run for run in self._stored() if run.run_id == run_id), None)
        if found is None:
            raise TrackingError("there is no such run in the local store")
        return found

    def of_commits(self, commits: Iterable[str], notices: list[str]) -> TrackedRun | None:
        """A finished run that another step, or an earlier attempt, made of one of these commits."""
        runs: dict[str, TrackedRun] = {}
        try:
            for sha in dict.fromkeys(filter(None, commits)):
                runs |= {run.run_id: run for run in self._of_commit(sha)}
        except TrackingError as error:
            notices.append(f"MLflow runs of this commit could not be looked for: {error}.")
            return None
        finished = [run for run in runs.values() if run.status == "FINISHED" and run.has_content]
        choice = choose(finished, self.highlight_metric, "this commit")
        if choice is None:
            return None
        notices += choice.notices
        return choice.run

    def _of_commit(self, sha: str) -> list[TrackedRun]:
        tags = (COMMIT_TAG, OWN_COMMIT_TAG)
        if self.server is None:
            return [run for run in self._stored() if sha in (run.tags.get(tag) for tag in tags)]
        only = []
        if self.experiment:
            only = [key for key, name in self.server.experiments().items() if name == self.experiment]
            if not only:
                return []
        return [run for tag in tags for run in self.server.find(tag, sha, only)]

    def _stored(self) -> list[TrackedRun]:
        return [run for store in self.address.stores for run in read_store(store)]
