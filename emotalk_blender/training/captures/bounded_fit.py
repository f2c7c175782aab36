# SPDX-License-Identifier: GPL-3.0-or-later
"""Least squares for curves that stay within bounds, move smoothly, and keep a given sum exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...curves import BoolArray, DoubleArray

STEPS = 400


@dataclass(frozen=True)
class Problem:
    """The sum over frames t of x_t' gram x_t - 2 x_t' pull_t, plus smooth * |x_t - x_(t-1)|^2 for each curve.

    gram: [curves, curves], positive definite; pull: [frames, curves]; smooth: [curves], at least 0.
    joined: bool [frames - 1], whether a frame moves on from the one before it.
    parts, total: what must be met exactly: parts [shares] times the first `shares` curves of frame t is total_t, at
    least 0.
    most: upper bounds of all curves but the shares, [frames, curves - shares].
    """

    gram: DoubleArray
    pull: DoubleArray
    smooth: DoubleArray
    joined: BoolArray
    parts: DoubleArray
    total: DoubleArray
    most: DoubleArray


def fit(problem: Problem, steps: int = STEPS) -> DoubleArray:
    """The curves [frames, curves], at least 0 and at most what they may be, for which the sum is lowest.

    An accelerated projected gradient (Beck and Teboulle 2009, FISTA) that starts anew where it overshoots (O'Donoghue
    and Candes 2015), on curves scaled so that all weigh alike.
    """
    size = np.sqrt(np.diag(problem.gram))
    gram = problem.gram / np.outer(size, size)
    pull = problem.pull / size
    smooth = problem.smooth / size**2
    shares = len(problem.parts)
    parts = problem.parts / size[:shares]
    most = problem.most * size[shares:]
    step = 1 / (float(np.linalg.eigvalsh(gram)[-1]) + 4 * float(smooth.max(initial=0)))
    joined = problem.joined.astype(np.float64)[:, None]

    def within(curves: DoubleArray) -> DoubleArray:
        shared = on_plane(curves[:, :shares], parts, problem.total)
        return np.concatenate([shared, np.clip(curves[:, shares:], 0, most)], axis=1)

    found = within(pull)
    ahead, speed = found, 1.0
    for _ in range(steps):
        change = joined * np.diff(ahead, axis=0)
        slope = ahead @ gram - pull
        slope[1:] += smooth * change
        slope[:-1] -= smooth * change
        following = within(ahead - step * slope)
        if float(((ahead - following) * (following - found)).sum()) > 0:
            speed = 1.0
        faster = (1 + np.sqrt(1 + 4 * speed**2)) / 2
        ahead = following + (speed - 1) / faster * (following - found)
        found, speed = following, faster
    curves: DoubleArray = found / size
    return curves


def on_plane(points: DoubleArray, parts: DoubleArray, total: DoubleArray) -> DoubleArray:
    """The points of [frames, shares] that are nearest, at least 0, and whose sum weighted by parts is total.

    parts: [shares], above 0; total: [frames], at least 0.
    """
    # Each share is max(0, point - level * part); the level of each frame lies between two of the shares' own levels.
    order = np.argsort(-points / parts, axis=1)
    ranked = np.take_along_axis(points, order, axis=1)
    weights = parts[order]
    level = (np.cumsum(weights * ranked, axis=1) - total[:, None]) / np.cumsum(weights**2, axis=1)
    used = (ranked / weights > level).sum(axis=1)
    picked = np.take_along_axis(level, np.maximum(used - 1, 0)[:, None], axis=1)
    nearest: DoubleArray = np.maximum(points - picked * parts, 0)
    return nearest
