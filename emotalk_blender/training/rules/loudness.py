# SPDX-License-Identifier: GPL-3.0-or-later
"""How loud speech is at each moment, and the time that the rules count in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...curves import FPS, SAMPLE_RATE, BoolArray, DoubleArray, FloatArray
from ...network.rumble import without_rumble
from .phones import SILENCE, Phone

OVERSAMPLING = 4
"""Rules are evaluated at 120 Hz: a closure may be shorter than two frames."""
RATE = FPS * OVERSAMPLING
AUDIBLE = 0.03
"""Loudness of speech at least, relative to loud speech: -30 dB."""


def frame_count(samples: int, rate: int = SAMPLE_RATE) -> int:
    """Frames of a clip at 30 fps, as the network counts them: the samples rounded up."""
    return -(-samples * FPS // rate)


def loudness(samples: FloatArray, phones: Sequence[Phone] | None = None, rate: int = SAMPLE_RATE) -> DoubleArray:
    """Loudness at 120 Hz relative to the clip's loud speech (1 = 90th percentile): float64 [4 * frames].

    phones: None where nobody noted them; all of the clip then counts as speech. Without rumble, which has power and is
    not loud.
    """
    count = frame_count(len(samples), rate) * OVERSAMPLING
    window = np.hanning(int(0.06 * rate) + 2)[1:-1]
    power = np.convolve(without_rumble(samples).astype(np.float64) ** 2, window / window.sum(), mode="same")
    times = np.arange(count) / RATE
    level = np.sqrt(power[np.minimum((times * rate).astype(int), len(power) - 1)])
    if phones is None:
        phones = [Phone("AH", 0.0, len(samples) / rate)]
    speaking = spoken(times, phones)
    reference = np.percentile(level[speaking], 90) if speaking.any() else 0.0
    relative: DoubleArray = level / max(float(reference), 1e-4)
    return relative


def spoken(times: DoubleArray, phones: Sequence[Phone]) -> BoolArray:
    """Which times (seconds, ascending) lie within a phone that is no silence."""
    inside = np.zeros(len(times), bool)
    for phone in phones:
        if phone.name != SILENCE:
            first, last = np.searchsorted(times, [phone.start, phone.end])
            inside[first:last] = True
    return inside


def smooth(values: DoubleArray, seconds: float) -> DoubleArray:
    """Values at 120 Hz under a Hann window of that full width, ends held."""
    half = max(1, int(seconds * RATE / 2))
    window = np.hanning(2 * half + 3)[1:-1]
    padded = np.pad(values, half, mode="edge")
    return np.convolve(padded, window / window.sum(), mode="valid")
