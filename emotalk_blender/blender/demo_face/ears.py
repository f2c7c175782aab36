# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's ears: flattened shells with a rim, set into the sides of the head."""

from __future__ import annotations

import numpy as np

from ...curves import DoubleArray
from .part import tube

EAR_CENTRE = np.array([0.735, 0.12, -0.06])


def left_ear() -> tuple[DoubleArray, list[tuple[int, ...]]]:
    """Vertices and faces of the left ear; its lobe is flatter than its rim."""
    rings, count = 15, 28
    around = np.arange(count) / count * 2 * np.pi
    # From the middle of the outer side over the rim to the middle of the inner side.
    radius = np.array([0.02, 0.2, 0.4, 0.56, 0.68, 0.78, 0.88, 0.96, 1.0, 0.97, 0.88, 0.72, 0.5, 0.3, 0.05])
    height = np.array(
        [-0.035, -0.03, -0.02, 0.0, 0.035, 0.06, 0.062, 0.04, 0.0, -0.04, -0.06, -0.07, -0.08, -0.09, -0.10]
    )
    outline = 1.0 - 0.14 * np.sin(around) * np.cos(around) - 0.10 * (np.sin(around) < 0) * np.sin(around) ** 2
    loops = np.empty((rings, count, 3))
    for i in range(rings):
        loops[i, :, 1] = 0.125 * radius[i] * outline * np.cos(around)
        loops[i, :, 2] = 0.205 * radius[i] * outline * np.sin(around)
        lobe = 0.7 if i < 8 else 1.0
        loops[i, :, 0] = height[i] * np.where(np.sin(around) < -0.5, lobe, 1.0)
    points = loops.reshape(-1, 3)
    flare, tilt = np.radians(24.0), np.radians(-10.0)
    x = points[:, 0] * np.cos(flare) + points[:, 1] * np.sin(flare)
    y = -points[:, 0] * np.sin(flare) + points[:, 1] * np.cos(flare)
    z = points[:, 2]
    y, z = y * np.cos(tilt) - z * np.sin(tilt), y * np.sin(tilt) + z * np.cos(tilt)
    return EAR_CENTRE + np.column_stack([x, y, z]), [face[::-1] for face in tube(loops)]
