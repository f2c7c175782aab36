# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's shape keys of eyelids and eyeballs: displacements [n, 3] at the key's full value."""

from __future__ import annotations

import numpy as np

from ...curves import DoubleArray
from . import surface as surface
from .fields import Face, bump, rotate
from .outline import lid_opening, sphere_point

LOOK_SIDE, LOOK_UP, LOOK_DOWN = np.radians([21.0, 17.0, 20.0])
LID_WEIGHT = {-2: 1.0, -1: 1.0, 0: 1.0, 1: 0.80, 2: 0.42, 3: 0.12, 4: 0.02}
"""How far each loop of a lid follows its edge, by the loop's number from the edge outwards."""


def _lid_turn(face: Face, upper: float, lower: float, lift: float = 0.0) -> DoubleArray:
    """Displacements that turn the left eyelids around the eyeball.

    upper, lower: how far each lid's edge closes, as a part of the opening's height; below zero it opens.
    lift: how far the edges come off the ball there, as a part of its radius, because a straight path between two places
    on a ball cuts into it.
    """
    ring = face.region.lid_ring
    lids = ~np.isnan(ring) & (face.p[:, 0] > 0)
    moved = np.zeros_like(face.p)
    offset = face.p[lids] - surface.EYE_CENTRE
    radius = np.linalg.norm(offset, axis=1)
    azimuth = np.arctan2(offset[:, 0], -offset[:, 1])
    weight = np.array([LID_WEIGHT[int(number)] for number in ring[lids]])
    top, bottom, span = lid_opening(azimuth)
    turn = np.where(face.region.upper_lid[lids] > 0, -upper, lower) * (top - bottom) * weight
    elevation = np.arcsin(offset[:, 2] / radius) + turn
    radius += lift * surface.EYE_RADIUS * weight * span
    moved[lids] = sphere_point(azimuth, elevation, radius) - face.p[lids]
    return moved


def lower_lid_push(face: Face, share: float) -> DoubleArray:
    """The left lower lid pushed up by a part of the opening's height, as a raised cheek does."""
    return _lid_turn(face, 0.0, share, lift=0.01)


def eye_blink(face: Face) -> DoubleArray:
    """The left eye closes."""
    # The edges overlap a little, or the subdivision would leave a gap.
    return _lid_turn(face, 0.815, 0.225, lift=0.045)


def eye_squint(face: Face) -> DoubleArray:
    """The left eye narrows, mostly from below."""
    cheek = bump(face.p, (0.36, -0.66, -0.24), (0.20, 0.3, 0.10))
    return _lid_turn(face, 0.16, 0.30, lift=0.015) + cheek[:, None] * (0.0, -0.02, 0.03)


def eye_wide(face: Face) -> DoubleArray:
    """The left eye opens wide."""
    brow = bump(face.p, (0.33, -0.66, 0.26), (0.2, 0.3, 0.10))
    return _lid_turn(face, -0.22, -0.06, lift=0.035) + brow[:, None] * (0.0, 0.0, 0.02)


def eye_look_up(face: Face) -> DoubleArray:
    """The lids of the left eye follow a look up."""
    return _lid_turn(face, -0.11, 0.03)


def eye_look_down(face: Face) -> DoubleArray:
    """The lids of the left eye follow a look down."""
    return _lid_turn(face, 0.30, -0.07, lift=0.012)


def eye_look_side(face: Face) -> DoubleArray:
    """The lids of the left eye bulge a little over an eye that looks outwards."""
    lids = np.where(np.isnan(face.region.lid_ring), 0.0, 1.0) * (face.p[:, 0] > 0)
    weight = lids * np.array([0.0 if np.isnan(r) else LID_WEIGHT[int(r)] for r in face.region.lid_ring])
    offset = face.p - surface.EYE_CENTRE
    centred = np.exp(-((offset[:, 0] / 0.14) ** 2))
    return rotate(face.p, surface.EYE_CENTRE, 2, 0.05 * weight * centred) - face.p


def eye_keys(points: DoubleArray, side: str) -> dict[str, DoubleArray]:
    """Displacements of an eyeball ("Left" or "Right") that looks around."""
    centre = surface.EYE_CENTRE * (1.0 if side == "Left" else -1.0, 1.0, 1.0)
    outwards = LOOK_SIDE if side == "Left" else -LOOK_SIDE
    return {
        f"eyeLookUp{side}": rotate(points, centre, 0, -LOOK_UP) - points,
        f"eyeLookDown{side}": rotate(points, centre, 0, LOOK_DOWN) - points,
        f"eyeLookOut{side}": rotate(points, centre, 2, outwards) - points,
        f"eyeLookIn{side}": rotate(points, centre, 2, -outwards) - points,
    }
