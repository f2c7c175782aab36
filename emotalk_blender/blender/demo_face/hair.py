# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's hair and eyebrows."""

from __future__ import annotations

import numpy as np

from ...curves import DoubleArray
from . import surface as surface
from .fields import Region, smooth
from .keys import moving_keys
from .part import Part, mirrored, tube

CENTRE = np.array([0.0, 0.08, 0.15])


def brows() -> Part:
    """Two tapered brows that lie on the brow ridge and follow the skin."""
    count, segments = 15, 8
    t = np.linspace(0.0, 1.0, count)
    x = 0.115 + 0.44 * t
    z = (
        0.350
        + 0.058 * np.sin(0.5 * np.pi * np.minimum(t / 0.55, 1.0))
        - 0.070 * np.maximum(t - 0.55, 0.0) ** 1.4 / 0.25
    )
    start = np.column_stack([x, np.full(count, -0.3), z])
    middle = surface.cast(surface.skin, start, np.broadcast_to(np.array([0.0, -1.0, 0.0]), start.shape))
    normal = surface.gradient(surface.skin, middle)
    forward = np.gradient(middle, axis=0)
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    up = np.cross(normal, forward)
    up *= np.sign(up[:, 2:3])
    high = 0.050 * np.clip(np.sin(np.pi * np.clip(0.16 + 0.84 * t, 0, 1)) ** 0.6, 0.05, 1.0) * (1.0 - 0.35 * t)
    high[:2] *= (0.45, 0.85)
    deep = 0.022 * (high / high.max())
    around = np.arange(segments) / segments * 2 * np.pi
    loops = middle[:, None] + up[:, None] * (high[:, None] * np.cos(around))[..., None]
    loops = loops + normal[:, None] * (deep[:, None] * np.sin(around))[..., None]
    faces = tube(loops)
    points = loops.reshape(-1, 3)
    half = len(points)
    vertices = np.vstack([points, mirrored(points)])
    faces += [tuple(half + i for i in face[::-1]) for face in faces]
    mirror = np.concatenate([np.arange(half, 2 * half), np.arange(half)])
    unknown = np.full(2 * half, np.nan)
    region = Region(vertices, mirror, unknown, unknown, unknown, unknown)
    return Part("Brows", vertices, faces, ["hair"] * len(faces), moving_keys(region))


LOCKS = (
    # Width, thickness, height over the scalp, and a path as (azimuth to the left, elevation) in degrees.
    (0.150, 0.075, 0.100, ((42, 42), (16, 47), (-16, 42), (-48, 26), (-68, 8))),
    (0.170, 0.080, 0.115, ((38, 58), (4, 66), (-42, 54), (-76, 26), (-90, 2))),
    (0.190, 0.080, 0.110, ((38, 70), (-16, 80), (-74, 62), (-98, 28), (-106, -6))),
    (0.140, 0.065, 0.090, ((40, 40), (56, 33), (70, 19), (80, 2))),
    (0.170, 0.070, 0.095, ((44, 57), (70, 49), (90, 24), (100, -4))),
    (0.190, 0.075, 0.100, ((46, 70), (86, 64), (112, 32), (120, -8))),
    (0.200, 0.070, 0.090, ((-140, 84), (-130, 55), (-128, 20), (-126, -16))),
    (0.200, 0.070, 0.090, ((150, 84), (142, 55), (140, 20), (138, -18))),
    (0.200, 0.070, 0.095, ((165, 86), (160, 55), (158, 15), (157, -26))),
    (0.200, 0.070, 0.095, ((-160, 86), (-152, 55), (-150, 15), (-149, -24))),
    (0.200, 0.075, 0.095, ((180, 84), (180, 55), (180, 15), (180, -30))),
)
"""Locks of hair that lie on the cap, from the parting on the left over the head."""


def hair() -> Part:
    """A cap of hair that rises out of the scalp along the hairline, with thick locks swept over it."""
    vertices, faces = _cap()
    for width, thickness, height, path in LOCKS:
        loops = _lock(width, thickness, height, np.radians(np.array(path, float)))
        faces += [tuple(len(vertices) + i for i in face) for face in tube(loops)]
        vertices = np.vstack([vertices, loops.reshape(-1, 3)])
    return Part("Hair", vertices, faces, ["hair"] * len(faces))


def _direction(azimuth: DoubleArray, elevation: DoubleArray) -> DoubleArray:
    return np.stack(
        [np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation), np.sin(elevation)], axis=-1
    )


def _on_scalp(direction: DoubleArray) -> DoubleArray:
    return surface.cast(surface.plain_face, np.broadcast_to(CENTRE, direction.shape), direction)


def _cap() -> tuple[DoubleArray, list[tuple[int, ...]]]:
    across, down = 64, 40
    azimuth = np.arange(across) / across * 2 * np.pi
    elevation = np.pi / 2 - np.linspace(0.02, 2.35, down)
    grid_elevation, grid_azimuth = np.meshgrid(elevation, azimuth, indexing="ij")
    direction = _direction(grid_azimuth, grid_elevation).reshape(-1, 3)
    scalp = _on_scalp(direction)
    thickness = _thickness(scalp)
    vertices = scalp + direction * thickness[:, None]
    faces = [
        face for face in tube(vertices.reshape(down, across, 3), cap=False) if thickness[list(face)].max() > -0.045
    ]
    faces.append(tuple(range(across))[::-1])
    return vertices, [face[::-1] for face in faces]


def _thickness(scalp: DoubleArray) -> DoubleArray:
    """How far the cap stands off the scalp; below zero it is hidden under the skin."""
    x, y, z = np.abs(scalp[:, 0]), scalp[:, 1], scalp[:, 2]
    line = 0.68 + 0.02 * smooth(0.2, 0.45, x) - 0.67 * smooth(-0.45, -0.02, y) - 0.60 * smooth(0.05, 0.55, y)
    return 0.06 * smooth(0.0, 0.35, z - line) + 0.08 * smooth(-0.06, 0.06, z - line) - 0.05


def _lock(width: float, thickness: float, height: float, path: DoubleArray) -> DoubleArray:
    """A flattened tube along a path over the scalp, pointed where it ends, [rings, points, 3]."""
    count, segments = 18, 10
    knots = _direction(path[:, 0], path[:, 1])
    position = np.linspace(0.0, len(knots) - 1.0, count)
    direction = _through(knots, position)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    t = np.linspace(0.0, 1.0, count)
    scalp = _on_scalp(direction)
    normal = surface.gradient(surface.plain_face, scalp)
    shape = np.clip(np.minimum(0.45 + 2.2 * t, 1.0) * np.sqrt(np.clip(1.0 - t**3.0, 0.0, 1.0)), 0.04, 1.0)
    middle = scalp + normal * (height * np.minimum(0.4 + 3.0 * t, 1.0) * (1.0 - 0.55 * t**3))[:, None]
    forward = np.gradient(middle, axis=0)
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    across = np.cross(forward, normal)
    around = np.arange(segments) / segments * 2 * np.pi
    loops = middle[:, None] + across[:, None] * (width * shape[:, None] * np.cos(around))[..., None]
    return loops + normal[:, None] * (thickness * shape[:, None] * np.sin(around))[..., None]


def _through(knots: DoubleArray, position: DoubleArray) -> DoubleArray:
    """A Catmull-Rom curve through the knots at positions counted in knots."""
    padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    index = np.minimum(position.astype(int), len(knots) - 2)
    t = (position - index)[:, None]
    a, b, c, d = (padded[index + i] for i in range(4))
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
