# SPDX-License-Identifier: GPL-3.0-or-later
"""Diagnostics hold what a developer would ask for, and no folders of the artist's; the log is quiet."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

import emotalk_blender
from emotalk_blender.blender import logs
from emotalk_blender.blender.generate import jobs
from emotalk_blender.blender.ui import diagnostics
from emotalk_blender.blender.ui.diagnostics import without_folders
from emotalk_blender.blender.ui.preferences import EMOTALK_OT_copy_diagnostics

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = logging.getLogger("emotalk_blender")


@pytest.fixture(autouse=True)
def no_errors_yet() -> Iterator[None]:
    logs._errors.kept.clear()
    yield
    logs._errors.kept.clear()
    logs.set_level(logs.QUIET)


def told() -> str:
    return diagnostics.diagnostics()


def test_they_tell_versions_model_and_device() -> None:
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    lines = told().splitlines()
    assert lines[0] == f"EmoTalk {manifest['version']}"
    assert lines[1].startswith(f"Blender {bpy.app.version_string}")
    assert "torch 2." in lines[3]
    assert "numpy" in lines[3]
    assert lines[4] == "Model: emotalk_default.safetensors (comes with EmoTalk), CC0-1.0"
    assert lines[5].startswith("Device: Automatic; found: ")
    assert lines[6] == "Network: not loaded yet"
    assert len(lines) == 8


def test_they_tell_how_the_loaded_network_computes(shot: bpy.types.Object) -> None:
    bpy.ops.emotalk.generate()
    assert "Network: float32, on " in told()


def test_a_package_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnostics, "missing_packages", lambda: ["torch"])
    assert "torch missing" in told()


def test_a_bad_model_file_is_told_without_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnostics, "model_choice", lambda: Path("/home/anna/Secret Film/x.safetensors"))
    assert "Model: The model file x.safetensors does not exist." in told()


def test_the_last_errors_are_told_with_their_traceback() -> None:
    for number in range(5):
        jobs.state.end(f"Error number {number}.", failed=True)
    try:
        raise RuntimeError("boom")
    except RuntimeError:
        jobs.log.exception("Generate failed")
    jobs.state.end("Frames 1 to 9 baked")
    jobs.state.end("")
    said = told()
    assert "Error number 2" not in said
    assert "Error number 4." in said
    assert 'File "test_diagnostics.py"' in said
    assert "RuntimeError: boom" in said
    assert "baked" not in said


def test_the_button_puts_them_into_the_clipboard() -> None:
    reports: list[str] = []
    manager = SimpleNamespace(clipboard="")
    button = SimpleNamespace(report=lambda _kind, text: reports.append(text))
    context = SimpleNamespace(window_manager=manager)
    assert EMOTALK_OT_copy_diagnostics.execute(button, context) == {"FINISHED"}
    assert manager.clipboard == told()
    assert reports == ["Diagnostics copied: paste them into the bug report"]
    assert bpy.ops.emotalk.copy_diagnostics() == {"FINISHED"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The file /home/anna/My Film/shot 1.wav is gone.", "The file shot 1.wav is gone."),
        (r"C:\Users\Anna B\x.wav ends", "x.wav ends"),
        (r"\\server\share\client\x.wav ends", "x.wav ends"),
        ('File "/a/b/jobs.py", line 3', 'File "jobs.py", line 3'),
        ("[Errno 13] Permission denied: '/a/b/c.part'", "[Errno 13] Permission denied: 'c.part'"),
        (f"The folder {Path.home()} is full.", "The folder ~ is full."),
        (f"In {Path.home()}/film/shot.blend.", "In shot.blend."),
        ("44100 samples/s, and 1/2 of it", "44100 samples/s, and 1/2 of it"),
    ],
)
def test_folders_are_left_out(text: str, expected: str) -> None:
    assert without_folders(text) == expected


FOLDER = st.text(st.characters(exclude_characters="/\\\"'\n", exclude_categories=["C", "Z"]), min_size=4, max_size=9)


@given(folders=st.lists(FOLDER, min_size=1, max_size=4), windows=st.booleans())
def test_no_folder_of_any_path_is_told(folders: list[str], windows: bool) -> None:
    path = ("C:\\" + "\\".join(folders) + "\\") if windows else ("/" + "/".join(folders) + "/")
    said = without_folders(f"opened {path}$ twice")
    assert said == "opened $ twice"


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    for level in ("info", "warning", "error"):
        getattr(jobs.log, level)(f"an {level}")
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("level", "lines"),
    [
        ("ERROR", "EmoTalk ERROR: an error\n"),
        ("WARNING", "EmoTalk WARNING: an warning\nEmoTalk ERROR: an error\n"),
        ("INFO", "EmoTalk INFO: an info\nEmoTalk WARNING: an warning\nEmoTalk ERROR: an error\n"),
    ],
)
def test_the_console_gets_what_the_level_lets_through(
    capsys: pytest.CaptureFixture[str], level: str, lines: str
) -> None:
    logs.set_level(level)
    assert printed(capsys) == lines


def test_it_is_quiet_by_default_and_without_a_console(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PACKAGE.level == logging.WARNING
    monkeypatch.setattr("sys.stderr", None)
    jobs.log.error("seen by nobody")
    assert len(logs.last_errors()) == 1


def test_disabling_leaves_the_logger_as_it_was() -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    emotalk_blender.unregister()
    assert (PACKAGE.level, PACKAGE.handlers, PACKAGE.propagate) == (logging.NOTSET, [], True)
    emotalk_blender.register()
    assert len(PACKAGE.handlers) == 2
    assert (root.level, list(root.handlers)) == before
