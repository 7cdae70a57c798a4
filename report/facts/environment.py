"""Where a run took place: system, processor, graphics cards, Python, and the versions that the lock files name."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ...history.errors import UnusableFileError
from ...history.regular_files import open_regular, read_regular
from ..redaction import without_withheld
from .ci_facts import Variables, whole_text

BYTES_AT_MOST = 20_000_000
PACKAGES_AT_MOST = 200

ML_PACKAGES = frozenset(
    {
        *(
            "accelerate",
            "bitsandbytes",
            "catboost",
            "cupy",
            "dask",
            "datasets",
            "deepspeed",
            "diffusers",
            "evaluate",
        ),
        *(
            "fastai",
            "flax",
            "gensim",
            "jax",
            "jaxlib",
            "keras",
            "lightgbm",
            "lightning",
            "mlflow",
            "mlflow-skinny",
        ),
        *(
            "nltk",
            "numba",
            "numpy",
            "onnx",
            "onnxruntime",
            "optuna",
            "pandas",
            "peft",
            "polars",
            "prophet",
            "pyarrow",
        ),
        *(
            "pyspark",
            "pytorch-lightning",
            "ray",
            "scikit-learn",
            "scipy",
            "sentence-transformers",
            "sktime",
            "spacy",
        ),
        *(
            "statsmodels",
            "tensorflow",
            "timm",
            "tokenizers",
            "torch",
            "torchaudio",
            "torchvision",
            "transformers",
        ),
        *("triton", "vllm", "xgboost", "nvidia-cublas-cu12", "nvidia-cuda-runtime-cu12", "nvidia-cudnn-cu12"),
    }
)
"""What is told where the config names no packages."""

_Found = Iterator[tuple[str, str]]
_TABLE = re.compile(r"^\[\[packages?\]\]\s*\n(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
_PINNED = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*={2,3}\s*([^\s;#,\\]+)", re.MULTILINE)
_CONDA = re.compile(r"^[ \t]*-[ \t]*([A-Za-z0-9][\w.-]*)==?([\w.!+-]+)(?:=\S+)?[ \t]*(?:#.*)?$", re.MULTILINE)
_LISTED = re.compile(
    r"^[ \t]*-?[ \t]*name:[ \t]*(\S+)[ \t]*\n(?:[ \t]+\S.*\n)??[ \t]*version:[ \t]*(\S+)", re.MULTILINE
)
_CONDA_URL = re.compile(r"conda:[ \t]*\S*/([\w.-]+)-([\w.!+]+)-[\w.]+\.(?:conda|tar\.bz2)")


def locked_versions(folders: Iterable[Path], wanted: Sequence[str] | None = None) -> dict[str, str]:
    """Package's name (as PyPI normalizes it) -> version, of those that are `wanted`, by name.

    Of a package that several files fix, the first file's: exact lock files go before lists of requirements. A file
    that can't be read tells nothing.
    """
    names = ML_PACKAGES if wanted is None else {normalized(name) for name in wanted}
    found: dict[str, str] = {}
    folders = list(folders)
    for pattern, search in _SEARCHES:
        for folder in folders:
            for path in sorted(folder.glob(pattern)):
                for name, version in search(_text(path)):
                    if normalized(name) in names:
                        found.setdefault(normalized(name), version)
    return dict(sorted(found.items())[:PACKAGES_AT_MOST])


def normalized(name: str) -> str:
    """A package's name as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _text(path: Path) -> str:
    try:
        return read_regular(path, BYTES_AT_MOST).decode("utf-8", "replace").replace("\r\n", "\n")
    except UnusableFileError:
        return ""


def _in_tables(text: str) -> _Found:
    """`[[package]]` with `name` and `version`: uv, Poetry, PDM, `pylock.toml`."""
    for table in _TABLE.finditer(text):
        values = dict(re.findall(r'^(name|version)\s*=\s*"([^"]*)"', table[1], re.MULTILINE))
        if len(values) == 2:
            yield values["name"], values["version"]


