# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's 52 ARKit shape keys, as displacements of skin, brows, lashes, lower teeth, tongue and eyes.

Each "Left" key is drawn once, for the character's left (+X); its "Right" twin is the mirror image.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import demo_face_surface as surface
from .demo_face_surface import Array
from .demo_face_topology import LIP_RINGS, MOUTH_WIDTH, lid_opening, mouth_base, mouth_line

JAW_HINGE = np.array([0.0, 0.06, -0.30])
JAW_ANGLE = np.radians(21.0)
LOOK_SIDE, LOOK_UP, LOOK_DOWN = np.radians([21.0, 17.0, 20.0])


@dataclass(frozen=True)
class Region:
    """Points that shape keys move.

    points: [n, 3]; mirror: [n], index of each point's mirror image.
    lip: [n], sine of the angle around the mouth where the topology knows it (it tells the touching lips apart), else NaN.
    mouth_ring: [n], number of the loop around the mouth, else NaN.
    lid_ring: [n], loops away from the edge of the eyelids (negative: behind it), else NaN; upper_lid: [n], height around the
    eye opening as a sine, -1 lower to 1 upper.
    """

    points: Array
    mirror: npt.NDArray[np.int64]
    lip: Array
    mouth_ring: Array
    lid_ring: Array
    upper_lid: Array


