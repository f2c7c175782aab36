# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech of any length for benchmarks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from emotalk_blender.curves import SAMPLE_RATE, FloatArray
from tools.environment import ROOT

SAMPLE = ROOT / "tests/data/spoken_sample.flac"


def samples_of(seconds: float) -> FloatArray:
    """The spoken sample, repeated until it is so long: float32 [samples], mono, 16 kHz."""
    samples, _ = soundfile.read(SAMPLE, dtype="float32")
    repeated: FloatArray = np.resize(samples, round(seconds * SAMPLE_RATE))
    return repeated


def speech_of(seconds: float, path: Path, start: float = 0.0) -> Path:
    """Write the spoken sample, from this second on and repeated until it is so long, as a WAV file."""
    samples, rate = soundfile.read(SAMPLE, dtype="float32")
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.resize(np.roll(samples, -round(start * rate)), round(seconds * rate)), rate)
    return path
