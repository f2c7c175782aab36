# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoothing over time that keeps peaks."""

from __future__ import annotations

import numpy as np

from ..curves import Curves

WINDOW = 5
ORDER = 2


def smooth(curves: Curves) -> Curves:
    """Savitzky-Golay smoothing (Savitzky and Golay 1964), a parabola through each five frames, as EmoTalk does.

    The first and last two frames lie on the parabolas of the first and last five. Shorter curves stay as they are.
    """
    if curves.frames < WINDOW:
        return curves
    offsets = np.arange(WINDOW) - WINDOW // 2
    powers = offsets[:, None] ** np.arange(ORDER + 1)
    fit = (powers @ np.linalg.pinv(powers)).astype(np.float32)
    half = WINDOW // 2
    values = curves.values
    stacked = np.stack([values[shift : len(values) - WINDOW + 1 + shift] for shift in range(WINDOW)])
    middle = np.tensordot(fit[half], stacked, axes=1)
    smoothed = np.concatenate([fit[:half] @ values[:WINDOW], middle, fit[-half:] @ values[-WINDOW:]])
    return Curves(smoothed.astype(np.float32), curves.fps, curves.start)
