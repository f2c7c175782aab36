# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the demo face's lips and eyelids run: the curves of their edges and of the loops around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...curves import DoubleArray
from . import surface as surface

LID_MIDDLE, LID_SPAN = 0.03, 0.60
"""Azimuth of the middle of the eye opening and from there to its corners, radians."""
MOUTH_WIDTH = 0.235
"""From the middle of the mouth to its corner."""


def mouth_base(x: DoubleArray, z: DoubleArray) -> DoubleArray:
    """Points of the plain face in front of (x, z), [n, 3]."""
    start = np.stack([x, np.zeros_like(x), z], axis=-1)
    return surface.cast(surface.plain_face, start, np.broadcast_to(np.array([0.0, -1.0, 0.0]), start.shape))


def lid_point(angle: DoubleArray, spread: float | DoubleArray, radius: float, side: float = 1.0) -> DoubleArray:
    """Points around the left (side 1) or right (-1) eye opening, [n, 3].

    angle: 0 at the outer corner, pi/2 at the top; spread: radians beyond the opening's edge.
    """
    along, height = np.cos(angle), np.sin(angle)
    azimuth = LID_MIDDLE + (LID_SPAN + 0.8 * spread) * along
    up, down = _lid_edges(along, spread)
    return sphere_point(azimuth, np.where(height > 0, up, down), radius, side)


def _lid_edges(along: DoubleArray, spread: float | DoubleArray) -> tuple[DoubleArray, DoubleArray]:
    height = np.sqrt(np.maximum(1.0 - along**2, 0.0))
    slant = 0.06 * along + 0.01
    return slant + (0.350 + spread) * height, slant - (0.39 + spread) * height


def lid_opening(azimuth: DoubleArray) -> tuple[DoubleArray, DoubleArray, DoubleArray]:
    """The left eye's opening: elevation of its upper and lower edge at an azimuth, and its height there from 0 to 1."""
    along = np.clip((azimuth - LID_MIDDLE) / LID_SPAN, -1.0, 1.0)
    up, down = _lid_edges(along, 0.0)
    return up, down, np.sqrt(1.0 - along**2)


def sphere_point(
    azimuth: DoubleArray, elevation: DoubleArray, radius: float | DoubleArray, side: float = 1.0
) -> DoubleArray:
    """Points on a sphere around an eye: azimuth outwards and elevation up from straight ahead, in radians."""
    direction = np.stack(
        [np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation), np.sin(elevation)], axis=-1
    )
    points = surface.EYE_CENTRE + direction * np.asarray(radius)[..., None]
    return points * np.array([side, 1.0, 1.0])


@dataclass(frozen=True)
class LipRing:
    """One loop around the mouth: reach past the corner, height of its middle over and under the line, bulge forward."""

    reach: float
    upper: float
    lower: float
    upper_bulge: float
    lower_bulge: float


LIP_RINGS = (
    LipRing(0.075, 0.140, 0.150, 0.003, 0.000),
    LipRing(0.028, 0.074, 0.090, 0.012, 0.010),
    LipRing(0.017, 0.056, 0.069, 0.028, 0.030),
    LipRing(0.010, 0.036, 0.044, 0.042, 0.047),
    LipRing(0.004, 0.011, 0.013, 0.039, 0.046),
    LipRing(0.000, -0.001, -0.001, 0.016, 0.018),
    LipRing(-0.004, -0.002, -0.002, -0.014, -0.014),
    LipRing(0.000, 0.035, 0.035, -0.045, -0.045),
    LipRing(0.010, 0.110, 0.120, -0.065, -0.065),
)
"""From the skin around the mouth over the lips and between them to the inside of the mouth."""
LIP_BORDER, LIP_CONTACT = 1, 5


def lip_point(ring: LipRing, angle: DoubleArray) -> DoubleArray:
    """Points of a loop around the closed mouth, [n, 3]; angle 0 is its left corner, pi/2 the middle above."""
    along, up = np.cos(angle), np.sin(angle)
    bow = np.exp(-(((np.abs(along) - 0.25) / 0.16) ** 2)) - 1.1 * np.exp(-((along / 0.13) ** 2))
    upper = ring.upper * np.abs(up) ** 1.25 * (1.0 + 0.09 * bow)
    lower = ring.lower * np.abs(up) ** 1.15
    x = (MOUTH_WIDTH + ring.reach) * along
    z = surface.MOUTH_Z + mouth_line(along) + np.where(up > 0, upper, -lower)
    bulge = np.where(up > 0, ring.upper_bulge, ring.lower_bulge) * (0.15 + 0.85 * np.abs(up) ** 0.9)
    points = mouth_base(x, z if ring.upper_bulge > 0 else np.full_like(x, surface.MOUTH_Z))
    points[:, 2] = z
    points[:, 1] -= bulge
    return points


def mouth_line(along: DoubleArray) -> DoubleArray:
    """How the closed mouth's line rises to its corners: a hint of a smile."""
    return 0.030 * along**2


def cavity_loops(angle: DoubleArray) -> list[DoubleArray]:
    """The loops of the mouth's inside from the cheeks to the throat, [n, 3] each."""
    along, up = np.cos(angle), np.sin(angle)
    rings = []
    for width, height, y in ((0.27, 0.17, -0.50), (0.25, 0.19, -0.30), (0.19, 0.13, -0.12)):
        rings.append(np.stack([width * along, np.full_like(along, y), surface.MOUTH_Z + height * up], axis=-1))
    return rings
