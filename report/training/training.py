"""One training: prepare its run, start it, and find the run that it logged to."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

from ...history.late_dataclass import dataclass
from ..config import Config
from ..delivery.progress import StatusLine
from ..mlflow_client.errors import TrackingError
from ..mlflow_client.runs import TRAINING_TAG, TrackedRun, choose
from ..mlflow_client.tracking import Tracking
from .finding import own_runs, project_run
from .inputs import ModelInputs
from .process import Ended, run_process
from .starting import Start, child_environment, with_run

# What MLflow says where a script's `set_experiment` does not fit the run that it was handed (tracking/fluent.py).
_OTHER_EXPERIMENT = "does not match environment run ID"


@dataclass(frozen=True)
class Trained:
    """How a training ended, and the run that it logged to."""

    ended: Ended
    run: TrackedRun | None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trainer:
    """Everything that a training is started with."""

    root: Path
    config: Config
    environment: Mapping[str, str]
    tracking: Tracking
    tags: Mapping[str, str]
    """Tags for every run of the training: commit, branch, workflow run, cause."""

    def train(self, start: Start, inputs: ModelInputs) -> Trained:
        """Train; what the training itself does wrong is told by `Ended.problem`.

        Raises `TrackingError` when the run can't be prepared on the server: then nothing was started.
        """
        training = uuid.uuid4().hex
        tags = {**self.tags, TRAINING_TAG: training}
        if not self.tracking.is_remote:
            ended = self._run(start, tags, None, None)
            return self._of_local_store(ended, training)
        experiment_id = self._experiment()
        prepared: TrackedRun | None = None
        if not _chooses_experiment(self.root, inputs):
            prepared = self.tracking.create(experiment_id, start.shown, _now_ms(), tags)
            if start.params:
                self.tracking.log_params(prepared, start.params)
        ended = self._run(start, tags, prepared, experiment_id)
        notices: tuple[str, ...] = ()
        if prepared is not None and ended.exit_code and any(_OTHER_EXPERIMENT in line for line in ended.tail):
            self._discard(prepared)
            prepared = None
            notices = (
                "The script chooses its experiment itself, so it was started again without a prepared run.",
            )
            ended = self._run(start, tags, None, None)
        return self._of_server(ended, prepared, training, notices)

    def _run(
        self, start: Start, tags: Mapping[str, str], run: TrackedRun | None, experiment_id: str | None
    ) -> Ended:
        command = with_run(start, run.run_id, run.experiment_id) if run else start.command
        named = self.config.mlflow.experiment
        child = child_environment(
            self.environment,
            self.tracking.address,
            start.command[0],
            tags,
            run_id=run.run_id if run else None,
            experiment_id=experiment_id,
            experiment_name=named,
        )
        with StatusLine(sys.stderr, "training") as output:
            return run_process(
                command,
                start.folder,
                child,
                limit_seconds=60 * self.config.project.time_limit_minutes,
                redaction=self.tracking.redaction,
                output=output,
                is_in_actions=self.environment.get("GITHUB_ACTIONS") == "true",
            )

    def _experiment(self) -> str:
        name = self.config.mlflow.experiment or self.environment.get("MLFLOW_EXPERIMENT_NAME")
        if name:
            return self.tracking.experiment_id(name)
        return self.environment.get("MLFLOW_EXPERIMENT_ID") or "0"

    def _discard(self, run: TrackedRun) -> None:
        try:
            self.tracking.delete(run.run_id, run.uri)
        except TrackingError:
            # An empty run stays behind, which is harmless; what comes next tells about the server.
            return

    def _of_server(
        self, ended: Ended, prepared: TrackedRun | None, training: str, notices: tuple[str, ...]
    ) -> Trained:
        said = [*notices]
        try:
            run = self._found(prepared, training, said)
            status = "KILLED" if ended.exit_code is None else "FAILED" if ended.problem else "FINISHED"
            if run is not None and run.status in ("RUNNING", "SCHEDULED"):
                self.tracking.end(run, status, _now_ms())
            if run is not None and not run.has_content and not ended.problem:
                said.append("The training logged nothing to MLflow: no params, no metrics.")
        except TrackingError as error:
            problem = ended.problem or f"ended well, but its run can't be read: {error}"
            ended = Ended(ended.exit_code, ended.seconds, ended.tail, problem)
            return Trained(ended, prepared, tuple(said))
        return Trained(ended, run and self.tracking.with_models(run, said), tuple(said))

    def _found(self, prepared: TrackedRun | None, training: str, said: list[str]) -> TrackedRun | None:
        """The run that the training logged to; one that was prepared in vain goes."""
        found = self.tracking.find({TRAINING_TAG: [training]})
        logged = [run for run in found if run.has_content] or found
        choice = choose(logged, self.config.report.highlight_metric, "this training")
        run = choice.run if choice else prepared and self.tracking.run(prepared.run_id)
        said += choice.notices if choice else ()
        if prepared is not None and run is not None and run.run_id != prepared.run_id:
            current = self.tracking.run(prepared.run_id)
            if not current.has_content:
                self._discard(prepared)
                said.append("The script did not use the run that was prepared for it, but made its own.")
        return run

    def _of_local_store(self, ended: Ended, training: str) -> Trained:
        said: list[str] = []
        try:
            own = self._own_runs(ended, training, said)
        except TrackingError as error:
            return Trained(ended, None, (*said, f"The training's MLflow run can't be read: {error}."))
        choice = choose(own, self.config.report.highlight_metric, "this training")
        if choice is None:
            return Trained(ended, None, (*said, "The training logged no MLflow run."))
        said += choice.notices
        return Trained(ended, self.tracking.with_models(choice.run, said), tuple(said))

    def _own_runs(self, ended: Ended, training: str, said: list[str]) -> list[TrackedRun]:
        found = {run.run_id: run for run in self.tracking.find({TRAINING_TAG: [training]})}
        if named := project_run(ended.tail):
            found.setdefault(named, self.tracking.run(named))
        own = own_runs(list(found.values()), training, ended.tail)
        if not own:
            own = self.tracking.started_since(_now_ms() - int(1000 * ended.seconds) - 1000)
            if own:
                said.append("The training's MLflow run is known by its time alone.")
        return own


def _chooses_experiment(root: Path, inputs: ModelInputs) -> bool:
    """True when the code names an experiment: it then can't be handed a run of another one."""
    for each in inputs.inputs:
        path = root / each.pattern
        if each.role == "Script" and path.suffix == ".py" and path.is_file():
            try:
                text = path.read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            if "set_experiment(" in text:
                return True
    return False


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
