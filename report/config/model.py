"""The config of today, version 3, as pydantic models: the one place that names its keys, says what each accepts and
describes it. The JSON Schema, the messages and the settings of the views are made of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from ...history.charting.axes import MOST_PANELS, Along
from ...history.late_dataclass import dataclass
from ...history.settings import AcceptedChange, Goal, MetricRule, OnRegression, Settings
from ...history.stores.gist_url import GistUrl
from ...history.stores.patience import Patience
from .messages import without_url_credential
from .values import (
    ARGUMENTS_SCHEMA,
    HASH_PATTERN,
    NO_CONTROL_CHARACTERS,
    ONE_OR_MANY_SCHEMA,
    SYSTEM_DEPENDENCIES,
    Argument,
    CommitHash,
    GistAddress,
    HighlightMetric,
    HistoryBranch,
    MetricName,
    MinEffect,
    MinEffectPercent,
    PageAddress,
    ReportName,
    RepositoryAddress,
    Section,
    SharedConfig,
    SharpDelta,
    SystemDependency,
    Text,
    Timezone,
    TrendWindow,
    arguments,
    many,
    one_or_many,
    rule_error,
)

CURRENT_VERSION = 3
CONFIG_NAMES = ("report-config.yml", "report-config.yaml", ".github/report-config.yml")
"""Where a config is looked for under the repository's root; the first one found is read."""

DEFAULT_CSV_PATH = ".devops-mlops-report/commitHistory.csv"

PLACES = ("branch", "gist_url", "path")
"""The keys that each name the place of a history."""

_OF_THE_FILE = ("version", "extends")
"""Keys about the file itself."""

PromoteIf = Literal["improved", "not_regressed", "always", "never"]

_DEFAULTS = Settings()


class StorageSection(Section):
    """Where the history is kept: a branch, a gist, or a file in the repository's folder."""

    branch: HistoryBranch | None = None
    git_url: RepositoryAddress | None = None
    gist_url: GistAddress | None = None
    path: Text | None = Field(
        default=None,
        description="File that keeps the history, relative to the repository's root; used without a branch "
        "and a gist_url.",
    )
    keep: int | None = Field(
        default=None,
        ge=1,
        le=100_000_000,
        description="How many rows the CSV keeps; older ones move to commitHistory.archive.csv beside it and are read "
        "with it. Rows move when the limit is exceeded by a tenth. Without it and keep_days: all stay.",
    )
    keep_days: int | None = Field(
        default=None,
        ge=1,
        le=36_525,
        description="How many days before its newest row the CSV reaches back; older rows move to the archive as those "
        "beyond keep do.",
    )
    retry_attempts: int = Field(
        default=Patience.attempts,
        ge=1,
        le=10_000,
        description="How often a push is tried when others push too; then the row goes to a pending file.",
    )
    retry_seconds: float = Field(
        default=Patience.seconds,
        gt=0,
        le=6 * 3600,
        allow_inf_nan=False,
        description="After this many seconds of reading or pushing the history no other attempt is begun.",
    )
    on_unreachable: Literal["report", "fail"] = Field(
        default="report",
        description="What it means for the exit code that the history's host can't be reached: `report` names it in "
        "the summary, `fail` ends the run with 1. The row is pending both times.",
    )

    @model_validator(mode="after")
    def _check_one_place(self) -> StorageSection:
        given = [name for name in PLACES if getattr(self, name) is not None]
        if len(given) > 1:
            raise rule_error(f"{' and '.join(given)} are both given; wanted one of them")
        if self.git_url is not None and self.branch is None:
            raise rule_error("git_url is given without a branch; wanted both, such as branch: commit-history")
        return self

    @property
    def gist(self) -> GistUrl | None:
        """The gist that keeps the history; None when a file or a branch does."""
        return None if self.gist_url is None else GistUrl.parse(self.gist_url)

    @property
    def patience(self) -> Patience:
        """How long a git host is tried."""
        return Patience(attempts=self.retry_attempts, seconds=self.retry_seconds)

    @property
    def csv_path(self) -> str | None:
        """The file that keeps the history, relative to the repository's root; None when none does."""
        return (self.path or DEFAULT_CSV_PATH) if self.gist_url is None and self.branch is None else None


