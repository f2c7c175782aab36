# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound without what lies below speech: a microphone's wind, steps, hum of a desk, an offset."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..curves import SAMPLE_RATE, FloatArray

AVERAGED = SAMPLE_RATE // 50 + 1
"""Samples of one moving average: 20 ms, an odd number, so that nothing is moved in time."""

RUMBLE_REACH = AVERAGED - 1
"""Samples on either side of a sample on which its filtered value depends."""

BLOCK = 1 << 15
"""Samples that are filtered together: their sums stay in a processor's cache."""


def without_rumble(samples: FloatArray) -> FloatArray:
    """The sound, float32 [..., samples] at 16 kHz, less its moving average of a moving average.

    Gain 1 - sinc(0.02 f)^2: nothing at 0 Hz, -46 dB at 2 Hz, -18 dB at 10 Hz, -0.4 dB at 75 Hz, 0 dB at 50 Hz and about
    0 dB above 100 Hz. At its ends the sound counts as held.
    """
    edges = [(0, 0)] * (samples.ndim - 1) + [(RUMBLE_REACH, RUMBLE_REACH)]
    padded = np.pad(samples, edges, mode="edge")
    heard: FloatArray = np.empty(samples.shape, np.float32)
    for start in range(0, samples.shape[-1], BLOCK):
        here = slice(start, min(start + BLOCK, samples.shape[-1]))
        around = padded[..., here.start : here.stop + 2 * RUMBLE_REACH].astype(np.float64)
        heard[..., here] = samples[..., here] - _moving_average(_moving_average(around))
    return heard


def _moving_average(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Means of AVERAGED successive values: [..., count] to [..., count - AVERAGED + 1]."""
    sums = np.cumsum(values, axis=-1)
    whole = sums[..., AVERAGED - 1 :].copy()
    whole[..., 1:] -= sums[..., :-AVERAGED]
    whole /= AVERAGED
    return whole
