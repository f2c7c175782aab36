# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's teeth and tongue."""

from __future__ import annotations

import numpy as np

from ...curves import DoubleArray
from . import surface as surface
from .mouth_keys import jaw_keys
from .outline import mouth_base
from .part import Part, tube

TEETH = 14
COLUMNS = 6
ARCH_WIDTH, ARCH_DEPTH = 0.262, 0.36
"""Half the width of the row of teeth, and how far back it reaches."""
UPPER_SECTION = (
    (-0.010, 0.150, "gums"),
    (0.016, 0.125, "gums"),
    (0.018, 0.085, "gums"),
    (0.020, 0.078, "teeth"),
    (0.026, 0.040, "teeth"),
    (0.022, -0.010, "teeth"),
    (0.012, -0.026, "teeth"),
    (-0.012, -0.026, "teeth"),
    (-0.030, 0.040, "teeth"),
    (-0.034, 0.150, "gums"),
)
"""Cross section of the upper row: forward, height over the mouth's line, material of what follows."""


def _arch(steps: DoubleArray) -> tuple[DoubleArray, DoubleArray]:
    """Points along the dental arch, a squarish ellipse, and its outward directions; steps: -1 right to 1 left end."""
    angle = np.radians(np.linspace(-87.0, 87.0, 801))
    along, ahead = np.sin(angle), np.cos(angle)
    x = ARCH_WIDTH * np.sign(along) * np.abs(along) ** (2 / 2.8)
    y = ARCH_DEPTH * (1.0 - ahead ** (2 / 2.8))
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    wanted = (steps + 1.0) / 2.0 * length[-1]
    x, y = np.interp(wanted, length, x), np.interp(wanted, length, y)
    lips = mouth_base(np.zeros(1), np.full(1, surface.MOUTH_Z))[0, 1]
    points = np.column_stack([x, lips + 0.09 + y, np.full_like(x, surface.MOUTH_Z)])
    forward = np.gradient(points, axis=0)
    outward = np.column_stack([forward[:, 1], -forward[:, 0], np.zeros_like(x)])
    return points, outward / np.linalg.norm(outward, axis=1, keepdims=True)


def _row(lift: float, flip: float, back: float) -> tuple[DoubleArray, list[tuple[int, ...]], list[str]]:
    steps = np.linspace(-1.0, 1.0, TEETH * COLUMNS + 1)
    arch, outward = _arch(steps)
    arch[:, 1] += back
    phase = np.abs(np.sin((steps + 1.0) / 2.0 * TEETH * np.pi))
    swell = np.minimum(phase * 2.2, 1.0) ** 0.7
    shorter = 1.0 - 0.5 * steps**4
    loops = []
    for forward, height, name in UPPER_SECTION:
        is_tooth = name == "teeth"
        depth = forward - (0.014 * (1.0 - swell) if is_tooth and forward > 0 else 0.0)
        edge = 0.012 * (1.0 - swell) if height < 0 else 0.0
        points = arch + outward * np.reshape(depth, (-1, 1))
        points[:, 2] += flip * (height + edge) * np.where(is_tooth, shorter, 1.0) + lift
        loops.append(points)
    stack = np.array(loops).transpose(1, 0, 2)
    faces = tube(stack)
    names = [section[2] for section in UPPER_SECTION]
    materials = [names[i % len(names)] for i in range(len(faces) - 2)] + ["gums", "gums"]
    if flip < 0:
        faces = [face[::-1] for face in faces]
    return stack.reshape(-1, 3), faces, materials


def upper_teeth() -> Part:
    """The upper row with its gums; nothing moves it."""
    return Part("Teeth Upper", *_row(0.0, 1.0, 0.0))


def lower_teeth() -> Part:
    """The lower row, which follows the jaw."""
    vertices, faces, materials = _row(-0.058, -1.0, 0.022)
    keys = jaw_keys(vertices)
    keys["tongueOut"] = np.ones((len(vertices), 1)) * (0.0, 0.015, -0.05)
    return Part("Teeth Lower", vertices, faces, materials, keys)


def tongue() -> Part:
    """A soft blade that lies behind the lower teeth."""
    rows, segments = 16, 16
    t = np.linspace(0.0, 1.0, rows)
    around = np.arange(segments) / segments * 2 * np.pi
    taper = np.clip(1.0 - ((t - 0.35) / 0.66) ** 2, 0.0, 1.0) ** 0.38
    taper[0] = 0.5
    width = 0.160 * taper
    thick = 0.060 * taper**0.7
    y = -0.16 - 0.50 * t
    z = surface.MOUTH_Z - 0.085 + 0.035 * np.sin(np.pi * t**0.8) + 0.022 * t**2
    loops = []
    for i in range(rows):
        ring = np.column_stack([width[i] * np.cos(around), np.full(segments, y[i]), z[i] + thick[i] * np.sin(around)])
        groove = 0.018 * np.exp(-((ring[:, 0] / 0.035) ** 2)) * (np.sin(around) > 0.3) * taper[i]
        ring[:, 2] -= groove
        loops.append(ring)
    stack = np.array(loops)
    vertices = stack.reshape(-1, 3)
    faces = tube(stack)
    keys = jaw_keys(vertices)
    along = np.repeat(t, segments)
    out = np.zeros_like(vertices)
    out[:, 1] = -0.46 * along**1.4
    out[:, 2] = 0.085 * np.sin(np.pi * np.minimum(along * 1.05, 1.0)) + 0.06 * along**2 - 0.078 * along**6
    out[:, 0] = -0.10 * vertices[:, 0] * along
    keys["tongueOut"] = out
    return Part("Tongue", vertices, faces, ["tongue"] * len(faces), keys)
