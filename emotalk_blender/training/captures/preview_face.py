# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the EmoTalk Face without Blender, for the eye that checks a capture.

preview_face.npz beside this file holds the face; tools/pack_preview_face.py makes it of blender/demo_face.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...curves import FloatArray

FILE = Path(__file__).with_name("preview_face.npz")

VIEW = (-1.0, -0.98, 2.0)
"""Left edge, lower edge and size of the square that is shown; the head is 2 high."""

LIGHT = np.array([0.30, 0.45, 0.84], np.float32)
AMBIENT = 0.35
BACKGROUND = 46

POINTS_PER_PIXEL = 1.2
"""Points along an edge of a triangle, at which it is drawn, for each pixel."""

_COUNTS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48)
"""How many points along its edges a triangle is drawn with; the least that suffice."""

Image = npt.NDArray[np.uint8]
_Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class PreviewFace:
    """A face: vertices [n, 3] (x to its left, y up, z to the front), triangles [m, 3], colors [m, 3] of 0 to 255.

    moved, moves, ends: vertices that the 52 shape keys move, how they do at 1 [moved, 3], and where each key's end.
    """

    vertices: FloatArray
    triangles: _Indices
    colors: FloatArray
    moved: _Indices
    moves: FloatArray
    ends: _Indices

    def posed(self, weights: FloatArray) -> FloatArray:
        """The vertices [n, 3] with these weights of the 52."""
        counts = np.diff(self.ends, prepend=0)
        vertices = self.vertices.copy()
        np.add.at(vertices, self.moved, np.repeat(weights, counts)[:, None] * self.moves)
        return vertices


@lru_cache(maxsize=1)
def preview_face() -> PreviewFace:
    """The face of this package."""
    with np.load(FILE, allow_pickle=False) as file:
        return PreviewFace(
            file["vertices"].astype(np.float32),
            file["triangles"].astype(np.intp),
            file["colors"].astype(np.float32),
            file["moved"].astype(np.intp),
            file["moves"].astype(np.float32),
            np.cumsum(file["counts"]).astype(np.intp),
        )


def draw(face: PreviewFace, weights: FloatArray, size: int) -> Image:
    """A picture of the face from the front with these weights [52]: uint8 [size, size, 3]."""
    vertices = face.posed(weights)
    shade = _shade(vertices, face.triangles)
    left, low, width = VIEW
    flat = np.column_stack([(vertices[:, 0] - left), (low + width - vertices[:, 1])]) * np.float32(size / width)
    corners = flat[face.triangles]
    longest = POINTS_PER_PIXEL * np.abs(corners - np.roll(corners, 1, axis=1)).max(axis=(1, 2))
    kind = np.minimum(np.searchsorted(_COUNTS, longest), len(_COUNTS) - 1)
    sides = corners[:, 1:] - corners[:, :1]
    front = sides[:, 0, 0] * sides[:, 1, 1] < sides[:, 0, 1] * sides[:, 1, 0]
    inside = front & (corners.max(axis=1) >= 0).all(axis=1) & (corners.min(axis=1) < size).all(axis=1)
    depth = vertices[:, 2] - vertices[:, 2].min()
    depth *= np.float32(65535 / depth.max())
    pixels, depths, colors = [], [], []
    for index, count in enumerate(_COUNTS):
        picked = np.flatnonzero(inside & (kind == index))
        parts = _barycentric(count)
        triangles = face.triangles[picked]
        places = np.clip(parts @ corners[picked], 0, size - 1).astype(np.intp)
        pixels.append((places[..., 1] * size + places[..., 0]).ravel())
        depths.append((depth[triangles] @ parts.T).astype(np.uint16).ravel())
        lit = (shade[triangles] @ parts.T)[..., None] * face.colors[picked][:, None]
        colors.append(lit.astype(np.uint8).reshape(-1, 3))
    # What is in front is drawn last.
    order = np.argsort(np.concatenate(depths), kind="stable")
    picture = np.full((size * size, 3), BACKGROUND, np.uint8)
    picture[np.concatenate(pixels)[order]] = np.concatenate(colors)[order]
    return picture.reshape(size, size, 3)


def _shade(vertices: FloatArray, triangles: _Indices) -> FloatArray:
    """How bright each vertex is, [n]."""
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    across = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], across)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + np.float32(1e-12)
    shade: FloatArray = AMBIENT + (1 - AMBIENT) * np.clip(normals @ LIGHT, 0, 1)
    return shade


@lru_cache(maxsize=len(_COUNTS))
def _barycentric(count: int) -> FloatArray:
    """Points spread over a triangle as parts of its corners, [points, 3]."""
    first, second = np.meshgrid(np.arange(count + 1), np.arange(count + 1))
    keep = first + second <= count
    parts = np.column_stack([first[keep], second[keep]]) / count
    return np.column_stack([1 - parts.sum(axis=1), parts]).astype(np.float32)