class NamedBaseline(Section):
    """One commit that values are compared with, by its hash or by its tag."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    commit: CommitHash | None = None
    tag: Text | None = Field(default=None, description="A tag of the repository.", examples=["v1.2"])

    @model_validator(mode="after")
    def _check_one(self) -> NamedBaseline:
        if (self.commit is None) == (self.tag is None):
            raise rule_error("wanted one of commit and tag, such as {tag: v1.2}")
        return self


def _kind_of_baseline(value: Any) -> str:
    return "[named]" if isinstance(value, dict | NamedBaseline) else "[name]"


BaselineName = Literal["previous", "default_branch", "best", "release"]
Baseline = Annotated[
    Annotated[BaselineName, Tag("[name]")] | Annotated[NamedBaseline, Tag("[named]")],
    Discriminator(_kind_of_baseline),
]
_BASELINE = (
    "What a value is compared with: `previous` (the nearest ancestor that has one), `default_branch` (the "
    "nearest ancestor on the default branch), `best` (the best value so far), `release` (the nearest ancestor with a "
    "release's tag, such as v1.2), or one commit that stays: `{commit: a1b2c3d}`, `{tag: v1.2}`."
)


class PanelSection(Section):
    """One query of the repository's own, and how its answer is shown."""

    title: Text = Field(description="Its heading.", examples=["Best commit of each branch"])
    query: Text = Field(
        description="File with the query, SQL, relative to the repository's root.",
        examples=["reports/best.sql"],
    )
    chart: Literal["table", "line", "bar"] = Field(
        default="table",
        description="`line` and `bar` draw the columns of numbers along the first column; their table is folded below.",
    )


class CheckSection(Section):
    """One query of the repository's own that must find no row."""

    query: Text = Field(
        description="File with the query, SQL, relative to the repository's root.",
        examples=["reports/slow.sql"],
    )
    title: Text | None = Field(default=None, description="Without it: the file's name.")
    on_failure: Literal["report", "fail"] = Field(
        default="report",
        description="What rows do: `report` names the first one at the top of the report, `fail` also ends the run "
        "with exit code 1.",
    )


class ReportSection(Section):
    """What the report is about, and when a change counts."""

    name: ReportName | None = None
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
    default_branch: Text | None = Field(
        default=None,
        description="The branch that others are compared with. Without it: the one that the CI names, else main.",
        examples=["main"],
    )
    baseline: Baseline = Field(default="previous", description=_BASELINE)
    min_effect: MinEffect = _DEFAULTS.min_effect
    min_effect_percent: MinEffectPercent = _DEFAULTS.min_effect_percent
    charts: Annotated[tuple[MetricName, ...], BeforeValidator(many), Field(max_length=MOST_PANELS)] = Field(
        default=(),
        description="Other metrics that are charted below the highlight metric, small, up to six.",
        examples=[["f1", "loss"]],
    )
    chart_by: Along = Field(
        default="commit",
        description="What the charts are laid out along: one place for each `commit`, or the `time` when it was "
        "recorded.",
    )
    comment: Literal["never", "on_change", "always"] = Field(
        default="on_change",
        description="The comment in a pull request on GitHub: `on_change` begins it when something is worth saying and "
        "keeps it up to date, `always` writes it for every one, `never` for none. The job's token needs "
        "`pull-requests: write`.",
    )
    check: Literal[True, False, "in_progress"] = Field(
        default=False,
        description="A check of the report at each commit on GitHub; with `in_progress` it stands there from the "
        "beginning of the run, for one request more. The job's token needs `checks: write`, or `statuses: write` for "
        "a status in its place.",
    )
    page_url: PageAddress | None = None
    panels: Annotated[tuple[PanelSection, ...], Field(max_length=20), BeforeValidator(many)] = Field(
        default=(),
        description="Queries whose answers the summary and the page show: read-only, 60 s and 2 GB for all of them.",
    )
    checks: Annotated[tuple[CheckSection, ...], Field(max_length=20), BeforeValidator(many)] = Field(
        default=(),
        description="Queries that must find no row, bounded as panels are.",
    )


