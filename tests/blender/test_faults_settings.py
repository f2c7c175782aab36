# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings, scenes and faces at their limits: keys where they belong, or one sentence and the file as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from emotalk_blender.blender.ui.commands import main
from emotalk_blender.curves import ARKIT_NAMES

from .builders import all_keys, curve_of, insert_keys, keys_of, make_face, moved_to_library
from .file_state import changes, file_state

Record = Callable[[str, object], None]


def fault(what: str, before: str = "the same") -> pytest.MarkDecorator:
    return pytest.mark.fault(what, before=before)


def frames_of(face: bpy.types.Object, key: str = "jawOpen") -> list[float]:
    return list(keys_of(face, key)["co"][:, 0])


def refused(sentence: str, **given: Any) -> str:
    """What Generate says, which is one sentence that changes nothing."""
    before = file_state()
    with pytest.raises(RuntimeError) as raised:
        bpy.ops.emotalk.generate(**given)
    said = str(raised.value).strip().removeprefix("Error: ")
    assert sentence in said
    assert said.endswith(".")
    assert "\n" not in said
    assert changes(before, file_state()) == {}
    return said


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param(given, sentence, marks=fault(f"A script gives {words}", before), id=words)
        for given, sentence, words, before in [
            ({"intensity": 7.0}, "out of range", "an intensity of 7", "the same"),
            ({"intensity": -0.5}, "out of range", "a negative intensity", "the same"),
            ({"intensity": float("nan")}, "out of range", "no number as intensity", "the same"),
            ({"intensity": float("inf")}, "out of range", "an infinite intensity", "the same"),
            ({"person": -1}, "person", "a negative person", "the same"),
            ({"person": 99999}, "person", "a person that there is not", "the same"),
            ({"strip": "Nobody"}, "no sound strip", "a strip that there is not", "the same"),
            ({"strip": ""}, "No sound strip is picked", "no strip", "the same"),
        ]
    ],
)
def test_arguments_out_of_range(
    shot: bpy.types.Object, given: dict[str, Any], sentence: str, record_property: Record
) -> None:
    record_property("after", refused(sentence, **given))


@fault("A person in the settings that the model has not")
def test_a_person_that_the_model_has_not(
    shot: bpy.types.Object, scene: bpy.types.Scene, record_property: Record
) -> None:
    scene.emotalk.person = 900
    record_property("after", refused("person"))


@fault("All settings at their lowest, and at their highest")
@pytest.mark.parametrize("end", ["hard_min", "hard_max"])
def test_settings_at_both_ends(
    shot: bpy.types.Object, scene: bpy.types.Scene, end: str, record_property: Record
) -> None:
    settings = scene.emotalk
    for prop in settings.bl_rna.properties:
        if prop.type == "FLOAT":
            setattr(settings, prop.identifier, getattr(prop, end))
    settings.emotion = "mix"
    bpy.ops.emotalk.generate()
    assert all(np.isfinite(keys["co"]).all() for keys in all_keys(shot).values())
    record_property("after", "keys, all of them numbers within their sliders")


STORED = [
    ("smoothing", float("nan"), "a traceback"),
    ("offset", float("nan"), "a traceback"),
    ("strength_jaw", float("nan"), "keys that are no numbers"),
    ("strength_jaw", -1e6, "a still jaw"),
    ("seed", -5, "a traceback"),
    ("tolerance", float("nan"), "keys at some tolerance or other"),
    ("tolerance", -1.0, "a key on every frame"),
    ("intensity", 99.0, "refused in a sentence"),
    ("intensity", float("nan"), "refused in a sentence"),
    ("person", -3, "refused in a sentence"),
    ("blink_rate", 1e9, "the same"),
    ("smoothing", 1e9, "a still face"),
    ("gaze", 1e6, "the same"),
]


@pytest.mark.parametrize(
    ("name", "value"),
    [pytest.param(name, value, marks=fault(f"A file with {name} {value:g}", before)) for name, value, before in STORED],
)
def test_a_file_with_settings_out_of_range(
    shot: bpy.types.Object, scene: bpy.types.Scene, name: str, value: float, record_property: Record
) -> None:
    settings = scene.emotalk
    stored = settings
    if hasattr(settings, "bl_system_properties_get"):  # Blender 5: apart from custom properties
        stored = settings.bl_system_properties_get(do_create=True)
    stored[name] = value
    assert getattr(settings, name) == value or np.isnan(value)
    bpy.ops.emotalk.generate()
    assert all(np.isfinite(keys["co"]).all() for keys in all_keys(shot).values())
    assert len(keys_of(shot, "mouthFunnel")["co"]) > 2
    record_property("after", "keys, with the nearest value that the slider has, or its default")


