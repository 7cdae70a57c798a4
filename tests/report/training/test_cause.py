"""The cause of a training, in real repositories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from devops_mlops_report.report.commands import cli
from devops_mlops_report.report.config import Config, parse_config
from devops_mlops_report.report.facts.ci_facts import CiFacts
from devops_mlops_report.report.facts.git import read_commit
from devops_mlops_report.report.training import inputs, model_code
from devops_mlops_report.report.training.cause import Cause, tell_undeclared, why_train
from devops_mlops_report.report.training.changed_files import EMPTY_TREE, ChangedFiles, KnownCommits
from repositories import GitRepository

PLAIN = """
version: 3
report: {highlight_metric: r2}
project:
  train_script: src/train.py
  data_paths: [data]
"""
FILES: dict[str, str | None] = {
    "src/train.py": "import features\nfrom lib.io import load\n",
    "src/features.py": "from . import nothing\n",
    "lib/__init__.py": "",
    "lib/io.py": "import os\n",
    "other.py": "",
    "data/a.csv": "x,y\n1,2\n",
    "README.md": "hello\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    made = GitRepository(tmp_path / "churn")
    made.commit("first", FILES)
    return made


def why(root: Path, ci: CiFacts | None = None, config: str = PLAIN) -> tuple[ChangedFiles, Cause]:
    """By a history that knows nothing yet."""
    commit = read_commit(root)
    parsed = parse_config(config) if config else Config.defaults()
    changed, _, cause = why_train(root, parsed, ci or CiFacts(), commit, known=KnownCommits())
    return changed, cause


@pytest.mark.parametrize(
    ("files", "kind", "inputs"),
    [
        ({"data/a.csv": "x\n"}, "Data", ("data/a.csv",)),
        ({"data/deep/b.csv": "x\n"}, "Data", ("data/deep/b.csv",)),
        ({"data/a.csv": None}, "Data", ("data/a.csv",)),
        ({"src/train.py": "pass\n"}, "Script", ("src/train.py",)),
        ({"src/features.py": "1\n"}, "Script", ("src/features.py",)),
        ({"lib/io.py": "1\n"}, "Script", ("lib/io.py",)),
        ({"lib/__init__.py": "1\n"}, "Script", ("lib/__init__.py",)),
        ({"lib/io.py": None}, "Script", ("lib/io.py",)),
        ({"src/train.py": "1\n", "data/a.csv": "1\n"}, "Both", ("data/a.csv", "src/train.py")),
        ({"README.md": "more\n", "other.py": "1\n"}, "", ()),
        ({"data/.DS_Store": "x", "data/__MACOSX/a.csv": "x", "data/Thumbs.db": "x"}, "", ()),
        ({"data/desktop.ini": "x"}, "", ()),
        ({"database.csv": "x"}, "", ()),
        ({"data/na\u00efve \u2713.csv": "x"}, "Data", ("data/na\u00efve \u2713.csv",)),
    ],
)
def test_a_changed_file_counts_by_what_the_model_depends_on(
    repository: GitRepository, files: dict[str, str | None], kind: str, inputs: tuple[str, ...]
) -> None:
    repository.commit("second", files)
    _, cause = why(repository.root)
    assert (cause.kind, cause.changed_inputs) == (kind, inputs)


def test_the_first_commit_changes_everything(repository: GitRepository) -> None:
    changed, cause = why(repository.root)
    assert changed.base == EMPTY_TREE
    assert cause.kind == "Both"
    assert changed.notices == ()


def test_a_rename_out_of_the_data_counts(repository: GitRepository) -> None:
    repository.git("mv", "data/a.csv", "old.csv")
    repository.commit("moved")
    assert why(repository.root)[1].changed_inputs == ("data/a.csv",)


def test_a_rename_counts_with_both_names(repository: GitRepository) -> None:
    repository.git("mv", "other.py", "data/other.txt")
    repository.git("mv", "data/a.csv", "data/b.csv")
    repository.commit("moved")
    assert why(repository.root)[1].changed_inputs == ("data/a.csv", "data/b.csv", "data/other.txt")


def test_a_push_of_two_commits_counts_as_a_whole(repository: GitRepository) -> None:
    before = repository.git("rev-parse", "HEAD")
    repository.commit("data", {"data/a.csv": "new\n"})
    repository.commit("docs", {"README.md": "new\n"})
    assert why(repository.root)[1].kind == ""
    assert why(repository.root, CiFacts(event="push", branch="main", before=before))[1].kind == "Data"


def test_a_merge_commit_counts_what_it_brought_in(repository: GitRepository) -> None:
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit("data", {"data/a.csv": "new\n"})
    repository.git("switch", "--quiet", "main")
    repository.commit("docs", {"README.md": "new\n"})
    repository.git("merge", "--quiet", "--no-ff", "--message", "merge", "topic")
    assert why(repository.root)[1].kind == "Data"


def test_a_pull_request_counts_from_its_merge_base(repository: GitRepository) -> None:
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit("script", {"src/train.py": "new\n"})
    repository.commit("docs", {"README.md": "new\n"})
    repository.git("switch", "--quiet", "main")
    repository.commit("data on main", {"data/a.csv": "new\n"})
    repository.git("switch", "--quiet", "topic")
    ci = CiFacts(event="pull_request", branch="topic", base_branch="main", pull_request=7)
    assert why(repository.root, ci)[1].kind == "Script"


def test_a_new_branch_counts_from_where_it_left_the_default_branch(repository: GitRepository) -> None:
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit("data", {"data/a.csv": "new\n"})
    repository.commit("docs", {"README.md": "new\n"})
    assert (
        why(repository.root, CiFacts(event="push", branch="topic", default_branch="main"))[1].kind == "Data"
    )


def test_a_force_push_compares_with_what_was_there(repository: GitRepository) -> None:
    repository.commit("data", {"data/a.csv": "new\n"})
    before = repository.git("rev-parse", "HEAD")
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    repository.commit("docs", {"README.md": "new\n"})
    changed, cause = why(repository.root, CiFacts(event="push", branch="main", before=before))
    assert (changed.base, cause.kind) == (before, "Data")


def test_a_push_whose_start_is_gone_counts_everything_and_says_so(repository: GitRepository) -> None:
    repository.commit("docs", {"README.md": "new\n"})
    changed, cause = why(repository.root, CiFacts(event="push", branch="main", before="b" * 40))
    assert cause.kind == "Both"
    assert "fetch-depth: 0" in changed.notices[0]


def test_a_shallow_checkout_fetches_the_one_commit_that_it_lacks(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = repository.git("rev-parse", "HEAD")
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repository.commit("data", {"data/a.csv": "new\n"})
    repository.commit("docs", {"README.md": "new\n"})
    clone = GitRepository(tmp_path / "elsewhere")
    clone.git("remote", "add", "origin", repository.root.as_uri())
    clone.git("fetch", "--quiet", "--depth=1", "origin", "main")
    clone.git("checkout", "--quiet", "-B", "main", "FETCH_HEAD")
    ci = CiFacts(event="push", branch="main", before=before)
    changed, cause = why(clone.root, ci)
    assert (changed.base, cause.kind, changed.notices) == (before, "Data", ())
    clone.git("remote", "set-url", "origin", (tmp_path / "nowhere").as_uri())
    changed, cause = why(clone.root, CiFacts(event="push", branch="main", before="c" * 40))
    assert (changed.base, cause.kind) == (EMPTY_TREE, "Both")


def test_a_shallow_checkout_of_a_pull_request_fetches_back_to_its_merge_base(
    repository: GitRepository, tmp_path: Path
) -> None:
    """As `actions/checkout` leaves it: one commit, and no branch of the target."""
    base = repository.git("rev-parse", "HEAD")
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repository.git("switch", "--quiet", "--create", "topic")
    for number in range(3):
        repository.commit("docs", {"README.md": f"{number}\n"})
    repository.git("switch", "--quiet", "main")
    repository.commit("data on main", {"data/a.csv": "new\n"})
    clone = GitRepository(tmp_path / "elsewhere")
    clone.git("remote", "add", "origin", repository.root.as_uri())
    clone.git("fetch", "--quiet", "--depth=1", "origin", "topic")
    clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    ci = CiFacts(event="pull_request", branch="topic", base_branch="main", pull_request=7)
    changed, cause = why(clone.root, ci)
    assert (changed.base, cause.kind, changed.notices) == (base, "", ())
    assert changed.paths == ("README.md",)


def test_a_pull_request_whose_target_can_t_be_had_counts_everything_and_says_so(
    repository: GitRepository,
) -> None:
    ci = CiFacts(event="pull_request", branch="topic", base_branch="gone", pull_request=7)
    changed, cause = why(repository.root, ci)
    assert (changed.base, cause.kind) == (EMPTY_TREE, "Both")
    assert "merge base with `gone` is not in this checkout" in changed.notices[0]


def test_globs_count(repository: GitRepository) -> None:
    config = PLAIN.replace("[data]", "['data/**/*.csv']").replace("src/train.py", "src/*.py")
    repository.commit("notes", {"data/notes.md": "x"})
    assert why(repository.root, config=config)[1].kind == ""
    repository.commit("both", {"data/x/y/b.csv": "x", "src/new.py": "x"})
    assert why(repository.root, config=config)[1].kind == "Both"


@pytest.mark.parametrize("scripts", ["src/*.py", "src", "src/**"])
def test_what_the_scripts_of_a_glob_or_a_folder_import_counts(
    repository: GitRepository, scripts: str
) -> None:
    repository.commit("lib", {"lib/io.py": "1\n"})
    assert why(repository.root, config=PLAIN.replace("src/train.py", scripts))[1].kind == "Script"


DVC = "outs:\n- md5: {hash}\n  path: a.csv\n"
LOCK = "schema: '2.0'\nstages:\n  get:\n    cmd: x\n    outs:\n    - path: {path}\n      md5: {hash}\n"
FIRST_LOCK = "get:\n  outs:\n  - path: data/x.csv\n    md5: {hash}\n"
FOLDER = "wdir: {wdir}\nouts:\n- md5: {hash}.dir\n  path: {path}\n"
DATA_LOCK = LOCK.replace("{path}", "data/x.csv")
PLOT_LOCK = LOCK.replace("{path}", "plots/x.png")


@pytest.mark.parametrize(
    ("pointer", "before", "after", "kind"),
    [
        ("data/a.csv.dvc", DVC.format(hash=1), DVC.format(hash=2), "Data"),
        ("data.dvc", "not YAML: [", "not YAML: {", "Data"),
        ("other.dvc", DVC.format(hash=1), DVC.format(hash=2), ""),
        ("ml/a.dvc", FOLDER.format(wdir="../data", path="a", hash=1), "", "Data"),
        ("ml/a.dvc", FOLDER.format(wdir="../other", path="a", hash=1), "", ""),
        ("data.dvc", FOLDER.format(wdir=".", path="data", hash=1), "wdir: [\n", "Data"),
        ("dvc.lock", FIRST_LOCK.format(hash=1), FIRST_LOCK.format(hash=2), "Data"),
        ("data/dvc.lock", PLOT_LOCK.format(hash=1), PLOT_LOCK.format(hash=2), "Data"),
        ("ml/dvc.lock", DATA_LOCK.format(hash=1), DATA_LOCK.format(hash=2), ""),
        ("dvc.lock", DATA_LOCK.format(hash=1), DATA_LOCK.format(hash=2), "Data"),
        ("dvc.lock", PLOT_LOCK.format(hash=1), PLOT_LOCK.format(hash=2), ""),
        ("dvc.lock", DATA_LOCK.format(hash=1), DATA_LOCK.format(hash=1) + "\n", ""),
    ],
)
def test_a_dvc_pointer_counts_as_the_data_that_it_points_to(
    repository: GitRepository, pointer: str, before: str, after: str, kind: str
) -> None:
    repository.commit("before", {pointer: before})
    repository.commit("after", {pointer: after})
    assert why(repository.root)[1].kind == kind


@pytest.mark.parametrize(
    ("pipeline", "stage", "path", "kind"),
    [
        ("get: {wdir: ../data, cmd: x}", "get", "x.csv", "Data"),
        ("get: {wdir: ../data, cmd: x}", "put", "x.csv", ""),
        ("get: {foreach: [data, plots], do: {wdir: '../${item}', cmd: x}}", "get@data", "x.csv", "Data"),
        ("get: {foreach: [data, plots], do: {wdir: '../${item}', cmd: x}}", "get@plots", "x.csv", ""),
        ("[]", "get", "../data/x.csv", "Data"),
    ],
)
def test_the_paths_of_a_lock_file_start_from_the_stage_s_own_folder(
    repository: GitRepository, pipeline: str, stage: str, path: str, kind: str
) -> None:
    lock = f"schema: '2.0'\nstages:\n  {stage}:\n    outs:\n    - path: {path}\n      md5: "
    repository.commit("before", {"ml/dvc.yaml": f"stages: {{{pipeline}}}\n", "ml/dvc.lock": f"{lock}1\n"})
    repository.commit("after", {"ml/dvc.lock": f"{lock}2\n"})
    assert why(repository.root)[1].kind == kind


@pytest.mark.parametrize(
    ("data", "tracked", "kind"),
    [
        ("data/sets/a.csv", "sets", "Data"),
        ("data/sets", "sets", "Data"),
        ("data", "sets", "Data"),
        ("data/sets/a.csv", "set", ""),
        ("data/**/*.csv", "sets", "Data"),
        ("**/a.csv", "sets", "Data"),
        ("data/*/a.csv", "sets", "Data"),
        ("data/s*/x/a.csv", "sets/x", "Data"),
        ("data/s*/y/*.csv", "sets/x", ""),
        ("data/*.csv", "sets", ""),
        ("data/t*/a.csv", "sets", ""),
    ],
)
def test_a_folder_that_dvc_tracks_counts_for_what_the_config_names_in_it(
    repository: GitRepository, data: str, tracked: str, kind: str
) -> None:
    """The folder's files are not in git, so a glob counts where it may name one of them."""
    for number in (1, 2):
        repository.commit("data", {"pointers.dvc": f"outs: [{{md5: {number}.dir, path: data/{tracked}}}]\n"})
    assert why(repository.root, config=PLAIN.replace("[data]", f"['{data}']"))[1].kind == kind


