# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's hair and eyebrows."""

from __future__ import annotations

import numpy as np

from . import demo_face_surface as surface
from .demo_face_keys import Region, skin_keys, smooth
from .demo_face_part import Part, mirrored, tube
from .demo_face_surface import Array

CENTRE = np.array([0.0, 0.08, 0.15])


def brows() -> Part:
    """Two tapered brows that lie on the brow ridge and follow the skin."""
    count, segments = 15, 8
    t = np.linspace(0.0, 1.0, count)
    x = 0.115 + 0.44 * t
    z = 0.335 + 0.075 * np.sin(np.pi * t**0.85) - 0.035 * t**2
    start = np.column_stack([x, np.full(count, -0.3), z])
    middle = surface.cast(surface.skin, start, np.broadcast_to(np.array([0.0, -1.0, 0.0]), start.shape))
    normal = surface.gradient(surface.skin, middle)
    forward = np.gradient(middle, axis=0)
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    up = np.cross(normal, forward)
    up *= np.sign(up[:, 2:3])
    high = 0.044 * np.clip(np.sin(np.pi * np.clip(0.16 + 0.84 * t, 0, 1)) ** 0.6, 0.05, 1.0) * (1.0 - 0.35 * t)
    high[0] *= 0.7
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
    keys = {n: d for n, d in skin_keys(region).items() if n.startswith(("brow", "nose", "eyeWide"))}
    return Part("Brows", vertices, faces, ["hair"] * len(faces), keys)


def hair() -> Part:
    """A cap of hair: a shell that rises out of the scalp along the hairline."""
    across, down = 64, 40
    azimuth = np.arange(across) / across * 2 * np.pi
    polar = np.linspace(0.02, 2.35, down)
    grid_polar, grid_azimuth = np.meshgrid(polar, azimuth, indexing="ij")
    direction = np.stack(
        [np.sin(grid_polar) * np.sin(grid_azimuth), -np.sin(grid_polar) * np.cos(grid_azimuth), np.cos(grid_polar)],
        axis=-1,
    ).reshape(-1, 3)
    scalp = surface.cast(surface.plain_face, np.broadcast_to(CENTRE, direction.shape), direction)
    thickness = _thickness(scalp)
    vertices = scalp + direction * thickness[:, None]
    faces = [
        face for face in tube(vertices.reshape(down, across, 3), cap=False) if thickness[list(face)].max() > -0.045
    ]
    faces.append(tuple(range(across))[::-1])
    return Part("Hair", vertices, [f[::-1] for f in faces], ["hair"] * len(faces))


def _thickness(scalp: Array) -> Array:
    """How far the hair stands off the scalp; below zero it is hidden under the skin."""
    y, z = scalp[:, 1], scalp[:, 2]
    line = 0.62 - 0.75 * smooth(-0.45, 0.0, y) - 0.55 * smooth(0.0, 0.6, y)
    return 0.16 * smooth(0.0, 0.35, z - line) + 0.10 * smooth(-0.06, 0.06, z - line) - 0.05
