# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's shape keys of brows, cheeks and nose: displacements [n, 3] at the key's full value."""

from __future__ import annotations

import numpy as np

from ...curves import DoubleArray
from . import surface as surface
from .eye_keys import lower_lid_push
from .fields import Face, bump, smooth


def _brow(face: Face, inner: float, middle: float, outer: float) -> DoubleArray:
    """Height of the left brow's movement: a curve along the brow, fading over the forehead and into the eye socket."""
    x, z = face.p[:, 0], face.p[:, 2]
    along = inner * np.exp(-(((x - 0.10) / 0.13) ** 2))
    along += middle * np.exp(-(((x - 0.32) / 0.13) ** 2))
    along += outer * np.exp(-(((x - 0.52) / 0.14) ** 2))
    fade = np.exp(-((np.maximum(z - 0.42, 0.0) / 0.20) ** 2)) * smooth(0.16, 0.34, z) * smooth(0.1, -0.25, face.p[:, 1])
    return along * fade * smooth(-0.14, 0.06, x)


def _over_forehead(face: Face, dx: DoubleArray, dz: DoubleArray) -> DoubleArray:
    """Displacement sideways and up that keeps its distance from the form of the head."""
    moved = np.column_stack([dx, np.zeros(face.count), dz])
    there = np.abs(dx) + np.abs(dz) > 1e-6
    start = face.p[there]
    depth = surface.plain_face(start)
    end = start + moved[there]
    for _ in range(2):
        end -= surface.gradient(surface.plain_face, end) * (surface.plain_face(end) - depth)[:, None]
    moved[there] = end - start
    return moved


def brow_down(face: Face) -> DoubleArray:
    """The left brow goes down and inwards."""
    dz = _brow(face, -0.115, -0.06, -0.015)
    return _over_forehead(face, 0.28 * dz, dz)


def brow_inner_up(face: Face) -> DoubleArray:
    """Both brows rise at their inner ends."""
    dz = _brow(face, 0.14, 0.035, -0.01)
    dz = np.maximum(dz, dz[face.region.mirror])
    return _over_forehead(face, 0.0 * dz, dz)


def brow_outer_up(face: Face) -> DoubleArray:
    """The left brow rises at its outer end."""
    dz = _brow(face, 0.005, 0.075, 0.13)
    return _over_forehead(face, 0.0 * dz, dz)


def cheek_squint(face: Face) -> DoubleArray:
    """The left cheek rises and pushes the lower eyelid."""
    cheek = bump(face.p, (0.38, -0.65, -0.30), (0.20, 0.35, 0.13))
    moved = face.slide(0.0 * cheek, 0.07 * cheek, -0.045 * cheek)
    return moved + lower_lid_push(face, 0.14)


def nose_sneer(face: Face) -> DoubleArray:
    """The left nostril, the lip below it and the fold beside it are drawn up."""
    wing = bump(face.p, (0.12, -0.84, -0.31), (0.09, 0.16, 0.10))
    fold = bump(face.p, (0.17, -0.72, -0.20), (0.10, 0.2, 0.16))
    lip = np.exp(-(((face.u - 0.4) / 0.4) ** 2)) * smooth(0.0, 0.8, face.s) * face.lips(0.18)
    lip *= smooth(-0.01, 0.07, face.away)  # its edge hardly: a sneer alone does not part the lips
    brow = bump(face.p, (0.14, -0.72, 0.22), (0.10, 0.2, 0.10))
    moved = face.slide(0.0 * lip, 0.055 * wing + 0.02 * fold + 0.045 * lip * face.left - 0.035 * brow)
    moved[:, 1] -= 0.02 * fold + 0.012 * brow
    moved[:, 0] += 0.015 * wing - 0.012 * brow
    return moved


def cheek_puff(face: Face) -> DoubleArray:
    """Both cheeks full of air."""
    left = bump(face.p, (0.40, -0.58, -0.50), (0.21, 0.30, 0.21))
    hill = left + left[face.region.mirror]
    lips = face.lips(0.16)
    outward = face.p - (0.0, -0.15, -0.5)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    moved = 0.155 * hill[:, None] * outward * np.where(face.inside, 0.3, 1.0)[:, None]
    moved[:, 1] -= 0.03 * lips
    moved[:, 0] -= 0.10 * face.p[:, 0] * lips
    return moved
