# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own blinks are found among the keys of a bake, so that none is generated on top of them."""

from __future__ import annotations

import bpy
import pytest

from emotalk_blender.blender.bake import BakeOptions, bake
from emotalk_blender.blender.memory import Origin
from emotalk_blender.blender.own_blinks import own_blinks
from emotalk_blender.blender.targets import find_targets
from emotalk_blender.curves import CHANNEL

from .things import curve_of, insert_keys, make_face, smooth_curves, stretch_at

SPEECH = Origin("Speech", "//speech.wav")


@pytest.fixture
def face() -> bpy.types.Object:
    """Baked on the frames 10 to 105 at 24 frames per second, with eyes that stay open."""
    face = make_face(keys=["jawOpen", "eyeBlinkLeft", "eyeBlinkRight"])
    curves = smooth_curves(4.0)
    curves.values[:, [CHANNEL["eyeBlinkLeft"], CHANNEL["eyeBlinkRight"]]] = 0
    bake(curves, stretch_at(10, 4.0), find_targets([face]), SPEECH, BakeOptions())
    return face


def found(face: bpy.types.Object, start: float = 10) -> tuple[tuple[float, float], ...]:
    return own_blinks(find_targets([face]), SPEECH, stretch_at(start, 4.0))


def test_a_blink_that_was_keyed_is_found_in_seconds_of_the_sound(face: bpy.types.Object) -> None:
    insert_keys(face, "eyeBlinkLeft", [(34, 0.0), (37, 1.0), (42, 0.0)])
    ((start, end),) = found(face)
    assert start == pytest.approx(1.0, abs=0.09)
    assert end == pytest.approx(32 / 24, abs=0.09)
    assert found(face, 110)[0] == pytest.approx((start, end))


def test_no_blink_no_span(face: bpy.types.Object) -> None:
    assert found(face) == ()
    insert_keys(face, "eyeBlinkRight", [(34, 0.0), (37, 0.2), (42, 0.0)])
    insert_keys(face, "jawOpen", [(60, 1.0)])
    assert found(face) == ()


def test_a_face_that_was_never_baked_has_none(face: bpy.types.Object) -> None:
    other = make_face("Other")
    insert_keys(other, "eyeBlinkLeft", [(34, 0.0), (37, 1.0), (42, 0.0)])
    assert found(other) == ()
    assert curve_of(other, "eyeBlinkLeft") is not None