def _in_pipfile(text: str) -> _Found:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return
    packages = content.get("default") if isinstance(content, dict) else None
    for name, package in packages.items() if isinstance(packages, dict) else ():
        version = package.get("version") if isinstance(package, dict) else None
        if isinstance(version, str):
            yield name, version.removeprefix("==")


def _by(*patterns: re.Pattern[str]) -> Callable[[str], _Found]:
    def search(text: str) -> _Found:
        for pattern in patterns:
            for found in pattern.finditer(text):
                yield found[1], found[2].strip("'\"")

    return search


_SEARCHES: tuple[tuple[str, Callable[[str], _Found]], ...] = (
    ("uv.lock", _in_tables),
    ("poetry.lock", _in_tables),
    ("pdm.lock", _in_tables),
    ("pylock*.toml", _in_tables),
    ("Pipfile.lock", _in_pipfile),
    ("pixi.lock", _by(_CONDA_URL, _LISTED)),
    ("conda-lock.yml", _by(_LISTED)),
    ("requirements*.lock", _by(_PINNED)),
    ("requirements*.txt", _by(_PINNED)),
    ("requirements/*.txt", _by(_PINNED)),
    ("constraints*.txt", _by(_PINNED)),
    ("environment.y*ml", _by(_PINNED, _CONDA)),
    ("conda.y*ml", _by(_PINNED, _CONDA)),
    ("python_env.yaml", _by(re.compile(r"^\s*-\s*([A-Za-z0-9][\w.-]*)==([\w.!+-]+)", re.MULTILINE))),
)
"""Files by the order in which they are believed."""


PACKAGE = "packages."
"""Begins the names of packages, so that none is taken for a part of the machine."""

_SECONDS_AT_MOST = 5.0
_BYTES_AT_MOST = 65_536
_LONGEST = 200


def read_environment(
    root: Path,
    environment: Mapping[str, str],
    *,
    folders: Sequence[str] = ("",),
    packages: Sequence[str] | None = None,
    python: str | None = None,
) -> dict[str, str]:
    """Part -> what it is: `runner_image`, `os`, `architecture`, `cpu`, `cpus`, `gpu`, `gpu_driver`, `python`, and
    `packages.<name>` as the lock files in `folders` of the repository have them.

    `packages` are the names to tell, by default those of machine learning. `python` is the interpreter of the
    project; without one nothing of theirs is started. Never raises.
    """
    gpus, driver = read_gpus()
    found = {
        "runner_image": read_runner_image(environment),
        "os": read_system(),
        "architecture": platform.machine(),
        "cpu": read_processor(),
        "cpus": str(_count_processors()),
        "gpu": gpus,
        "gpu_driver": driver,
        "python": python_version(python) if python else "",
    }
    versions = locked_versions((root / folder for folder in folders), packages)
    found |= {PACKAGE + name: version for name, version in versions.items()}
    texts = {name: whole_text(value or "")[:_LONGEST] for name, value in found.items()}
    return {name: text for name, text in texts.items() if text}


def read_runner_image(environment: Mapping[str, str]) -> str:
    """The image that the CI started the job in; '' where it does not tell.

    Sources: `ImageOS` and `ImageVersion` of the images that GitHub and Azure host (actions/runner-images); GitLab,
    "Predefined CI/CD variables".
    """
    variables = Variables(environment)
    hosted = [variables.text("ImageOS", "IMAGEOS"), variables.text("ImageVersion", "IMAGEVERSION")]
    return " ".join(part for part in hosted if part) or variables.text("CI_JOB_IMAGE") or ""


def read_system(root: Path = Path("/")) -> str:
    """`Ubuntu 24.04.1 LTS`, `macOS 15.1`, `Windows 11`: of a container its own, not its host's."""
    told = _begin(root / "etc/os-release")
    for key in ("PRETTY_NAME", "NAME"):
        name = re.search(rf"^{key}=[\"']?(.+?)[\"']?$", told, re.MULTILINE)
        if name is not None:
            return name[1]
    if platform.system() == "Darwin":
        return f"macOS {platform.mac_ver()[0]}".strip()
    return f"{platform.system()} {platform.release()}".strip()


