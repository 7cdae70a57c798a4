"""What `project.system_deps` stands for on Debian and Ubuntu."""

from __future__ import annotations

from collections.abc import Iterable

PACKAGES = {
    "graphviz": ("graphviz",),
    "ffmpeg": ("ffmpeg",),
    "opencv_runtime": ("libgl1", "libglib2.0-0"),
    "poppler_utils": ("poppler-utils",),
    "tesseract": ("tesseract-ocr",),
    "build_essential": ("build-essential",),
}


def system_packages(names: Iterable[str]) -> tuple[str, ...]:
    """The packages of these names, each once, in order."""
    return tuple(dict.fromkeys(package for name in names for package in PACKAGES[name]))
