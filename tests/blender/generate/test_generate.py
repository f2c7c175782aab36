# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate in background mode: from a strip to keys, or to one sentence and an unchanged file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import pytest

from emotalk_blender.blender.bake.bake_options import BakeOptions
from emotalk_blender.blender.generate import choices
from emotalk_blender.blender.generate.choices import Choices
from emotalk_blender.blender.generate.request import deliver
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference import kept_network
from emotalk_blender.inference.performance import EMOTIONS

from ...curve_builders import random_curves
from ..builders import add_strip, all_keys, insert_keys, keys_of, make_face, make_sound, moved_to_library
from ..running import prepared

DENSE = Choices(bake=BakeOptions(tolerance=0))


def test_generate_puts_a_key_on_each_frame_of_the_strip(shot: bpy.types.Object) -> None:
    assert bpy.ops.emotalk.generate() == {"FINISHED"}
    keys = all_keys(shot)
    assert len(keys) == 52
    for curve in keys.values():
        assert list(curve["co"][:, 0]) == list(range(11, 59))
        assert 0 <= curve["co"][:, 1].min() <= curve["co"][:, 1].max() <= 1


@pytest.mark.parametrize("fps", [(24, 1.001), (60, 1.001), (25, 1.0)], ids=["23.976", "59.94", "25"])
def test_generate_at_the_rate_of_the_scene(
    scene: bpy.types.Scene, tmp_path: Path, model: Path, fps: tuple[int, float]
) -> None:
    scene.render.fps, scene.render.fps_base = fps
    scene.emotalk.tolerance = 0
    strip = add_strip(scene, make_sound(tmp_path / "speech.wav"), 11)
    face = make_face()
    bpy.ops.emotalk.generate(strip=strip.name)
    frames = keys_of(face, "jawOpen")["co"][:, 0]
    assert frames[0] == 11
    assert frames[-1] == np.ceil(11 + 2.0 * fps[0] / fps[1] - 1e-6) - 1
    assert (np.diff(frames) == 1).all()


def test_all_selected_meshes_speak_and_no_other(shot: bpy.types.Object) -> None:
    teeth, bystander = make_face("Teeth", ["jawOpen"]), make_face("Bystander")
    bystander.select_set(False)
    bpy.ops.emotalk.generate()
    assert np.array_equal(keys_of(teeth, "jawOpen")["co"], keys_of(shot, "jawOpen")["co"])
    assert all_keys(bystander) == {}


