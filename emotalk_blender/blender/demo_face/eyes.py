# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's eyeballs and upper lashes."""

from __future__ import annotations

import numpy as np

from ...curves import DoubleArray
from . import surface as surface
from .eye_keys import eye_keys
from .fields import Region
from .keys import moving_keys
from .outline import lid_point, sphere_point
from .part import Part, mirrored, tube

SEGMENTS = 32
PUPIL, IRIS, LIMBUS = np.radians([10.0, 23.0, 25.5])
"""Angles from the middle of the pupil to where each zone ends."""


def eyeball(side: str) -> Part:
    """A ball with pupil, iris and white, and a painted glint; side: "Left" or "Right"."""
    sign = 1.0 if side == "Left" else -1.0
    steps = [
        PUPIL * 0.55,
        PUPIL,
        PUPIL * 1.3,
        IRIS * 0.8,
        IRIS,
        LIMBUS,
        *np.radians([30, 38, 48, 60, 75, 90, 110, 135, 160]),
    ]
    around = np.arange(SEGMENTS) / SEGMENTS * 2 * np.pi
    loops = [
        np.column_stack([np.sin(a) * np.cos(around), np.full(SEGMENTS, -np.cos(a)), np.sin(a) * np.sin(around)])
        for a in steps
    ]
    ball = np.array(loops)
    zones = np.array(steps[1:])
    faces = tube(ball)
    names = np.where(zones < PUPIL * 1.01, "pupil", np.where(zones < IRIS * 1.01, "iris", "eye white"))
    names[np.abs(zones - IRIS * 0.72) < 1e-6] = "iris light"
    names[np.abs(zones - LIMBUS) < 1e-6] = "iris edge"
    materials = [str(names[i // SEGMENTS]) for i in range(len(faces) - 2)] + ["pupil", "eye white"]
    vertices = surface.EYE_CENTRE * (sign, 1.0, 1.0) + surface.EYE_RADIUS * ball.reshape(-1, 3)
    shine, shine_faces = _glint(sign)
    first = len(vertices)
    vertices = np.vstack([vertices, shine])
    faces += [tuple(first + i for i in face) for face in shine_faces]
    materials += ["glint"] * len(shine_faces)
    return Part(f"Eye {side}", vertices, faces, materials, eye_keys(vertices, side))


def _glint(sign: float) -> tuple[DoubleArray, list[tuple[int, ...]]]:
    """A small disc just over the ball; it sits on the same side of both eyes, as light does."""
    count = 16
    around = np.arange(count) / count * 2 * np.pi
    size = np.radians(4.2)
    azimuth = np.radians(9.0) * sign + size * np.cos(around) * sign
    return sphere_point(azimuth, np.radians(9.5) + size * np.sin(around), surface.EYE_RADIUS * 1.006, sign), [
        tuple(range(count)) if sign > 0 else tuple(range(count))[::-1]
    ]


def lashes() -> Part:
    """A dark, tapered edge on both upper lids that thickens outwards."""
    count = 21
    angle = np.linspace(np.radians(6.0), np.radians(168.0), count)
    taper = np.sin(np.linspace(0.0, np.pi, count)) ** 0.5
    length = taper * (0.012 + 0.034 * np.linspace(1.0, 0.45, count))
    root = lid_point(angle, 0.0, surface.EYE_RADIUS * 1.07)
    ahead = root - surface.EYE_CENTRE
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    tip = root + (ahead * 0.8 + np.array([0.25, 0.0, 0.45])) * length[:, None]
    up = taper[:, None] * np.array([0.0, 0.0, 1.0])
    over_edge = np.array([0.0, 0.0, 0.004])
    loops = [root + over_edge, tip - 0.009 * up, tip + 0.0105 * up, root + over_edge + 0.0165 * up]
    left = np.array(loops).transpose(1, 0, 2)
    faces = tube(left)
    points = left.reshape(-1, 3)
    half = len(points)
    vertices = np.vstack([points, mirrored(points)])
    faces += [tuple(half + i for i in face[::-1]) for face in faces]
    unknown = np.full(2 * half, np.nan)
    mirror = np.concatenate([np.arange(half, 2 * half), np.arange(half)])
    region = Region(vertices, mirror, unknown, unknown, np.zeros(2 * half), np.ones(2 * half))
    return Part("Lashes", vertices, faces, ["lashes"] * len(faces), moving_keys(region))
