# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound files to what the network hears: mono, 16 kHz, finite."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..curves import SAMPLE_RATE, FloatArray
from ..errors import EmoTalkError
from ..files.paths import is_folder, stamp
from .features import sound_key
from .progress import Report

SLOWEST_RATE = 1000
"""Samples per second under which a file holds no speech."""

FASTEST_RATE = 1_000_000
"""Samples per second that no recorder reaches; decoders break over the billions that a damaged file may name."""

MOST_SAMPLES = 1 << 29
"""How many samples are kept in memory while a sound is read: 2 GiB of float32, three hours of mono at 48 kHz."""

BLOCK = 1 << 20


@dataclass(frozen=True)
class SoundFile:
    """The sound of a whole file, as read_sound reads it."""

    path: Path

    def signature(self) -> Hashable:
        """The path, and when the file was changed last."""
        return (self.path, stamp(self.path))

    def read(self, _report: Report) -> FloatArray:
        """float32 [samples], 16 kHz. Raises EmoTalkError as read_sound and to_network_samples do."""
        return to_network_samples(read_sound(self.path))


@dataclass(frozen=True, eq=False)
class Samples:
    """Sound that is in memory: float32 [samples], 16 kHz mono."""

    values: FloatArray

    def signature(self) -> Hashable:
        """A checksum of the samples."""
        return sound_key(self.values)

    def read(self, _report: Report) -> FloatArray:
        """The samples."""
        return self.values


@dataclass(frozen=True)
class Recording:
    """Mono sound: samples float32 [count] and their rate per second."""

    samples: FloatArray
    rate: int


def read_sound(path: Path) -> Recording:
    """Read a sound file (wav, flac, ogg, opus, mp3, aiff) and mix its channels to mono, by their mean.

    Raises EmoTalkError for a file that is missing, empty, too long, or no sound.
    """
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            rate = int(file.samplerate)
            check_rate(path.name, rate)
            blocks = list(_mono_blocks(file, path.name))
    except (soundfile.SoundFileError, OSError, RuntimeError, ValueError) as error:
        raise unreadable(path, path.name) from error
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    if len(samples) == 0:
        raise EmoTalkError(f"{path.name} holds no sound. Choose another file.")
    return Recording(samples, rate)


def _mono_blocks(file: Any, name: str) -> Iterator[FloatArray]:
    """Blocks of mono samples from where an opened file stands to its end, whatever its head says of its length."""
    count = 0
    full = True
    while full:
        block = file.read(BLOCK, dtype="float32", always_2d=True)
        count += len(block)
        if count > MOST_SAMPLES:
            raise EmoTalkError(f"{name} is too long. Cut the spoken part out into a file of its own, and use that.")
        full = len(block) == BLOCK
        yield block.mean(axis=1)


def check_rate(name: str, rate: float) -> None:
    """Raise EmoTalkError for samples per second that no speech has."""
    if not SLOWEST_RATE <= rate <= FASTEST_RATE:
        wrong = "too few" if rate < SLOWEST_RATE else "too many"
        raise EmoTalkError(f"{name} has {rate:.0f} samples a second, {wrong} for speech. Choose another file.")


def unreadable(path: Path, name: str) -> EmoTalkError:
    """The error for a file that could not be read as sound; name: as the artist knows it."""
    try:
        path.open("rb").close()
    except (OSError, ValueError) as error:
        if is_folder(path):
            return EmoTalkError(f"{path} is a folder. Choose a sound file in it.")
        if isinstance(error, PermissionError):
            return EmoTalkError(f"The sound file {name} may not be read. Change its permissions, or use a copy.")
        return EmoTalkError(f"The sound file {path} does not exist. Choose another one.")
    return EmoTalkError(f"{name} cannot be read as sound. Convert it to WAV and use that file.")


def to_network_samples(recording: Recording) -> FloatArray:
    """A recording as the network takes it: float32 [samples], 16 kHz; soxr at its high quality does the resampling.

    Raises EmoTalkError as check_samples does, and where soxr is not installed.
    """
    samples = check_samples(recording.samples)
    if recording.rate == SAMPLE_RATE:
        return samples
    try:
        import soxr
    except ImportError as error:
        raise EmoTalkError(
            f"Sound at {recording.rate} Hz needs the Python package soxr. Install it, or use sound at {SAMPLE_RATE} Hz."
        ) from error
    resampled: FloatArray = soxr.resample(samples, recording.rate, SAMPLE_RATE).astype(np.float32)
    return resampled if len(resampled) else np.zeros(1, np.float32)


def check_samples(samples: FloatArray) -> FloatArray:
    """Mono samples made safe for the network: float32 [samples] within [-1, 1].

    Samples that are no numbers become silence; sound above full scale is scaled down as a whole. Raises EmoTalkError
    where there is no sample, or none that is a number.
    """
    if len(samples) == 0:
        raise EmoTalkError("The sound is empty. Choose a strip or file with sound in it.")
    lowest, highest = float(samples.min()), float(samples.max())
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        finite = np.isfinite(samples)
        if not finite.any():
            raise EmoTalkError("The sound is damaged: none of its samples is a number. Export it again.")
        samples = np.where(finite, samples, np.float32(0))
        lowest, highest = float(samples.min()), float(samples.max())
    peak = max(-lowest, highest)
    return (samples / peak if peak > 1 else samples).astype(np.float32, copy=False)
