# SPDX-License-Identifier: GPL-3.0-or-later
"""The command that studios script: results in files, progress and sentences on stderr, honest exit codes."""

import json
import subprocess
import sys

import numpy as np
import pytest
import soundfile
import torch

from emotalk_blender.animation.settings import AnimationSettings, RegionStrengths
from emotalk_blender.inference.__main__ import main, parser
from emotalk_blender.inference.setting_options import animation_settings
from emotalk_blender.network import reduced_precision
from emotalk_blender.network.checkpoint import save_checkpoint
from emotalk_blender.network.direction import direct
from emotalk_blender.network.int8 import int8_is_there

from ..network.published import noise, tiny_model


@pytest.fixture(scope="module")
def model():
    return tiny_model(front_end="mel", prototypes=True)


@pytest.fixture
def folder(tmp_path, model):
    save_checkpoint(model, tmp_path / "tiny.safetensors", source="made in a test", licence="CC0-1.0")
    soundfile.write(tmp_path / "voice.wav", noise(2).numpy(), 16000, subtype="FLOAT")
    return tmp_path


def generate(folder, out, *arguments):
    files = [str(folder / "voice.wav"), "-o", str(folder / out), "--model", str(folder / "tiny.safetensors")]
    return main(["generate", *files, "--device", "cpu", *arguments])


def test_raw_is_the_networks_own_output(folder, model, capsys):
    assert generate(folder, "raw.npy", "--raw", "--emotion", "sad", "--intensity", "0.5", "--person", "1") == 0
    expected = model.decode(model.encode(noise(2)), direct(model.config, "sad", 0.5, 1))
    assert np.allclose(np.load(folder / "raw.npy"), expected.numpy(), atol=1e-6)
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(not int8_is_there(), reason="8-bit products want an x86 processor")
def test_exact_is_float32_where_fewer_bits_would_do(tmp_path, monkeypatch):
    model = tiny_model()
    save_checkpoint(model, tmp_path / "tiny.safetensors", source="made in a test", licence="CC0-1.0")
    soundfile.write(tmp_path / "voice.wav", noise(2).numpy(), 16000, subtype="FLOAT")
    monkeypatch.setattr(reduced_precision, "LARGE", 0)
    monkeypatch.setattr(reduced_precision, "BOUND", 100.0)
    expected = model.decode(model.encode(noise(2)), direct(model.config)).numpy()
    assert generate(tmp_path, "quick.npy", "--raw") == generate(tmp_path, "exact.npy", "--raw", "--exact") == 0
    assert np.allclose(np.load(tmp_path / "exact.npy"), expected, atol=1e-5)
    assert not np.allclose(np.load(tmp_path / "quick.npy"), expected, atol=1e-5)


@pytest.mark.parametrize(("fps", "frames"), [("24", 48), ("23.976", 48), ("30", 60), ("59.94", 120)])
def test_curves_come_at_the_asked_rate(folder, fps, frames):
    assert generate(folder, "take.json", "--fps", fps) == 0
    take = json.loads((folder / "take.json").read_text())
    assert take["fps"] == float(fps)
    assert len(take["values"]) == frames
    assert 0 <= np.min(take["values"]) <= np.max(take["values"]) <= 1


def test_csv(folder):
    assert generate(folder, "take.csv") == 0
    assert (folder / "take.csv").read_text().startswith("Timecode,BlendshapeCount,EyeBlinkLeft,")


def performed(folder, *arguments):
    """The curves of a take without blinks, which come at times of their own."""
    assert generate(folder, "take.npy", "--blink-rate", "0", *arguments) == 0
    return np.load(folder / "take.npy")


@pytest.mark.parametrize(("milliseconds", "frames"), [(200, 6), (-200, -6), (100, 3), (500, 15)])
def test_an_offset_shows_in_the_rows(folder, milliseconds, frames):
    plain, moved = performed(folder), performed(folder, "--offset", str(milliseconds))
    rows = np.clip(np.arange(len(plain)) - frames, 0, len(plain) - 1)
    assert np.allclose(moved, plain[rows], atol=1e-6)


def test_an_offset_shows_at_any_rate_and_in_every_format(folder):
    assert generate(folder, "take.json", "--offset", "-500", "--fps", "24", "--blink-rate", "0") == 0
    take = json.loads((folder / "take.json").read_text())
    assert take["start"] == 0
    assert len(take["values"]) == 48
    assert np.allclose(take["values"][:36], performed(folder, "--fps", "24")[12:], atol=1e-5)
    assert generate(folder, "take.csv", "--offset", "-500") == 0
    assert (folder / "take.csv").read_text().splitlines()[1].startswith("00:00:00:00.000,")


