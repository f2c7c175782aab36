# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of the face, each with a strength of its own."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from ..curves import ARKIT_NAMES, CHANNEL, Curves
from .lips import keep_closed
from .settings import RegionStrengths

_BEGINNINGS = {
    "mouth": ("mouth",),
    "jaw": ("jaw",),
    "brows": ("brow",),
    "eyes": ("eyeLook", "eyeSquint", "eyeWide"),
    "cheeks_nose": ("cheek", "nose"),
    "tongue": ("tongue",),
}
"""How the names of the blendshapes of each region begin. Blinks belong to none: half a blink looks asleep."""

CHANNELS: dict[str, list[int]] = {
    region: [CHANNEL[name] for name in ARKIT_NAMES if name.startswith(beginnings) and name != "mouthClose"]
    for region, beginnings in _BEGINNINGS.items()
}
"""Columns of the blendshapes of each region. mouthClose goes with the jaw, over which it shuts the lips."""


def scale_regions(curves: Curves, strengths: RegionStrengths) -> Curves:
    """The curves with each region as strong as asked; lips that were closed stay so. Strengths of 1 change nothing."""
    if strengths == RegionStrengths():
        return curves
    values = curves.values.copy()
    for region, strength in asdict(strengths).items():
        values[:, CHANNELS[region]] *= np.float32(strength)
    jaw, close = CHANNEL["jawOpen"], CHANNEL["mouthClose"]
    values[:, jaw] = np.minimum(values[:, jaw], 1)
    # As far as the jaw, so that lips that met over it still do.
    before = np.maximum(curves.values[:, jaw], np.float32(1e-6))
    values[:, close] *= np.maximum(values[:, jaw], 0) / before
    return keep_closed(curves, Curves(values, curves.fps, curves.start))
