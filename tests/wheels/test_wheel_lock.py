# SPDX-License-Identifier: GPL-3.0-or-later
"""wheels/lock.toml: complete, and for the systems and Pythons that it names."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import bpy  # noqa: F401  bl_pkg is Blender's
import pytest
from bl_pkg import bl_extension_ops

from emotalk_blender.inference.session import PACKAGES
from tools.environment import ROOT, TORCH
from tools.wheels.lock import LOCK, Wheel, lock_text, read_lock
from tools.wheels.resolve import CUDA_ONLY, WANTED, in_blocks
from tools.wheels.targets import PYTHONS, ZIP_KINDS, markers_of
from tools.zip.zip_checks import wheels_that_fit

from .made_up import make_wheel

KINDS_AND_PYTHONS = [(kind, python) for kind in ZIP_KINDS for python in PYTHONS]

SYSTEM_OF = {"linux-x64": "linux-x86_64", "windows-x64": "win-amd64", "macos-arm64": "macosx-11.2-arm64"}
"""Platform: what Python calls it inside Blender."""


def test_what_the_extension_needs_is_what_is_resolved() -> None:
    assert {TORCH.split("==")[0], *WANTED} == set(PACKAGES)


def test_every_dependency_is_there_for_both_pythons_on_all_platforms_or_the_lock_says_so() -> None:
    lock = read_lock()
    everywhere = {wheel.name for wheel in lock.wheels if not wheel.name.startswith(CUDA_ONLY)}
    assert set(PACKAGES) <= everywhere
    for kind, python in KINDS_AND_PYTHONS:
        there = [wheel.name for wheel in lock.wheels_for(kind, python)]
        assert len(there) == len(set(there))
        gaps = {gap.name for gap in lock.gaps if (gap.zip, gap.python) == (kind, python)}
        assert everywhere - set(there) == gaps, f"{kind}, Python {python}"


def test_only_pytorch_for_linux_without_cuda_may_be_missing() -> None:
    assert {(gap.name, gap.zip) for gap in read_lock().gaps} <= {("torch", "linux-x64")}


@pytest.mark.parametrize(("kind", "python"), KINDS_AND_PYTHONS)
def test_each_wheel_fits_the_systems_and_pythons_it_is_locked_for(kind: str, python: str) -> None:
    files = [wheel.file for wheel in read_lock().wheels_for(kind, python)]
    assert wheels_that_fit(files, ZIP_KINDS[kind].platform, python) == files


@pytest.mark.parametrize(("kind", "python"), KINDS_AND_PYTHONS)
def test_blender_itself_picks_the_same_wheels(kind: str, python: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = read_lock()
    monkeypatch.setattr(sysconfig, "get_platform", lambda: SYSTEM_OF[ZIP_KINDS[kind].platform])
    monkeypatch.setattr(sys, "version_info", (*map(int, python.split(".")), 0, "final", 0))
    files = sorted({wheel.file for wheel in lock.wheels if kind in wheel.zips})
    picked = bl_extension_ops._extensions_wheel_filter_for_this_system(files)
    monkeypatch.undo()
    assert sorted(picked) == sorted(wheel.file for wheel in lock.wheels_for(kind, python))


def test_the_lock_names_no_address_and_is_as_it_was_written() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert "//" not in text
    assert lock_text(read_lock()) == text
    assert all(len(wheel.sha256) == 64 and wheel.size > 0 for wheel in read_lock().wheels)


def test_a_wheel_in_several_zips_is_locked_in_as_few_blocks_as_can_be() -> None:
    wheel = Wheel("a", "1", "a-1-py3-none-any.whl", "0" * 64, 1, (), ())
    pairs = {("one", "3.11"), ("one", "3.13"), ("two", "3.11"), ("two", "3.13"), ("three", "3.11")}
    blocks = {(block.zips, block.pythons) for block in in_blocks(wheel, pairs)}
    assert blocks == {(("one", "two"), ("3.11", "3.13")), (("three",), ("3.11",))}


@pytest.mark.parametrize(("platform", "extra"), [("windows-x64", {"needed_on_windows"}), ("linux-x64", set())])
def test_pip_reads_requirements_as_the_other_system_would(platform: str, extra: set[str], tmp_path: Path) -> None:
    make_wheel(tmp_path, "wanted-1-py3-none-any.whl", ["needed_on_windows; sys_platform == 'win32'"])
    make_wheel(tmp_path, "needed_on_windows-1-py3-none-any.whl")
    report = tmp_path / "report.json"
    done = subprocess.run(
        [
            *(sys.executable, ROOT / "tools/wheels/pip_elsewhere.py", json.dumps(markers_of(platform, "3.13"))),
            *("install", "--dry-run", "-q", "--ignore-installed", "--report", report),
            *("--no-index", "--find-links", tmp_path, "wanted"),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    resolved = {entry["metadata"]["name"] for entry in json.loads(report.read_text(encoding="utf-8"))["install"]}
    assert resolved == {"wanted", *extra}
