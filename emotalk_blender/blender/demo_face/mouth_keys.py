# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's shape keys of jaw, lips and tongue: displacements [n, 3] at the key's full value."""

from __future__ import annotations

import numpy as np

from ...curves import DoubleArray
from . import surface as surface
from .eye_keys import lower_lid_push
from .fields import Face, bump, face_depth, jaw_share, rotate, smooth
from .outline import LIP_RINGS, MOUTH_WIDTH, mouth_line

JAW_HINGE = np.array([0.0, 0.06, -0.30])
JAW_ANGLE = np.radians(21.0)


def jaw_open(face: Face) -> DoubleArray:
    """The jaw turns down on its hinge below the ears, and the mouth opens."""
    return _jaw_opened(face.p, face.s, face.jaw, np.exp(-((face.away / 0.2) ** 2)) * face.front)


def _jaw_opened(points: DoubleArray, s: DoubleArray, jaw: DoubleArray, near_lips: DoubleArray) -> DoubleArray:
    """Displacements of points that turn with the jaw; a narrower mouth and a raised upper lip round the opening."""
    moved = rotate(points, JAW_HINGE, 0, JAW_ANGLE * jaw) - points
    moved[:, 0] -= 0.12 * points[:, 0] * near_lips * (1.0 - 0.7 * np.abs(s))
    moved[:, 2] += 0.032 * near_lips * np.maximum(s, 0.0)
    return moved


def jaw_forward(face: Face) -> DoubleArray:
    """The lower jaw comes forward."""
    return face.jaw[:, None] * (0.0, -0.10, -0.004)


def jaw_left(face: Face) -> DoubleArray:
    """The lower jaw swings to the left."""
    swing = face.jaw * smooth(0.2, -0.6, face.p[:, 1])
    return swing[:, None] * (0.12, 0.0, -0.006)


def mouth_close(face: Face) -> DoubleArray:
    """Takes back what jawOpen parts: upper lip down and lower lip up, until they meet while the jaw stays down."""
    u = np.clip(face.u, -1.0, 1.0)
    s = np.sqrt(1.0 - u**2)
    line = np.column_stack([MOUTH_WIDTH * u, np.zeros(face.count), surface.MOUTH_Z + mouth_line(u)])
    line[:, 1] = face_depth(line[:, 0], line[:, 2])
    touching = np.ones(face.count)
    low = _jaw_opened(line, -s, jaw_share(-s), touching)
    high = _jaw_opened(line, s, jaw_share(s), touching)
    gap = low - high
    reach_up, reach_down = np.exp(-((face.away / 0.13) ** 2)), np.exp(-((face.away / 0.20) ** 2))
    share = np.where(face.s > 0, 0.35 * reach_up, -0.65 * reach_down)
    return gap * (share * face.front)[:, None]


def mouth_funnel(face: Face) -> DoubleArray:
    """Lips forward and open in a round O."""
    lips = face.lips(0.15)
    vertical = np.where(face.s > 0, 0.055, -0.075) * np.abs(face.s) ** 0.8
    return face.slide(-0.42 * face.p[:, 0] * lips, vertical * lips, -0.13 * lips * (0.5 + 0.5 * np.abs(face.s)))


def mouth_pucker(face: Face) -> DoubleArray:
    """Lips closed, narrow and forward, as for a kiss."""
    lips = face.lips(0.15)
    fuller = 0.10 * np.sign(face.s) * np.minimum(face.away, 0.1) * lips
    return face.slide(-0.50 * face.p[:, 0] * lips, fuller, -0.14 * lips * (0.45 + 0.55 * np.abs(face.s)))


def mouth_left(face: Face) -> DoubleArray:
    """Both lips slide to the left."""
    lips = face.lips(0.20)
    return face.slide(0.13 * lips, 0.02 * face.u * lips)


def mouth_smile(face: Face) -> DoubleArray:
    """The left corner goes up and outwards, and the cheek with it."""
    corner = face.corner(0.18)
    cheek = bump(face.p, (0.40, -0.62, -0.36), (0.20, 0.35, 0.17))
    rise = 0.80 * corner + 0.20 * face.left * face.lips(0.18)
    moved = face.slide(0.085 * corner, 0.10 * rise + 0.035 * cheek, -0.035 * cheek)
    moved[:, 0] += 0.025 * cheek
    return moved + lower_lid_push(face, 0.05)


def mouth_frown(face: Face) -> DoubleArray:
    """The left corner goes down."""
    corner = face.corner(0.17)
    chin = bump(face.p, (0.10, -0.75, -0.80), (0.12, 0.3, 0.10))
    return face.slide(0.01 * corner, -0.095 * corner + 0.015 * chin, -0.012 * chin)


def mouth_stretch(face: Face) -> DoubleArray:
    """The left corner goes straight out."""
    corner = face.corner(0.22)
    return face.slide(0.12 * corner, -0.035 * corner, 0.01 * corner)


def mouth_dimple(face: Face) -> DoubleArray:
    """The left corner is pulled back into the cheek."""
    corner = face.corner(0.09)
    cheek = bump(face.p, (0.34, -0.66, -0.54), (0.08, 0.3, 0.12))
    return face.slide(0.06 * corner, 0.018 * corner, 0.055 * corner - 0.02 * cheek)


