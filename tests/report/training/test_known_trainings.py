"""The base of a commit by what the history knows of those before it: the last training, whatever happened since."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner
from csv_samples import ROW, csv_bytes
from devops_mlops_report.history import Settings, open_history
from devops_mlops_report.report.commands import cli
from devops_mlops_report.report.config import parse_config
from devops_mlops_report.report.facts.ci_facts import CiFacts
from devops_mlops_report.report.facts.git import read_commit
from devops_mlops_report.report.training.cause import known_commits, why_train
from devops_mlops_report.report.training.changed_files import EMPTY_TREE
from report_project import Project
from repositories import GitRepository

CONFIG = "version: 3\nreport: {highlight_metric: r2}\nproject: {train_script: train.py, data_paths: [data]}\n"
DATA, SCRIPT, DOCS = "data/a.csv", "train.py", "README.md"


@dataclass
class Story:
    """A repository whose commits were reported, or not, as their rows say."""

    repository: GitRepository
    rows: list[dict[str, str]] = field(default_factory=list)
    count: int = 0
    notices: tuple[str, ...] = ()
    """Of the latest answer."""

    def commit(self, *paths: str) -> str:
        """A commit that changes these files; nobody reports on it."""
        self.count += 1
        return self.repository.commit(f"{self.count}", dict.fromkeys(paths, f"{self.count}\n"))

    def report(self, training: str, cause: str = "", **columns: str) -> None:
        """HEAD's row."""
        row = ROW | {"commit_sha": self.head, "training": training, "cause": cause, "metrics": ""}
        self.rows.append(row | {"workflow_run_id": str(len(self.rows))} | columns)

    def reported(self, path: str, training: str, cause: str = "", **columns: str) -> str:
        sha = self.commit(path)
        self.report(training, cause, **columns)
        return sha

    @property
    def head(self) -> str:
        return self.repository.git("rev-parse", "HEAD")

    def why(self, root: Path | None = None, *, branch: str = "main", **ci: str | int) -> tuple[str, str]:
        """The base and the kind of the cause of HEAD, pushed onto its parent."""
        root = root or self.repository.root
        commit = read_commit(root)
        before = {} if "base_branch" in ci else {"event": "push", "before": commit.parent_sha}
        facts = CiFacts(repository="octo/model", branch=branch, default_branch="main", **(before | ci))
        history = open_history(csv_bytes(self.rows), Settings(branch=branch, commit_sha=commit.commit_sha))
        known = known_commits(history, facts, commit)
        changed, _, cause = why_train(root, parse_config(CONFIG), facts, commit, known=known)
        self.notices = changed.notices
        return changed.base, cause.kind


@pytest.fixture
def story(tmp_path: Path) -> Story:
    told = Story(GitRepository(tmp_path / "model"))
    told.commit(DATA, SCRIPT, DOCS)
    return told


def test_what_a_cancelled_run_left_untrained_is_a_cause_at_the_next_push(story: Story) -> None:
    trained = story.reported(SCRIPT, "trained", "Script")
    story.commit(DATA)
    story.commit(DOCS)
    assert story.why() == (trained, "Data")


@pytest.mark.parametrize("rows", [[], ["trained"], ["skipped"], ["none"]])
def test_without_a_change_since_there_is_no_cause(story: Story, rows: list[str]) -> None:
    for training in rows:
        story.reported(SCRIPT, training)
    story.commit(DOCS)
    assert story.why()[1] == ""


def test_a_chain_of_skipped_and_cancelled_commits_leads_back_to_the_last_training(story: Story) -> None:
    trained = story.reported(SCRIPT, "trained", "Script")
    story.reported(DOCS, "skipped")
    story.commit(DATA)
    story.reported(DOCS, "skipped")  # By the range of its own push, as the history could not be read then.
    story.commit(DOCS)
    assert story.why() == (trained, "Data")


@pytest.mark.parametrize(("training", "cause"), [("failed", "Data"), ("skipped", "Data"), ("failed", "")])
def test_a_cause_that_was_not_trained_is_one_until_it_is(story: Story, training: str, cause: str) -> None:
    before = story.reported(SCRIPT, "trained", "Script")
    story.reported(DATA, training, cause)
    story.commit(DOCS)
    assert story.why() == (before, "Data")
    story.report("trained", "Data")
    story.commit(DOCS)
    assert story.why()[1] == ""


def test_a_change_that_was_taken_back_before_a_training_is_no_cause(story: Story) -> None:
    story.reported(SCRIPT, "trained", "Script")
    story.reported(DATA, "failed", "Data")
    story.repository.git("revert", "--no-edit", "HEAD")
    assert story.why()[1] == ""


