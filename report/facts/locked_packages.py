"""The versions of packages that a project's lock files fix: which library a model was trained with.

The files are searched, not parsed: a lock file of a megabyte is read in milliseconds, and none is run or resolved.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from ...history.errors import UnusableFileError
from ...history.regular_files import read_regular

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
