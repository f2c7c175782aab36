# SPDX-License-Identifier: GPL-3.0-or-later
"""build.py and its tools: what they ask of a machine, and what they say when it isn't there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import build
from tools import environment, system_libraries
from tools.wheels.targets import ZIP_KINDS

ROOT = Path(__file__).resolve().parent.parent


def run_build(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "build.py", *arguments], cwd=ROOT, capture_output=True, text=True)


def test_demo_refuses_a_sound_that_is_not_there() -> None:
    done = run_build("demo", "--audio", "nowhere.wav")
    assert done.returncode != 0
    assert done.stderr.strip() == "There is no file nowhere.wav. Give --audio a sound file, or leave it out."


def test_help_names_the_three_commands() -> None:
    done = run_build("--help")
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("demo", "test", "build"))


def test_a_zip_of_a_kind_wants_to_know_for_which_platform() -> None:
    done = run_build("build", "--light")
    assert done.returncode != 0
    assert done.stderr.strip() == "Say with --platform for which system the zip shall be."


def test_the_platforms_are_those_with_locked_wheels() -> None:
    assert set(build.PLATFORMS) == set(ZIP_KINDS)


def test_every_pin_has_its_hash() -> None:
    for file in (environment.REQUIREMENTS, environment.REQUIREMENTS_5):
        pins = file.read_text(encoding="utf-8").replace("\\\n", "").splitlines()
        assert pins
        assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)


def test_pins_hold_what_the_project_asks_for() -> None:
    pinned = {line.split("==")[0] for line in environment.REQUIREMENTS.read_text(encoding="utf-8").splitlines()}
    asked = (ROOT / "tools/requirements.in").read_text(encoding="utf-8").splitlines()
    names = {line.split("==")[0].split(">=")[0] for line in asked if line and line[0] not in "# "}
    assert names <= pinned


def test_environment_is_stale_once_a_pin_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "VENV", tmp_path)
    pins = tmp_path / "requirements.txt"
    pins.write_text("one==1\n")
    assert environment.stale("packages", pins, "torch==2")
    environment.remember("packages", pins, "torch==2")
    assert not environment.stale("packages", pins, "torch==2")
    assert environment.stale("packages", pins, "torch==3")
    pins.write_text("one==2\n")
    assert environment.stale("packages", pins, "torch==2")


needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lacks libraries that Blender needs")


@needs_linux
def test_this_machine_has_the_libraries_of_the_blender_that_runs_the_tests() -> None:
    assert system_libraries.missing_libraries(environment.bpy_module("**/site-packages/bpy/__init__.*")) == []


def answer_of_ldd(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    done = subprocess.CompletedProcess([], 0, stdout=text)
    monkeypatch.setattr(system_libraries.subprocess, "run", lambda *_arguments, **_options: done)


@needs_linux
def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_of_ldd(
        monkeypatch, "\tlibXi.so.6 => not found\n\tlibm.so.6 => /lib/libm.so.6 (0x0)\n\tlibSM.so.6 => not found\n"
    )
    assert system_libraries.missing_libraries(Path("module.so")) == ["libSM.so.6", "libXi.so.6"]


@needs_linux
def test_a_user_without_rights_is_told_the_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_of_ldd(monkeypatch, "\tlibXi.so.6 => not found\n\tlibSM.so.6 => not found\n")
    monkeypatch.setattr(system_libraries.shutil, "which", lambda _name: "/usr/bin/apt-get")
    monkeypatch.setattr(system_libraries.os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="sudo apt-get install -y --no-install-recommends libsm6 libxi6"):
        system_libraries.require_libraries(Path("module.so"))


@needs_linux
def test_an_unknown_library_is_named_for_the_user_to_find(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_of_ldd(monkeypatch, "\tlibstrange.so.1 => not found\n")
    with pytest.raises(SystemExit, match=r"libstrange\.so\.1"):
        system_libraries.require_libraries(Path("module.so"))
