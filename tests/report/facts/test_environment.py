"""Machines as their files show them, laid out as Linux and the drivers do."""

from __future__ import annotations

import os
import sys
import venv
from pathlib import Path

import pytest
from devops_mlops_report.report.facts.environment import (
    python_version,
    read_environment,
    read_gpus,
    read_processor,
    read_runner_image,
    read_system,
)

X86 = "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC 7763  64-Core Processor\n" * 2
ARM = "processor\t: 0\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd0c\n"
OS_RELEASE = 'NAME="Ubuntu"\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.1 LTS"\nID=ubuntu\n'
DRIVER = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023\nGCC version: 12\n"
OPEN_DRIVER = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build\n"


def lay_out(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


@pytest.mark.parametrize(
    ("variables", "image"),
    [
        ({"ImageOS": "ubuntu24", "ImageVersion": "20261120.1.0"}, "ubuntu24 20261120.1.0"),
        ({"ImageVersion": "156.2"}, "156.2"),
        ({"CI_JOB_IMAGE": "python:3.12"}, "python:3.12"),
        ({}, ""),
    ],
)
def test_the_image_is_the_one_that_the_ci_tells(variables: dict[str, str], image: str) -> None:
    assert read_runner_image(variables) == image


def test_the_system_is_as_it_calls_itself(tmp_path: Path) -> None:
    assert read_system(lay_out(tmp_path, {"etc/os-release": OS_RELEASE})) == "Ubuntu 24.04.1 LTS"
    (tmp_path / "etc/os-release").write_text("ID=alpine\nNAME=Alpine\n")
    assert read_system(tmp_path) == "Alpine"
    assert read_system(tmp_path / "absent")


@pytest.mark.parametrize(
    ("told", "model"), [(X86, "AMD EPYC 7763 64-Core Processor"), (ARM, "ARM 0x41/0xd0c")]
)
def test_the_processor_is_named_by_its_model(told: str, model: str, tmp_path: Path) -> None:
    assert read_processor(lay_out(tmp_path, {"proc/cpuinfo": told})) == model


@pytest.mark.parametrize(("driver", "version"), [(DRIVER, "535.129.03"), (OPEN_DRIVER, "550.54.15")])
def test_graphics_cards_are_counted_by_their_model(driver: str, version: str, tmp_path: Path) -> None:
    card = "Model: \t\t Tesla T4\nIRQ:   \t\t 24\nGPU UUID: \t GPU-1\n"
    files = {f"proc/driver/nvidia/gpus/0000:00:0{number}.0/information": card for number in (4, 5)}
    assert read_gpus(lay_out(tmp_path, {"proc/driver/nvidia/version": driver, **files})) == (
        "2 x Tesla T4",
        version,
    )


def test_another_maker_s_cards_are_named_by_their_product(tmp_path: Path) -> None:
    root = lay_out(tmp_path, {"sys/class/drm/card0/device/product_name": "AMD Instinct MI210\n"})
    assert read_gpus(root) == ("AMD Instinct MI210", "")
    assert read_gpus(tmp_path / "absent") == ("", "")


def test_where_the_driver_shows_no_files_its_program_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text(
        "#!/bin/sh\nprintf 'NVIDIA A100-SXM4-40GB, 550.54.15\\nNVIDIA A100-SXM4-40GB, 550.54.15\\n'\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert read_gpus()[0].endswith("A100-SXM4-40GB") or Path("/proc/driver/nvidia/gpus").exists()
    program.write_text("#!/bin/sh\nexit 9\n")
    assert read_gpus() == ("", "") or Path("/proc/driver/nvidia/gpus").exists()


def test_an_interpreter_s_version_is_told_by_its_files_or_by_itself(tmp_path: Path) -> None:
    own = ".".join(map(str, sys.version_info[:3]))
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    assert python_version(str(tmp_path / "venv/bin/python")) == own
    (tmp_path / "venv/pyvenv.cfg").unlink()
    assert python_version(str(tmp_path / "venv/bin/python")) == own
    toolcache = tmp_path / "hostedtoolcache/Python/3.12.7/x64/bin/python"
    toolcache.parent.mkdir(parents=True)
    toolcache.touch()
    assert python_version(str(toolcache)) == "3.12.7"


def test_only_an_interpreter_that_is_not_ours_is_started_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 3.12.7\n")
    program.chmod(0o755)
    assert python_version(str(program)) == "3.12.7"
    monkeypatch.setattr(sys, "executable", str(program))
    assert python_version(str(program)) == ".".join(map(str, sys.version_info[:3]))


@pytest.mark.parametrize("script", ["exit 1", "echo nonsense", "echo 3.12"])
def test_an_interpreter_that_tells_no_version_costs_that_alone(script: str, tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    assert python_version(str(program)) == ""
    assert python_version(str(tmp_path / "absent")) == ""


def test_the_environment_has_every_part_that_can_be_told_in_one_line(tmp_path: Path) -> None:
    lay_out(
        tmp_path, {"requirements.txt": "torch==2.5.1\nflask==3.0\n", "model/requirements.txt": "numpy==2.1\n"}
    )
    variables = {"ImageOS": "a\udcff\nb", "ImageVersion": "x" * 1000}
    read = read_environment(tmp_path, variables, folders=("", "model"), python=sys.executable)
    assert {"runner_image", "os", "architecture", "cpus", "python"} <= set(read)
    assert {name: read[name] for name in read if name.startswith("packages.")} == {
        "packages.numpy": "2.1",
        "packages.torch": "2.5.1",
    }
    assert all(value.isprintable() and value.encode() and len(value) <= 200 for value in read.values())
    assert "python" not in read_environment(tmp_path, {})
    assert read_environment(tmp_path, {}, packages=["Flask"])["packages.flask"] == "3.0"