def test_the_settings_of_the_scene_are_heard(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    performances = [("voice", 1.0, 0), ("happy", 1.0, 0), ("happy", 0.3, 0), ("happy", 1.0, 2), ("sad", 1.0, 0)]
    baked = []
    for emotion, intensity, person in performances:
        scene.emotalk.emotion, scene.emotalk.intensity, scene.emotalk.person = emotion, intensity, person
        bpy.ops.emotalk.generate()
        baked.append(np.stack([keys["co"][:, 1] for keys in all_keys(shot).values()]))
    for one in range(len(baked)):
        for other in range(one):
            assert np.abs(baked[one] - baked[other]).max() > 1e-4, (performances[one], performances[other])


def test_arguments_stand_for_settings_and_do_not_change_them(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    scene.emotalk.emotion, scene.emotalk.intensity = "sad", 0.5
    bpy.ops.emotalk.generate()
    by_settings = all_keys(shot)
    scene.emotalk.emotion, scene.emotalk.intensity = "angry", 1.5
    bpy.ops.emotalk.generate(strip="Speech", emotion="sad", intensity=0.5)
    by_arguments = all_keys(shot)
    assert all(np.array_equal(by_settings[name]["co"], by_arguments[name]["co"]) for name in by_settings)
    assert (scene.emotalk.emotion, scene.emotalk.intensity) == ("angry", 1.5)


def test_every_emotion_of_the_panel_can_be_performed(shot: bpy.types.Object) -> None:
    for emotion in ("voice", *EMOTIONS):
        assert bpy.ops.emotalk.generate(emotion=emotion) == {"FINISHED"}


def test_the_same_choices_give_the_same_keys(shot: bpy.types.Object) -> None:
    bpy.ops.emotalk.generate()
    first = all_keys(shot)
    bpy.ops.emotalk.generate()
    assert all(np.array_equal(first[name]["co"], keys["co"]) for name, keys in all_keys(shot).items())


def test_the_network_is_loaded_once_for_each_model_file(
    shot: bpy.types.Object, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = []
    load = kept_network.load_session
    monkeypatch.setattr(kept_network, "load_session", lambda *given: loads.append(given) or load(*given))
    bpy.ops.emotalk.generate()
    bpy.ops.emotalk.generate(emotion="happy")
    assert len(loads) == 1
    os.utime(model, ns=(1, 1))
    bpy.ops.emotalk.generate()
    assert len(loads) == 2


def contents() -> dict[str, object]:
    """What a failed Generate must leave alone."""
    return {
        "actions": len(bpy.data.actions),
        "sounds": len(bpy.data.sounds),
        "objects": len(bpy.data.objects),
        "animated": [key.animation_data is not None for key in bpy.data.shape_keys],
        "keys": {o.name: {n: k["co"].tolist() for n, k in all_keys(o).items()} for o in bpy.data.objects},
        "strips": [(strip.name, strip.mute) for strip in bpy.context.scene.sequence_editor.strips_all],
        "range": (bpy.context.scene.frame_start, bpy.context.scene.frame_end, bpy.context.scene.frame_current),
    }


def no_strip(face: bpy.types.Object) -> str:
    bpy.context.scene.emotalk.strip = ""
    return "No sound strip is picked"


def wrong_strip(face: bpy.types.Object) -> str:
    bpy.context.scene.emotalk.strip = "Nobody"
    return 'no sound strip "Nobody"'


def nothing_selected(face: bpy.types.Object) -> str:
    face.select_set(False)
    return "Select the meshes of a face"


def no_shape_keys(face: bpy.types.Object) -> str:
    face.shape_key_clear()
    return "has no shape keys"


def sound_is_missing(face: bpy.types.Object) -> str:
    bpy.data.sounds[0].filepath = "/nowhere/speech.wav"
    return "missing: /nowhere/speech.wav"


def sound_is_none(face: bpy.types.Object) -> str:
    path = Path(bpy.data.sounds[0].filepath)
    path.write_text("not sound")
    return "cannot be read as sound"


def too_many_persons(face: bpy.types.Object) -> str:
    bpy.context.scene.emotalk.person = 99
    return "cannot perform"


def action_is_linked(face: bpy.types.Object) -> str:
    folder = Path(bpy.data.sounds[0].filepath).parent
    face.data.shape_keys.animation_data_create().action = moved_to_library(bpy.data.actions.new("Linked"), folder)
    return "linked from another file"


@pytest.mark.parametrize(
    "spoil",
    [
        no_strip,
        wrong_strip,
        nothing_selected,
        no_shape_keys,
        sound_is_missing,
        sound_is_none,
        too_many_persons,
        action_is_linked,
    ],
    ids=lambda spoil: spoil.__name__,
)
def test_a_failure_is_one_sentence_and_changes_nothing(
    shot: bpy.types.Object, spoil: Callable[[bpy.types.Object], str]
) -> None:
    other = make_face("Other")
    insert_keys(other, "jawOpen", [(5, 0.5), (20, 0.1)])
    other.select_set(False)
    sentence = spoil(shot)
    before = contents()
    with pytest.raises(RuntimeError, match="Error: ") as error:
        bpy.ops.emotalk.generate()
    assert sentence in str(error.value)
    assert "Traceback" not in str(error.value)
    assert contents() == before


def test_a_model_file_that_is_missing_is_told(shot: bpy.types.Object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "model_choice", lambda: Path("/nowhere/model.safetensors"))
    with pytest.raises(RuntimeError, match=r"/nowhere/model\.safetensors"):
        bpy.ops.emotalk.generate()


def made(shot: bpy.types.Object):
    return prepared([shot], DENSE), random_curves(2.0)


def test_what_moved_meanwhile_takes_its_keys_along(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    request, curves = made(shot)
    scene.sequence_editor.strips["Speech"].frame_start = 101
    assert deliver(request, curves) == 'Frames 101 to 148 baked on "Face"'
    assert list(keys_of(shot, "jawOpen")["co"][[0, -1], 0]) == [101, 148]


def delete_strip(scene: bpy.types.Scene) -> None:
    scene.sequence_editor.strips.remove(scene.sequence_editor.strips["Speech"])


def trim_strip(scene: bpy.types.Scene) -> None:
    scene.sequence_editor.strips["Speech"].frame_offset_start = 5


def change_rate(scene: bpy.types.Scene) -> None:
    scene.sequence_editor.strips["Speech"].frame_offset_end = 1
    scene.render.fps = 30


def delete_face(scene: bpy.types.Scene) -> None:
    bpy.data.objects.remove(bpy.data.objects["Face"])


def unlink_face(scene: bpy.types.Scene) -> None:
    scene.collection.objects.unlink(bpy.data.objects["Face"])


def clear_shape_keys(scene: bpy.types.Scene) -> None:
    bpy.data.objects["Face"].shape_key_clear()


def remove_sequencer(scene: bpy.types.Scene) -> None:
    scene.sequence_editor_clear()


def open_another_file(scene: bpy.types.Scene) -> None:
    bpy.ops.wm.read_homefile(use_empty=True)


@pytest.mark.parametrize(
    "happen",
    [
        delete_strip,
        trim_strip,
        change_rate,
        delete_face,
        unlink_face,
        clear_shape_keys,
        remove_sequencer,
        open_another_file,
    ],
    ids=lambda happen: happen.__name__,
)
def test_what_is_gone_meanwhile_is_told(
    shot: bpy.types.Object, scene: bpy.types.Scene, happen: Callable[[bpy.types.Scene], None]
) -> None:
    request, curves = made(shot)
    happen(scene)
    with pytest.raises(EmoTalkError, match=r"\.$"):
        deliver(request, curves)
    assert len(bpy.data.actions) == 0


def test_the_meshes_that_are_left_are_baked(shot: bpy.types.Object) -> None:
    teeth = make_face("Teeth", ["jawOpen"])
    request = prepared([shot, teeth], DENSE)
    bpy.data.objects.remove(shot)
    assert 'but "Face" is no longer there' in deliver(request, random_curves(2.0))
    assert len(keys_of(teeth, "jawOpen")["co"]) == 48