def smooth(start: float, end: float, value: Array) -> Array:
    """0 at start, 1 at end, an S in between; start may be above end."""
    t = np.clip((value - start) / (end - start), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def bump(points: Array, centre: tuple[float, float, float], reach: tuple[float, float, float] | float) -> Array:
    """A soft hill of height 1 around a centre, [n]."""
    return np.exp(-np.sum(((points - centre) / np.asarray(reach)) ** 2, axis=1))


def rotate(points: Array, centre: Array, axis: int, angle: Array | float) -> Array:
    """Points turned around an axis (0 x, 1 y, 2 z) through a centre by an angle of their own, radians."""
    b, c = (axis + 1) % 3, (axis + 2) % 3
    offset = points - centre
    result = points.copy()
    result[:, b] = centre[b] + offset[:, b] * np.cos(angle) - offset[:, c] * np.sin(angle)
    result[:, c] = centre[c] + offset[:, b] * np.sin(angle) + offset[:, c] * np.cos(angle)
    return result


def jaw_share(s: Array) -> Array:
    """How far the skin follows the jaw, from 0 on the upper lip to 1 under the lower: a round opening mouth."""
    t = np.clip((0.75 - s) / 1.75, 0.0, 1.0)
    return t * t * (2.0 - t)


class Face:
    """A region with the coordinates that the keys are drawn in, worked out once.

    around the mouth, elliptic coordinates whose foci are the mouth's corners:
    s is 1 over the upper lip, -1 under the lower one, 0 beside the corners; u is -1 at the right corner, 1 at the left;
    away is the distance from the closed mouth's line.
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
        self.upper = smooth(-0.35, 0.35, self.s)
        self.lower = 1.0 - self.upper
        self.jaw = self._jaw_weight()
        self.inside = np.nan_to_num(region.mouth_ring, nan=-1.0) > 5

    def _jaw_weight(self) -> Array:
        y, z = self.p[:, 1], self.p[:, 2]
        side = smooth(0.15, -0.35, y)
        throat = smooth(-0.12, -0.45, y)
        back = side + (throat - side) * smooth(-0.72, -0.90, z)
        return jaw_share(self.s) * back

    def none(self) -> Array:
        return np.zeros_like(self.p)

    def lips(self, reach: float = 0.14) -> Array:
        """1 on the lips, fading into the skin around them."""
        return np.exp(-((self.away / reach) ** 2)) * self.front

    def corner(self, reach: float = 0.16) -> Array:
        """1 at the left corner of the mouth, fading along the lips and over the cheek."""
        return np.clip(self.u, 0.0, 1.0) ** 1.8 * self.lips(reach)

    def slide(self, dx: Array, dz: Array, dy: Array | float = 0.0) -> Array:
        """Displacement over the curve of the face: moved sideways and up, kept at its depth, plus dy."""
        x, z = self.p[:, 0], self.p[:, 2]
        depth = _face_depth(x + dx, z + dz) - _face_depth(x, z)
        reach = 0.8 * (np.abs(dx) + np.abs(dz))
        return np.column_stack([dx, np.clip(depth, -reach, reach) * self.front + dy, dz])


_DEPTH_X, _DEPTH_Z = np.linspace(-0.62, 0.62, 63), np.linspace(-1.0, 0.3, 66)
_depth_table: list[Array] = []


def _face_depth(x: Array, z: Array) -> Array:
    """The plain face's y at (x, z), from a table."""
    if not _depth_table:
        grid_x, grid_z = np.meshgrid(_DEPTH_X, _DEPTH_Z, indexing="ij")
        _depth_table.append(mouth_base(grid_x.ravel(), grid_z.ravel())[:, 1].reshape(grid_x.shape))
    table = _depth_table[0]
    fx = np.clip((x - _DEPTH_X[0]) / (_DEPTH_X[1] - _DEPTH_X[0]), 0, len(_DEPTH_X) - 1.001)
    fz = np.clip((z - _DEPTH_Z[0]) / (_DEPTH_Z[1] - _DEPTH_Z[0]), 0, len(_DEPTH_Z) - 1.001)
    ix, iz = fx.astype(int), fz.astype(int)
    tx, tz = fx - ix, fz - iz
    near = table[ix, iz] * (1 - tz) + table[ix, iz + 1] * tz
    far = table[ix + 1, iz] * (1 - tz) + table[ix + 1, iz + 1] * tz
    return near * (1 - tx) + far * tx


# Jaw


def jaw_open(face: Face) -> Array:
    return _jaw_opened(face.p, face.s, face.jaw, np.exp(-((face.away / 0.2) ** 2)) * face.front)


def _jaw_opened(points: Array, s: Array, jaw: Array, near_lips: Array) -> Array:
    """Turned with the jaw; the mouth gets narrower and the upper lip rises a little, which rounds the opening."""
    moved = rotate(points, JAW_HINGE, 0, JAW_ANGLE * jaw) - points
    moved[:, 0] -= 0.12 * points[:, 0] * near_lips * (1.0 - 0.7 * np.abs(s))
    moved[:, 2] += 0.022 * near_lips * np.maximum(s, 0.0)
    return moved


def jaw_forward(face: Face) -> Array:
    return face.jaw[:, None] * (0.0, -0.10, -0.012)


def jaw_left(face: Face) -> Array:
    swing = face.jaw * smooth(0.2, -0.6, face.p[:, 1])
    return swing[:, None] * (0.12, 0.0, -0.015)


def mouth_close(face: Face) -> Array:
    """Takes back what jawOpen parts: upper lip down and lower lip up, until they meet while the jaw stays down."""
    u = np.clip(face.u, -1.0, 1.0)
    s = np.sqrt(1.0 - u**2)
    line = np.column_stack([MOUTH_WIDTH * u, np.zeros(face.count), surface.MOUTH_Z + mouth_line(u)])
    line[:, 1] = _face_depth(line[:, 0], line[:, 2])
    touching = np.ones(face.count)
    low = _jaw_opened(line, -s, jaw_share(-s), touching)
    high = _jaw_opened(line, s, jaw_share(s), touching)
    gap = low - high
    reach_up, reach_down = np.exp(-((face.away / 0.13) ** 2)), np.exp(-((face.away / 0.20) ** 2))
    share = np.where(face.s > 0, 0.35 * reach_up, -0.65 * reach_down)
    return gap * (share * face.front)[:, None]


# Mouth


def mouth_funnel(face: Face) -> Array:
    lips = face.lips(0.15)
    vertical = np.where(face.s > 0, 0.055, -0.075) * np.abs(face.s) ** 0.8
    return face.slide(-0.42 * face.p[:, 0] * lips, vertical * lips, -0.13 * lips * (0.5 + 0.5 * np.abs(face.s)))


def mouth_pucker(face: Face) -> Array:
    lips = face.lips(0.15)
    fuller = 0.10 * np.sign(face.s) * np.minimum(face.away, 0.1) * lips
    return face.slide(-0.50 * face.p[:, 0] * lips, fuller, -0.14 * lips * (0.45 + 0.55 * np.abs(face.s)))


def mouth_left(face: Face) -> Array:
    lips = face.lips(0.20)
    return face.slide(0.13 * lips, 0.02 * face.u * lips)


def mouth_smile(face: Face) -> Array:
    corner = face.corner(0.18)
    cheek = bump(face.p, (0.40, -0.62, -0.36), (0.20, 0.35, 0.17))
    moved = face.slide(0.085 * corner, 0.095 * corner + 0.035 * cheek, -0.035 * cheek)
    moved[:, 0] += 0.025 * cheek
    return moved + _lower_lid_push(face, 0.05)


def mouth_frown(face: Face) -> Array:
    corner = face.corner(0.17)
    chin = bump(face.p, (0.10, -0.75, -0.80), (0.12, 0.3, 0.10))
    return face.slide(0.01 * corner, -0.095 * corner + 0.015 * chin, -0.012 * chin)


def mouth_stretch(face: Face) -> Array:
    corner = face.corner(0.22)
    return face.slide(0.12 * corner, -0.035 * corner, 0.01 * corner)


def mouth_dimple(face: Face) -> Array:
    corner = face.corner(0.09)
    cheek = bump(face.p, (0.34, -0.66, -0.54), (0.08, 0.3, 0.12))
    return face.slide(0.06 * corner, 0.018 * corner, 0.055 * corner - 0.02 * cheek)


def mouth_press(face: Face) -> Array:
    side = face.left * face.lips(0.12)
    thinner = np.where(np.isnan(face.region.mouth_ring), 0.5, 1.0)
    flat = -np.sign(face.s) * np.minimum(face.away, 0.11) * 0.42 * thinner
    corner = face.corner(0.10)
    outside = np.where(face.inside, 0.0, 0.028)
    return face.slide(0.02 * corner, flat * side + 0.012 * corner, outside * side * smooth(0.16, 0.02, face.away))


def mouth_upper_up(face: Face) -> Array:
    half = np.exp(-(((face.u - 0.42) / 0.50) ** 2)) * smooth(-0.05, 0.75, face.s) * face.left
    reach = np.exp(-((np.maximum(face.away - 0.04, 0.0) / 0.15) ** 2)) * face.front
    wing = bump(face.p, (0.13, -0.82, -0.32), (0.08, 0.15, 0.08))
    return face.slide(0.0 * half, 0.085 * half * reach + 0.025 * wing, -0.018 * half * reach)


def mouth_lower_down(face: Face) -> Array:
    half = np.exp(-(((face.u - 0.42) / 0.50) ** 2)) * smooth(0.05, -0.75, face.s) * face.left
    reach = np.exp(-((np.maximum(face.away - 0.05, 0.0) / 0.14) ** 2)) * face.front
    return face.slide(0.015 * half * reach, -0.095 * half * reach, -0.012 * half * reach)


ROLL = np.array([0.35, 0.85, 1.0, 1.0, 1.0, 0.9, 0.5, 0.2, 0.0])
"""How much each lip loop takes part in rolling inwards, from the skin to the inside."""


def _roll(face: Face, lip: Array) -> tuple[Array, Array]:
    """Depth and height of rolling a lip in: what is outside slides over the edge to where the inside is."""
    ring = face.region.mouth_ring
    known = ~np.isnan(ring) & (np.nan_to_num(ring) < len(ROLL))
    number = np.where(known, np.nan_to_num(ring), 0).astype(int)
    amount = np.where(known, ROLL[number], 0.25 * np.exp(-(((face.away - 0.15) / 0.08) ** 2)) * face.front)
    amount = amount * lip
    bulge = np.array([ring.upper_bulge for ring in LIP_RINGS])[number]
    back = np.where(known, np.maximum(bulge, 0.0) * 1.0 + 0.014, 0.004) * amount
    together = -np.sign(face.s) * face.away * 0.75 * amount
    return back, np.where(face.inside, 0.0, together)


def mouth_roll_upper(face: Face) -> Array:
    back, height = _roll(face, smooth(0.0, 0.6, face.s))
    return np.column_stack([np.zeros(face.count), back, height])


def mouth_roll_lower(face: Face) -> Array:
    back, height = _roll(face, smooth(0.0, -0.6, face.s))
    return np.column_stack([np.zeros(face.count), back, height])


def mouth_shrug_lower(face: Face) -> Array:
    lips = face.lips(0.13) * np.exp(-((face.u / 0.8) ** 2))
    chin = bump(face.p, (0.0, -0.78, -0.82), (0.18, 0.3, 0.12))
    forward = np.where(face.s < 0, -0.05, -0.012) * np.abs(face.s)
    return face.slide(0.0 * lips, 0.055 * lips + 0.045 * chin, forward * lips - 0.03 * chin)


def mouth_shrug_upper(face: Face) -> Array:
    lips = face.lips(0.12) * np.exp(-((face.u / 0.75) ** 2))
    rise = np.where(face.s > 0, 0.050, 0.036) * np.abs(face.s) ** 0.5
    forward = np.where(face.s > 0, -0.055, -0.006) * np.abs(face.s)
    return face.slide(0.0 * lips, rise * lips, forward * lips)


def cheek_puff(face: Face) -> Array:
    hill = bump(face.p, (0.42, -0.52, -0.56), (0.20, 0.30, 0.20)) + bump(
        face.p, (-0.42, -0.52, -0.56), (0.20, 0.30, 0.20)
    )
    lips = face.lips(0.16)
    outward = face.p - (0.0, -0.15, -0.5)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    moved = 0.15 * hill[:, None] * outward * np.where(face.inside, 0.3, 1.0)[:, None]
    moved[:, 1] -= 0.03 * lips
    moved[:, 0] -= 0.10 * face.p[:, 0] * lips
    return moved


# Cheeks and nose


def cheek_squint(face: Face) -> Array:
    cheek = bump(face.p, (0.38, -0.65, -0.30), (0.20, 0.35, 0.13))
    moved = face.slide(0.0 * cheek, 0.07 * cheek, -0.045 * cheek)
    return moved + _lower_lid_push(face, 0.14)


def nose_sneer(face: Face) -> Array:
    wing = bump(face.p, (0.12, -0.84, -0.31), (0.09, 0.16, 0.10))
    fold = bump(face.p, (0.17, -0.72, -0.20), (0.10, 0.2, 0.16))
    lip = np.exp(-(((face.u - 0.4) / 0.4) ** 2)) * smooth(0.0, 0.8, face.s) * face.lips(0.18)
    brow = bump(face.p, (0.14, -0.72, 0.22), (0.10, 0.2, 0.10))
    moved = face.slide(0.0 * lip, 0.055 * wing + 0.02 * fold + 0.045 * lip * face.left - 0.035 * brow)
    moved[:, 1] -= 0.02 * fold + 0.012 * brow
    moved[:, 0] += 0.015 * wing - 0.012 * brow
    return moved


# Brows


def _brow(face: Face, inner: float, middle: float, outer: float) -> Array:
    """Height of the left brow's movement: a curve along the brow, fading over the forehead and into the eye socket."""
    x, z = face.p[:, 0], face.p[:, 2]
    along = inner * np.exp(-(((x - 0.10) / 0.13) ** 2))
    along += middle * np.exp(-(((x - 0.32) / 0.13) ** 2))
    along += outer * np.exp(-(((x - 0.52) / 0.14) ** 2))
    fade = np.exp(-((np.maximum(z - 0.42, 0.0) / 0.20) ** 2)) * smooth(0.16, 0.34, z) * smooth(0.1, -0.25, face.p[:, 1])
    return along * fade * smooth(-0.14, 0.06, x)


def _over_forehead(face: Face, dx: Array, dz: Array) -> Array:
    moved = np.column_stack([dx, np.zeros(face.count), dz])
    there = np.abs(dx) + np.abs(dz) > 1e-6
    start = face.p[there]
    depth = surface.plain_face(start)
    end = start + moved[there]
    for _ in range(2):
        end -= surface.gradient(surface.plain_face, end) * (surface.plain_face(end) - depth)[:, None]
    moved[there] = end - start
    return moved


def brow_down(face: Face) -> Array:
    dz = _brow(face, -0.115, -0.06, -0.015)
    return _over_forehead(face, 0.28 * dz, dz)


def brow_inner_up(face: Face) -> Array:
    dz = _brow(face, 0.14, 0.035, -0.01)
    dz = np.maximum(dz, dz[face.region.mirror]) if len(face.region.mirror) else dz
    return _over_forehead(face, 0.0 * dz, dz)


def brow_outer_up(face: Face) -> Array:
    dz = _brow(face, 0.005, 0.075, 0.13)
    return _over_forehead(face, 0.0 * dz, dz)


# Eyelids

LID_WEIGHT = {-2: 1.0, -1: 1.0, 0: 1.0, 1: 0.80, 2: 0.42, 3: 0.12, 4: 0.02}


def _lid_turn(face: Face, upper: Callable[[Array], Array], lower: Callable[[Array], Array], lift: float = 0.0) -> Array:
    """Turns the left eyelids around the eyeball.

    upper, lower: elevation of each lid's edge when the key is 1, radians, from its azimuth; lift: how far the edges come
    off the ball there, as a part of its radius, because a straight path between two places on a ball cuts into it.
    """
    ring = face.region.lid_ring
    lids = ~np.isnan(ring) & (face.p[:, 0] > 0)
    moved = face.none()
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


def _closed(azimuth: Array) -> Array:
    """Where closed lids meet: a third of the way up from the lower lid."""
    up, down = _edges(azimuth)
    return down + 0.20 * (up - down)


def _between(share_up: float, share_down: float) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    """Lids moved by parts of the opening's height: positive closes."""

    def upper(azimuth: Array) -> Array:
        up, down = _edges(azimuth)
        return up - share_up * (up - down)

    def lower(azimuth: Array) -> Array:
        up, down = _edges(azimuth)
        return down + share_down * (up - down)

    return upper, lower


def _lower_lid_push(face: Face, share: float) -> Array:
    return _lid_turn(face, *_between(0.0, share), lift=0.01)


def eye_blink(face: Face) -> Array:
    return _lid_turn(face, _closed, _closed, lift=0.035)


def eye_squint(face: Face) -> Array:
    cheek = bump(face.p, (0.36, -0.66, -0.24), (0.20, 0.3, 0.10))
    return _lid_turn(face, *_between(0.16, 0.30), lift=0.015) + cheek[:, None] * (0.0, -0.02, 0.03)


def eye_wide(face: Face) -> Array:
    brow = bump(face.p, (0.33, -0.66, 0.26), (0.2, 0.3, 0.10))
    return _lid_turn(face, *_between(-0.17, -0.05), lift=0.03) + brow[:, None] * (0.0, 0.0, 0.02)


def eye_look_up(face: Face) -> Array:
    return _lid_turn(face, *_between(-0.11, 0.03))


def eye_look_down(face: Face) -> Array:
    return _lid_turn(face, *_between(0.30, -0.07), lift=0.012)


def eye_look_side(face: Face) -> Array:
    lids = np.where(np.isnan(face.region.lid_ring), 0.0, 1.0) * (face.p[:, 0] > 0)
    weight = lids * np.array([0.0 if np.isnan(r) else LID_WEIGHT[int(r)] for r in face.region.lid_ring])
    offset = face.p - surface.EYE_CENTRE
    centred = np.exp(-((offset[:, 0] / 0.14) ** 2))
    return rotate(face.p, surface.EYE_CENTRE, 2, 0.05 * weight * centred) - face.p


# Tongue


def tongue_out_lips(face: Face) -> Array:
    """The lips make way for the tongue."""
    lips = face.lips(0.13) * np.exp(-((face.u / 0.85) ** 2))
    vertical = np.where(face.s > 0, 0.035, -0.075) * np.abs(face.s) ** 0.7
    return face.slide(0.0 * lips, vertical * lips, -0.03 * lips * smooth(0.0, -0.5, face.s))


LEFT: dict[str, Callable[[Face], Array]] = {
    "browDown": brow_down,
    "browOuterUp": brow_outer_up,
    "cheekSquint": cheek_squint,
    "eyeBlink": eye_blink,
    "eyeLookDown": eye_look_down,
    "eyeLookIn": lambda face: -eye_look_side(face),
    "eyeLookOut": eye_look_side,
    "eyeLookUp": eye_look_up,
    "eyeSquint": eye_squint,
    "eyeWide": eye_wide,
    "mouthDimple": mouth_dimple,
    "mouthFrown": mouth_frown,
    "mouthLowerDown": mouth_lower_down,
    "mouthPress": mouth_press,
    "mouthSmile": mouth_smile,
    "mouthStretch": mouth_stretch,
    "mouthUpperUp": mouth_upper_up,
    "noseSneer": nose_sneer,
}
"""Keys with a twin on the right."""

WHOLE: dict[str, Callable[[Face], Array]] = {
    "browInnerUp": brow_inner_up,
    "cheekPuff": cheek_puff,
    "jawForward": jaw_forward,
    "jawOpen": jaw_open,
    "mouthClose": mouth_close,
    "mouthFunnel": mouth_funnel,
    "mouthPucker": mouth_pucker,
    "mouthRollLower": mouth_roll_lower,
    "mouthRollUpper": mouth_roll_upper,
    "mouthShrugLower": mouth_shrug_lower,
    "mouthShrugUpper": mouth_shrug_upper,
    "tongueOut": tongue_out_lips,
}
"""Keys that are their own mirror image."""

SIDEWAYS: dict[str, Callable[[Face], Array]] = {"jaw": jaw_left, "mouth": mouth_left}
"""Movements towards the left, with a twin towards the right."""


def skin_keys(region: Region) -> dict[str, Array]:
    """Displacements [n, 3] of all 52 keys for a region of the face."""
    face = Face(region)

    def mirrored(moved: Array) -> Array:
        return moved[region.mirror] * (-1.0, 1.0, 1.0)

    keys = {name: draw(face) for name, draw in WHOLE.items()}
    for name, draw in {**LEFT, **SIDEWAYS}.items():
        moved = draw(face)
        keys[f"{name}Left"] = moved
        keys[f"{name}Right"] = mirrored(moved)
    return keys


def jaw_keys(points: Array) -> dict[str, Array]:
    """Displacements of something that hangs on the jawbone: lower teeth, the tongue."""
    whole = np.ones(len(points))[:, None]
    return {
        "jawOpen": rotate(points, JAW_HINGE, 0, JAW_ANGLE) - points,
        "jawForward": whole * (0.0, -0.10, -0.012),
        "jawLeft": whole * (0.12, 0.0, -0.015),
        "jawRight": whole * (-0.12, 0.0, -0.015),
    }


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
