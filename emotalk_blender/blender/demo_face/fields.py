# SPDX-License-Identifier: GPL-3.0-or-later
"""Soft masks and coordinates over the demo face, in which its shape keys are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from ...curves import DoubleArray
from . import surface as surface
from .outline import MOUTH_WIDTH, mouth_base, mouth_line


@dataclass(frozen=True)
class Region:
    """Points that shape keys move.

    points: [n, 3]; mirror: [n], index of each point's mirror image.
    lip: [n], sine of the angle around the mouth where the topology knows it, which tells touching lips apart, else NaN.
    mouth_ring: [n], number of the loop around the mouth, else NaN.
    lid_ring: [n], loops away from the edge of the eyelids (negative: behind it), else NaN.
    upper_lid: [n], height around the eye opening as a sine, -1 lower to 1 upper.
    """

    points: DoubleArray
    mirror: npt.NDArray[np.int64]
    lip: DoubleArray
    mouth_ring: DoubleArray
    lid_ring: DoubleArray
    upper_lid: DoubleArray


def smooth(start: float, end: float, value: DoubleArray) -> DoubleArray:
    """0 at start, 1 at end, an S in between; start may be above end."""
    t = np.clip((value - start) / (end - start), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def bump(
    points: DoubleArray, centre: tuple[float, float, float], reach: tuple[float, float, float] | float
) -> DoubleArray:
    """A soft hill of height 1 around a centre, [n]."""
    return np.exp(-np.sum(((points - centre) / np.asarray(reach)) ** 2, axis=1))


def rotate(points: DoubleArray, centre: DoubleArray, axis: int, angle: DoubleArray | float) -> DoubleArray:
    """Points turned around an axis (0 x, 1 y, 2 z) through a centre by an angle of their own, radians."""
    b, c = (axis + 1) % 3, (axis + 2) % 3
    offset = points - centre
    result = points.copy()
    result[:, b] = centre[b] + offset[:, b] * np.cos(angle) - offset[:, c] * np.sin(angle)
    result[:, c] = centre[c] + offset[:, b] * np.sin(angle) + offset[:, c] * np.cos(angle)
    return result


def jaw_share(s: DoubleArray) -> DoubleArray:
    """How far the skin follows the jaw, from 0 on the upper lip to 1 under the lower: a round opening mouth."""
    t = np.clip((0.75 - s) / 1.75, 0.0, 1.0)
    return t * t * (2.0 - t)


class Face:
    """A region with the coordinates that the keys are drawn in, worked out once.

    Around the mouth they are elliptic, with the mouth's corners as foci: s is 1 over the upper lip, -1 under the lower
    one and 0 beside the corners; u is -1 at the right corner and 1 at the left; away is the distance from the closed
    mouth's line. front is 1 on the face and 0 behind it, left is 1 on the left half, jaw is how far the jaw takes a
    point along, loose is 0 deep in the mouth, where the lips pull at nothing, and inside is true behind the lips.
    """

    def __init__(self, region: Region) -> None:
        self.region = region
        self.p = region.points
        self.count = len(self.p)
        x = self.p[:, 0]
        z = self.p[:, 2] - surface.MOUTH_Z - mouth_line(np.clip(x / MOUTH_WIDTH, -1.0, 1.0))
        polar = np.arccosh((x + 1j * z) / MOUTH_WIDTH)
        mu, nu = polar.real, polar.imag
        known = ~np.isnan(region.lip)
        self.s = np.where(known, region.lip, np.sin(nu))
        self.u = np.where(
            known, np.sign(x) * np.sqrt(np.maximum(1.0 - np.nan_to_num(region.lip) ** 2, 0.0)), np.cos(nu)
        )
        self.away = MOUTH_WIDTH * np.sinh(np.minimum(mu, 4.0))
        self.front = smooth(0.0, -0.3, self.p[:, 1])
        self.left = smooth(-0.10, 0.10, x)
        self.jaw = self._jaw_weight()
        self.loose = smooth(9.5, 6.5, np.nan_to_num(region.mouth_ring, nan=0.0))
        self.inside = np.nan_to_num(region.mouth_ring, nan=-1.0) > 5

    def _jaw_weight(self) -> DoubleArray:
        y, z = self.p[:, 1], self.p[:, 2]
        side = smooth(0.15, -0.35, y)
        throat = smooth(-0.12, -0.45, y)
        back = side + (throat - side) * smooth(-0.72, -0.90, z)
        return jaw_share(self.s) * back

    def lips(self, reach: float = 0.14) -> DoubleArray:
        """1 on the lips, fading into the skin around them."""
        return np.exp(-((self.away / reach) ** 2)) * self.front * self.loose

    def corner(self, reach: float = 0.16) -> DoubleArray:
        """1 at the left corner of the mouth, fading along the lips and over the cheek."""
        return np.clip(self.u, 0.0, 1.0) ** 1.8 * self.lips(reach)

    def slide(self, dx: DoubleArray, dz: DoubleArray, dy: DoubleArray | float = 0.0) -> DoubleArray:
        """Displacement over the curve of the face: moved sideways and up, kept at its depth, plus dy."""
        x, z = self.p[:, 0], self.p[:, 2]
        depth = face_depth(x + dx, z + dz) - face_depth(x, z)
        reach = 0.8 * (np.abs(dx) + np.abs(dz))
        return np.column_stack([dx, np.clip(depth, -reach, reach) * self.front + dy, dz])


_DEPTH_X, _DEPTH_Z = np.linspace(-0.62, 0.62, 63), np.linspace(-1.0, 0.3, 66)


@cache
def _depth_table() -> DoubleArray:
    grid_x, grid_z = np.meshgrid(_DEPTH_X, _DEPTH_Z, indexing="ij")
    return mouth_base(grid_x.ravel(), grid_z.ravel())[:, 1].reshape(grid_x.shape)


def face_depth(x: DoubleArray, z: DoubleArray) -> DoubleArray:
    """The plain face's y at (x, z), read between the points of a table."""
    table = _depth_table()
    fx = np.clip((x - _DEPTH_X[0]) / (_DEPTH_X[1] - _DEPTH_X[0]), 0, len(_DEPTH_X) - 1.001)
    fz = np.clip((z - _DEPTH_Z[0]) / (_DEPTH_Z[1] - _DEPTH_Z[0]), 0, len(_DEPTH_Z) - 1.001)
    ix, iz = fx.astype(int), fz.astype(int)
    tx, tz = fx - ix, fz - iz
    near = table[ix, iz] * (1 - tz) + table[ix, iz + 1] * tz
    far = table[ix + 1, iz] * (1 - tz) + table[ix + 1, iz + 1] * tz
    return near * (1 - tx) + far * tx