MLPROJECT = """
name: churn
python_env: python_env.yaml
entry_points:
  main:
    parameters:
      rows: {type: path, default: tables/rows.csv}
      epochs: {type: int, default: 3}
    command: "python model/fit.py --rows {rows} --epochs {epochs}"
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("tables/rows.csv", "Data"),
        ("model/fit.py", "Script"),
        ("MLproject", "Script"),
        ("python_env.yaml", "Script"),
        ("data/a.csv", ""),
        ("src/train.py", ""),
    ],
)
def test_without_a_config_the_mlproject_tells_what_counts(
    repository: GitRepository, path: str, kind: str
) -> None:
    there: dict[str, str | None] = {"MLproject": MLPROJECT, "model/fit.py": "1", "tables/rows.csv": "1"}
    repository.commit("project", {**there, "python_env.yaml": "python: '3'"})
    text = there.get(path) or ""
    repository.commit("change", {path: text + "\n# changed\n"})
    assert why(repository.root, config="")[1].kind == kind


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("python -m model.fit --epochs 3", "model/fit.py"),
        ("python -m model", "model/__main__.py"),
        ("bash model/run.sh; echo done", "model/run.sh"),
        ("python '{script}'", "model/fit.py"),
    ],
)
def test_the_script_of_an_entry_point_is_found_however_it_is_started(
    repository: GitRepository, command: str, path: str
) -> None:
    parameters = "\n    parameters: {script: {type: path, default: model/fit.py}}"
    project = f"name: churn\nentry_points:\n  fit:{parameters}\n    command: {json.dumps(command)}\n"
    files = ("model/fit.py", "model/__main__.py", "model/run.sh")
    repository.commit("project", {"MLproject": project, **dict.fromkeys(files, "1\n")})
    repository.commit("change", {path: "2\n"})
    assert why(repository.root, config="")[1].changed_inputs == (path,)


# As arg2pipeline writes it: https://github.com/yorku-ease/GoMLOps, arg2pipeline/templates/pipeline.json.
PIPELINE = {
    "name": "churn",
    "path": "../churn",
    "python_version": "3.11.7",
    "requirements": {"py_reqs": "../churn/requirements.txt", "soft_reqs": None, "hard_reqs": None},
    "workflow": [
        {
            "cmd": "python ../churn/src/train.py",
            "main": "../churn/src/train.py",
            "description": "train",
            "steps": ["train"],
            "args_lib": "argparse",
            "args": [{"destination": "data", "default": "../churn/data/a.csv", "type": "str"}],
            "ins": [{"location": "../churn/tables/b.csv", "artifact": "dataset"}],
            "outs": [{"location": "../churn/data/out.csv", "artifact": "dataset"}],
        }
    ],
}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/train.py", "Script"),
        ("src/features.py", "Script"),
        ("requirements.txt", "Script"),
        ("data/a.csv", "Data"),
        ("tables/b.csv", "Data"),
        ("data/out.csv", ""),
        ("other.py", ""),
    ],
)
def test_gomlops_paths_lead_into_the_repository(repository: GitRepository, path: str, kind: str) -> None:
    project = "name: churn\nentry_points:\n  main:\n    command: run-it\n"
    repository.commit("project", {"MLproject": project, "arg2pipeline/pipeline.json": json.dumps(PIPELINE)})
    repository.commit("change", {path: "changed\n"})
    assert why(repository.root, config="")[1].kind == kind


def test_an_mlproject_s_path_into_the_repository_counts(repository: GitRepository) -> None:
    project = "name: churn\nentry_points: {main: {command: python ../churn/src/train.py}}\n"
    repository.commit("project", {"MLproject": project})
    repository.commit("change", {"src/features.py": "2\n"})
    assert why(repository.root, config="")[1].kind == "Script"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("ml/__init__.py", "Script"),
        ("ml/steps/__init__.py", "Script"),
        ("ml/steps/clean.py", "Script"),
        ("ml/io.py", "Script"),
        ("ml/tests/__init__.py", ""),
        ("steps/__init__.py", ""),
    ],
)
def test_a_package_s_own_init_counts_for_what_it_imports_relatively(
    repository: GitRepository, path: str, kind: str
) -> None:
    files: dict[str, str | None] = {
        "ml/__init__.py": "",
        "ml/io.py": "",
        "ml/steps/__init__.py": "",
        "ml/steps/train.py": "from .clean import clean\nfrom ..io import load\n",
        "ml/steps/clean.py": "",
    }
    repository.commit("package", files)
    repository.commit("change", {path: "changed = 1\n"})
    assert why(repository.root, config=PLAIN.replace("src/train.py", "ml/steps/train.py"))[1].kind == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a/io_.py", "Script"),
        ("io_.py", "Script"),
        ("far.py", "Script"),
        ("b/far.py", "Script"),
        ("a/far.py", ""),
    ],
)
def test_beside_the_script_that_was_started_a_module_is_looked_for_first(
    repository: GitRepository, path: str, kind: str
) -> None:
    """`a/train.py` gets `a/io_.py`, `b/train.py` the root's, and that one `far` of each script's own folder."""
    files = {"a/train.py": "import io_\n", "b/train.py": "import io_\n", "c/train.py": "import io_\n"}
    others = dict.fromkeys(("a/io_.py", "far.py", "a/far.py", "b/far.py"), "")
    repository.commit("scripts", {**files, **others, "io_.py": "import far\n"})
    repository.commit("change", {path: "import far\nchanged = 1\n" if path == "io_.py" else "changed = 1\n"})
    config = PLAIN.replace("src/train.py", "[a/train.py, b/train.py, c/train.py]")
    assert why(repository.root, config=config)[1].kind == kind


def test_each_module_is_read_once_and_git_is_asked_for_the_files_once(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 30
    for number in range(count):
        imports = "".join(f"import m{other}\n" for other in range(count))
        repository.put(f"src/m{number}.py", imports)
    repository.commit("modules")
    parsed: list[Path] = []
    parse = model_code._imports
    monkeypatch.setattr(model_code, "_imports", lambda path: parsed.append(path) or parse(path))
    asked: list[tuple[str, ...]] = []
    run = inputs.run_git
    monkeypatch.setattr(inputs, "run_git", lambda *words: asked.append(words[1:]) or run(*words))
    section = parse_config(PLAIN.replace("src/train.py", "[src, 'src/*.py']")).project
    found = inputs.read_inputs(repository.root, section, (), ())
    assert len(parsed) == len(found.modules) == count + 4
    assert len(asked) == 1


def test_paths_below_the_work_directory_count(repository: GitRepository) -> None:
    config = PLAIN + "  workdir: ml\n"
    repository.commit("ml", {"ml/src/train.py": "1", "ml/data/a.csv": "1"})
    repository.commit("root's own", {"src/train.py": "2"})
    assert why(repository.root, config=config)[1].kind == ""
    repository.commit("ml's", {"ml/src/train.py": "2"})
    assert why(repository.root, config=config)[1].kind == "Script"


def test_a_changed_file_that_the_code_names_and_nobody_declares_is_told_with_the_key(
    repository: GitRepository,
) -> None:
    project = "name: churn\nentry_points: {main: {command: python src/train.py}}\n"
    code = {"src/train.py": "import features\nimport runpy\nrunpy.run_path('steps/more.py')\n"}
    code["src/features.py"] = "import pandas as pd\nROWS = pd.read_csv('tables/rows.csv')\n"
    repository.commit("project", {"MLproject": project, "tables/rows.csv": "1", "steps/more.py": "", **code})
    repository.commit("change", {"tables/rows.csv": "2", "steps/more.py": "1", "README.md": "2"})
    _, cause = why(repository.root, config="")
    assert (cause.kind, cause.changed_inputs) == ("", ())
    told = {each.path: each.reason for each in cause.files}
    assert told["tables/rows.csv"] == "src/features.py names it, and `project.data_paths` does not"
    assert told["steps/more.py"] == "src/train.py names it, and `project.train_script` does not"
    assert [each.path for each in cause.undeclared] == ["steps/more.py", "tables/rows.csv"]
    assert tell_undeclared(cause)[1] == (
        "`tables/rows.csv` changed, and `src/features.py` names it, but nothing declares it: add it to "
        "`project.data_paths`, so that such a change is a reason to train."
    )
    assert why(repository.root, config=PLAIN.replace("[data]", "[tables]"))[1].kind == "Data"


@pytest.mark.parametrize(
    ("count", "told"), [(2, "`t/0`, `t/1` changed"), (5, "`t/0`, `t/1`, `t/2` and 2 more changed")]
)
def test_of_many_files_that_nobody_declares_the_first_are_named(
    repository: GitRepository, count: int, told: str
) -> None:
    paths = [f"t/{number}" for number in range(count)]
    code = "".join(f"open('{path}')\n" for path in paths)
    repository.commit("before", {"src/train.py": code, **dict.fromkeys(paths, "1")})
    repository.commit("after", dict.fromkeys(paths, "2"))
    [sentence] = tell_undeclared(why(repository.root)[1])
    assert sentence.startswith(
        f"{told}, and `src/train.py` names them, but nothing declares them: add them to "
    )


def test_the_command_gives_the_reason_for_each_file(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "CI"):
        monkeypatch.delenv(name, raising=False)
    repository.put("report-config.yml", PLAIN)
    repository.commit("two", {"src/features.py": "1", "data/a.csv": "1", "::error::.md": "x"})
    answer = CliRunner(catch_exceptions=False).invoke(cli, ["cause", "--repo", str(repository.root)])
    lines = answer.stdout.splitlines()
    assert lines[0].startswith("Both (")
    assert "imported by src/train.py" in answer.stdout
    assert not any(line.lstrip().startswith("::") for line in lines)
    told = CliRunner().invoke(cli, ["cause", "--repo", str(repository.root), "--format", "json"])
    assert json.loads(told.stdout)["cause"] == "Both"


@pytest.mark.parametrize(
    ("config", "files", "environment", "expected"),
    [
        (PLAIN, {"data/a.csv": "1"}, {}, ("Data", "true")),
        (PLAIN + "  train: false\n", {"data/a.csv": "1"}, {}, ("Data", "false")),
        (PLAIN, {"README.md": "1"}, {}, ("", "false")),
        (PLAIN, {"README.md": "1"}, {"GITHUB_ACTIONS": "true"}, ("", "false")),
        ("version: 3\nreport: {highlight_metric: r2}\n", {"README.md": "1"}, {}, ("", "false")),
    ],
)
def test_the_command_tells_a_ci_job_whether_it_has_to_prepare_a_training(
    repository: GitRepository,
    tmp_path: Path,
    config: str,
    files: dict[str, str | None],
    environment: dict[str, str],
    expected: tuple[str, str],
) -> None:
    before = repository.git("rev-parse", "HEAD")
    (tmp_path / "config.yml").write_text(config)
    sha = repository.commit("two", files)
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"before": before, "after": sha, "ref": "refs/heads/main"}))
    if environment:
        environment |= {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(event), "GITHUB_SHA": sha}
    arguments = ["--repo", str(repository.root), "--config", str(tmp_path / "config.yml")]
    runner = CliRunner(catch_exceptions=False, env={"GITHUB_ACTIONS": None, "GITLAB_CI": None, **environment})
    answer = runner.invoke(cli, ["cause", *arguments, "--format", "outputs"])
    told = dict(line.split("=", 1) for line in answer.stdout.splitlines())
    assert (told["cause"], told["train"]) == expected
    assert (told["system-packages"], told["report-name"]) == ("", "")