class MetricSection(Section):
    """What is expected of one metric; what is left out follows the report's settings."""

    goal: Goal | None = Field(
        default=None,
        description="Which way is better. Without it, the data decide where they tell it, else the name: loss, error, "
        "rmse, mae, duration and the like are minimized; else the unit.",
    )
    baseline: Baseline | None = Field(default=None, description=_BASELINE)
    min_effect: MinEffect | None = None
    min_effect_percent: MinEffectPercent | None = None
    max_drop: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="How much worse than its baseline a value may be, in the metric's own unit; beyond it has "
        "regressed at once, however noisy the metric is.",
    )
    target: float | None = Field(
        default=None,
        allow_inf_nan=False,
        description="What a value must reach: at least this (maximize), or at most this (minimize); else it has "
        "regressed.",
    )
    on_regression: OnRegression = Field(
        default="report",
        description="What a regression does for as long as it is open, on every commit: `report` shows it, `warn` adds "
        "a warning, `fail` ends the run with exit code 3 after everything was written. In a pull request only one that "
        "began there.",
    )
    on_suspected: OnRegression = Field(
        default="report",
        description="The same for a suspected change for the worse, at its own commit; one more confirms or "
        "withdraws it.",
    )


class AcceptedSection(Section):
    """One change that is meant: the level begins anew at its commit."""

    commit: CommitHash
    metric: MetricName | None = Field(
        default=None, description="The metric whose change is accepted. Without it: every metric's."
    )
    reason: Text | None = Field(
        default=None, description="Why it is accepted, for those who read the config."
    )


