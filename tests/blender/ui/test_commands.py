# SPDX-License-Identifier: GPL-3.0-or-later
"""blender -b FILE --command emotalk generate: exit codes, sentences on stderr, and what is saved."""

from __future__ import annotations

import errno
from pathlib import Path

import bpy
import pytest

from emotalk_blender.blender.ui.commands import main
from emotalk_blender.inference.kept_network import KeptNetwork, shared_network

from ..builders import add_strip, all_keys, keys_of, make_face, make_sound


@pytest.fixture
def blend(scene: bpy.types.Scene, tmp_path: Path) -> Path:
    """A saved file with two faces, of which none is selected, and a strip that was not heard before."""
    shared_network().forget()
    add_strip(scene, make_sound(tmp_path / "speech.wav"), 11)
    for face in (make_face("Head"), make_face("Teeth", ["jawOpen"])):
        face.select_set(False)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    return tmp_path / "shot.blend"


@pytest.fixture
def words(tiny_checkpoint: Path) -> list[str]:
    return ["generate", "--strip", "Speech", "--object", "Head", "--model", str(tiny_checkpoint), "--tolerance", "0"]


def test_named_meshes_speak(blend: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--object", "Teeth", "--emotion", "happy", "--intensity", "0.8", "--person", "1"]) == 0
    heard = capsys.readouterr()
    assert "Listening" in heard.err
    assert 'Frames 11 to 58 baked on "Head", "Teeth"' in heard.err
    assert len(all_keys(bpy.data.objects["Head"])) == 52
    assert len(all_keys(bpy.data.objects["Teeth"])) == 1


def test_nothing_is_saved_unless_told(blend: Path, words: list[str]) -> None:
    before = blend.read_bytes()
    assert main(words) == 0
    assert blend.read_bytes() == before
    assert {path.suffix for path in blend.parent.iterdir()} == {".blend", ".wav"}


def test_save_writes_the_file_itself(blend: Path, words: list[str]) -> None:
    assert main([*words, "--save"]) == 0
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    assert list(keys_of(bpy.data.objects["Head"], "jawOpen")["co"][:, 0]) == list(range(11, 59))


def test_save_as_writes_another_file(blend: Path, words: list[str]) -> None:
    before, out = blend.read_bytes(), blend.parent / "spoken.blend"
    assert main([*words, "--save-as", str(out)]) == 0
    assert blend.read_bytes() == before
    bpy.ops.wm.open_mainfile(filepath=str(out))
    assert len(all_keys(bpy.data.objects["Head"])) == 52


@pytest.mark.parametrize(
    ("more", "code", "sentence"),
    [
        (["--strip", "Nobody"], 1, 'no sound strip "Nobody"'),
        (["--object", "Nobody"], 1, 'no object "Nobody"'),
        (["--model", "/nowhere/x.safetensors"], 1, "/nowhere/x.safetensors"),
        (["--intensity", "7"], 1, "Intensity 7 is out of range"),
        (["--person", "99"], 1, "cannot perform"),
        (["--save-as", "/nowhere/out.blend"], 1, "/nowhere does not exist"),
        (["--save-as", "out.txt"], 1, "does not end in .blend"),
        (["--emotion", "bored"], 2, "invalid choice"),
        (["--save", "--save-as", "x.blend"], 2, "not allowed with"),
        (["--frobnicate"], 2, "unrecognized arguments"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_told_and_nothing_changes(
    blend: Path, words: list[str], capsys: pytest.CaptureFixture[str], more: list[str], code: int, sentence: str
) -> None:
    before = blend.read_bytes()
    assert main([*words, *more]) == code
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    assert blend.read_bytes() == before
    assert len(bpy.data.actions) == 0


def test_a_file_without_a_name_cannot_be_saved(
    scene: bpy.types.Scene, tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    add_strip(scene, make_sound(tmp_path / "speech.wav"))
    make_face("Head")
    assert main([*words, "--save"]) == 1
    assert "no name yet" in capsys.readouterr().err
    assert len(bpy.data.actions) == 0


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "--help"]) == 0
    assert "--strip NAME" in capsys.readouterr().out


def test_no_command_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "required" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (KeyboardInterrupt(), 130, "Cancelled."),
        (KeyError("x"), 1, "Please report it"),
        (MemoryError(), 1, "not enough memory"),
        (PermissionError(errno.EACCES, "Permission denied", "speech.wav"), 1, "speech.wav may not be read"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_nobody_foresaw_is_one_sentence_too(
    blend: Path,
    words: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    sentence: str,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(KeptNetwork, "generate", fail)
    assert main([*words, "--save"]) == code
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert len(bpy.data.actions) == 0
