# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is wrong with a sound file, the command line says in one sentence what to do and writes nothing."""

import sys
import tempfile
from pathlib import Path

import pytest
import soundfile

from emotalk_blender.inference import audio
from emotalk_blender.inference.__main__ import main
from emotalk_blender.inference.audio import read_sound
from emotalk_blender.network.checkpoint import save_checkpoint

from .. import bad_sounds
from ..fault_cases import fault_params
from ..network.published import tiny_model
from ..read_corrupted import told_of_damage


@pytest.fixture
def folder():
    """A folder that everyone may enter (those of pytest only their owner), with a model in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        save_checkpoint(tiny_model(), folder / "tiny.safetensors", source="made in a test", licence="CC0-1.0")
        yield folder


def generate(folder, sound):
    files = [str(sound), "-o", str(folder / "take.npy"), "--model", str(folder / "tiny.safetensors")]
    return main(["generate", *files, "--device", "cpu"])


def refused(folder, sound, capsys, record_property):
    """The sentence on stderr, once it is seen that nothing else came of it."""
    assert generate(folder, sound) == 1
    output = capsys.readouterr()
    told = output.err.strip()
    record_property("after", told)
    assert output.out == ""
    assert "\n" not in told
    assert told.endswith(".")
    assert not (folder / "take.npy").exists()
    return told


@pytest.mark.parametrize(("make", "sentence"), fault_params(bad_sounds.ON_COMMAND_LINE, "command line: "))
def test_a_bad_sound_file_is_told(folder, make, sentence, capsys, record_property):
    assert sentence in refused(folder, make(folder), capsys, record_property)


@pytest.mark.fault("command line: a sound longer than memory should hold", before="read whole, however long")
def test_hours_that_memory_should_not_hold(folder, monkeypatch, capsys, record_property):
    monkeypatch.setattr(audio, "MOST_SAMPLES", 1 << 22)
    sound = bad_sounds.sparse_wav(folder / "hours.wav", bad_sounds.HOURS * 8000, rate=8000)
    assert "too long" in refused(folder, sound, capsys, record_property)


@pytest.mark.parametrize(("make", "_sentence"), fault_params(bad_sounds.HEARD, "command line: "))
def test_an_odd_sound_file_is_heard(folder, make, _sentence, capsys, record_property):
    assert generate(folder, make(folder)) == 0
    last = capsys.readouterr().err.splitlines()[-1]
    record_property("after", f"works: {last.partition(' written')[0]}")
    assert (folder / "take.npy").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
@pytest.mark.parametrize(
    ("closed", "sentence"),
    [
        pytest.param(closed, sentence, marks=pytest.mark.fault(f"command line: {what}", before=before), id=closed)
        for closed, sentence, what, before in (
            ("file", "may not be read", "the sound file may not be read", "told to convert it to WAV"),
            (
                "folder",
                "may not be read",
                "the sound file lies in a folder that may not be entered",
                "a traceback: PermissionError",
            ),
        )
    ],
)
def test_a_sound_that_may_not_be_read(folder, closed, sentence, capsys, record_property):
    sound = bad_sounds.good(folder / "closed")
    within = sound if closed == "file" else sound.parent
    within.chmod(0)
    with bad_sounds.as_nobody():
        told = refused(folder, sound, capsys, record_property)
    within.chmod(0o755)
    assert sentence in told


@pytest.mark.fault(
    "command line: an mp3 whose head says that it lasts three years", before="no end: hours of nothing were read"
)
def test_an_mp3_that_lies_of_its_length(folder, record_property):
    sound = folder / "speech.mp3"
    soundfile.write(sound, bad_sounds.speech(2, 44100), 44100)
    data = sound.read_bytes()
    frames = data.index(b"Xing") + 8  # after the name and the flags
    sound.write_bytes(data[:frames] + b"\xf0\0\0\0" + data[frames + 4 :])
    seconds = len(read_sound(sound).samples) / 44100
    record_property("after", f"works: {seconds:.1f} s are read")
    assert seconds == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(
            ending, marks=pytest.mark.fault(f"command line: 200 random damages of a {ending} file", before=before)
        )
        for ending, before in (
            ("wav", "no crash, no hang"),
            ("flac", "no crash, no hang"),
            ("mp3", "no end for some"),
            ("ogg", "no crash, no hang"),
        )
    ],
)
def test_damage_never_ends_or_holds_up_the_command(folder, ending, record_property):
    soundfile.write(folder / f"a.{ending}", bad_sounds.speech(0.5), 16000)
    record_property("after", told_of_damage("plain", folder / f"a.{ending}"))
