# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that stay shut where they are, and never pass through each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..curves import CHANNEL, PARTING_LIPS, Curves, FloatArray, lip_opening

CLOSED = 0.06
"""Opening of the lips, as lip_opening measures it, under which they count as closed."""

NARROW = (0.12, 0.30)
"""Opening up to which a moment when the mouth is narrowest is held as well as a closure is, and from which not."""

CLOSED_JAW = 0.10
"""jawOpen to which the jaw comes up while the lips are brought together over it."""

REACH = 0.1
"""Seconds to both sides over which lips that are brought together do so, and part again."""

JAW, CLOSE = CHANNEL["jawOpen"], CHANNEL["mouthClose"]
_DRAWN = [CHANNEL[name] for name in (*PARTING_LIPS, "mouthFunnel")]

Weights = npt.NDArray[np.float32]


def limit_mouth_close(curves: Curves) -> Curves:
    """The curves with mouthClose no higher than jawOpen.

    In ARKit's set mouthClose brings the lips together over an open jaw, and the same value of both shuts them: what
    exceeds jawOpen would push the lower lip through the upper one.
    """
    values = curves.values.copy()
    values[:, CLOSE] = np.minimum(values[:, CLOSE], np.maximum(values[:, JAW], 0))
    return Curves(values, curves.fps, curves.start)


def keep_closed(before: Curves, after: Curves) -> Curves:
    """The curves `after` with lips that are at least as closed as before on every frame on which they were closed.

    So they are, less and less firmly, where the mouth was narrowest but did not quite close: many a P or M is a slit.
    Around such a frame they come together over a tenth of a second. Both have the same frames.
    """
    opened, now = lip_opening(before.values), lip_opening(after.values)
    firmness = 1 - ramp(opened, NARROW)
    firmness[1:-1][(opened[1:-1] > opened[:-2]) | (opened[1:-1] > opened[2:])] = 0
    firmness[opened < CLOSED] = 1
    surplus = firmness * np.maximum(now - opened, 0)
    if not surplus.any():
        return after
    return narrowed(after, now - np.minimum(spread(surplus, after.fps), now))


def narrowed(curves: Curves, opening: Weights) -> Curves:
    """The curves with no more than this opening of the lips on each frame.

    The jaw comes up some of the way, where it hangs low, and the lips close over it.
    """
    values = curves.values.copy()
    now = lip_opening(values)
    less = now > opening
    part = np.where(less, opening / np.maximum(now, np.float32(1e-6)), 1).astype(np.float32)
    gap = part * (values[:, JAW] - values[:, CLOSE])
    values[:, _DRAWN] *= part[:, None]
    values[:, JAW] -= (1 - part) * np.maximum(values[:, JAW] - CLOSED_JAW, 0)
    values[:, CLOSE] = np.where(less, values[:, JAW] - gap, values[:, CLOSE])
    return Curves(values, curves.fps, curves.start)


def spread(weights: Weights, fps: float, seconds: float = REACH) -> Weights:
    """Each weight spread over the frames around it as a raised cosine, the highest of all on each frame."""
    reach = max(1.0, seconds * fps)
    wide = weights.copy()
    for away in range(1, min(int(np.ceil(reach)), len(weights))):
        part = np.float32(0.5 + 0.5 * np.cos(np.pi * away / reach))
        wide[away:] = np.maximum(wide[away:], part * weights[:-away])
        wide[:-away] = np.maximum(wide[:-away], part * weights[away:])
    return wide


def ramp(values: FloatArray, limits: tuple[float, float]) -> Weights:
    """0 up to the lower limit, 1 from the higher one, and smoothly from one to the other between."""
    low, high = limits
    x = np.clip((values - low) / np.float32(high - low), 0, 1)
    smooth: Weights = (x * x * (3 - 2 * x)).astype(np.float32)
    return smooth
