"""Who else is told of a report: the commit by a check, the pull request by a comment."""

from __future__ import annotations

from collections.abc import Mapping

from .config import ReportSection
from .delivery.check import Annotation, Check, CheckResult, Conclusion, may_check
from .delivery.comment import Comment, keep_comment, may_comment
from .facts.ci_facts import CiFacts
from .parts import Parts
from .rendering.comment import render_comment
from .rendering.content import Content
from .rendering.summary import is_worth_saying, title


class Announcing:
    """The check and the comment of one report, as far as the CI and the config let it have them.

    What GitHub refuses, or can't do now, is a notice: never the job's failure.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        ci: CiFacts,
        parts: Parts,
        section: ReportSection,
        *,
        is_dry_run: bool,
    ) -> None:
        self._environment = environment
        self._ci = ci
        self._parts = parts
        self._section = section
        self._is_dry_run = is_dry_run
        self._check: Check | None = None

    @property
    def may_comment(self) -> bool:
        """Whether there is a pull request to be told."""
        return may_comment(self._environment, self._ci, self._section.comment)

    @property
    def is_two_way(self) -> bool:
        """Whether telling takes two requests to the API: to find or begin what there is, and to write it."""
        return self.may_comment or (self._check is not None and self._section.check == "in_progress")

    def begin_check(self, commit_sha: str, report: str) -> None:
        """The commit will have a check; where the config asks for it, it says now that the report is being made."""
        if self._is_dry_run or not self._section.check or not may_check(self._environment, self._ci):
            return
        self._check = check = Check(self._environment, self._ci, commit_sha, report)
        if self._section.check == "in_progress":
            self._parts.attempt(
                "beginning the check", check.begin, None, is_essential=False, may_take_long=True
            )

    def announce(self, content: Content, *, has_failed: bool) -> list[str]:
        """Tell of what there is to publish; returns notices. `has_failed`: as the exit code says."""
        problems = len(self._parts.problems)
        told = self._parts.attempt(
            "the check",
            lambda: self._complete_check(content, has_failed=has_failed),
            list[str](),
            is_essential=False,
            may_take_long=True,
        )
        if not self._is_dry_run and self.may_comment:
            told = [*told, *self._tell_pull_request(content)]
        return [*told, *self._parts.problems[problems:]]

    def _complete_check(self, content: Content, *, has_failed: bool) -> list[str]:
        """How it is: not quite well, where something is worth saying that fails nothing."""
        if self._check is None:
            return []
        conclusion: Conclusion = (
            "failure" if has_failed else "neutral" if is_worth_saying(content) else "success"
        )
        annotations = [
            Annotation(test.file, test.line, test.name, test.message)
            for test in content.ran.failing_tests
            if test.file and test.line
        ]
        return self._check.complete(
            CheckResult(conclusion, title(content), render_comment(content), annotations)
        )

    def _tell_pull_request(self, content: Content) -> list[str]:
        comment = self._parts.attempt(
            "rendering the comment", lambda: self._comment(content), None, is_essential=False
        )
        if comment is None:
            return []
        return self._parts.attempt(
            "the pull request's comment",
            lambda: keep_comment(self._environment, self._ci, comment),
            list[str](),
            is_essential=False,
            may_take_long=True,
        )

    def _comment(self, content: Content) -> Comment:
        name = str(content.row.get("report") or "")
        return Comment(self._section.comment, render_comment(content), is_worth_saying(content), name)
