# SPDX-License-Identifier: GPL-3.0-or-later
"""Lip closures made firmer: the lips come together where the network nearly shuts them."""

from __future__ import annotations

import numpy as np

from ..curves import CHANNEL, Curves, FloatArray, lip_opening
from .lips import CLOSE, Weights, narrowed, ramp, spread

AROUND = 0.2
"""Seconds before and after a closure in which the mouth opens for the sounds beside it."""

DEPTH = (0.60, 0.85)
"""Opening at a closure, as a part of the lower of the two peaks beside it: a closure for certain, none for certain."""

FULL_CLOSE, FULL_ROLL = 0.05, 0.14
"""mouthClose and mouthRollUpper of a whole closure, as the rules that taught the default weights make them: for P, B
and M alone, so that both of them tell more than mouthPress, which other narrow sounds have too."""

FULL_LOWER_ROLL = 0.9
"""mouthRollLower that tells as much: beyond that of F and V, for which many an M is taken."""

EFFORT = (0.1, 0.3)
"""Part of a whole closure to which the lips come at least: in another narrow sound, in a closure that was meant."""

NEAR = (0.25, 0.40)
"""Opening that may be a closure, and that is too wide for one."""

PRESS_ON = 0.04
"""Opening by which shut lips would go on if they could pass through each other: they meet in full movement and press
on (Lofqvist and Gracco 1997, Lip and jaw kinematics in bilabial stop consonant production)."""

HOLD = 0.035
"""Seconds before and after the middle of a closure in which the lips are shut too, so that it is seen at 24 fps."""

_UPPER, _LOWER = CHANNEL["mouthRollUpper"], CHANNEL["mouthRollLower"]

APPROACH = 0.065
"""Seconds before and after that in which they come together and part: the mouth still opens between two closures."""


def emphasise_closures(curves: Curves, amount: float) -> Curves:
    """The curves with lips that come together where the network means them to: on P, B and M, and often F and V.

    amount: 0 leaves them as they are, 1 shuts every closure that was meant. A closure was meant where the mouth is
    narrower than on both sides of it while the lips come and roll in most. What counts as such was chosen on four
    recordings with known phones, and tells a slit that should be an M from a K now and then only. At an amount of 1 the
    default weights shut the lips in 68 % of P, B and M instead of 42 %, and in 23 % of T, K, S and the like instead of
    8 %; at 0.5 it is 52 % and 17 %.
    """
    if amount <= 0 or curves.frames < 3:
        return curves
    opening = lip_opening(curves.values)
    sure = _sureness(curves.values, opening, curves.fps)
    reach = max(1, round(HOLD * curves.fps))
    shut = np.maximum(sure, np.maximum(*_highest_beside(sure, reach)))
    on_the_way = spread(shut * (opening + PRESS_ON), curves.fps, APPROACH)
    return narrowed(curves, np.maximum(opening - np.float32(min(amount, 1.0)) * on_the_way, 0))


def _sureness(values: FloatArray, opening: Weights, fps: float) -> Weights:
    """How surely each frame is the middle of a closure that was meant, [frames], 0 to 1."""
    both = np.minimum(values[:, CLOSE] / np.float32(FULL_CLOSE), values[:, _UPPER] / np.float32(FULL_ROLL))
    effort = np.maximum(both, values[:, _LOWER] / np.float32(FULL_LOWER_ROLL))
    around = max(1, round(AROUND * fps))
    before, after = _highest_beside(opening, around)
    lower_peak = np.maximum(np.minimum(before, after), np.float32(1e-6))
    sure = (1 - ramp(opening / lower_peak, DEPTH)) * ramp(effort, EFFORT) * (1 - ramp(opening, NEAR))
    beside = max(1, round(around / 3))
    sure[effort < np.maximum(*_highest_beside(effort, beside))] = 0
    return sure


def _highest_beside(values: Weights, reach: int) -> tuple[Weights, Weights]:
    """The highest value within `reach` frames before each, and after it; at the ends, that of the frame itself."""
    padded = np.pad(values, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach).max(axis=1)
    return windows[: len(values)], windows[reach + 1 :]
