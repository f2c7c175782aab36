# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves of all 52 blendshapes for tests."""

from __future__ import annotations

import numpy as np

from emotalk_blender.curves import CHANNEL, Curves


def noisy(frames: int, seed: int = 0, low: float = -0.2, high: float = 1.2) -> Curves:
    """Random weights at 30 fps, some of them outside of [0, 1]."""
    values = np.random.default_rng(seed).uniform(low, high, (frames, 52)).astype(np.float32)
    return Curves(values, 30)


def still(frames: int, **weights: float) -> Curves:
    """A face that rests but for these weights, at 30 fps; names without a side stand for both sides."""
    values = np.zeros((frames, 52), np.float32)
    for name, weight in weights.items():
        for whole in (name, f"{name}Left", f"{name}Right"):
            if whole in CHANNEL:
                values[:, CHANNEL[whole]] = weight
    return Curves(values, 30)


def random_curves(seconds: float, seed: int = 0) -> Curves:
    """30 fps, weights within [0, 1]."""
    return noisy(round(seconds * 30), seed, 0.0, 1.0)


def smooth_curves(seconds: float, seed: int = 0) -> Curves:
    """30 fps, weights within [0, 1] that rise and fall about four times a second, as speech does."""
    count = round(seconds * 30)
    points = np.random.default_rng(seed).uniform(0.1, 0.8, (count // 4 + 2, 52))
    times = np.arange(count) / 4
    left, part = times.astype(int), (times % 1)[:, None]
    ease = part * part * (3 - 2 * part)
    return Curves((points[left] * (1 - ease) + points[left + 1] * ease).astype(np.float32), 30.0)
