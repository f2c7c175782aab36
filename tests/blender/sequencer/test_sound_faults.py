# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is wrong with a sound file, Generate says in one sentence what to do and leaves the file as it was."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy
import pytest
import soundfile

from tools.environment import ROOT

from ... import bad_sounds
from ...fault_cases import FaultCase, fault_params
from ...read_corrupted import told_of_damage
from ..builders import add_strip, insert_keys, keys_of, make_face
from ..refusal import Record, refused

M4A = ROOT / "tests/data/half_a_second.m4a"


@pytest.fixture
def shot(scene: bpy.types.Scene, tmp_path: Path, model: Path) -> bpy.types.Object:
    """A face with keys of its own, and a strip of 2 s picked for it."""
    add_strip(scene, bad_sounds.good(tmp_path), 11)
    scene.emotalk.strip = "Speech"
    face = make_face()
    insert_keys(face, "jawOpen", [(5, 0.5), (20, 0.1)])
    return face


def performed(face: bpy.types.Object, record_property: Record) -> None:
    """Generate works, and this is what came of it."""
    assert bpy.ops.emotalk.generate() == {"FINISHED"}
    frames = keys_of(face, "mouthSmileLeft")["co"][:, 0]
    record_property("after", f"works: keys on frames {frames[0]:.0f} to {frames[-1]:.0f}")


def beside_the_blend(_: Path) -> Path:
    return Path("//server/share/x.wav")


BESIDE_THE_BLEND = FaultCase(
    beside_the_blend, "the sound is //server/share/x.wav, which Blender takes as beside the .blend", "is missing: "
)


@pytest.mark.parametrize(("make", "sentence"), fault_params([*bad_sounds.IN_BLENDER, BESIDE_THE_BLEND]))
def test_a_bad_sound_file_is_told(
    shot: bpy.types.Object, tmp_path: Path, make: Callable[[Path], Path], sentence: str, record_property: Record
) -> None:
    bpy.data.sounds[0].filepath = str(make(tmp_path))
    assert sentence in refused(record_property)


@pytest.mark.parametrize(("make", "_sentence"), fault_params(bad_sounds.HEARD))
def test_an_odd_sound_file_is_heard(
    shot: bpy.types.Object, tmp_path: Path, make: Callable[[Path], Path], _sentence: str, record_property: Record
) -> None:
    bpy.data.sounds[0].filepath = str(make(tmp_path))
    performed(shot, record_property)


def without_channels(folder: Path) -> Path:
    """An m4a file whose head names no channel: the head of its decoder is hidden, the count set to zero."""
    path = intact(folder, "m4a")
    data = bytearray(path.read_bytes())
    channels = data.rindex(b"mp4a") + 20
    data[channels : channels + 2] = bytes(2)
    decoder = data.rindex(b"esds")
    data[decoder : decoder + 4] = b"free"
    path.write_bytes(data)
    return path


@pytest.mark.fault("an m4a file of 0 channels", before="a crash: the process ended")
def test_a_sound_without_channels(shot: bpy.types.Object, tmp_path: Path, record_property: Record) -> None:
    bpy.data.sounds[0].filepath = str(without_channels(tmp_path))
    assert "cannot be read as sound" in refused(record_property)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everyone may enter; those of pytest only their owner."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
@pytest.mark.fault("the sound file may not be read", before="told to convert it to WAV")
def test_a_sound_that_may_not_be_read(shot: bpy.types.Object, open_folder: Path, record_property: Record) -> None:
    path = bad_sounds.good(open_folder)
    path.chmod(0)
    bpy.data.sounds[0].filepath = str(path)
    with bad_sounds.as_nobody():
        assert "may not be read" in refused(record_property)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
@pytest.mark.fault("the sound file lies in a folder that may not be entered", before="a traceback: PermissionError")
def test_a_sound_in_a_closed_folder(shot: bpy.types.Object, open_folder: Path, record_property: Record) -> None:
    path = bad_sounds.good(open_folder / "closed")
    path.parent.chmod(0)
    bpy.data.sounds[0].filepath = str(path)
    with bad_sounds.as_nobody():
        assert "is missing: " in refused(record_property)
    path.parent.chmod(0o755)


