"""The config of today, version 3, as pydantic models: the one place that names its keys."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from ...history.locations.gist_url import GistUrl
from ...history.locations.patience import Patience
from ...history.settings import Goal, OnRegression, Settings
from .accepted import AcceptedSections
from .baselines import BASELINE, Baseline
from .fields import (
    DataPaths,
    ExperimentName,
    Interpreter,
    KeepRuns,
    MetricName,
    ModelAlias,
    ModelName,
    Section,
    SystemDependencies,
    TimeLimitMinutes,
    TimeoutSeconds,
    Timezone,
    TotalSeconds,
    TrackingUri,
    TrainArguments,
    TrainScripts,
    WorkDirectory,
    rule_error,
)
from .problems import without_url_credential
from .storage_fields import (
    CsvPath,
    GistAddress,
    KeepDays,
    KeepRows,
    OnUnreachable,
    RetryAttempts,
    RetrySeconds,
)
from .verdict_fields import (
    BranchName,
    HighlightMetric,
    MaxDrop,
    MinEffect,
    MinEffectPercent,
    SharpDelta,
    Target,
    TrendWindow,
)

CURRENT_VERSION = 3
DEFAULT_CSV_PATH = ".devops-mlops-report/commitHistory.csv"

PromoteIf = Literal["improved", "not_regressed", "always", "never"]

_DEFAULTS = Settings()


class StorageSection(Section):
    """Where the history is kept: a gist, or a file in the repository's folder."""

    gist_url: GistAddress | None = None
    path: CsvPath | None = None
    keep: KeepRows | None = None
    keep_days: KeepDays | None = None
    retry_attempts: RetryAttempts = Patience.attempts
    retry_seconds: RetrySeconds = Patience.seconds
    on_unreachable: OnUnreachable = "report"

    @model_validator(mode="after")
    def _check_one_place(self) -> StorageSection:
        if self.gist_url is not None and self.path is not None:
            raise rule_error("gist_url and path are both given; wanted one of them")
        return self

    @property
    def gist(self) -> GistUrl | None:
        """The gist that keeps the history; None when a file does."""
        return None if self.gist_url is None else GistUrl.parse(self.gist_url)

    @property
    def patience(self) -> Patience:
        """How long a gist is tried."""
        return Patience(attempts=self.retry_attempts, seconds=self.retry_seconds)

    @property
    def csv_path(self) -> str | None:
        """The file that keeps the history, relative to the repository's root; None when a gist does."""
        return (self.path or DEFAULT_CSV_PATH) if self.gist_url is None else None


class ReportSection(Section):
    """What the report is about, and when a change counts."""

    # Required in a file; None only in a run without a config, which reports no metric.
    highlight_metric: HighlightMetric | None
    trend_window: TrendWindow = _DEFAULTS.trend_window
    sharp_delta: SharpDelta = _DEFAULTS.sharp_delta
    minimum_points: int = Field(
        default=_DEFAULTS.minimum_points,
        ge=1,
        le=500,
        description="Below this many earlier points there is no verdict, only the change.",
    )
    default_branch: BranchName | None = None
    baseline: Baseline = Field(default="previous", description=BASELINE)
    min_effect: MinEffect = _DEFAULTS.min_effect
    min_effect_percent: MinEffectPercent = _DEFAULTS.min_effect_percent


class MetricSection(Section):
    """What is expected of one metric; what is left out follows the report's settings."""

    goal: Goal | None = Field(
        default=None,
        description="Which way is better. Without it, the name decides: loss, error, rmse, mae, duration and "
        "the like are minimized.",
    )
    baseline: Baseline | None = Field(default=None, description=BASELINE)
    min_effect: MinEffect | None = None
    min_effect_percent: MinEffectPercent | None = None
    max_drop: MaxDrop | None = None
    target: Target | None = None
    on_regression: OnRegression = Field(
        default="report",
        description="What a regression does: `report` shows it, `warn` adds a warning, `fail` ends the run "
        "with exit code 3 after everything was written.",
    )
    on_suspected: OnRegression = Field(
        default="report",
        description="The same for a suspected change for the worse, which one more commit confirms or withdraws.",
    )


class MlflowSection(Section):
    """Where training runs are tracked."""

    # Kept out of reprs, as some servers are addressed with a password in the URL.
    tracking_uri: TrackingUri | None = Field(default=None, repr=False)
    experiment: ExperimentName | None = None
    timeout_seconds: TimeoutSeconds = 10.0
    total_seconds: TotalSeconds = 60.0
    keep_runs: KeepRuns | None = None

    @property
    def shown_uri(self) -> str | None:
        """The tracking URI as it may be printed: without a user name and a password."""
        return None if self.tracking_uri is None else without_url_credential(self.tracking_uri)


class RegistrySection(Section):
    """The model registry: with this section, trained models become versions of a registered model."""

    model_name: ModelName
    alias: ModelAlias = "champion"
    promote_if: PromoteIf = Field(
        default="improved",
        description="When the alias moves to the new version: its highlight metric `improved`, is "
        "`not_regressed`, `always`, or `never`.",
    )


class ProjectSection(Section):
    """What is trained, and which files a training depends on."""

    workdir: WorkDirectory = ""
    train: bool = Field(
        default=True,
        description="Start the training when its inputs changed. False: another step trains, and its run is found by "
        "the commit.",
    )
    python: Interpreter | None = None
    time_limit_minutes: TimeLimitMinutes = 60.0
    train_script: TrainScripts = ()
    train_args: TrainArguments = ()
    data_paths: DataPaths = ()
    system_deps: SystemDependencies = ()


class ConfigFile(Section):
    """report-config.yml, version 3."""

    version: Literal[3] = Field(default=3, description="Version of the config's layout.")
    timezone: Timezone = _DEFAULTS.timezone
    storage: StorageSection = Field(
        default=StorageSection(),
        description="Where the history is kept: a gist, or a file in the repository's folder.",
    )
    report: ReportSection = Field(description="What the report is about, and when a change counts.")
    metrics: dict[MetricName, MetricSection] = Field(
        default={}, description="Rules of single metrics by name, the highlight metric among them."
    )
    accept: AcceptedSections = ()
    mlflow: MlflowSection = Field(default=MlflowSection(), description="Where training runs are tracked.")
    registry: RegistrySection | None = Field(
        default=None,
        description="The model registry. Without this section nothing is registered or promoted.",
    )
    project: ProjectSection = Field(
        default=ProjectSection(), description="What is trained, and which files a training depends on."
    )