class _HashOrSection:
    """In the schema: the hash alone, or the section."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        alone = {"type": "string", "pattern": HASH_PATTERN}
        return {"anyOf": [alone, handler(schema)]}


def _hash_alone(value: Any) -> Any:
    if isinstance(value, str):
        return {"commit": value}
    if not isinstance(value, dict | AcceptedSection):
        raise rule_error(
            "wanted a commit's hash in quotes, or a mapping such as {commit: 'a1b2c3d', metric: val_accuracy}"
        )
    return value


class MlflowSection(Section):
    """Where training runs are tracked."""

    # Kept out of reprs, as some servers are addressed with a password in the URL.
    tracking_uri: Text | None = Field(
        default=None,
        repr=False,
        description="MLflow tracking server, whatever else MLflow takes, or a local store. The user name and "
        "the password come from the environment (MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD), never from here.",
        examples=["https://dagshub.com/<user>/<repo>.mlflow"],
    )
    experiment: Text | None = Field(
        default=None,
        description="MLflow experiment that trainings are put into and looked for in. Without it: the one that "
        "MLFLOW_EXPERIMENT_NAME names, else the server's default; looked for in all.",
        examples=["churn"],
    )
    timeout_seconds: float = Field(
        default=10.0,
        gt=0,
        le=600,
        allow_inf_nan=False,
        description="Longest wait for one answer of the MLflow server, seconds.",
    )
    total_seconds: float = Field(
        default=60.0,
        gt=0,
        le=3600,
        allow_inf_nan=False,
        description="Longest wait for all answers of the MLflow server in one run of the report, seconds.",
    )
    keep_runs: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description="Keep this many MLflow runs that reports made in the experiment, delete older ones. Without it "
        "nothing is deleted; never a run whose model version has an alias, or that the history's newest rows point to.",
    )

    @property
    def shown_uri(self) -> str | None:
        """The tracking URI as it may be printed: without a user name and a password."""
        return None if self.tracking_uri is None else without_url_credential(self.tracking_uri)


def _check_model_name(name: str) -> str:
    if "/" in name or ":" in name:
        raise rule_error("a model's name can't hold '/' or ':' (MLflow's rule); wanted a name such as churn")
    return name


def _check_alias(alias: str) -> str:
    if alias.lower() == "latest" or re.fullmatch(r"[vV]\d+", alias):
        raise rule_error("MLflow keeps 'latest' and 'v1', 'v2' … for itself; wanted a name such as champion")
    return alias


class RegistrySection(Section):
    """The model registry: with this section, trained models become versions of a registered model."""

    model_name: Annotated[Text, AfterValidator(_check_model_name)] = Field(
        description="Name of the registered model that trained versions are added to.", examples=["churn"]
    )
    alias: Annotated[
        Text, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=255), AfterValidator(_check_alias)
    ] = Field(default="champion", description="Alias that is moved to a version when it is promoted.")
    promote_if: PromoteIf = Field(
        default="improved",
        description="When the alias moves to the new version: its highlight metric `improved`, is "
        "`not_regressed` (nor worse since before), `always`, or `never`.",
    )


class ProjectSection(Section):
    """What is trained, and which files a training depends on."""

    workdir: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=1000, pattern=NO_CONTROL_CHARACTERS),
    ] = Field(
        default="",
        description="Where the training runs, relative to the repository's root; empty for the root.",
    )
    train: bool = Field(
        default=True,
        description="Start the training when its inputs changed. False: another step trains, and its run is found by "
        "the commit.",
    )
    python: Text | None = Field(
        default=None,
        description="Python interpreter that trains: a name on PATH, or a path (relative to the repository's root). "
        "Without it: the `python` on PATH.",
        examples=[".venv/bin/python"],
    )
    time_limit_minutes: float = Field(
        default=60.0,
        gt=0,
        le=10_080,
        allow_inf_nan=False,
        description="A training that takes longer is ended, minutes.",
    )
    confirm_runs: int = Field(
        default=0,
        ge=0,
        le=20,
        description="How often a commit that was trained here is trained again at most, when its highlight metric is "
        "suspected worse: until that is confirmed or withdrawn.",
    )
    on_failure: Literal["report", "fail"] = Field(
        default="report",
        description="What a training that failed, or could not be started, does: `report` names it in the summary, "
        "`fail` ends the run with exit code 1 after everything was written.",
    )
    train_script: Annotated[
        tuple[Text, ...], BeforeValidator(one_or_many), WithJsonSchema(ONE_OR_MANY_SCHEMA)
    ] = Field(
        default=(),
        description="Training script, or a list of scripts: a change in any of them is a reason to train; "
        "the first is the one that is started.",
        examples=["src/train.py"],
    )
    train_args: Annotated[
        tuple[Argument, ...], BeforeValidator(arguments), WithJsonSchema(ARGUMENTS_SCHEMA)
    ] = Field(default=(), description="Arguments that the training script is started with.")
    data_paths: Annotated[
        tuple[Text, ...], BeforeValidator(one_or_many), WithJsonSchema(ONE_OR_MANY_SCHEMA)
    ] = Field(default=(), description="Data files or folders: a change in any of them is a reason to train.")
    system_deps: Annotated[
        tuple[SystemDependency, ...],
        BeforeValidator(many),
        WithJsonSchema({"type": "array", "items": {"enum": list(SYSTEM_DEPENDENCIES)}}),
    ] = Field(default=(), description="System packages that the training needs; the workflow installs them.")
    packages: Annotated[
        tuple[Text, ...], BeforeValidator(one_or_many), WithJsonSchema(ONE_OR_MANY_SCHEMA)
    ] = Field(
        default=(),
        description="Packages whose versions in the lock file are recorded with each commit. Without it: the "
        "well-known ones of machine learning.",
        examples=[["torch", "numpy"]],
    )


class ConfigFile(Section):
    """report-config.yml, version 3."""

    version: Literal[3] = Field(default=3, description="Version of the config's layout.")
    extends: SharedConfig | None = None
    timezone: Timezone = _DEFAULTS.timezone
    storage: StorageSection = Field(
        default=StorageSection(),
        description="Where the history is kept: a branch, a gist, or a file in the repository's folder.",
    )
    report: ReportSection = Field(description="What the report is about, and when a change counts.")
    metrics: dict[MetricName, MetricSection] = Field(
        default={}, description="Rules of single metrics by name, the highlight metric among them."
    )
    accept: Annotated[
        tuple[Annotated[AcceptedSection, BeforeValidator(_hash_alone), _HashOrSection()], ...],
        BeforeValidator(many),
    ] = Field(
        default=(),
        description="Changes that are meant, by the commit that made them: from there on the level begins anew.",
    )
    mlflow: MlflowSection = Field(default=MlflowSection(), description="Where training runs are tracked.")
    registry: RegistrySection | None = Field(
        default=None,
        description="The model registry. Without this section nothing is registered or promoted.",
    )
    project: ProjectSection = Field(
        default=ProjectSection(), description="What is trained, and which files a training depends on."
    )


@dataclass(frozen=True)
class Config:
    """What to report, where the history is kept, what is trained, whichever version the file has.

    Made by `load_config`.
    """

    timezone: str
    storage: StorageSection
    report: ReportSection
    metrics: Mapping[str, MetricSection]
    accept: tuple[AcceptedSection, ...]
    """Changes that are meant; a hash may be abbreviated."""
    mlflow: MlflowSection
    registry: RegistrySection | None
    """None: nothing is registered."""
    project: ProjectSection
    source: Path | None = None
    """The file that it was read from; None for the defaults."""
    notices: tuple[str, ...] = ()
    """What the user should know about the file: one line each, for the summary."""

    @property
    def report_name(self) -> str:
        """The report's name; '' for the only one of its repository."""
        return self.report.name or ""

    def path_below(self, root: Path) -> str:
        """Where the file is, seen from the root; '' for one that is found by itself or is elsewhere, and for none."""
        if self.source is None:
            return ""
        path = Path(os.path.relpath(self.source.absolute(), root.absolute())).as_posix()
        return "" if path in CONFIG_NAMES or path.startswith("../") else path

    def renamed(self, name: str | None) -> Config:
        """The config with another name of the report, where one is given."""
        if name is None:
            return self
        return replace(self, report=self.report.model_copy(update={"name": name}))

    @classmethod
    def defaults(cls) -> Config:
        """A run without a config: DevOps only, the history in a local file."""
        return cls.from_file(ConfigFile(report=ReportSection(highlight_metric=None)))

    @classmethod
    def from_file(
        cls, file: ConfigFile, *, source: Path | None = None, notices: tuple[str, ...] = ()
    ) -> Config:
        """The config that a valid file stands for."""
        values = {name: getattr(file, name) for name in ConfigFile.model_fields if name not in _OF_THE_FILE}
        values["metrics"] = MappingProxyType(file.metrics)
        return cls(**values, source=source, notices=notices)

    def to_settings(
        self,
        *,
        repository: str | None,
        branch: str | None,
        commit_sha: str | None,
        default_branch: str | None,
        report: str | None = None,
        workflow: str | None = None,
    ) -> Settings:
        """The settings of the views, for a report on one commit.

        A key of `report`, `storage` or a metric's rule that bears the name of a setting is that setting. The config's
        default branch wins over the one that the CI names; without either it is `main`.
        """
        values = _named_alike(Settings, self.storage) | _named_alike(Settings, self.report)
        # The commit's branch; `storage.branch` is the history's.
        values |= {"repository": repository, "branch": branch, "commit_sha": commit_sha}
        values["default_branch"] = self.report.default_branch or default_branch or Settings.default_branch
        return Settings(
            **values,
            timezone=self.timezone,
            report=report,
            workflow=workflow,
            metric_rules=tuple(
                MetricRule(metric=name, **_named_alike(MetricRule, rule))
                for name, rule in self.metrics.items()
            ),
            accepted_changes=tuple(AcceptedChange(each.commit, each.metric) for each in self.accept),
        )


def _named_alike(target: type[Settings | MetricRule], section: Section) -> dict[str, Any]:
    """The values of a section that `target` has fields for. A tag that no checkout resolved stands for no commit."""
    names = {field.name for field in fields(target)} & set(type(section).model_fields)
    values = {name: getattr(section, name) for name in names}
    if isinstance(chosen := values.get("baseline"), NamedBaseline):
        values |= {"baseline": "commit", "baseline_commit": chosen.commit}
    return values
