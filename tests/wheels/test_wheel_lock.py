# SPDX-License-Identifier: GPL-3.0-or-later
"""The locks in wheels/: complete, and chosen from as Blender chooses."""

from __future__ import annotations

import sys
import sysconfig

import bpy  # noqa: F401  bl_pkg is Blender's
import pytest
from bl_pkg import bl_extension_ops

from emotalk_blender.inference.session import PACKAGES
from tools.environment import TORCH
from tools.wheels.left_out import LEFT_OUT
from tools.wheels.lock import has_torch, lock_path, parse_pins, read_pins
from tools.wheels.resolve import CUDA_ONLY, WANTED
from tools.wheels.targets import PYTHONS, SYSTEMS, ZIP_KINDS, wheels_that_fit

KINDS_AND_PYTHONS = [(kind, python) for kind in ZIP_KINDS for python in PYTHONS]

SYSTEM_OF = {"linux-x64": "linux-x86_64", "windows-x64": "win-amd64", "macos-arm64": "macosx-11.2-arm64"}
"""Platform: what Python calls it inside Blender."""

WHEELS = [
    "nvidia_cublas-13.1.1.3-py3-none-manylinux_2_27_x86_64.whl",
    "nvidia_cuda_nvrtc-13.0.88-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl",
    "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    "safetensors-0.8.0-cp310-abi3-macosx_11_0_arm64.whl",
    "safetensors-0.8.0-cp310-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "safetensors-0.8.0-cp310-abi3-win_amd64.whl",
    "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl",
    "torch-2.13.0-cp311-cp311-macosx_14_0_arm64.whl",
    "torch-2.13.0-cp311-cp311-win_amd64.whl",
    "torch-2.13.0-cp313-cp313-macosx_14_0_arm64.whl",
    "torch-2.13.0-cp313-cp313-manylinux_2_28_x86_64.whl",
    "torch-2.13.0-cp313-cp313-win_amd64.whl",
    "typing_extensions-4.16.0-py3-none-any.whl",
]
"""File names of every form that locked wheels have had, sorted."""


def test_what_the_extension_needs_is_what_is_resolved() -> None:
    assert {TORCH.split("==")[0], *WANTED} == set(PACKAGES)


@pytest.mark.parametrize(("kind", "python"), KINDS_AND_PYTHONS)
def test_each_lock_has_every_package_once_with_its_hash(kind: str, python: str) -> None:
    pins = read_pins(kind, python)
    names = [pin.name for pin in pins if not pin.name.startswith(CUDA_ONLY)]
    assert set(PACKAGES) - {"torch"} <= set(names)
    assert len(names) == len(set(names))
    assert all(pin.hashes and all(len(digest) == 64 for digest in pin.hashes) for pin in pins)


def test_the_locks_agree_on_packages_and_versions() -> None:
    def versions(kind: str, python: str) -> dict[str, str]:
        pins = read_pins(kind, python)
        common = (pin for pin in pins if pin.name != "torch" and not pin.name.startswith(CUDA_ONLY))
        return {pin.name: pin.version for pin in common}

    assert len({tuple(sorted(versions(*target).items())) for target in KINDS_AND_PYTHONS}) == 1


def test_only_pytorch_for_linux_without_cuda_may_be_missing() -> None:
    missing = {kind for kind, python in KINDS_AND_PYTHONS if not has_torch(kind, python)}
    assert missing <= {"linux-x64"}


def test_nothing_that_is_left_out_is_locked() -> None:
    locked = {pin.name for target in KINDS_AND_PYTHONS for pin in read_pins(*target)}
    assert not LEFT_OUT & locked


def test_no_lock_names_an_address() -> None:
    assert not [target for target in KINDS_AND_PYTHONS if "//" in lock_path(*target).read_text(encoding="utf-8")]


def test_a_pin_is_read_as_pip_reads_it() -> None:
    text = "# Comment\none===1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\ntwo===2+cpu --hash=sha256:cc\n"
    one, two = parse_pins(text)
    assert (one.name, one.version, one.hashes) == ("one", "1.0", {"aa", "bb"})
    assert (two.name, two.version, two.hashes) == ("two", "2+cpu", {"cc"})
    assert f"# Comment\n{one.text}\n{two.text}\n" == text


@pytest.mark.parametrize("platform", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_blender_itself_picks_the_same_wheels(platform: str, python: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_platform", lambda: SYSTEM_OF[platform])
    monkeypatch.setattr(sys, "version_info", (*map(int, python.split(".")), 0, "final", 0))
    picked = bl_extension_ops._extensions_wheel_filter_for_this_system(WHEELS)
    monkeypatch.undo()
    assert sorted(picked) == wheels_that_fit(WHEELS, platform, python)
