# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoothing over time that keeps peaks, by any number of milliseconds."""

from __future__ import annotations

import numpy as np

from ..curves import Curves, DoubleArray, FloatArray

HEIGHT_IN_SIGMAS = 2.3548
"""Width of a normal distribution at half of its height, in standard deviations."""

REACH_IN_SIGMAS = 4.0
"""Frames further away have no weight worth counting."""

_SHARPEST = 0.25
"""Standard deviation in frames under which neighbours weigh less than float32 can tell."""


def smooth(curves: Curves, milliseconds: float) -> Curves:
    """The curves, each frame on the parabola that fits the frames around it best, the near ones weighing most.

    Local regression as by Cleveland 1979; with equal weights it is Savitzky and Golay 1964, whose five points EmoTalk's
    authors use. The weights are a normal distribution, `milliseconds` wide at half of its height, so that the effect
    grows steadily from none at 0; 80 smooths as much as the five points at 30 fps. Frames near the ends are fitted
    from the side that is there.
    """
    sigma = milliseconds / 1000 * curves.fps / HEIGHT_IN_SIGMAS
    if sigma < _SHARPEST or curves.frames < 3:
        return curves
    values, count = curves.values, curves.frames
    reach = max(2, int(np.ceil(REACH_IN_SIGMAS * sigma)))
    smoothed = np.empty_like(values)
    if count <= 2 * reach:
        frames = np.arange(count, dtype=np.float64)
        smoothed[:] = _kernels(frames - frames[:, None], sigma) @ values
        return Curves(smoothed, curves.fps, curves.start)
    middle = _kernels(np.arange(-reach, reach + 1, dtype=np.float64)[None], sigma)[0]
    smoothed[reach : count - reach] = _convolved(values, middle)
    window = np.arange(2 * reach, dtype=np.float64)
    first = _kernels(window - window[:reach, None], sigma)
    smoothed[:reach] = first @ values[: 2 * reach]
    smoothed[count - reach :] = first[::-1, ::-1] @ values[count - 2 * reach :]
    return Curves(smoothed, curves.fps, curves.start)


def _kernels(distances: DoubleArray, sigma: float) -> FloatArray:
    """What each frame adds to the parabola at distance 0, [rows, frames], each row's sum 1; distances in frames."""
    u = distances / sigma
    powers = u[..., None] ** np.arange(3)
    weighted = powers * np.exp(-0.5 * u * u)[..., None]
    moments = weighted.transpose(0, 2, 1) @ powers
    level = np.broadcast_to(np.array([[1.0], [0.0], [0.0]]), (len(u), 3, 1))
    kernels: FloatArray = (weighted @ np.linalg.solve(moments, level))[..., 0].astype(np.float32)
    return kernels


def _convolved(values: FloatArray, kernel: FloatArray) -> FloatArray:
    """The frames on which all of a symmetric kernel [2 * reach + 1] fits: [frames - 2 * reach, 52]."""
    reach, count = len(kernel) // 2, len(values)
    total: FloatArray = values[reach : count - reach] * kernel[reach]
    for shift in range(1, reach + 1):
        pair = values[reach - shift : count - reach - shift] + values[reach + shift : count - reach + shift]
        pair *= kernel[reach + shift]
        total += pair
    return total