@pytest.mark.parametrize(
    "tolerance",
    [
        pytest.param(tolerance, marks=fault(f"The command with --tolerance {tolerance}", before))
        for tolerance, before in (("-1", "a key on every frame"), ("nan", "keys"), ("inf", "three keys"))
    ],
)
def test_the_command_with_a_tolerance_out_of_range(
    shot: bpy.types.Object, tolerance: str, capsys: pytest.CaptureFixture[str], record_property: Record
) -> None:
    before = file_state()
    assert main(["generate", "--strip", "Speech", "--object", "Face", "--tolerance", tolerance]) == 1
    said = capsys.readouterr().err.strip()
    assert "out of range" in said
    assert changes(before, file_state()) == {}
    record_property("after", said)


@fault("A scene at 240 frames per second")
def test_240_fps(shot: bpy.types.Object, scene: bpy.types.Scene, record_property: Record) -> None:
    scene.render.fps = 240
    bpy.ops.emotalk.generate()
    frames = frames_of(shot)
    assert (frames[0], len(frames)) == (11, 480)
    record_property("after", "a key on each of the 480 frames")


@fault("A scene at 0.01 frames per second")
def test_a_hundredth_of_a_frame_per_second(
    shot: bpy.types.Object, scene: bpy.types.Scene, record_property: Record
) -> None:
    scene.render.fps, scene.render.fps_base = 1, 100.0
    bpy.ops.emotalk.generate()
    assert frames_of(shot) == [11]
    record_property("after", "the one frame of the strip has a key")


@pytest.mark.parametrize(
    "frame", [pytest.param(frame, marks=fault(f"A strip at frame {frame:,}")) for frame in (-1000, 1_000_000)]
)
def test_strips_far_away(shot: bpy.types.Object, scene: bpy.types.Scene, frame: int, record_property: Record) -> None:
    scene.sequence_editor.strips["Speech"].frame_start = frame
    bpy.ops.emotalk.generate()
    assert frames_of(shot) == list(range(frame, frame + 48))
    face = keys_of(shot, "jawOpen")["co"].copy()
    bpy.ops.emotalk.generate()
    assert np.array_equal(keys_of(shot, "jawOpen")["co"], face)
    record_property("after", "keys on the frames of the strip")


@fault("A strip that is mostly beyond Blender's last frame")
def test_a_strip_beyond_the_last_frame(shot: bpy.types.Object, scene: bpy.types.Scene, record_property: Record) -> None:
    scene.sequence_editor.strips["Speech"].frame_start = 1_048_570
    bpy.ops.emotalk.generate()
    record_property("after", f"{len(frames_of(shot))} keys from frame {frames_of(shot)[0]:.0f} on")


@fault("A mesh with 500 shape keys")
def test_500_shape_keys(scene: bpy.types.Scene, shot: bpy.types.Object, record_property: Record) -> None:
    shot.select_set(False)
    crowd = make_face("Crowd", [*(f"wrinkle_{number:03}" for number in range(447)), *ARKIT_NAMES])
    bpy.ops.emotalk.generate()
    assert set(all_keys(crowd)) == set(ARKIT_NAMES)
    record_property("after", "the 52 that EmoTalk knows have keys, the others have none")


@fault("Muted and locked shape keys")
def test_muted_and_locked_shape_keys(shot: bpy.types.Object, record_property: Record) -> None:
    blocks = shot.data.shape_keys.key_blocks
    blocks["jawOpen"].mute = blocks["mouthClose"].lock_shape = True
    bpy.ops.emotalk.generate()
    assert len(all_keys(shot)) == 52
    assert (blocks["jawOpen"].mute, blocks["mouthClose"].lock_shape) == (True, True)
    record_property("after", "keys as on the others; muted and locked as they were")


@fault("Shape keys that drivers move")
def test_shape_keys_with_drivers(shot: bpy.types.Object, record_property: Record) -> None:
    shot.data.shape_keys.key_blocks["jawOpen"].driver_add("value")
    bpy.ops.emotalk.generate()
    assert set(all_keys(shot)) == set(ARKIT_NAMES) - {"jawOpen"}
    record_property("after", "they are left to their drivers, the others have keys")


@fault("Only shape keys that drivers move")
def test_nothing_but_drivers(shot: bpy.types.Object, record_property: Record) -> None:
    for block in shot.data.shape_keys.key_blocks[1:]:
        block.driver_add("value")
    record_property("after", refused("free of drivers"))


@pytest.mark.parametrize(
    ("low", "high"),
    [
        pytest.param(low, high, marks=fault(f"A slider range of {low} to {high}"))
        for low, high in ((0.2, 0.8), (-0.8, -0.2), (1.5, 2.0), (-10.0, 10.0), (0.5, 0.501))
    ],
)
def test_slider_ranges(shot: bpy.types.Object, low: float, high: float, record_property: Record) -> None:
    block = shot.data.shape_keys.key_blocks["jawOpen"]
    block.slider_max, block.slider_min = 10.0, -10.0
    block.slider_min, block.slider_max = low, high
    assert (round(block.slider_min, 4), round(block.slider_max, 4)) == (low, high)
    bpy.ops.emotalk.generate()
    values = keys_of(shot, "jawOpen")["co"][:, 1]
    assert block.slider_min <= values.min() <= values.max() <= block.slider_max
    record_property("after", "keys within the range")