def read_processor(root: Path = Path("/")) -> str:
    """The processor's model, as its vendor calls it; on ARM, which has no such name, its maker and part by number."""
    told = _begin(root / "proc/cpuinfo")
    name = re.search(r"^(?:model name|cpu model|Hardware)\s*:\s*(.+)$", told, re.MULTILINE)
    if name is not None:
        return " ".join(name[1].split())
    numbers = [
        re.search(rf"^CPU {part}\s*:\s*(\w+)$", told, re.MULTILINE) for part in ("implementer", "part")
    ]
    if all(numbers):
        return "ARM " + "/".join(number[1] for number in numbers if number)
    return platform.processor()


def _count_processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_gpus(root: Path = Path("/")) -> tuple[str, str]:
    """The graphics cards that compute, such as `2 x Tesla T4`, and their driver's version; '' without one.

    Source: NVIDIA's driver, "The /proc/driver/nvidia interface"; where it is not there, as under Windows,
    `nvidia-smi --query-gpu`; AMD's driver, `product_name` of a card's device in sysfs.
    """
    files = sorted((root / "proc/driver/nvidia/gpus").glob("*/information"))
    names = re.findall(r"^Model:\s*(.+)$", "\n".join(map(_begin, files)), re.MULTILINE)
    if names:
        version = re.search(r"Kernel Module\s.*?(\d+(?:\.\d+)+)", _begin(root / "proc/driver/nvidia/version"))
        return _counted(names), version[1] if version else ""
    amd = sorted((root / "sys/class/drm").glob("card*/device/product_name"))
    if names := [name for name in (_begin(file).strip() for file in amd) if name]:
        return _counted(names), ""
    return _asked_nvidia() if root == Path("/") else ("", "")


def _asked_nvidia() -> tuple[str, str]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return "", ""
    told = _printed(program, "--query-gpu=name,driver_version", "--format=csv,noheader")
    cards = [line.rsplit(",", 1) for line in told.splitlines() if "," in line]
    return _counted(name.strip() for name, _ in cards), cards[0][1].strip() if cards else ""


def _counted(names: Iterable[str]) -> str:
    counts = Counter(" ".join(name.split()) for name in names)
    return ", ".join(name if count == 1 else f"{count} x {name}" for name, count in sorted(counts.items()))


def python_version(python: str) -> str:
    """The version of an interpreter, such as `3.12.7`; '' where it can't be told.

    Told by the files of a virtual environment or the name of its folder, where it is the interpreter of this process
    by that, else by the interpreter itself.
    """
    path = Path(python)
    if _is_same_file(path, Path(sys.executable)):
        return ".".join(map(str, sys.version_info[:3]))
    told = _begin(path.parent.parent / "pyvenv.cfg")
    found = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)", told, re.MULTILINE)
    try:
        # As GitHub's and Azure's runners have them: `.../Python/3.12.7/x64/bin/python`.
        found = found or re.search(r"[/\\]Python[/\\](\d+\.\d+\.\d+)[/\\]", str(path.resolve()))
    except (OSError, RuntimeError):
        return ""
    if found is not None:
        return found[1]
    told = _printed(python, "-I", "-S", "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])")
    return told.strip() if re.fullmatch(r"\d+\.\d+\.\d+", told.strip()) else ""


def _is_same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def _printed(*command: str) -> str:
    """What a program prints; '' where it can't be started, fails or takes long."""
    try:
        answer = subprocess.run(
            command,
            env=without_withheld(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS_AT_MOST,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return answer.stdout[:_BYTES_AT_MOST].decode("utf-8", "replace")


def _begin(path: Path) -> str:
    """The beginning of a file; '' where there is none that can be read."""
    try:
        with open_regular(path) as file:
            return file.read(_BYTES_AT_MOST).decode("utf-8", "replace")
    except (UnusableFileError, OSError):
        return ""
