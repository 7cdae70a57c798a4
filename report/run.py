"""One commit's report, from facts to exit code: the steps of a run, strung together.

Every step is a part that fails alone: the report names it, and the steps after it still happen as far as they can.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from ..history import History, HistoryError, ReadOnlyError, UnreachableError, open_history
from ..history.late_dataclass import dataclass
from ..history.stores import FileLocation, Location, Receipt
from .announcing import Announcing
from .config import Config
from .confirming import Repeat, is_in_doubt, told_of_repeats, with_repeat
from .delivery.pending import PendingRow
from .delivery.publishing import OWN_FOLDER
from .errors import ExitCode
from .facts.artifacts import Artifact, read_artifacts
from .facts.collecting import Facts, Inputs, collect
from .facts.environment import read_environment
from .facts.row import TrainingFacts, make_row, without_secrets
from .facts.tested_cases import TestedCase
from .mlflow_client.promotion import Promotion
from .mlops import Mlops
from .parts import Parts
from .picture import absent_charts, chart_labels, chart_panels, kept_name, make_picture, place_picture
from .redaction import Redaction
from .rendering.badge import render_badges
from .rendering.chart import ChartError
from .rendering.content import Content, Picture, Ran, Trace
from .rendering.summary import render_problem, render_summary
from .tracing import find_page, make_trace
from .training.cause import top_folder
from .training.starting import python_if_there
from .verdicts.answers import Answers, ask, configs_of_run, focus
from .verdicts.attribution import Attribution, find_attribution
from .verdicts.changes import Changes, changes_of_commit
from .verdicts.gate import Gate, judge
from .verdicts.named_commits import settle_accepted, tell_compared_releases, with_tags_resolved
from .verdicts.panels import Found, Panel, begin_own_queries, make_check, show_panel
from .what_ran import make_ran

ASKING_SECONDS = 600
"""For all that a report asks the history. A history that takes longer costs the answers, not the row."""


def _nothing_left() -> list[str]:
    return []


@dataclass(frozen=True)
class Report:
    """What a run made, and what it could not do."""

    summary: str
    files: dict[str, bytes]
    """Files for the output folder, by name: the chart's and the badge."""
    row: dict[str, Any]
    receipt: Receipt | None
    """What was written to the history; `None` when nothing was."""
    gate: Gate
    parts: Parts
    """What failed so far; publishing adds to it."""
    notices: list[str] = field(default_factory=list)
    content: Content | None = None
    """What the summary is made of."""
    tests: tuple[TestedCase, ...] = ()
    """Every test of the run, where they were asked for."""
    announce: Callable[[], list[str]] = _nothing_left
    """Tells the pull request, when the report is published. Returns notices."""
    retain: Callable[[], list[str]] = _nothing_left
    """What is to be done when the report is published: the retention of old runs. Returns notices."""

    @property
    def problems(self) -> list[str]:
        """Sentences about what failed."""
        return self.parts.problems

    @property
    def exit_code(self) -> ExitCode:
        """What the run ends with."""
        if self.parts.has_failed:
            return ExitCode.ERROR
        return ExitCode.REGRESSED if self.gate.failed else ExitCode.REPORTED


def make_report(
    config: Config,
    location: Location,
    inputs: Inputs,
    now: datetime,
    *,
    is_dry_run: bool = False,
    output: Path | None = None,
    parts: Parts | None = None,
) -> Report:
    """Report on one commit and record it. `now` is aware; in `output` the row waits until it is recorded.

    Raises `ReportError` only where there is nothing to report on: no commit.
    """
    run = _Run(
        config, location, inputs, now, is_dry_run, output or inputs.root / OWN_FOLDER, parts or Parts()
    )
    run.keep_row(replace(run.facts.training, training=run.facts.training.training.replace("none", "")))
    run.begin_check()
    run.load()
    run.train()
    run.keep_row(run.training)
    run.append()
    run.ask()
    run.confirm()
    run.draw()
    run.save()
    run.promote()
    run.ask_own_queries()
    run.list_artifacts()
    return run.report()


