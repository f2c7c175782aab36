# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound files with something wrong: each function makes one below a folder and returns its path.

What the user is told of them is in IN_BLENDER and ON_COMMAND_LINE; those that are heard all the same are in HEARD.
"""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from .fault_cases import AS_NOW, FaultCase

HOURS = 3 * 3600
"""Seconds of a sound that is far too long."""

NOBODY = 65534
"""A user who owns nothing."""


def speech(seconds: float = 2.0, rate: int = 16000) -> np.ndarray:
    """Something that is no silence: a tone that swells four times a second, with noise."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(0).normal(0, 0.02, len(time))
    return 0.3 * np.sin(2 * np.pi * 220 * time) * (1 + np.sin(2 * np.pi * 4 * time)) / 2 + noise


def good(folder: Path, name: str = "speech.wav") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    soundfile.write(folder / name, speech(), 16000)
    return folder / name


def missing(folder: Path) -> Path:
    return folder / "missing.wav"


def a_folder(folder: Path) -> Path:
    (folder / "folder.wav").mkdir()
    return folder / "folder.wav"


def empty(folder: Path) -> Path:
    (folder / "empty.wav").touch()
    return folder / "empty.wav"


def cut_in_its_head(folder: Path) -> Path:
    return _cut(folder, 30)


def cut_in_half(folder: Path) -> Path:
    return _cut(folder, 32000)


def _cut(folder: Path, length: int) -> Path:
    path = good(folder, "cut.wav")
    path.write_bytes(path.read_bytes()[:length])
    return path


def not_sound(folder: Path) -> Path:
    (folder / "letter.wav").write_text("Dear animator, this is no sound at all.\n" * 100)
    return folder / "letter.wav"


def no_samples(folder: Path) -> Path:
    soundfile.write(folder / "none.wav", np.zeros(0), 16000)
    return folder / "none.wav"


def not_a_number(folder: Path) -> Path:
    soundfile.write(folder / "nan.wav", np.full(32000, np.nan, np.float32), 16000, subtype="FLOAT")
    return folder / "nan.wav"


def impossible_rate(folder: Path) -> Path:
    return sparse_wav(folder / "rate.wav", 1000, rate=2_030_383_246)


def too_slow(folder: Path) -> Path:
    return sparse_wav(folder / "slow.wav", 1000, rate=500)


def three_hours_in_stereo(folder: Path) -> Path:
    return sparse_wav(folder / "hours.wav", HOURS * 48000, rate=48000, channels=2)


def name_of_300_letters(folder: Path) -> Path:
    return folder / f"{'a' * 296}.wav"


def path_of_300_letters(folder: Path) -> Path:
    within = folder / ("b" * 100) / ("c" * 100)
    return good(within, f"{'d' * (300 - len(str(within)) - 5)}.wav")


def spaces_and_emoji(folder: Path) -> Path:
    return good(folder / "voix d'été  двух 声", " line 1 🎙️ .wav")


def network_share(_: Path) -> Path:
    return Path("\\\\server\\share\\x.wav")


def sparse_wav(path: Path, frames: int, *, rate: int, channels: int = 1) -> Path:
    """16-bit silence that takes no room on the disk, whatever its length."""
    size = frames * channels * 2
    form = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * channels * 2 & 0xFFFFFFFF, channels * 2, 16)
    head = b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + form + b"data" + struct.pack("<I", size)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + size)
    return path


@dataclass(frozen=True)
class _BadSound:
    """A bad file, a part of what the user is told of it in two places, and what happened there before."""

    make: Callable[[Path], Path]
    what: str
    in_blender: str
    on_command_line: str
    before: str = AS_NOW
    before_on_command_line: str = AS_NOW


_BAD = [
    _BadSound(missing, "the sound file is missing", "is missing: ", "does not exist"),
    _BadSound(a_folder, "the sound file is a directory", "Choose a sound file in it", "is a folder"),
    _BadSound(empty, "the sound file is empty", "cannot be read as sound", "cannot be read as sound"),
    _BadSound(
        cut_in_its_head, "the sound file is cut within its head", "cannot be read as sound", "cannot be read as sound"
    ),
    _BadSound(not_sound, "the sound file is a text", "cannot be read as sound", "cannot be read as sound"),
    _BadSound(no_samples, "the sound file has 0 samples", "holds no sound", "holds no sound"),
    _BadSound(
        not_a_number,
        "all samples are NaN",
        "none of its samples is a number",
        "none of its samples is a number",
    ),
    _BadSound(
        impossible_rate,
        "a sound of two billion samples a second",
        "samples a second",
        "too many for speech",
        before="a crash: the process ended",
        before_on_command_line="curves of one frame, without a word",
    ),
    _BadSound(
        too_slow,
        "a sound of 500 samples a second",
        "samples a second",
        "too few for speech",
        before="keys without a word, of noise",
    ),
    _BadSound(
        name_of_300_letters,
        "the sound file's name has 300 letters",
        "is missing: ",
        "does not exist",
        before="a traceback: OSError, File name too long",
        before_on_command_line="a traceback: OSError, File name too long",
    ),
    _BadSound(network_share, r"the sound is \\server\share\x.wav, not there", "is missing: ", "does not exist"),
]

IN_BLENDER = [FaultCase(bad.make, bad.what, bad.in_blender, bad.before) for bad in _BAD]
ON_COMMAND_LINE = [FaultCase(bad.make, bad.what, bad.on_command_line, bad.before_on_command_line) for bad in _BAD]

HEARD = [
    FaultCase(cut_in_half, "the sound file is cut in half", "", "worked, as now"),
    FaultCase(spaces_and_emoji, "a path with spaces, emoji and other scripts", "", "worked, as now"),
    FaultCase(path_of_300_letters, "a path of 300 letters", "", "worked, as now"),
]


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, whom no permission keeps out; as ever for anyone else."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def corrupted(data: bytes, seed: int) -> bytes:
    """The bytes of a file with damage of one of seven kinds, half of it where a file's head is."""
    choose = random.Random(seed)
    result, size = bytearray(data), len(data)

    def somewhere() -> int:
        return choose.randrange(min(size, 256)) if choose.random() < 0.5 else choose.randrange(size)

    start = somewhere()
    length = choose.choice([1, 7, 64, 4096])
    match choose.randrange(7):
        case 0:
            for _ in range(choose.choice([1, 3, 10, 100])):
                result[somewhere()] = choose.randrange(256)
        case 1:
            del result[start:]
        case 2:
            del result[start : start + length]
        case 3:
            result[start:start] = choose.randbytes(length)
        case 4:
            result[start : start + length] = choose.choice([b"\0", b"\xff"]) * length
        case 5:
            result[start : start + 4] = choose.randbytes(4)
        case _:
            other = choose.randrange(size)
            result[start : start + length] = data[other : other + length]
    return bytes(result)