def test_the_animation_is_as_asked(folder):
    """Each option reaches the settings that have its name."""
    given = ["--smoothing", "0", "--closure", "0.5", "--blink-rate", "40", "--gaze", "1", "--seed", "7"]
    given += ["--jaw", "1.5", "--cheeks-nose", "0"]
    options = parser().parse_args(["generate", "a.wav", "-o", "b.csv", *given])
    expected = AnimationSettings(
        smoothing=0, closure=0.5, blink_rate=40, gaze=1, seed=7, strengths=RegionStrengths(jaw=1.5, cheeks_nose=0)
    )
    assert animation_settings(options) == expected
    options = parser().parse_args(["generate", "a.wav", "-o", "b.csv"])
    assert animation_settings(options) == AnimationSettings()


def test_smoothing_takes_away_what_jumps(folder):
    rough, smooth = (np.abs(np.diff(performed(folder, "--smoothing", ms), axis=0)).mean() for ms in ("0", "300"))
    assert smooth < rough


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "nothing.safetensors"], "does not exist"),
        (["--intensity", "2"], "out of range"),
        (["--intensity", "nan"], "out of range"),
        (["--person", "3"], "unknown person 3"),
        (["--person", "-1"], "unknown person -1"),
        (["--fps", "0"], "out of range"),
        (["--fps", "nan"], "out of range"),
        (["--fps", "24", "--raw"], "Leave out --fps or --raw"),
        (["--smoothing", "501"], "Choose 0 to 500"),
        (["--smoothing", "nan"], "out of range"),
        (["--offset", "-501"], "Choose -500 to 500"),
        (["--closure", "1.1"], "Choose 0 to 1."),
        (["--blink-rate", "61"], "Choose 0 to 60"),
        (["--gaze", "-0.1"], "Choose 0 to 1."),
        (["--seed", "-1"], "out of range"),
        (["--mouth", "2.1"], "Choose 0 to 2."),
        (["--closure", "0.5", "--raw"], "Leave out --raw"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_no_file(folder, capsys, arguments, message):
    assert generate(folder, "take.csv", *arguments) == 1
    output = capsys.readouterr()
    assert message in output.err
    assert output.err.splitlines()[-1].endswith(".")
    assert "Traceback" not in output.err
    assert output.out == ""
    assert not (folder / "take.csv").exists()


@pytest.mark.parametrize("out", ["take.txt", "take", "nowhere/take.csv"])
def test_a_result_that_cannot_be_written_is_refused_before_the_work(folder, capsys, out):
    assert generate(folder, out) == 1
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        (np.zeros(16000), 16000),
        (np.full(16000, 1e-7), 16000),
        (np.where(np.arange(16000) % 100 == 0, np.nan, 0.1), 16000),
        (np.full(16000, 1e30), 16000),
        (np.zeros(160), 16000),
        (np.random.default_rng(0).normal(0, 0.1, 8000), 8000),
        (np.random.default_rng(0).normal(0, 0.1, 192000), 192000),
        (np.random.default_rng(0).normal(0, 0.1, (48000, 8)), 48000),
    ],
    ids=["silent", "nearly silent", "some NaN", "far too loud", "10 ms", "8 kHz", "192 kHz", "8 channels"],
)
def test_odd_sound_gives_a_sensible_result(folder, samples, rate):
    soundfile.write(folder / "voice.wav", samples.astype(np.float32), rate, subtype="FLOAT")
    assert generate(folder, "take.npy") == 0
    curves = np.load(folder / "take.npy")
    assert curves.shape == (-(-len(samples) * 30 // rate), 52)
    assert ((curves >= 0) & (curves <= 1)).all()


def test_sound_without_a_number_is_refused(folder, capsys):
    soundfile.write(folder / "voice.wav", np.full(16000, np.nan, np.float32), 16000, subtype="FLOAT")
    assert generate(folder, "take.npy") == 1
    assert "none of its samples is a number" in capsys.readouterr().err


def test_info_tells_what_a_checkpoint_is(folder, capsys):
    assert main(["info", str(folder / "tiny.safetensors")]) == 0
    text = capsys.readouterr().out
    for part in ("mel", "surprise", "made in a test", "CC0-1.0", "30"):
        assert part in text


def test_import_of_what_is_no_checkpoint_fails_in_a_sentence(folder, capsys):
    torch.save({"weight": torch.zeros(2)}, folder / "EmoTalk.pth")
    assert main(["import-checkpoint", str(folder / "EmoTalk.pth"), "-o", str(folder / "out.safetensors")]) == 1
    assert "is not the published EmoTalk network" in capsys.readouterr().err
    assert not (folder / "out.safetensors").exists()


def test_the_command_starts_without_bpy_and_passes_the_exit_code_on(folder):
    code = (
        "import sys; sys.modules['bpy'] = None; sys.argv[0] = 'emotalk'\n"
        "import runpy; runpy.run_module('emotalk_blender.inference', run_name='__main__')"
    )
    for name, expected in (("tiny.safetensors", 0), ("nothing.safetensors", 1)):
        command = [sys.executable, "-c", code, "info", str(folder / name)]
        assert subprocess.run(command, capture_output=True, check=False).returncode == expected