@pytest.mark.fault("a packed sound with damaged bytes", before="a sentence, as now")
def test_a_packed_sound_with_damaged_bytes(shot: bpy.types.Object, tmp_path: Path, record_property: Record) -> None:
    sound = bpy.data.sounds[0]
    path = Path(sound.filepath)
    path.write_bytes(bytes(200) + path.read_bytes()[200:])
    sound.pack()
    path.unlink()
    assert "cannot be read as sound" in refused(record_property)


@pytest.mark.fault("a sound of 3 hours, 48 kHz, stereo", before="decoded whole, as is told of its ten seconds")
def test_hours_that_memory_should_not_hold(shot: bpy.types.Object, tmp_path: Path, record_property: Record) -> None:
    scene = bpy.context.scene
    strip = add_strip(scene, bad_sounds.three_hours_in_stereo(tmp_path), 100, "Hours")
    scene.emotalk.strip = strip.name
    assert "too long" in refused(record_property)


PEAK = """
import sys
from pathlib import Path
import bpy
from emotalk_blender.blender.sequencer.sound import SoundSource, read_samples
from emotalk_blender.errors import Cancelled

def stop_after_the_decoding(stage, part):
    if part > 0:
        raise Cancelled

try:
    read_samples(SoundSource(Path(sys.argv[1])), float(sys.argv[2]), float(sys.argv[3]), stop_after_the_decoding)
except Cancelled:
    pass
# Not ru_maxrss, which knows of the process that started this one too.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print("peak:", int(status["VmHWM"].split()[0]) // 1024)
"""


def peak(path: Path, start: float, duration: float) -> int:
    """The most memory in MiB that a Blender of its own had while it read a part of a sound."""
    command = [sys.executable, "-c", PEAK, str(path), str(start), str(duration)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("peak: ")]
    return int(line.split()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="measured as Linux does")
@pytest.mark.fault("a sound of 3 hours, 8 kHz", before="worked, as now")
def test_hours_at_a_low_rate_are_read_and_can_be_cancelled(tmp_path: Path, record_property: Record) -> None:
    path = bad_sounds.sparse_wav(tmp_path / "hours.wav", bad_sounds.HOURS * 8000, rate=8000)
    taken = peak(path, 0.0, bad_sounds.HOURS)
    record_property("after", f"works: Blender took {taken} MiB at most, and can be cancelled once it is decoded")
    assert taken < 2500


@pytest.mark.skipif(sys.platform != "linux", reason="measured as Linux does")
@pytest.mark.fault(
    "ten seconds out of the first minutes of 3 hours, 48 kHz, stereo", before="no end within 150 s, Blender frozen"
)
def test_a_short_part_of_hours_takes_little(tmp_path: Path, record_property: Record) -> None:
    taken = peak(bad_sounds.three_hours_in_stereo(tmp_path), 60.0, 10.0)
    record_property("after", f"works: Blender took {taken} MiB at most")
    assert taken < 1000


def intact(folder: Path, ending: str) -> Path:
    """Half a second of sound in a format."""
    if ending == "m4a":
        return Path(shutil.copy(M4A, folder / "a.m4a"))
    soundfile.write(folder / f"a.{ending}", bad_sounds.speech(0.5), 16000)
    return folder / f"a.{ending}"


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(ending, marks=pytest.mark.fault(f"200 random damages of a {ending} file", before=before))
        for ending, before in (
            ("wav", "no crash in these, one in the next 1300"),
            ("flac", "no crash, no hang"),
            ("mp3", "no crash, no hang"),
            ("ogg", "no crash, no hang"),
            ("m4a", "no crash, no hang"),
        )
    ],
)
def test_damage_never_ends_blender(tmp_path: Path, ending: str, record_property: Record) -> None:
    record_property("after", told_of_damage("blender", intact(tmp_path, ending)))
