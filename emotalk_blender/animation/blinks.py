# SPDX-License-Identifier: GPL-3.0-or-later
"""Blinks, which speech does not tell."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..curves import CHANNEL, Curves

CLOSING, CLOSED, OPENING = 0.08, 0.04, 0.16
"""Seconds that the lids take to close, stay closed and open again: they close about twice as fast as they open."""

SHORTEST_PAUSE, MEAN_PAUSE = 1.5, 4.0
"""Seconds between two blinks: 15 a minute on average, as people blink while they speak."""


def blink_times(duration: float, seed: int) -> npt.NDArray[np.float64]:
    """Times (seconds) at which blinks begin in `duration` seconds; the same seed gives the same times."""
    random = np.random.default_rng(seed)
    length = CLOSING + CLOSED + OPENING
    times = []
    time = random.uniform(0.5, MEAN_PAUSE)
    while time + length < duration:
        times.append(time)
        time += SHORTEST_PAUSE + random.exponential(MEAN_PAUSE - SHORTEST_PAUSE)
    return np.array(times, dtype=np.float64)


def blink_shape(since: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How closed the lids are, 0 to 1, at times (seconds) since a blink began; 0 outside of it."""
    closing = np.clip(since / CLOSING, 0, 1)
    opening = np.clip((since - CLOSING - CLOSED) / OPENING, 0, 1)
    return _ease(closing) * (1 - _ease(opening))


def add_blinks(curves: Curves, seed: int) -> Curves:
    """The curves with both eyeBlink channels replaced by natural blinks that start and end with open eyes."""
    times = curves.times() - curves.start
    duration = curves.frames / curves.fps
    closed = np.zeros(curves.frames)
    for begin in blink_times(duration, seed):
        closed = np.maximum(closed, blink_shape(times - begin))
    values = curves.values.copy()
    for name in ("eyeBlinkLeft", "eyeBlinkRight"):
        values[:, CHANNEL[name]] = closed
    return Curves(values, curves.fps, curves.start)


def _ease(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Smoothstep: 0 to 1 with level ends."""
    return x * x * (3 - 2 * x)
