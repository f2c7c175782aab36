# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own blinks are found among the keys of a bake, so that none is generated on top of them."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from emotalk_blender.animation.blinks import add_blinks
from emotalk_blender.blender.bake.artist_blinks import artist_blinks
from emotalk_blender.blender.bake.bake_record import Origin
from emotalk_blender.blender.bake.baked_strip import BakedStrip
from emotalk_blender.blender.bake.find_previous_bake import find_bake_targets
from emotalk_blender.blender.face.targets import find_targets
from emotalk_blender.curves import CHANNEL

from ...curve_builders import smooth_curves
from ..builders import curve_of, insert_keys, make_face, stretch_at
from .baking import bake_onto

SPEECH = Origin("Speech", "//speech.wav")


def speech_at(frame: float) -> BakedStrip:
    """A strip of four seconds from this frame on."""
    return BakedStrip(SPEECH, stretch_at(frame, 4.0))


@pytest.fixture
def face() -> bpy.types.Object:
    """Baked on the frames 10 to 105 at 24 frames per second, with eyes that stay open."""
    face = make_face(keys=["jawOpen", "eyeBlinkLeft", "eyeBlinkRight"])
    curves = smooth_curves(4.0)
    curves.values[:, [CHANNEL["eyeBlinkLeft"], CHANNEL["eyeBlinkRight"]]] = 0
    bake_onto([face], curves, speech_at(10))
    return face


def found(face: bpy.types.Object, strip: BakedStrip | None = None) -> tuple[tuple[float, float], ...]:
    return artist_blinks(find_bake_targets(find_targets([face]), strip or speech_at(10)))


def test_a_blink_that_was_keyed_is_found_in_seconds_of_the_sound(face: bpy.types.Object) -> None:
    insert_keys(face, "eyeBlinkLeft", [(34, 0.0), (37, 1.0), (42, 0.0)])
    ((start, end),) = found(face)
    assert start == pytest.approx(1.0, abs=0.09)
    assert end == pytest.approx(32 / 24, abs=0.09)
    assert found(face, speech_at(110))[0] == pytest.approx((start, end))


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


def test_the_blinks_of_a_strip_that_was_renamed_are_found(face: bpy.types.Object) -> None:
    insert_keys(face, "eyeBlinkLeft", [(34, 0.0), (37, 1.0), (42, 0.0)])
    renamed = BakedStrip(Origin("Words", SPEECH.sound), stretch_at(10, 4.0), frozenset({"Words"}))
    assert found(face, renamed) == found(face) != ()


def blink_and_bake(face: bpy.types.Object) -> None:
    """Four seconds with blinks, as Generate bakes them."""
    curves = smooth_curves(4.0)
    curves.values[:, [CHANNEL["eyeBlinkLeft"], CHANNEL["eyeBlinkRight"]]] = 0
    blinking = add_blinks(curves, 30, 1, found(face))
    bake_onto([face], blinking, speech_at(10))


@pytest.mark.parametrize("frames", [1, 3, 6, 12])
@pytest.mark.parametrize("whole", [True, False])
def test_a_generated_blink_that_was_moved_stays_as_it_is(face: bpy.types.Object, frames: int, whole: bool) -> None:
    blink_and_bake(face)
    lid = curve_of(face, "eyeBlinkLeft")
    shut = next(point.co.x for point in lid.keyframe_points if point.co.y > 0.9)
    for point in lid.keyframe_points:
        if shut - 3 < point.co.x < shut + 9 and (whole or point.co.y > 0.9):
            point.co_ui.x += frames
    lid.update()
    before = np.array([lid.evaluate(frame) for frame in range(10, 106)])
    blink_and_bake(face)
    after = np.array([lid.evaluate(frame) for frame in range(10, 106)])
    assert np.abs(after - before).max() < 1e-5
