# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's skin: a cube of quads drawn onto the form, with edge loops around eyes, mouth and neck."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from . import demo_face_surface as surface
from .demo_face_surface import Array

HALF = 16
"""Quads from the middle of a cube side to its edge."""
CENTRE = np.array([0.0, 0.05, -0.18])
"""Where the cube's rays come from."""
MOUTH_HOLE = (-6, 6, -10, -6)
EYE_HOLE = (5, 13, 2, 8)
NECK_HOLE = (-7, 7, -4, 10)
LID_MIDDLE, LID_SPAN = 0.03, 0.60
"""Azimuth of the middle of the eye opening and from there to its corners, radians."""
MOUTH_WIDTH = 0.235
"""From the middle of the mouth to its corner."""

Key = tuple[object, ...]
Ring = list[tuple[int, int]]


@dataclass
class Skin:
    """The skin as a mesh, with what the shape keys need to know of each vertex.

    vertices: [n, 3]; faces: four indices each; mirror: [n], the vertex on the other side.
    lip: [n], sine of the angle around the mouth, -1 under the lower lip to 1 over the upper, NaN off the lips.
    mouth_ring: [n], number of the loop from the skin around the lips inwards, NaN off the lips.
    lid_angle, lid_ring: [n], angle around the eye opening and ring number from its edge, NaN off the lids.
    rings: vertex indices of named loops.
    """

    vertices: Array
    faces: list[tuple[int, ...]]
    mirror: npt.NDArray[np.int64]
    lip: Array
    mouth_ring: Array
    lid_angle: Array
    lid_ring: Array
    rings: dict[tuple[str, int], npt.NDArray[np.int64]] = field(default_factory=dict)


class _Builder:
    """Collects vertices under keys, so that patches built apart share their borders."""

    def __init__(self) -> None:
        self.index: dict[Key, int] = {}
        self.points: list[Array] = []
        self.fixed: list[bool] = []
        self.faces: list[tuple[int, ...]] = []

    def vertex(self, key: Key, point: Array, fixed: bool) -> int:
        if key not in self.index:
            self.index[key] = len(self.points)
            self.points.append(point)
            self.fixed.append(fixed)
        return self.index[key]


def mouth_base(x: Array, z: Array) -> Array:
    """Points of the plain face in front of (x, z), [n, 3]."""
    start = np.stack([x, np.zeros_like(x), z], axis=-1)
    return surface.cast(surface.plain_face, start, np.broadcast_to(np.array([0.0, -1.0, 0.0]), start.shape))


def lid_point(angle: Array, spread: float | Array, radius: float, side: float = 1.0) -> Array:
    """Points around the left (side 1) or right (-1) eye opening, [n, 3].

    angle: 0 at the outer corner, pi/2 at the top; spread: radians beyond the opening's edge.
    """
    along, height = np.cos(angle), np.sin(angle)
    azimuth = LID_MIDDLE + (LID_SPAN + 0.8 * spread) * along
    up, down = _lid_edges(along, spread)
    return sphere_point(azimuth, np.where(height > 0, up, down), radius, side)


def _lid_edges(along: Array, spread: float | Array) -> tuple[Array, Array]:
    height = np.sqrt(np.maximum(1.0 - along**2, 0.0))
    slant = 0.06 * along + 0.01
    return slant + (0.350 + spread) * height, slant - (0.39 + spread) * height


def lid_opening(azimuth: Array) -> tuple[Array, Array, Array]:
    """The left eye's opening: elevation of its upper and lower edge at an azimuth, and its height there from 0 to 1."""
    along = np.clip((azimuth - LID_MIDDLE) / LID_SPAN, -1.0, 1.0)
    up, down = _lid_edges(along, 0.0)
    return up, down, np.sqrt(1.0 - along**2)


def sphere_point(azimuth: Array, elevation: Array, radius: float | Array, side: float = 1.0) -> Array:
    """Points on a sphere around an eye: azimuth outwards and elevation up from straight ahead, in radians."""
    direction = np.stack(
        [np.sin(azimuth) * np.cos(elevation), -np.cos(azimuth) * np.cos(elevation), np.sin(elevation)], axis=-1
    )
    points = surface.EYE_CENTRE + direction * np.asarray(radius)[..., None]
    return points * np.array([side, 1.0, 1.0])