def test_before_the_first_training_the_first_commit_in_the_history_is_the_beginning(story: Story) -> None:
    first = story.reported(DOCS, "skipped")
    story.commit(DATA)
    story.reported(DOCS, "skipped")
    story.commit(DOCS)
    assert story.why() == (first, "Data")


def test_a_history_that_begins_with_a_failed_training_makes_everything_a_cause(story: Story) -> None:
    story.reported(DATA, "failed", "Data")
    story.commit(DOCS)
    assert story.why() == (EMPTY_TREE, "Both")


def test_a_commit_s_own_rows_are_no_base_for_it(story: Story) -> None:
    before = story.reported(SCRIPT, "trained", "Script")
    story.reported(DATA, "trained", "Data")
    assert story.why() == (before, "Data")


def test_a_commit_that_one_of_its_runs_trained_is_trained(story: Story) -> None:
    story.reported(SCRIPT, "failed", "Script", run_attempt="1")
    story.report("trained", "Script", run_attempt="2")
    story.report("skipped", workflow="another")
    story.commit(DOCS)
    assert story.why()[1] == ""


def test_rows_of_the_prototype_without_a_word_about_training_say_nothing(story: Story) -> None:
    story.reported(DATA, "")
    story.commit(DOCS)
    assert story.why()[1] == ""


def test_a_branch_relies_on_the_default_branch(story: Story) -> None:
    trained = story.reported(SCRIPT, "trained", "Script")
    story.repository.git("switch", "--quiet", "--create", "topic")
    story.commit(DATA)
    story.commit(DOCS)
    assert story.why(branch="topic") == (trained, "Data")


@pytest.mark.parametrize("columns", [{"branch": "topic"}, {"branch": "main", "pull_request": "7"}])
def test_the_default_branch_trains_what_a_branch_or_a_pull_request_trained(
    story: Story, columns: dict[str, str]
) -> None:
    """Its model may be promoted there alone. The branch was merged without a merge commit."""
    trained = story.reported(SCRIPT, "trained", "Script")
    story.reported(DATA, "trained", "Data", **columns)
    story.commit(DOCS)
    assert story.why() == (trained, "Data")


def test_a_branch_relies_on_its_pull_request(story: Story) -> None:
    story.reported(SCRIPT, "trained", "Script")
    trained = story.reported(DATA, "trained", "Data", branch="topic", pull_request="7")
    story.commit(DOCS)
    assert story.why(branch="topic") == (trained, "")


def test_another_branch_and_another_repository_say_nothing(story: Story) -> None:
    trained = story.reported(SCRIPT, "trained", "Script", repository="")
    story.reported(DATA, "trained", "Data", branch="other")
    story.reported(DATA, "trained", "Data", repository="stranger/model")
    story.commit(DOCS)
    assert story.why() == (trained, "Data")


def test_a_merge_counts_from_its_first_parent_s_line(story: Story) -> None:
    trained = story.reported(SCRIPT, "trained", "Script")
    story.repository.git("switch", "--quiet", "--create", "topic")
    story.reported(DATA, "trained", "Data", branch="main")  # Even if somebody had pushed it as `main`.
    story.repository.git("switch", "--quiet", "main")
    story.commit(DOCS)
    story.repository.git("merge", "--quiet", "--no-ff", "--message", "merge", "topic")
    assert story.why() == (trained, "Data")


def test_after_a_force_push_the_ancestors_that_are_left_count(story: Story) -> None:
    trained = story.reported(SCRIPT, "trained", "Script")
    gone = story.reported(DATA, "trained", "Data")
    story.repository.git("reset", "--quiet", "--hard", "HEAD~1")
    story.commit(DOCS)
    assert story.why(before=gone) == (trained, "")


def test_a_pull_request_counts_its_own_commits_alone(story: Story) -> None:
    story.reported(SCRIPT, "trained", "Script")
    fork = story.commit(DATA)
    story.repository.git("switch", "--quiet", "--create", "topic")
    story.commit(DOCS)
    assert story.why(branch="topic", event="pull_request", base_branch="main", pull_request=7) == (fork, "")


def shallow_clone(story: Story, folder: Path, depth: int) -> Path:
    """As `actions/checkout` with that `fetch-depth` leaves it."""
    story.repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = GitRepository(folder)
    clone.git("remote", "add", "origin", story.repository.root.as_uri())
    clone.git("fetch", "--quiet", f"--depth={depth}", "origin", "main")
    clone.git("checkout", "--quiet", "-B", "main", "FETCH_HEAD")
    return folder


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_checkout_is_deepened_to_find_the_last_training(
    story: Story, tmp_path: Path, depth: int
) -> None:
    trained = story.reported(SCRIPT, "trained", "Script")
    story.commit(DATA)
    story.commit(DOCS)
    story.commit(DOCS)
    assert story.why(shallow_clone(story, tmp_path / "clone", depth)) == (trained, "Data")


