# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's skin: a cube of quads drawn onto the form, with edge loops around eyes, mouth and neck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...curves import BoolArray, DoubleArray
from . import surface as surface
from .outline import LIP_RINGS, cavity_loops, lid_point, lip_point

HALF = 16
"""Quads from the middle of a cube side to its edge."""
CENTRE = np.array([0.0, 0.05, -0.18])
"""Where the cube's rays come from."""
MOUTH_HOLE = (-6, 6, -10, -6)
EYE_HOLE = (5, 13, 2, 8)
NECK_HOLE = (-7, 7, -4, 10)
"""Quads left out of the cube, by their first and last lattice lines; edge loops fill them."""
FREE_LOOPS = 2
"""Loops between a hole's border and the first drawn one."""
FIRST_LIP = FREE_LOOPS + 1
"""Number of the mouth's loop that is LIP_RINGS[0]."""
LID_LOOPS = ((0.17, 1.085), (0.08, 1.088), (0.0, 1.085), (0.0, 1.05), (0.12, 1.04))
"""Loops over an eyelid and behind it: radians beyond its edge, and distance from the eye's centre in radii."""
LID_EDGE = FREE_LOOPS + 3
"""Number of an eye's loop that is the edge of its lids."""

Indices = npt.NDArray[np.int64]
Layer = tuple[DoubleArray, bool]
"""A loop's points, and whether they are fixed there."""


class Key(NamedTuple):
    """By what a vertex is known: its patch, its loop, and its place on the cube's lattice."""

    patch: str
    loop: int
    i: int
    j: int
    k: int

    def mirrored(self) -> Key:
        """The same vertex on the other side of the face."""
        twin = {"eye_left": "eye_right", "eye_right": "eye_left"}.get(self.patch, self.patch)
        return self._replace(patch=twin, i=-self.i)


@dataclass(frozen=True)
class Skin:
    """The skin as a mesh, with what the shape keys need to know of each vertex.

    vertices: [n, 3]; faces: four indices each; mirror: [n], the vertex on the other side.
    lip: [n], sine of the angle around the mouth, -1 under the lower lip to 1 over the upper, NaN off the lips.
    mouth_ring: [n], number of the loop from the skin around the lips inwards, NaN off the lips.
    lid_angle, lid_ring: [n], angle around the eye opening and ring number from its edge, NaN off the lids.
    rings: vertex indices of the loops around "mouth", "eye_left", "eye_right" and "neck", from the outside inwards.
    """

    vertices: DoubleArray
    faces: list[tuple[int, ...]]
    mirror: Indices
    lip: DoubleArray
    mouth_ring: DoubleArray
    lid_angle: DoubleArray
    lid_ring: DoubleArray
    rings: dict[tuple[str, int], Indices]


class _Builder:
    """Collects vertices under keys, so that patches built apart share their borders."""

    def __init__(self) -> None:
        self.index: dict[Key, int] = {}
        self.points: list[DoubleArray] = []
        self.fixed: list[bool] = []
        self.faces: list[tuple[int, ...]] = []
        self.rings: dict[tuple[str, int], Indices] = {}

    def vertex(self, key: Key, point: DoubleArray, fixed: bool) -> int:
        if key not in self.index:
            self.index[key] = len(self.points)
            self.points.append(point)
            self.fixed.append(fixed)
        return self.index[key]

    def border(self, keys: list[Key]) -> DoubleArray:
        """Where the vertices around a hole are, [n, 3]."""
        return np.array([self.points[self.index[key]] for key in keys])

    def mirror(self) -> Indices:
        """Each vertex -> the one on the other side, [n]."""
        return np.array([self.index[key.mirrored()] for key in self.index])

    def loops(self, patch: str, border: list[Key], layers: list[Layer], flip: bool) -> None:
        """Fill a hole with loops of quads from its border inwards; flip turns the quads' outside round."""
        previous = [self.index[key] for key in border]
        self.rings[patch, 0] = np.array(previous)
        for number, (points, fixed) in enumerate(layers, 1):
            keys = [key._replace(patch=patch, loop=number) for key in border]
            current = [self.vertex(key, point, fixed) for key, point in zip(keys, points, strict=True)]
            for j in range(len(current)):
                k = (j + 1) % len(current)
                quad = (previous[j], previous[k], current[k], current[j])
                self.faces.append(quad[::-1] if flip else quad)
            self.rings[patch, number] = np.array(current)
            previous = current


