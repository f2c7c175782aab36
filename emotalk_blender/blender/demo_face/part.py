# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh of the demo face as plain arrays, and the few ways in which its parts are put together."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...curves import DoubleArray


@dataclass
class Part:
    """One object of the face.

    vertices: [n, 3]; faces: vertex indices; materials: the material's name for each face.
    keys: displacements [n, 3] by shape key name; blush: [n], how rosy the skin is, or None.
    """

    name: str
    vertices: DoubleArray
    faces: list[tuple[int, ...]]
    materials: list[str]
    keys: dict[str, DoubleArray] = field(default_factory=dict)
    blush: DoubleArray | None = None


def tube(loops: DoubleArray, cap: bool = True) -> list[tuple[int, ...]]:
    """Faces of a tube through loops [rings, points, 3] whose vertices follow each other, with closed ends."""
    rings, count = loops.shape[:2]
    faces: list[tuple[int, ...]] = []
    for r in range(rings - 1):
        for i in range(count):
            j = (i + 1) % count
            faces.append((r * count + i, r * count + j, (r + 1) * count + j, (r + 1) * count + i))
    if cap:
        faces.append(tuple(range(count))[::-1])
        faces.append(tuple(range((rings - 1) * count, rings * count)))
    return faces


def mirrored(points: DoubleArray) -> DoubleArray:
    """Points on the other side of the face."""
    return points * np.array([-1.0, 1.0, 1.0])
