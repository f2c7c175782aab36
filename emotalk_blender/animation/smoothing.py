# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoothing over time that keeps peaks, and closed lips closed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..curves import Curves
from .lips import keep_closed

ORDER = 2
"""Of the polynomials: a parabola follows a peak, so that it is not worn down."""

_SHARPEST = 0.25
"""Frames of width below which a neighbour has no weight worth counting."""


def smooth(curves: Curves, milliseconds: float) -> Curves:
    """A parabola fitted around each frame, the frames near it weighing most (a normal distribution).

    As Savitzky and Golay 1964, whose five points EmoTalk's authors use, but with a width that changes steadily:
    milliseconds is twice the standard deviation, 80 smooths as much as their five points at 30 fps. Frames near the
    ends are fitted from the side that is there. Lips that were closed stay so. 0 leaves everything as it is.
    """
    width = milliseconds / 2000 * curves.fps
    if width < _SHARPEST or curves.frames <= ORDER:
        return curves
    values = curves.values
    reach = min(int(np.ceil(4 * width)), curves.frames - 1)
    smoothed = np.empty_like(values)
    middle = _weights(np.arange(-reach, reach + 1), width)
    inside = curves.frames - 2 * reach
    if inside > 0:
        parts = (weight * values[shift : shift + inside] for shift, weight in enumerate(middle))
        smoothed[reach : reach + inside] = sum(parts)
    for frame in [*range(min(reach, curves.frames)), *range(max(reach, reach + inside), curves.frames)]:
        first, last = max(0, frame - reach), min(curves.frames, frame + reach + 1)
        smoothed[frame] = _weights(np.arange(first, last) - frame, width) @ values[first:last]
    return keep_closed(curves, Curves(smoothed, curves.fps, curves.start))


def _weights(offsets: npt.NDArray[np.int64], width: float) -> npt.NDArray[np.float32]:
    """Of the frames at these offsets for the value at 0 of the parabola through them: [offsets], their sum 1."""
    near = np.exp(-0.5 * (offsets / width) ** 2)
    powers = (offsets / width)[:, None] ** np.arange(ORDER + 1)
    moments = (powers * near[:, None]).T @ powers
    weights: npt.NDArray[np.float32] = (np.linalg.pinv(moments)[0] @ (powers * near[:, None]).T).astype(np.float32)
    return weights
