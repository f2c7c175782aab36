# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's form: a signed distance field of smoothly blended round shapes, in Suzanne-sized units.

The character looks towards -Y with Z up, so its own left is +X.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...curves import DoubleArray

Field = Callable[[DoubleArray], DoubleArray]

EYE_CENTRE = np.array([0.335, -0.405, 0.0])
"""Centre of the left eyeball; the right one is its mirror image."""
EYE_RADIUS = 0.32
LID_RADIUS = EYE_RADIUS * 1.085
"""Outside of the closed lids, as a sphere around the eyeball."""
MOUTH_Z = -0.53
"""Height of the line where the closed lips meet."""


def _length(vectors: DoubleArray) -> DoubleArray:
    return np.sqrt(vectors[..., 0] ** 2 + vectors[..., 1] ** 2 + vectors[..., 2] ** 2)


def _ellipsoid(
    points: DoubleArray, centre: tuple[float, float, float], radii: tuple[float, float, float]
) -> DoubleArray:
    scaled = (points - centre) / radii
    length = _length(scaled)
    slope = _length(scaled / radii)
    return length * (length - 1.0) / np.maximum(slope, 1e-9)


def _sphere(points: DoubleArray, centre: tuple[float, float, float], radius: float) -> DoubleArray:
    return _length(points - centre) - radius


def _capsule(
    points: DoubleArray, start: tuple[float, float, float], end: tuple[float, float, float], r0: float, r1: float
) -> DoubleArray:
    axis = np.subtract(end, start)
    offset = points - start
    along = np.clip((offset * axis).sum(axis=-1) / (axis * axis).sum(), 0.0, 1.0)
    return _length(offset - along[..., None] * axis) - (r0 + (r1 - r0) * along)


def smooth_union(a: DoubleArray, b: DoubleArray, blend: float) -> DoubleArray:
    """Union of two distances with a fillet of about `blend` where they meet (polynomial smooth minimum)."""
    h = np.clip(0.5 + 0.5 * (b - a) / blend, 0.0, 1.0)
    return b + (a - b) * h - blend * h * (1.0 - h)


def _smooth_cut(a: DoubleArray, b: DoubleArray, blend: float) -> DoubleArray:
    """What is left of shape a after shape b was taken out of it."""
    return -smooth_union(-a, b, blend)


def plain_face(points: DoubleArray) -> DoubleArray:
    """Distance to the head without nose and eyelids, [n, 3] -> [n]: what lips and cheeks slide over."""
    side = points.copy()
    side[..., 0] = np.abs(side[..., 0])
    head = _ellipsoid(points, (0.0, 0.08, 0.24), (0.78, 0.86, 0.78))
    head = smooth_union(head, _ellipsoid(points, (0.0, -0.21, -0.26), (0.64, 0.55, 0.52)), 0.24)
    head = smooth_union(head, _ellipsoid(points, (0.0, -0.25, -0.52), (0.47, 0.47, 0.35)), 0.24)
    head = smooth_union(head, _sphere(points, (0.0, -0.58, -0.74), 0.14), 0.26)
    head = smooth_union(head, _sphere(side, (0.38, -0.47, -0.33), 0.22), 0.24)
    head = smooth_union(head, _ellipsoid(points, (0.0, -0.50, -0.52), (0.30, 0.265, 0.20)), 0.16)
    neck = _capsule(points, (0.0, 0.14, -0.5), (0.0, 0.24, -1.7), 0.26, 0.29)
    return smooth_union(head, neck, 0.16)


def skin(points: DoubleArray) -> DoubleArray:
    """Distance to the whole skin with nose, brow ridge and closed eyelids, [n, 3] -> [n]."""
    side = points.copy()
    side[..., 0] = np.abs(side[..., 0])
    face = plain_face(points)
    face = smooth_union(face, _capsule(side, (0.0, -0.67, 0.26), (0.46, -0.55, 0.27), 0.06, 0.05), 0.30)
    face = _smooth_cut(face, _ellipsoid(side, (0.30, -0.80, -0.01), (0.25, 0.20, 0.19)), 0.14)
    face = smooth_union(face, _sphere(side, tuple(EYE_CENTRE), LID_RADIUS), 0.09)
    nose = _capsule(points, (0.0, -0.70, 0.04), (0.0, -0.85, -0.21), 0.05, 0.075)
    nose = smooth_union(nose, _sphere(points, (0.0, -0.875, -0.25), 0.092), 0.08)
    for x in (-0.088, 0.088):
        nose = smooth_union(nose, _sphere(points, (x, -0.81, -0.27), 0.055), 0.06)
    return smooth_union(face, nose, 0.10)


def gradient(field: Field, points: DoubleArray, step: float = 1e-4) -> DoubleArray:
    """Unit normals of a distance field at the points, [n, 3]."""
    return _slope(field, points, field(points), step)


def _slope(field: Field, points: DoubleArray, distance: DoubleArray, step: float = 1e-4) -> DoubleArray:
    slope = np.stack([field(points + axis) - distance for axis in np.eye(3) * step], axis=-1)
    return slope / np.maximum(_length(slope), 1e-12)[..., None]


def pull_to_surface(field: Field, points: DoubleArray) -> DoubleArray:
    """Points moved along the field's slope onto its zero surface, or very nearly."""
    distance = field(points)
    return points - _slope(field, points, distance) * distance[..., None]


def cast(field: Field, start: DoubleArray, direction: DoubleArray, far: float = 2.5, steps: int = 60) -> DoubleArray:
    """Where rays coming in from `far` away towards `start` first meet the field's surface, [n, 3]."""
    distance = np.full(direction.shape[:-1], far)
    for _ in range(steps):
        ahead = field(start + direction * distance[..., None])
        distance = np.maximum(distance - 0.9 * ahead, 0.0)
        if np.abs(ahead).max() < 1e-4:
            break
    return start + direction * distance[..., None]
