# SPDX-License-Identifier: GPL-3.0-or-later
"""What a network must beat: a jaw that follows loudness, its own curves at another time, and a face at rest."""

from __future__ import annotations

import numpy as np

from ...curves import ARKIT_NAMES, CHANNEL, FloatArray
from ..rules.loudness import loudness

CHANCE_SHIFTS = (-12, -10, -8, 8, 10, 12)
"""Frames by which a curve is moved in time to see what it would score by chance."""

LOUDNESS_POWER = 0.35
LOUD_JAW = 0.35
"""jawOpen of loud speech where loudness drives a whole face."""


def loudness_opening(samples: FloatArray, frames: int) -> FloatArray:
    """An opening that is loudness to the power 0.35 and knows no words, [frames]; 1 is loud speech."""
    level = loudness(samples)[::4]
    level = np.pad(level, (0, max(0, frames - len(level))))[:frames]
    return np.clip(level**LOUDNESS_POWER, 0, 1.2).astype(np.float32)


def loudness_face(loud: FloatArray) -> FloatArray:
    """A face of which only the jaw moves, with a loudness_opening [frames]: [frames, 52]."""
    face = np.zeros((len(loud), len(ARKIT_NAMES)), np.float32)
    face[:, CHANNEL["jawOpen"]] = LOUD_JAW * loud
    return face


def by_chance(curves: FloatArray) -> list[FloatArray]:
    """The curves [frames, ...] moved in time (round the ends) by each of CHANCE_SHIFTS."""
    return [np.roll(curves, shift, axis=0) for shift in CHANCE_SHIFTS]
