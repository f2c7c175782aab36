# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves whose lips are exactly as far apart as they should be, at a film's rate and at a steady one."""

from __future__ import annotations

import numpy as np

from ...curves import CHANNEL, DoubleArray, FloatArray

PARTING = ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight")
PARTING_PART = 0.25
"""What each of them counts in the opening of the lips, beside jawOpen less mouthClose."""

PARTS_LIPS = {"mouthFunnel": 3.0, "mouthShrugUpper": 2.0}
"""Shapes that part a face's lips though the measure leaves them out, and how much they may be for an opening of 1."""

_JAW, _CLOSE = CHANNEL["jawOpen"], CHANNEL["mouthClose"]
_PARTING = [CHANNEL[name] for name in PARTING]


def with_opening(curves: DoubleArray, opening: DoubleArray) -> FloatArray:
    """The curves [frames, 52] with this opening of the lips on each frame, by as much jaw as it takes.

    opening: [frames], in [0, 1]. mouthClose stays as it is; what parts the lips by more than that is less.
    """
    values = np.clip(curves, 0, 1)
    apart = PARTING_PART * values[:, _PARTING].sum(axis=1)
    values[:, _PARTING] *= np.where(apart > opening, opening / np.maximum(apart, 1e-9), 1)[:, None]
    gap = np.maximum(opening - PARTING_PART * values[:, _PARTING].sum(axis=1), 0)
    values[:, _CLOSE] = np.minimum(values[:, _CLOSE], 1 - gap)
    values[:, _JAW] = values[:, _CLOSE] + gap
    return values.astype(np.float32)


def at_rate(times: DoubleArray, curves: FloatArray, opening: DoubleArray, fps: float) -> FloatArray:
    """The curves of a film at a steady rate from time 0 to the last of `times`: float32 [frames, 52].

    times: of the film's frames, rising; opening: of its lips, [frames]. Linear between the film's frames, but lips that
    touch in a frame touch in the nearest one of the result: lines would open a closure that lasts one frame.
    """
    moments = np.arange(int(np.floor(times[-1] * fps + 1e-6)) + 1) / fps
    values = np.stack([np.interp(moments, times, column) for column in curves.T.astype(np.float64)], axis=1)
    apart = np.interp(moments, times, opening)
    nearest = np.rint(times[opening == 0] * fps).astype(np.intp)
    apart[nearest[(nearest >= 0) & (nearest < len(apart))]] = 0
    for name, reach in PARTS_LIPS.items():
        values[:, CHANNEL[name]] = np.minimum(values[:, CHANNEL[name]], reach * apart)
    return with_opening(values, apart)