def mouth_press(face: Face) -> DoubleArray:
    """The left half of the lips is pressed thin."""
    side = face.left * face.lips(0.12)
    thinner = np.where(np.isnan(face.region.mouth_ring), 0.5, 1.0)
    flat = -np.sign(face.s) * np.minimum(face.away, 0.11) * 0.42 * thinner
    corner = face.corner(0.10)
    outside = np.where(face.inside, 0.0, 0.028)
    return face.slide(0.02 * corner, flat * side + 0.012 * corner, outside * side * smooth(0.16, 0.02, face.away))


def mouth_upper_up(face: Face) -> DoubleArray:
    """The left half of the upper lip rises and shows teeth."""
    half = np.exp(-(((face.u - 0.25) / 0.62) ** 2)) * smooth(-0.05, 0.75, face.s) * face.left
    reach = np.exp(-((np.maximum(face.away - 0.04, 0.0) / 0.15) ** 2)) * face.front
    wing = bump(face.p, (0.13, -0.82, -0.32), (0.08, 0.15, 0.08))
    return face.slide(0.0 * half, 0.085 * half * reach + 0.025 * wing, -0.018 * half * reach)


def mouth_lower_down(face: Face) -> DoubleArray:
    """The left half of the lower lip drops and shows teeth."""
    half = np.exp(-(((face.u - 0.25) / 0.62) ** 2)) * smooth(0.05, -0.75, face.s) * face.left
    reach = np.exp(-((np.maximum(face.away - 0.05, 0.0) / 0.14) ** 2)) * face.front
    return face.slide(0.015 * half * reach, -0.095 * half * reach, -0.012 * half * reach)


ROLL = np.array([0.35, 0.85, 1.0, 1.0, 1.0, 0.9, 0.5, 0.2, 0.0])
"""How much each lip loop takes part in rolling inwards, from the skin to the inside."""


def _roll(face: Face, lip: DoubleArray) -> tuple[DoubleArray, DoubleArray]:
    """Depth and height of rolling a lip in: what is outside slides over the edge to where the inside is."""
    ring = face.region.mouth_ring
    known = ~np.isnan(ring) & (np.nan_to_num(ring) < len(ROLL))
    number = np.where(known, np.nan_to_num(ring), 0).astype(int)
    amount = np.where(known, ROLL[number], 0.25 * np.exp(-(((face.away - 0.15) / 0.08) ** 2)) * face.front)
    amount = amount * lip
    bulge = np.array([ring.upper_bulge for ring in LIP_RINGS])[number]
    back = np.where(known, np.maximum(bulge, 0.0) * 1.0 + 0.014, 0.004) * amount
    together = -np.sign(face.s) * (face.away * 0.75 + 0.002) * amount
    return back, np.where(face.inside, 0.0, together)


def mouth_roll_upper(face: Face) -> DoubleArray:
    """The upper lip rolls in over its edge."""
    back, height = _roll(face, smooth(0.0, 0.8, face.s))
    return np.column_stack([np.zeros(face.count), back, height])


def mouth_roll_lower(face: Face) -> DoubleArray:
    """The lower lip rolls in over its edge."""
    back, height = _roll(face, smooth(0.0, -0.8, face.s))
    return np.column_stack([np.zeros(face.count), back, height])


def mouth_shrug_lower(face: Face) -> DoubleArray:
    """The chin pushes the lower lip up and out; the upper lip gives way."""
    lips = face.lips(0.13) * np.exp(-((face.u / 0.8) ** 2))
    chin = bump(face.p, (0.0, -0.78, -0.82), (0.18, 0.3, 0.12))
    forward = np.where(face.s < 0, -0.05, -0.012) * np.abs(face.s)
    return face.slide(0.0 * lips, 0.055 * lips + 0.045 * chin, forward * lips - 0.03 * chin)


def mouth_shrug_upper(face: Face) -> DoubleArray:
    """The upper lip goes up and out towards the nose; the lower lip follows."""
    lips = face.lips(0.12) * np.exp(-((face.u / 0.75) ** 2))
    rise = np.where(face.s > 0, 0.052, 0.047) * np.abs(face.s) ** 0.5
    forward = np.where(face.s > 0, -0.055, -0.006) * np.abs(face.s)
    return face.slide(0.0 * lips, rise * lips, forward * lips)


def tongue_out_lips(face: Face) -> DoubleArray:
    """The lips make way for the tongue."""
    lips = face.lips(0.13) * np.exp(-((face.u / 0.85) ** 2))
    vertical = np.where(face.s > 0, 0.035, -0.075) * np.abs(face.s) ** 0.7
    return face.slide(0.0 * lips, vertical * lips, -0.03 * lips * smooth(0.0, -0.5, face.s))


def jaw_keys(points: DoubleArray) -> dict[str, DoubleArray]:
    """Displacements of something that hangs on the jawbone: lower teeth, the tongue."""
    whole = np.ones(len(points))[:, None]
    return {
        "jawOpen": rotate(points, JAW_HINGE, 0, JAW_ANGLE) - points,
        "jawForward": whole * (0.0, -0.10, -0.004),
        "jawLeft": whole * (0.12, 0.0, -0.006),
        "jawRight": whole * (-0.12, 0.0, -0.006),
    }
