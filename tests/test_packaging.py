"""Installed from a wheel, in a clone with a hyphen in its name, it is one package that nothing can shadow."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from checkouts import Checkout

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    clone = folder / "devops-mlops-report"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    command = [
        sys.executable,
        "-m",
        "uv",
        "build",
        "--quiet",
        "--wheel",
        "--out-dir",
        str(folder),
        str(clone),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_a_wheel_holds_every_file_that_is_read_at_run_time(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "history", "views", "migrations", "report", "py.typed"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    wanted = {f"devops_mlops_report/{name}" for name in listed}
    assert wanted <= packed
    assert {name.split("/")[0] for name in packed if ".dist-info" not in name} == {"devops_mlops_report"}
    assert not any(name.startswith("devops_mlops_report/tests") for name in packed)


def test_an_adopters_own_folders_do_not_shadow_it(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    checkout = Checkout.create(tmp_path / "adopter")
    checkout.commit(
        "Begin",
        {f"{name}/__init__.py": "raise SystemExit('shadowed')\n" for name in ("report", "history", "views")},
    )
    answer = subprocess.run(
        [sys.executable, "-c", "from devops_mlops_report.report.commands import main; main()", "run"],
        cwd=checkout.root,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{checkout.root}:{installed}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    assert "Begin" in answer.stdout


def test_what_a_wheel_installs_is_a_command(wheel: Path, tmp_path: Path) -> None:
    """As pipx and uvx do it: an environment of its own, whose dependencies are this one's, as no network is there."""
    home = tmp_path / "tool"
    uv = [sys.executable, "-m", "uv", "--quiet", "--offline"]
    subprocess.run([*uv, "venv", "--python", sys.executable, str(home)], check=True)
    subprocess.run([*uv, "pip", "install", "--python", str(home), "--no-deps", str(wheel)], check=True)
    [packages] = home.glob("lib/*/site-packages")
    (packages / "others.pth").write_text(
        "\n".join(path for path in sys.path if path.endswith("site-packages"))
    )
    checkout = Checkout.create(tmp_path / "wine")
    checkout.commit("Begin")
    for arguments, words in ((["--version"], "devops-mlops-report, version"), (["run"], "Begin")):
        answer = subprocess.run(
            [home / "bin/devops-mlops-report", *arguments],
            cwd=checkout.root,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert answer.returncode == 0, answer.stderr
        assert words in answer.stdout


def locked(name: str) -> dict[str, str]:
    """Package -> version, of a lock file."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE))


def test_the_core_is_a_part_of_the_whole_in_the_same_versions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["dependency-groups"]["core"]) < set(project["project"]["dependencies"])
    core, whole = locked("requirements-core.lock"), locked("requirements.lock")
    assert core.items() <= whole.items()
    assert "mlflow-skinny" in whole.keys() - core.keys()
    assert len(core) < len(whole) / 2


def test_a_commit_that_asks_mlflow_nothing_is_reported_by_the_core_s_packages(tmp_path: Path) -> None:
    """What the process has imported at its end, by the distribution that it came from."""
    checkout = Checkout.create(tmp_path / "wine")
    text = "version: 3\nreport: {highlight_metric: score}\nmlflow: {tracking_uri: 'http://127.0.0.1:9'}\n"
    checkout.commit("Begin", {"report-config.yml": f"{text}project: {{train_script: train.py}}\n"})
    (checkout.root / "m.json").write_text('{"score": 0.9}')
    code = """
import sys
before = set(sys.modules)  # as an environment's own start-up files load them
from importlib.metadata import packages_distributions
from devops_mlops_report.report.commands import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
known = packages_distributions()
names = {name.split(".")[0] for name in set(sys.modules) - before}
print("imported", *sorted({known[name][0].lower() for name in names if name in known}), file=sys.stderr)
"""
    answer = subprocess.run(
        [sys.executable, "-I", "-c", code, "run", "--metrics", "m.json"],
        cwd=checkout.root,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    [imported] = re.findall(r"^imported (.+)$", answer.stderr, re.MULTILINE)
    names = {name.replace("_", "-") for name in imported.split()} - {"devops-mlops-report"}
    assert names <= set(locked("requirements-core.lock"))
    assert {"duckdb", "pydantic", "vl-convert-python"} <= names