def _perimeter(hole: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    """Lattice points around a hole, from the middle of its high-i side towards high k and on round."""
    i0, i1, k0, k1 = hole
    ring = [(i1, k) for k in range(k0, k1)] + [(i, k1) for i in range(i1, i0, -1)]
    ring += [(i0, k) for k in range(k1, k0, -1)] + [(i, k0) for i in range(i0, i1)]
    start = ring.index((i1, (k0 + k1) // 2))
    return ring[start:] + ring[:start]


def build_skin() -> Skin:
    """The head, neck and the inside of the mouth as one mesh of quads, mirrored exactly."""
    builder = _Builder()
    _add_shell(builder)
    _add_mouth(builder)
    _add_eye(builder, "eye_left", 1)
    _add_eye(builder, "eye_right", -1)
    _add_neck(builder)
    mirror = builder.mirror()
    near_lips = np.zeros(len(mirror), bool)
    near_lips[builder.rings["mouth", FREE_LOOPS]] = near_lips[builder.rings["mouth", FIRST_LIP]] = True
    points = _relax(builder, np.array(builder.points), np.array(builder.fixed), 30)
    points = _relax(builder, points, ~near_lips, 8, pull=False)
    lip, mouth_ring, lid_angle, lid_ring = (np.full(len(points), np.nan) for _ in range(4))
    for (patch, number), loop in builder.rings.items():
        if patch == "mouth" and number >= FIRST_LIP:
            lip[loop], mouth_ring[loop] = np.sin(_angles(len(loop))), number - FIRST_LIP
        if patch.startswith("eye") and number > 0:
            lid_angle[loop], lid_ring[loop] = _angles(len(loop)), LID_EDGE - number
    return Skin(points, builder.faces, mirror, lip, mouth_ring, lid_angle, lid_ring, builder.rings)


def _angles(count: int) -> DoubleArray:
    return np.arange(count) / count * 2 * np.pi


def _is_hole(axis: int, side: int, a: int, b: int) -> bool:
    def inside(hole: tuple[int, int, int, int]) -> bool:
        return hole[0] <= a < hole[1] and hole[2] <= b < hole[3]

    if axis == 1 and side < 0:
        i0, i1, k0, k1 = EYE_HOLE
        return inside(MOUTH_HOLE) or inside(EYE_HOLE) or inside((-i1, -i0, k0, k1))
    return axis == 2 and side < 0 and inside(NECK_HOLE)


def _add_shell(builder: _Builder) -> None:
    """The six sides of the cube, cast onto the form, with holes at mouth, eyes and neck."""

    def lattice(i: int, j: int, k: int) -> int:
        key = Key("cube", 0, i, j, k)
        if key not in builder.index:
            builder.vertex(key, np.tan(np.pi / 4 * np.array([i, j, k]) / HALF), False)
        return builder.index[key]

    for axis in range(3):
        for side in (-HALF, HALF):
            for a in range(-HALF, HALF):
                for b in range(-HALF, HALF):
                    if _is_hole(axis, side, a, b):
                        continue
                    corners = []
                    for da, db in ((0, 0), (1, 0), (1, 1), (0, 1)):
                        at = [a + da, b + db]
                        at.insert(axis, side)
                        corners.append(lattice(*at))
                    outward = (side > 0) != (axis == 1)
                    builder.faces.append(tuple(corners if outward else corners[::-1]))
    direction = np.array(builder.points)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    builder.points = list(surface.cast(surface.skin, np.broadcast_to(CENTRE, direction.shape), direction))


def _towards(border: DoubleArray, first: DoubleArray) -> list[Layer]:
    """Free loops spread between a hole's border and the first drawn loop."""
    steps = np.arange(1, FREE_LOOPS + 1) / (FREE_LOOPS + 1)
    return [(border + (first - border) * step, False) for step in steps]


def _add_mouth(builder: _Builder) -> None:
    """Free loops that blend into the lips, the lips, and the mouth's inside, closed at its back."""
    border = [Key("cube", 0, i, -HALF, k) for i, k in _perimeter(MOUTH_HOLE)]
    angle = _angles(len(border))
    lips = [(lip_point(ring, angle), number > 0) for number, ring in enumerate(LIP_RINGS)]
    inside = [(points, True) for points in cavity_loops(angle)]
    layers = _towards(builder.border(border), lips[0][0]) + lips + inside
    builder.loops("mouth", border, layers, False)
    last = builder.rings["mouth", len(layers)]
    for j in range(len(last) // 2):
        quad = (last[-j], last[-j - 1], last[j + 1], last[j])
        builder.faces.append(tuple(dict.fromkeys(int(v) for v in quad)))


def _add_eye(builder: _Builder, patch: str, side: int) -> None:
    """Free loops, loops over the lids, and the lids' edge turned inwards behind them."""
    border = [Key("cube", 0, side * i, -HALF, k) for i, k in _perimeter(EYE_HOLE)]
    angle = _angles(len(border))
    lids = [
        (lid_point(angle, spread, radii * surface.EYE_RADIUS, side), number > 0)
        for number, (spread, radii) in enumerate(LID_LOOPS)
    ]
    builder.loops(patch, border, _towards(builder.border(border), lids[0][0]) + lids, side < 0)


def _add_neck(builder: _Builder) -> None:
    """Loops from under the jaw straight down into the collar."""
    border = [Key("cube", 0, i, j, -HALF) for i, j in _perimeter(NECK_HOLE)]
    middle = np.array([0.0, 0.22])
    around = builder.border(border)[:, :2] - middle
    around /= np.linalg.norm(around, axis=1, keepdims=True)
    heights = (-0.84, -0.90, -0.96, -1.02, -1.08, -1.15)
    layers = [
        (np.column_stack([middle + around * 0.29, np.full(len(border), height)]), height == heights[-1])
        for height in heights
    ]
    builder.loops("neck", border, layers, True)


def _relax(builder: _Builder, points: DoubleArray, fixed: BoolArray, rounds: int, pull: bool = True) -> DoubleArray:
    """The points with free vertices spread evenly: towards their neighbors' middle and, with pull, back onto the form.

    points: [n, 3]. fixed: [n], vertices that stay.
    """
    mirror = builder.mirror()
    edges = {tuple(sorted(pair)) for face in builder.faces for pair in zip(face, face[1:] + face[:1], strict=True)}
    a, b = np.array(sorted(edges)).T
    degree = np.bincount(np.concatenate([a, b]), minlength=len(points))[:, None]
    free = ~fixed
    for turn in range(rounds):
        total = np.zeros_like(points)
        np.add.at(total, a, points[b])
        np.add.at(total, b, points[a])
        moved = points[free] + 0.5 * (total / degree - points)[free]
        points[free] = surface.pull_to_surface(surface.skin, moved) if pull and turn % 3 == 2 else moved
        points = (points + points[mirror] * (-1.0, 1.0, 1.0)) / 2
    return points
