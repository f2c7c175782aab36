# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's shape keys of eyelids and eyeballs: displacements [n, 3] at the key's full value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import demo_face_surface as surface
from .demo_face_fields import Face, bump, rotate
from .demo_face_outline import lid_opening
from .demo_face_surface import Array

LOOK_SIDE, LOOK_UP, LOOK_DOWN = np.radians([21.0, 17.0, 20.0])


LID_WEIGHT = {-2: 1.0, -1: 1.0, 0: 1.0, 1: 0.80, 2: 0.42, 3: 0.12, 4: 0.02}


def _lid_turn(face: Face, upper: Callable[[Array], Array], lower: Callable[[Array], Array], lift: float = 0.0) -> Array:
    """Turns the left eyelids around the eyeball.

    upper, lower: elevation of each lid's edge when the key is 1, radians, from its azimuth.
    lift: how far the edges come off the ball there, as a part of its radius, because a straight path between two places
    on a ball cuts into it.
    """
    ring = face.region.lid_ring
    lids = ~np.isnan(ring) & (face.p[:, 0] > 0)
    moved = np.zeros_like(face.p)
    offset = face.p[lids] - surface.EYE_CENTRE
    radius = np.linalg.norm(offset, axis=1)
    azimuth = np.arctan2(offset[:, 0], -offset[:, 1])
    elevation = np.arcsin(offset[:, 2] / radius)
    weight = np.array([LID_WEIGHT[int(r)] for r in ring[lids]])
    height = face.region.upper_lid[lids]
    rest_up, rest_down, span = lid_opening(azimuth)
    turn = np.where(height > 0, upper(azimuth) - rest_up, lower(azimuth) - rest_down) * weight
    new = elevation + turn
    grown = radius + lift * surface.EYE_RADIUS * weight * span
    direction = np.column_stack([np.sin(azimuth) * np.cos(new), -np.cos(azimuth) * np.cos(new), np.sin(new)])
    moved[lids] = surface.EYE_CENTRE + direction * grown[:, None] - face.p[lids]
    return moved


def _edges(azimuth: Array) -> tuple[Array, Array]:
    up, down, _ = lid_opening(azimuth)
    return up, down


def _closed(share: float) -> Callable[[Array], Array]:
    """An edge at a part of the opening's height over the lower lid."""

    def edge(azimuth: Array) -> Array:
        up, down = _edges(azimuth)
        return down + share * (up - down)

    return edge


def _between(share_up: float, share_down: float) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    """Lids moved by parts of the opening's height: positive closes."""

    def upper(azimuth: Array) -> Array:
        up, down = _edges(azimuth)
        return up - share_up * (up - down)

    def lower(azimuth: Array) -> Array:
        up, down = _edges(azimuth)
        return down + share_down * (up - down)

    return upper, lower


def lower_lid_push(face: Face, share: float) -> Array:
    """The left lower lid pushed up by a part of the opening's height, as a raised cheek does."""
    return _lid_turn(face, *_between(0.0, share), lift=0.01)


def eye_blink(face: Face) -> Array:
    """The left eye closes."""
    # The edges overlap a little, or the subdivision would leave a gap.
    return _lid_turn(face, _closed(0.185), _closed(0.225), lift=0.045)


def eye_squint(face: Face) -> Array:
    """The left eye narrows, mostly from below."""
    cheek = bump(face.p, (0.36, -0.66, -0.24), (0.20, 0.3, 0.10))
    return _lid_turn(face, *_between(0.16, 0.30), lift=0.015) + cheek[:, None] * (0.0, -0.02, 0.03)


def eye_wide(face: Face) -> Array:
    """The left eye opens wide."""
    brow = bump(face.p, (0.33, -0.66, 0.26), (0.2, 0.3, 0.10))
    return _lid_turn(face, *_between(-0.17, -0.05), lift=0.03) + brow[:, None] * (0.0, 0.0, 0.02)


def eye_look_up(face: Face) -> Array:
    """The lids of the left eye follow a look up."""
    return _lid_turn(face, *_between(-0.11, 0.03))


def eye_look_down(face: Face) -> Array:
    """The lids of the left eye follow a look down."""
    return _lid_turn(face, *_between(0.30, -0.07), lift=0.012)


def eye_look_side(face: Face) -> Array:
    """The lids of the left eye bulge a little over an eye that looks outwards."""
    lids = np.where(np.isnan(face.region.lid_ring), 0.0, 1.0) * (face.p[:, 0] > 0)
    weight = lids * np.array([0.0 if np.isnan(r) else LID_WEIGHT[int(r)] for r in face.region.lid_ring])
    offset = face.p - surface.EYE_CENTRE
    centred = np.exp(-((offset[:, 0] / 0.14) ** 2))
    return rotate(face.p, surface.EYE_CENTRE, 2, 0.05 * weight * centred) - face.p


def eye_keys(points: Array, side: str) -> dict[str, Array]:
    """Displacements of an eyeball ("Left" or "Right") that looks around."""
    centre = surface.EYE_CENTRE * (1.0 if side == "Left" else -1.0, 1.0, 1.0)
    outwards = LOOK_SIDE if side == "Left" else -LOOK_SIDE
    return {
        f"eyeLookUp{side}": rotate(points, centre, 0, -LOOK_UP) - points,
        f"eyeLookDown{side}": rotate(points, centre, 0, LOOK_DOWN) - points,
        f"eyeLookOut{side}": rotate(points, centre, 2, outwards) - points,
        f"eyeLookIn{side}": rotate(points, centre, 2, -outwards) - points,
    }
