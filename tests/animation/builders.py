# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves for tests."""

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
