# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's 52 ARKit shape keys, for anything that moves like its skin.

Each "Left" key is drawn once, for the character's left (+X); its "Right" twin is the mirror image.
"""

from __future__ import annotations

from collections.abc import Callable

from ...curves import DoubleArray
from . import eye_keys as eyes
from . import mouth_keys as mouth
from . import skin_keys as skin
from .fields import Face, Region

LEFT: dict[str, Callable[[Face], DoubleArray]] = {
    "browDown": skin.brow_down,
    "browOuterUp": skin.brow_outer_up,
    "cheekSquint": skin.cheek_squint,
    "eyeBlink": eyes.eye_blink,
    "eyeLookDown": eyes.eye_look_down,
    "eyeLookIn": lambda face: -eyes.eye_look_side(face),
    "eyeLookOut": eyes.eye_look_side,
    "eyeLookUp": eyes.eye_look_up,
    "eyeSquint": eyes.eye_squint,
    "eyeWide": eyes.eye_wide,
    "mouthDimple": mouth.mouth_dimple,
    "mouthFrown": mouth.mouth_frown,
    "mouthLowerDown": mouth.mouth_lower_down,
    "mouthPress": mouth.mouth_press,
    "mouthSmile": mouth.mouth_smile,
    "mouthStretch": mouth.mouth_stretch,
    "mouthUpperUp": mouth.mouth_upper_up,
    "noseSneer": skin.nose_sneer,
}
"""Keys with a twin on the right."""

WHOLE: dict[str, Callable[[Face], DoubleArray]] = {
    "browInnerUp": skin.brow_inner_up,
    "cheekPuff": skin.cheek_puff,
    "jawForward": mouth.jaw_forward,
    "jawOpen": mouth.jaw_open,
    "mouthClose": mouth.mouth_close,
    "mouthFunnel": mouth.mouth_funnel,
    "mouthPucker": mouth.mouth_pucker,
    "mouthRollLower": mouth.mouth_roll_lower,
    "mouthRollUpper": mouth.mouth_roll_upper,
    "mouthShrugLower": mouth.mouth_shrug_lower,
    "mouthShrugUpper": mouth.mouth_shrug_upper,
    "tongueOut": mouth.tongue_out_lips,
}
"""Keys that are their own mirror image."""

SIDEWAYS: dict[str, Callable[[Face], DoubleArray]] = {"jaw": mouth.jaw_left, "mouth": mouth.mouth_left}
"""Movements towards the left, with a twin towards the right."""


def skin_keys(region: Region) -> dict[str, DoubleArray]:
    """Displacements [n, 3] of all 52 keys for a region of the face."""
    face = Face(region)

    def mirrored(moved: DoubleArray) -> DoubleArray:
        return moved[region.mirror] * (-1.0, 1.0, 1.0)

    keys = {name: draw(face) for name, draw in WHOLE.items()}
    for name, draw in {**LEFT, **SIDEWAYS}.items():
        moved = draw(face)
        keys[f"{name}Left"] = moved
        keys[f"{name}Right"] = mirrored(moved)
    return keys


def moving_keys(region: Region) -> dict[str, DoubleArray]:
    """The skin's keys without those that hardly move this region."""
    return {name: moved for name, moved in skin_keys(region).items() if abs(moved).max() > 1e-3}