def _perimeter(hole: tuple[int, int, int, int]) -> Ring:
    """Lattice points around a hole, from the middle of its high-i side towards high k and on round."""
    i0, i1, k0, k1 = hole
    ring = [(i1, k) for k in range(k0, k1)] + [(i, k1) for i in range(i1, i0, -1)]
    ring += [(i0, k) for k in range(k1, k0, -1)] + [(i, k0) for i in range(i0, i1)]
    start = ring.index((i1, (k0 + k1) // 2))
    return ring[start:] + ring[:start]


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


def lip_point(ring: LipRing, angle: Array) -> Array:
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


def mouth_line(along: Array) -> Array:
    """How the closed mouth's line rises to its corners: a hint of a smile."""
    return 0.030 * along**2


def _cavity_rings(angle: Array) -> list[Array]:
    along, up = np.cos(angle), np.sin(angle)
    rings = []
    for width, height, y in ((0.27, 0.17, -0.50), (0.25, 0.19, -0.30), (0.19, 0.13, -0.12)):
        rings.append(np.stack([width * along, np.full_like(along, y), surface.MOUTH_Z + height * up], axis=-1))
    return rings


def build_skin() -> Skin:
    """The head, neck and the inside of the mouth as one mesh of quads, mirrored exactly."""
    builder = _Builder()
    n = HALF

    def lattice(i: int, j: int, k: int) -> int:
        key = ("cube", i, j, k)
        if key not in builder.index:
            builder.vertex(key, CENTRE + np.tan(np.pi / 4 * np.array([i, j, k]) / n), False)
        return builder.index[key]

    def hidden(axis: int, side: int, a: int, b: int) -> bool:
        def inside(hole: tuple[int, int, int, int]) -> bool:
            return hole[0] <= a < hole[1] and hole[2] <= b < hole[3]

        if axis == 1 and side < 0:
            i0, i1, k0, k1 = EYE_HOLE
            return inside(MOUTH_HOLE) or inside(EYE_HOLE) or inside((-i1, -i0, k0, k1))
        return axis == 2 and side < 0 and inside(NECK_HOLE)

    for axis in range(3):
        for side in (-n, n):
            for a in range(-n, n):
                for b in range(-n, n):
                    if hidden(axis, side, a, b):
                        continue
                    corners = []
                    for da, db in ((0, 0), (1, 0), (1, 1), (0, 1)):
                        at = [a + da, b + db]
                        at.insert(axis, side)
                        corners.append(lattice(*at))
                    outward = (side > 0) != (axis == 1)
                    builder.faces.append(tuple(corners if outward else corners[::-1]))
    lattice_points = np.array(builder.points)
    direction = lattice_points - CENTRE
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    cast = surface.cast(surface.skin, np.broadcast_to(CENTRE, lattice_points.shape), direction)
    builder.points = list(cast)

    rings: dict[tuple[str, int], npt.NDArray[np.int64]] = {}

    def loops(name: str, start: list[int], border: list[Key], layers: list[tuple[Array, bool]], flip: bool) -> None:
        previous = start
        rings[name, 0] = np.array(start)
        for number, (points, fixed) in enumerate(layers, 1):
            current = [
                builder.vertex((name, number, *key), point, fixed) for key, point in zip(border, points, strict=True)
            ]
            for j in range(len(current)):
                k = (j + 1) % len(current)
                quad = (previous[j], previous[k], current[k], current[j])
                builder.faces.append(quad[::-1] if flip else quad)
            rings[name, number] = np.array(current)
            previous = current

    # Mouth: four free loops blend into the lips, then the lips, then the cavity closed at its back.
    border = _perimeter(MOUTH_HOLE)
    angle = np.arange(len(border)) / len(border) * 2 * np.pi
    start = [lattice(i, -n, k) for i, k in border]
    outline = np.array([builder.points[v] for v in start])
    first = lip_point(LIP_RINGS[0], angle)
    free = [(outline + (first - outline) * t, False) for t in (0.34, 0.67)]
    fixed = [(lip_point(ring, angle), number > 0) for number, ring in enumerate(LIP_RINGS)]
    fixed += [(points, True) for points in _cavity_rings(angle)]
    loops("mouth", start, [("m", *at) for at in border], free + fixed, False)
    last = rings["mouth", len(free + fixed)]
    half = len(last) // 2
    for j in range(half):
        upper = (last[j], last[j + 1])
        lower = (last[-j], last[-j - 1])
        quad = (lower[0], lower[1], upper[1], upper[0])
        builder.faces.append(tuple(dict.fromkeys(int(v) for v in quad)))

    # Eyes: two free loops, three on the lids, then the edge turned inwards behind them.
    for name, side in (("eye_left", 1), ("eye_right", -1)):
        border = _perimeter(EYE_HOLE)
        angle = np.arange(len(border)) / len(border) * 2 * np.pi
        start = [lattice(side * i, -n, k) for i, k in border]
        outline = np.array([builder.points[v] for v in start])
        lids = [
            lid_point(angle, spread, radius * surface.EYE_RADIUS, side)
            for spread, radius in ((0.17, 1.085), (0.08, 1.088), (0.0, 1.085), (0.0, 1.05), (0.12, 1.04))
        ]
        free = [(outline + (lids[0] - outline) * t, False) for t in (0.34, 0.67)]
        loops(
            name,
            start,
            [("e", *at) for at in border],
            free + [(points, number > 0) for number, points in enumerate(lids)],
            side < 0,
        )

    # Neck: the loop below the jaw runs straight down to the collar.
    border = _perimeter(NECK_HOLE)
    start = [lattice(i, j, -n) for i, j in border]
    outline = np.array([builder.points[v] for v in start])
    middle = np.array([0.0, 0.22])
    around = outline[:, :2] - middle
    around /= np.linalg.norm(around, axis=1, keepdims=True)
    layers = []
    for number, z in enumerate((-0.84, -0.90, -0.96, -1.02, -1.08, -1.15)):
        points = np.column_stack([middle + around * 0.29, np.full(len(border), z)])
        layers.append((points, number == 5))
    loops("neck", start, [("n", *at) for at in border], layers, True)

    return _finish(builder, rings)


def _finish(builder: _Builder, rings: dict[tuple[str, int], npt.NDArray[np.int64]]) -> Skin:
    points = np.array(builder.points)
    mirror = np.array([builder.index[_mirrored(key)] for key in builder.index])
    fixed = np.array(builder.fixed)
    around_mouth = np.zeros(len(points), bool)
    for number in (2, 3):
        around_mouth[rings["mouth", number]] = True
    points = _relax(points, builder.faces, fixed, mirror, 30)
    points = _relax(points, builder.faces, ~around_mouth, mirror, 8, pull=False)
    count = len(points)
    lip, mouth_ring, lid_angle, lid_ring = (np.full(count, np.nan) for _ in range(4))
    for (name, number), loop in rings.items():
        angle = np.arange(len(loop)) / len(loop) * 2 * np.pi
        if name == "mouth" and number >= 3:
            lip[loop], mouth_ring[loop] = np.sin(angle), number - 3
        if name.startswith("eye") and number >= 1:
            lid_angle[loop], lid_ring[loop] = angle, 5 - number
    return Skin(points, builder.faces, mirror, lip, mouth_ring, lid_angle, lid_ring, rings)


def _mirrored(key: Key) -> Key:
    name = key[0]
    if name == "cube":
        return ("cube", -key[1], *key[2:])  # type: ignore[operator]
    if name in ("eye_left", "eye_right"):
        return ("eye_right" if name == "eye_left" else "eye_left", *key[1:])
    return (*key[:3], -key[3], *key[4:])  # type: ignore[operator]


def _relax(
    points: Array,
    faces: list[tuple[int, ...]],
    fixed: npt.NDArray[np.bool_],
    mirror: npt.NDArray[np.int64],
    rounds: int,
    pull: bool = True,
) -> Array:
    """Free vertices spread evenly: towards their neighbours' middle and, with pull, back onto the form."""
    edges = {tuple(sorted(pair)) for face in faces for pair in zip(face, face[1:] + face[:1], strict=True)}
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