def test_a_shallow_checkout_is_deepened_beyond_a_failed_training(story: Story, tmp_path: Path) -> None:
    trained = story.reported(SCRIPT, "trained", "Script")
    story.commit(DOCS)
    story.reported(DATA, "failed", "Data")
    story.commit(DOCS)
    assert story.why(shallow_clone(story, tmp_path / "clone", 2)) == (trained, "Data")


@pytest.mark.parametrize("nearest", [1, 2, 3])
def test_the_last_training_is_found_however_many_commits_ago(
    story: Story, nearest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devops_mlops_report.report.training.changed_files._NEAR", nearest)
    story.reported(SCRIPT, "trained", "Script")
    trained = story.reported(DATA, "trained", "Data")
    story.reported(DOCS, "skipped", "")
    story.reported(DOCS, "skipped", "")
    assert story.why()[0] == trained


def test_a_shallow_checkout_knows_the_hash_of_its_first_parent(story: Story, tmp_path: Path) -> None:
    trained = story.reported(DATA, "trained", "Data")
    story.commit(DOCS)
    clone = shallow_clone(story, tmp_path / "clone", 1)
    assert story.why(clone) == (trained, "")
    assert read_commit(clone).is_shallow


@pytest.mark.parametrize("path", [DATA, DOCS])
def test_a_shallow_checkout_that_can_t_be_deepened_counts_everything(
    story: Story, tmp_path: Path, path: str
) -> None:
    story.reported(SCRIPT, "trained", "Script")
    if path == DATA:
        story.reported(path, "trained", "Data")  # Its hash is known, and nothing else.
    else:
        story.commit(path)
    story.commit(DOCS)
    clone = shallow_clone(story, tmp_path / "clone", 1)
    GitRepository(clone).git("remote", "set-url", "origin", (tmp_path / "nowhere").as_uri())
    assert story.why(clone) == (EMPTY_TREE, "Both")
    [notice] = story.notices
    what = f"commit (`{story.rows[-1]['commit_sha'][:7]}`)" if path == DATA else "no commit that was reported"
    assert what in notice
    assert "not in this checkout" in notice or "is in this checkout" in notice


def test_the_run_and_the_command_agree_by_the_same_history(project: Project, tmp_path: Path) -> None:
    """Push A changes the data and its run is cancelled; push B, whose `before` is A, changes the README; so does C."""
    project.configure(
        f"project: {{train_script: train.py, data_paths: [data], python: {json.dumps(sys.executable)}}}\n"
    )
    project.repository.commit("first", {"train.py": "", "data/a.csv": "1"})
    assert project.report().row["training"] == "trained"
    before = project.repository.commit("A", {"data/a.csv": "2"})
    for name, kind, training in (("B", "Data", "trained"), ("C", "", "skipped")):
        sha = project.repository.commit(name, {"README.md": name})
        event = tmp_path / f"{name}.json"
        event.write_text(json.dumps({"before": before, "after": sha, "ref": "refs/heads/main"}))
        push = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(event)}
        push |= {"GITHUB_SHA": sha, "GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch"}
        arguments = ["--repo", str(project.repository.root), "--history", str(project.history)]
        told = CliRunner(catch_exceptions=False, env=push).invoke(
            cli, ["cause", *arguments, "--format", "outputs"]
        )
        assert told.stdout.splitlines()[:2] == [f"cause={kind}", f"train={str(bool(kind)).lower()}"]
        answer = project.report(**push)
        assert (answer.row["training"], answer.row["cause"]) == (training, kind)
        before = sha


@pytest.mark.parametrize("history", ["a login page", "a link"])
def test_the_command_says_so_when_it_can_t_read_the_history(project: Project, history: str) -> None:
    project.configure("project: {train_script: train.py}\n")
    project.repository.commit("first", {"train.py": ""})
    project.repository.commit("second", {"README.md": "x"})
    arguments = ["cause", "--repo", str(project.repository.root)]
    if history == "a link":
        (project.repository.root / ".devops-mlops-report").symlink_to(project.repository.root.parent)
    else:
        project.history.parent.mkdir(parents=True)
        project.history.write_text("<html>a login page</html>\n")
        arguments += ["--history", str(project.history)]
    runner = CliRunner(catch_exceptions=False, env={"GITHUB_ACTIONS": None, "GITLAB_CI": None, "CI": None})
    told = runner.invoke(cli, [*arguments, "--format", "outputs"])
    # A run may find it readable, and the commit to be one that has to be trained.
    assert told.stdout.splitlines()[:2] == ["cause=", "train=true"]
    assert "The history could not be read, so the CI's own range counts" in told.stderr
