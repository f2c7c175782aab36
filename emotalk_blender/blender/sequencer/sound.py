# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound decoded by Blender's own aud to what the network hears. Touches no bpy data: the worker thread may call it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Hashable
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import aud
import numpy as np

from ...curves import SAMPLE_RATE, FloatArray
from ...errors import EmoTalkError
from ...files.paths import stamp
from ...inference.audio import MOST_SAMPLES, check_rate, check_samples, unreadable
from ...inference.progress import Report

BEST_QUALITY = 3
"""The best of aud's resamplers: flat to 7.5 kHz, noise under -140 dB, no delay (as test_sound.py measures)."""

BLOCK = 5
"""Seconds resampled at once: aud keeps Python waiting meanwhile, and the interface with it."""

MARGIN = 1
"""Seconds of context on both sides of a block, longer than the resampler's filter at any rate."""


@dataclass(frozen=True)
class SoundSource:
    """A sound file, or the bytes of one packed into the .blend (then `path` only names it)."""

    path: Path
    packed: bytes | None = None


@dataclass(frozen=True)
class SoundPart:
    """The part of a sound that a strip plays: file_start and duration in seconds of the file."""

    source: SoundSource
    file_start: float
    duration: float

    def signature(self) -> Hashable:
        """The part, and the state of the file; packed sound by a checksum."""
        source = self.source
        content = stamp(source.path) if source.packed is None else hashlib.blake2b(source.packed).digest()
        return (source.path, content, self.file_start, self.duration)

    def read(self, report: Report) -> FloatArray:
        """float32 [samples], 16 kHz. Raises EmoTalkError as read_samples does."""
        return read_samples(self.source, self.file_start, self.duration, report)


def read_samples(source: SoundSource, start: float, duration: float, report: Report) -> FloatArray:
    """What the network hears of a part of a sound: float32 [samples], 16 kHz, the mean of all channels.

    start, duration: seconds of the file; fewer samples come back where the file ends sooner. Raises EmoTalkError for
    what aud cannot read, for what memory should not hold, for a part behind the end and as check_samples does, and
    what `report` raises.
    """
    report("Reading the sound", 0.0)
    if source.packed is None:
        samples, rate = _decode(source.path, source.path.name, start + duration)
    else:
        with tempfile.TemporaryDirectory() as folder:
            unpacked = Path(folder) / f"packed{source.path.suffix}"
            unpacked.write_bytes(source.packed)
            samples, rate = _decode(unpacked, source.path.name, start + duration)
    first = round(start * rate)
    part = samples[first : first + max(1, round(duration * rate))]
    if len(part) == 0:
        raise EmoTalkError(
            f"{source.path.name} ends before this strip begins to play it. Move the strip's left handle."
        )
    return _resample(check_samples(part.mean(axis=1)), rate, report)


def check_readable(path: Path) -> None:
    """Raise EmoTalkError for a file that aud cannot read; looks at its head only."""
    try:
        _specs(aud.Sound.file(str(path)), path.name)
    except aud.error as error:
        raise unreadable(path, path.name) from error


def _specs(sound: aud.Sound, name: str) -> tuple[int, int]:
    """Samples a second, and channels. Asked before anything else: other questions to a bad file end the process."""
    rate, channels = sound.specs
    check_rate(name, rate)
    if channels < 1:
        raise aud.error(f"{name} has no channels")
    return round(rate), channels


def _decode(path: Path, name: str, end: float) -> tuple[FloatArray, int]:
    """A file up to `end`, in seconds: float32 [samples, channels], and its rate.

    From the beginning in any case: aud's own way to a later part is wrong for mp3 and m4a.
    """
    try:
        sound = aud.Sound.file(str(path))
        rate, channels = _specs(sound, name)
        seconds = min(end + 1, sound.length / rate) if sound.length > 0 else end + 1
        if seconds * rate * channels > MOST_SAMPLES:
            raise EmoTalkError(
                f"{name} is too long to be read up to where this strip ends, {seconds / 60:.0f} minutes of it. "
                "Cut the spoken part out into a file of its own, and use that."
            )
        # Without cache() a file that aud cannot read ends the whole process.
        samples = sound.limit(0, end + 1).cache().data()
    except aud.error as error:
        raise unreadable(path, name) from error
    if len(samples) == 0:
        raise EmoTalkError(f"{name} holds no sound. Use another file.")
    return samples, rate


def _resample(samples: FloatArray, rate: int, report: Report) -> FloatArray:
    """Mono samples at 16 kHz, block by block, so that the work can be watched and cancelled."""
    if rate == SAMPLE_RATE:
        return samples
    # Whole seconds are whole samples at both rates, so that blocks meet exactly.
    blocks = []
    for second in range(0, ceil(len(samples) / rate), BLOCK):
        report("Reading the sound", second * rate / len(samples))
        before = min(second, MARGIN)
        block = samples[(second - before) * rate : (second + BLOCK + MARGIN) * rate]
        resampled = aud.Sound.buffer(np.ascontiguousarray(block, np.float32)[:, None], rate)
        resampled = resampled.resample(SAMPLE_RATE, BEST_QUALITY).cache().data()[:, 0]
        blocks.append(resampled[before * SAMPLE_RATE : (before + BLOCK) * SAMPLE_RATE])
    return np.concatenate(blocks)