def linked(tmp_path: Path) -> bpy.types.Object:
    """A face that is linked from another file, shown in the scene and selected."""
    face = make_face("Linked")
    bpy.data.libraries.write(str(tmp_path / "library.blend"), {face})
    bpy.data.objects.remove(face)
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (_, into):
        into.objects = ["Linked"]
    bpy.context.scene.collection.objects.link(into.objects[0])
    into.objects[0].select_set(True)
    return into.objects[0]


@fault("A face that is linked from another file")
def test_a_linked_face(shot: bpy.types.Object, tmp_path: Path, record_property: Record) -> None:
    shot.select_set(False)
    linked(tmp_path)
    record_property("after", refused("Library Override"))


@fault("A linked Action")
def test_a_linked_action(shot: bpy.types.Object, tmp_path: Path, record_property: Record) -> None:
    shot.data.shape_keys.animation_data_create().action = moved_to_library(bpy.data.actions.new("Linked"), tmp_path)
    record_property("after", refused("linked from another file"))


@fault("A linked sound")
def test_a_linked_sound(
    shot: bpy.types.Object, scene: bpy.types.Scene, tmp_path: Path, record_property: Record
) -> None:
    bpy.data.libraries.write(str(tmp_path / "library.blend"), {bpy.data.sounds[0]})
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (names, into):
        into.sounds = names.sounds
    scene.sequence_editor.strips["Speech"].sound = into.sounds[0]
    bpy.ops.emotalk.generate()
    assert len(all_keys(shot)) == 52
    record_property("after", "keys as from a sound of this file")


@fault("A face without any animation data")
def test_no_animation_data(shot: bpy.types.Object, record_property: Record) -> None:
    shot.data.shape_keys.animation_data_clear()
    bpy.ops.emotalk.generate()
    assert len(all_keys(shot)) == 52
    record_property("after", "an Action is made")


@fault("Animation data without an Action, and an Action without a slot")
def test_an_action_without_a_slot(shot: bpy.types.Object, record_property: Record) -> None:
    animation = shot.data.shape_keys.animation_data_create()
    animation.action = bpy.data.actions.new("Mine")
    assert animation.action_slot is None
    bpy.ops.emotalk.generate()
    assert animation.action.name == "Mine"
    assert len(all_keys(shot)) == 52
    record_property("after", "keys in a new slot of that Action")


@fault("An Action that two objects share, in one slot")
def test_an_action_and_slot_shared_by_two_objects(shot: bpy.types.Object, record_property: Record) -> None:
    insert_keys(shot, "jawOpen", [(-20, 0.5), (200, 0.25)])
    other = make_face("Other")
    theirs, mine = other.data.shape_keys.animation_data_create(), shot.data.shape_keys.animation_data
    theirs.action, theirs.action_slot = mine.action, mine.action_slot
    bpy.ops.emotalk.generate()
    assert theirs.action_slot == mine.action_slot
    assert frames_of(shot) == [-20, *range(11, 59), 200]
    for name, keys in all_keys(shot).items():
        assert np.array_equal(keys_of(other, name)["co"], keys["co"])
    before = file_state()
    bpy.ops.emotalk.generate()
    assert changes(before, file_state()) == {}
    record_property("after", "both speak; generating again writes the same keys")


@fault("Keys that exist already, within the strip and around it")
def test_keys_that_exist_already(shot: bpy.types.Object, record_property: Record) -> None:
    insert_keys(shot, "jawOpen", [(-20, 0.5), (10, 0.3), (20, 1.0), (30, 0.9), (59, 0.2), (200, 0.25)])
    outside = [-20, 10, 59, 200]
    before = {frame: keys_at(shot, frame) for frame in outside}
    bpy.ops.emotalk.generate()
    assert frames_of(shot) == [-20, *range(10, 60), 200]
    assert {frame: keys_at(shot, frame) for frame in outside} == before
    record_property("after", "those within are replaced, those around stay bit for bit")


@fault("A muted and locked f-curve with a modifier")
def test_a_muted_and_locked_curve(shot: bpy.types.Object, record_property: Record) -> None:
    insert_keys(shot, "jawOpen", [(20, 1.0)])
    curve = curve_of(shot, "jawOpen")
    curve.mute = curve.lock = True
    curve.modifiers.new("NOISE")
    bpy.ops.emotalk.generate()
    curve = curve_of(shot, "jawOpen")
    assert (curve.mute, curve.lock, len(curve.modifiers)) == (True, True, 1)
    assert frames_of(shot) == list(range(11, 59))
    record_property("after", "keys are written; muted, locked and modified as it was")


def keys_at(face: bpy.types.Object, frame: int) -> list[bytes]:
    keys = keys_of(face, "jawOpen")
    here = keys["co"][:, 0] == frame
    return [array[here].tobytes() for array in keys.values()]