class _Run:
    """A run as far as it has got. Its methods are the steps, in the order of `make_report`."""

    def __init__(
        self,
        config: Config,
        location: Location,
        inputs: Inputs,
        now: datetime,
        is_dry_run: bool,
        output: Path,
        parts: Parts,
    ) -> None:
        self.location = location
        self.inputs = inputs
        self.now = now
        self.is_dry_run = is_dry_run
        self.parts = parts
        self.facts: Facts = collect(inputs, parts)
        self.config, absent_tags = parts.attempt(
            "reading the tags", lambda: with_tags_resolved(config, inputs.root), (config, tuple[str, ...]())
        )
        environment = parts.attempt(
            "reading the environment", self._environment, dict[str, str](), is_essential=False
        )
        self.facts = replace(self.facts, environment=environment)
        self.notices = [*config.notices, *self.facts.notices, *absent_tags]
        self.output = output
        self.pending = PendingRow(output, inputs.root)
        self.row: dict[str, Any] = {}
        self.history: History | None = None
        self.is_history_known = False
        self.is_appended = False
        self.mlops: Mlops | None = None
        self.training: TrainingFacts = self.facts.training
        self.answers = Answers()
        self.gate = Gate()
        self.attribution: Attribution | None = None
        self.changes: Changes | None = None
        self.files: dict[str, bytes] = {}
        self.receipt: Receipt | None = None
        self.promotion: Promotion | None = None
        self.panels: list[Panel] = []
        self.checks: list[Found] = []
        self.artifacts: tuple[Artifact, ...] = ()
        self.announcing = Announcing(
            inputs.environment, self.facts.ci, parts, config.report, is_dry_run=is_dry_run
        )

    def _environment(self) -> dict[str, str]:
        """Where the run takes place. Of a stranger's commit nothing is started, not even its Python."""
        root, project = self.inputs.root, self.config.project
        found = read_environment(
            root,
            self.inputs.environment,
            folders=tuple(dict.fromkeys(("", project.workdir))),
            packages=project.packages or None,
            python=None if self.facts.ci.untrusted else python_if_there(root, project),
        )
        config = self.config.path_below(top_folder(root))
        return found | {"config": config} if config else found

    def keep_row(self, training: TrainingFacts) -> None:
        """The row, as far as it is known, is on the disk before anything else can go wrong."""
        facts = self.facts
        row = make_row(
            *(facts.commit, facts.ci, facts.jobs, facts.ci_metrics, training, self.now),
            failed_tests=facts.tests.failed_tests,
            environment=facts.environment,
            report=self.config.report_name,
        )
        self.row = without_secrets(row, Redaction.of(self.inputs.environment))
        if not self.is_dry_run:
            self.parts.attempt("keeping the row", lambda: self.pending.keep(self.row), None)

    def begin_check(self) -> None:
        """Where there is a check of the commit, it says that the report is being made."""
        self.announcing.begin_check(self.facts.commit.commit_sha, str(self.row["report"] or ""))

    def load(self) -> None:
        """The history, or an empty one in its place: what can't be read is never written over."""
        if self.facts.ci.provider and isinstance(self.location, FileLocation):
            self.notices.append(
                "The history is a file of this checkout and ends with the job, unless a later step keeps it: "
                "`storage.branch: commit-history` in the config keeps it on a branch of the repository."
            )
        self.history = self.parts.attempt("reading the history", self._load, None, may_take_long=True)
        self.is_history_known = self.history is not None
        if self.history is None:
            self.history = self.parts.attempt("opening an empty history", self._empty_history, None)
        if (history := self.history) is not None:
            history.limit(ASKING_SECONDS)
            self.parts.attempt("placing the commit", lambda: self._place(history), None)

    def _load(self) -> History | None:
        try:
            return self.location.load(self._settings())
        except HistoryError as error:
            problem = f"The history could not be read, and was left as it is: {error}"
            self.parts.fail(problem, is_essential=self._counts(error))
            return None

    def _empty_history(self) -> History:
        return open_history(None, self._settings())

    def _settings(self) -> Any:
        return self.config.to_settings(
            repository=self.row["repository"] or None,
            branch=self.row["branch"],
            commit_sha=self.row["commit_sha"],
            default_branch=self.facts.ci.default_branch or self.facts.commit.default_branch,
            report=self.config.report_name,
            workflow=self.row["workflow"] or "",
        )

    def _place(self, history: History) -> None:
        history.set_ancestry(self.facts.ancestry, is_cut=self.facts.commit.is_shallow)
        commit_sha = self.facts.commit.commit_sha
        self.notices += tell_compared_releases(history, self.config, self.inputs.root, commit_sha)

    def _counts(self, error: HistoryError) -> bool:
        """Whether what the store could not do is for the exit code: a host that is down is not, unless it is said."""
        return not isinstance(error, UnreachableError) or self.config.storage.on_unreachable == "fail"

    def train(self) -> None:
        """Find or make the commit's training; what a run then knows is in the row."""
        # Of a commit whose training broke off in our own code, nobody knows: a later commit asks again.
        given = self.facts.training
        unknown = replace(given, training=given.training.replace("none", ""))
        if (history := self.history) is None:
            self.training = unknown
            return
        self.mlops = self.parts.attempt("preparing the training", self._prepare, None, may_take_long=True)
        self.training = unknown
        if (mlops := self.mlops) is not None:
            self.training = self.parts.attempt(
                "the training", lambda: mlops.make_training(history), unknown, may_take_long=True
            )
        self.notices += self.training.notices
        if self.training.training == "failed" and self.config.project.on_failure == "fail":
            told = self.training.headline or "The training failed"
            self.parts.fail(f"{told}, and `project.on_failure` is `fail`. {self.training.note}".rstrip())

    def _prepare(self) -> Mlops:
        return Mlops(self.config, self.inputs, self.facts, is_dry_run=self.is_dry_run)

    def append(self) -> None:
        """The row becomes one of the history's."""
        if (history := self.history) is None:
            return
        self.is_appended = self.parts.attempt("adding the row", lambda: self._append(history), False)
        self.parts.attempt("reading what is accepted", lambda: self._accept(history), None)

    def _append(self, history: History) -> bool:
        own = (self.row["environment"] or {}).get("config", "")
        others = [config for config in configs_of_run(history, self.row) if config != own]
        if others:
            self.parts.fail(
                f"This run has a report by `{others[0] or 'the default config'}` already, which this one, by "
                f"`{own or 'the default config'}`, would mix with: give each a name (`report.name`, or `--name`)."
            )
            return False
        history.append(self.row)
        return True

    def _accept(self, history: History) -> None:
        self.notices += settle_accepted(history)
        focus(history, self.row, self.config.report.highlight_metric, self.config.report.charts)
        self.notices += _rejected(history)

    def ask(self) -> None:
        """Ask the history about this commit, and the gate about the answers."""
        if (history := self.history) is None:
            return
        self.changes = self.parts.attempt(
            "looking at what changed", lambda: self._changes(history), None, is_essential=False
        )
        if not self.is_appended:
            return
        self.answers = self.parts.attempt(
            "asking the history",
            lambda: ask(history, self.row, self.config.report.charts),
            self.answers,
            may_take_long=True,
        )
        self.gate = self.parts.attempt("judging the metrics", lambda: judge(self.answers), self.gate)
        if (told := self.answers.told) is not None:
            self.attribution = self.parts.attempt(
                "looking for what else changed",
                lambda: find_attribution(history, told, self.inputs.root, self.changes),
                None,
                is_essential=False,
            )

    def _changes(self, history: History) -> Changes | None:
        return changes_of_commit(history, self.facts.commit, self.facts.ci, self.inputs.root)

    def confirm(self) -> None:
        """Train again where the highlight metric is suspected worse, until that is settled, or often enough."""
        metric, repeats = self.config.report.highlight_metric or "", list[Repeat]()
        while (
            len(repeats) < self.config.project.confirm_runs
            and is_in_doubt(self.answers.highlight)
            and not self.parts.cancellation.count
        ):
            repeat = self.parts.attempt(
                "training again", self._train_again, None, is_essential=False, may_take_long=True
            )
            if repeat is None:
                break
            repeats.append(repeat)
            if metric not in repeat.metrics:
                repeats[-1] = replace(repeat, problem=repeat.problem or f"it logged no `{metric}`")
                break
            self._count_in(repeat)
        if repeats:
            self.notices.append(told_of_repeats(metric, repeats, self.answers.highlight))

    def _train_again(self) -> Repeat | None:
        return self.mlops.train_again(self.training) if self.mlops is not None else None

    def _count_in(self, repeat: Repeat) -> None:
        """The row with the new values in the place of the one that was appended, and the questions anew."""
        if (history := self.history) is None:
            return
        before, self.training = self.row, with_repeat(self.training, repeat)
        # A later report of the same run adds to the earlier one.
        self.now += timedelta(seconds=max(1, math.ceil(repeat.seconds)))
        self.keep_row(self.training)
        self.parts.attempt("adding the row again", lambda: history.append_again(self.row, before), None)
        self.ask()

    def draw(self) -> None:
        """The badge and the chart."""
        self.files = self.parts.attempt(
            "the badge",
            lambda: render_badges(self.answers.told, self.facts.jobs.workflow_status),
            dict[str, bytes](),
            is_essential=False,
        )
        self.notices += absent_charts(self.answers)
        self.files |= self.parts.attempt("drawing the chart", self._draw, {}, is_essential=False)

    def _draw(self) -> dict[str, bytes]:
        rows = self.answers.highlight_points
        labels = chart_labels(self.config.report, rows)
        if labels is None:
            return {}
        try:
            panels = chart_panels(self.config.report, self.answers)
            place = self.output, self.inputs.root, self.location
            return make_picture(rows, labels, panels, *place, self.config.report_name)
        except ChartError as error:
            self.notices.append(f"There is no picture: {error}.")
            return {}

    def save(self) -> None:
        """Write the history back; then the row waits no longer."""
        if self.is_dry_run:
            self.notices.append("A dry run: nothing was recorded.")
            return
        is_meant = False
        if (history := self.history) is not None and self.is_history_known and self.is_appended:
            is_meant = self.parts.attempt(
                "writing the history", lambda: self._save(history), False, may_take_long=True
            )
        if self.receipt is not None or is_meant:
            self.parts.attempt("clearing the pending row", self.pending.remove, None, is_essential=False)
        else:
            self.parts.problems.append(self.pending.how_to_take_in())

    def _save(self, history: History) -> bool:
        """Whether the row is recorded, or is meant not to be."""
        # A git host keeps every version of a file, so the picture that no page shows stays out of it.
        attachments = {
            kept_name(name, self.config.report_name): content
            for name, content in self.files.items()
            if name != "chart.png"
        }
        try:
            self.receipt = self.location.save(history, attachments)
            self.notices += self.receipt.notices
        except ReadOnlyError as error:
            self.notices.append(f"Nothing was recorded: {error}.")
        except HistoryError as error:
            problem = f"The history could not be written: {error}"
            self.parts.fail(problem, is_essential=self._counts(error))
            return False
        return True

    def promote(self) -> None:
        """Let the alias move to this run's model: after the history knows of it, never before."""
        if (mlops := self.mlops) is None or self.is_dry_run:
            return
        if self.receipt is None:
            if self.training.model_version:
                alias = self.config.registry.alias if self.config.registry else ""
                self.notices.append(f"The alias `{alias}` stays where it is, as this run was not recorded.")
            return
        self.promotion = self.parts.attempt(
            "the promotion",
            lambda: mlops.promote(self.answers.highlight),
            None,
            is_essential=False,
            may_take_long=True,
        )

    def ask_own_queries(self) -> None:
        """The panels and the checks of the repository's own, when the history is saved and can't be harmed."""
        report = self.config.report
        if (history := self.history) is None or not (report.panels or report.checks):
            return
        self.parts.attempt("preparing the panels", lambda: begin_own_queries(history), None)
        root = self.inputs.root
        for section in report.panels:
            panel = self.parts.attempt(
                f"the panel `{section.title}`",
                partial(show_panel, history, section, root),
                None,
                is_essential=False,
                may_take_long=True,
            )
            self.panels += [panel] if panel else []
        for check in report.checks:
            fails = check.on_failure == "fail"
            found = self.parts.attempt(
                f"the check `{check.query}`",
                partial(make_check, history, check, root),
                None,
                is_essential=fails,
                may_take_long=True,
            )
            if found and found.sentence:
                self.parts.fail(found.sentence, is_essential=fails)
            self.checks += [found] if found else []

    def list_artifacts(self) -> None:
        """What the jobs of the run left; unless telling others takes two requests to the API, which go before."""
        if self.announcing.is_two_way:
            return
        self.artifacts = self.parts.attempt(
            "listing the artifacts",
            lambda: read_artifacts(self.inputs.environment, self.facts.ci, self.notices),
            self.artifacts,
            is_essential=False,
            may_take_long=True,
        )

    def report(self) -> Report:
        """What there is to publish."""
        content = self._content()
        problems = self.parts.problems
        summary = self.parts.attempt("the summary", lambda: render_summary(content), "")
        return Report(
            summary=summary or render_problem("The report is incomplete", "\n".join(problems)),
            files=self.files,
            row=self.row,
            receipt=self.receipt,
            gate=self.gate,
            parts=self.parts,
            notices=self.notices,
            content=content,
            tests=self.facts.tests.cases,
            announce=lambda: self._announce(content),
            retain=self._retain,
        )

    def _content(self) -> Content:
        is_waiting = self.receipt is None and not self.is_dry_run and self.pending.path is None
        is_lost = is_waiting and bool(self.parts.problems)
        return Content(
            row=self.row,
            answers=self.answers,
            highlight_metric=self.config.report.highlight_metric,
            default_branch=self.history.settings.default_branch if self.history else "main",
            timezone=self.config.timezone,
            trace=self.parts.attempt("the trace", self._trace, Trace(), is_essential=False),
            picture=self.parts.attempt("placing the chart", self._picture, Picture(), is_essential=False),
            ran=self.parts.attempt("telling what ran", self._ran, Ran(), is_essential=False),
            attribution=self.attribution,
            changes=self.changes,
            panels=self.panels,
            checks=self.checks,
            failed_rules=self.gate.failed_rules,
            training_headline=self.training.headline,
            training_note=self.training.note,
            output_tail=self.training.output_tail,
            is_history_known=self.is_history_known,
            unrecorded=self.pending.content.decode() if is_lost else "",
            remedies=self.parts.attempt("looking at the workflow", self._remedies, [], is_essential=False),
            promotion=self.promotion.sentence if self.promotion else self.training.unregistered,
            problems=self.parts.problems,
            notices=self.notices,
        )

    def _remedies(self) -> list[tuple[str, str]]:
        """Looked for only where something is absent, and a workflow may be why."""
        if not self.notices or self.facts.ci.provider not in ("github", "gitea"):
            return []
        # Most reports do without.
        from .checking import Subject, remedies

        return remedies(Subject(self.config, self.inputs.root, self.location, self.inputs.environment))

    def _ran(self) -> Ran:
        return make_ran(self.facts, self.artifacts, self.answers, self.inputs.root)

    def _trace(self) -> Trace:
        server = self.mlops.server_url if self.mlops else None
        # A stranger's config may name any place.
        configured = None if self.facts.ci.untrusted else self.config.report.page_url
        page = find_page(configured, self.inputs.environment, self.notices)
        return make_trace(self.facts.ci, self.row, self.training, server, self.location, self.receipt, page)

    def _picture(self) -> Picture:
        labels = chart_labels(self.config.report, self.answers.highlight_points)
        if labels is None:
            return Picture()
        # A job's summary is a page of its own; elsewhere it is read beside the files, in the output folder.
        beside = () if self.inputs.environment.get("GITHUB_STEP_SUMMARY") else tuple(self.files)
        rows = self.answers.highlight_points
        return place_picture(rows, labels, self.receipt, beside, self.config.report_name)

    def _announce(self, content: Content) -> list[str]:
        has_failed = self.parts.has_failed or bool(self.gate.failed)
        return self.announcing.announce(content, has_failed=has_failed)

    def _retain(self) -> list[str]:
        """What is deleted is never needed for the report, so the report does not wait for it; MLflow ends here."""
        told = self._retained()
        if self.mlops is not None:
            self.mlops.close()
        return told

    def _retained(self) -> list[str]:
        mlops, history = self.mlops, self.history
        if mlops is None or history is None or not self.is_history_known or self.parts.cancellation.count:
            return []
        problems = len(self.parts.problems)
        told = self.parts.attempt(
            "the retention",
            lambda: mlops.retain(history, self.training),
            list[str](),
            is_essential=False,
            may_take_long=True,
        )
        return [*told, *self.parts.problems[problems:]]


def _rejected(history: History) -> list[str]:
    count = len(history.rejected)
    if not count:
        return []
    first = history.rejected[0]
    where = f"line {first.line}: " if first.line else ""
    lines, are = ("line", "is") if count == 1 else ("lines", "are")
    return [
        f"{count} {lines} of the history can't be read and {are} kept as before ({where}{first.reason}): "
        "ask `rejected_rows` for all."
    ]
