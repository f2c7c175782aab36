# SPDX-License-Identifier: GPL-3.0-or-later
"""Live: a change of a setting shows in the keys at once, and nothing is heard again."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from emotalk_blender.blender.bake.find_previous_bake import find_previous_bake
from emotalk_blender.blender.face.targets import find_targets
from emotalk_blender.blender.generate import jobs
from emotalk_blender.blender.sequencer.strips import audible_stretch
from emotalk_blender.inference.kept_network import KeptNetwork, shared_network
from emotalk_blender.inference.session import Session

from ..builders import add_strip, all_keys, curve_of, make_face, make_sound


@pytest.fixture
def shot(scene: bpy.types.Scene, tmp_path: Path, model: Path) -> bpy.types.Object:
    """A face that has spoken once, and a strip of 8 s picked for it."""
    add_strip(scene, make_sound(tmp_path / "speech.wav", 8.0), 11)
    scene.emotalk.strip, scene.emotalk.emotion = "Speech", "angry"
    scene.emotalk.gaze = 0.5
    face = make_face()
    bpy.ops.emotalk.generate()
    return face


def values(face: bpy.types.Object) -> dict[str, int]:
    """One number for the keys of each track."""
    return {name: hash(keys["co"].tobytes()) for name, keys in all_keys(face).items()}


def tracks(face: bpy.types.Object) -> np.ndarray:
    """Values of all tracks with a key on every frame: [tracks, frames]."""
    return np.stack([keys["co"][:, 1] for keys in all_keys(face).values()])


CHANGES = {
    "emotion": "happy",
    "intensity": 0.4,
    "person": 1,
    "strength_brows": 0.2,
    "smoothing": 300.0,
    "offset": 120.0,
    "gaze": 1.0,
    "seed": 5,
    "tolerance": 0.05,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_gives_what_generate_would_give(
    shot: bpy.types.Object, scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = values(shot)
    with monkeypatch.context() as deaf:
        deaf.setattr(Session, "hear", None)
        setattr(scene.emotalk, name, CHANGES[name])
        live = values(shot)
    assert live != before
    scene.emotalk.live = False
    bpy.ops.emotalk.generate()
    assert values(shot) == live


@contextmanager
def counted(*functions: Callable[..., Any]) -> Iterator[Counter[str]]:
    """Name of each of these functions -> how often it is called meanwhile, by whomever."""
    names = {function.__code__: function.__name__ for function in functions}
    calls: Counter[str] = Counter()

    def count(frame: Any, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code in names:
            calls[names[frame.f_code]] += 1

    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def test_a_step_of_a_slider_finds_everything_once(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    teeth = make_face("Teeth", ["jawOpen", "eyeBlinkLeft"])
    bpy.ops.emotalk.generate()
    before = values(shot), values(teeth)
    with counted(audible_stretch, find_targets, find_previous_bake) as calls:
        scene.emotalk.intensity = 0.4
    assert (values(shot) == before[0], values(teeth) == before[1]) == (False, False)
    assert calls == {"audible_stretch": 1, "find_targets": 1, "find_previous_bake": 2}


def test_without_live_nothing_changes(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    scene.emotalk.live = False
    before = values(shot)
    scene.emotalk.intensity = 0.2
    assert values(shot) == before
    scene.emotalk.live = True
    assert values(shot) != before


def test_before_the_first_generate_nothing_is_keyed(scene: bpy.types.Scene, tmp_path: Path, model: Path) -> None:
    add_strip(scene, make_sound(tmp_path / "speech.wav"), 11)
    face = make_face()
    scene.emotalk.strip = "Speech"
    scene.emotalk.intensity = 0.2
    assert all_keys(face) == {}


def test_faces_follow_that_are_not_selected(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    bystander = make_face("Bystander")
    shot.select_set(False)
    before = values(shot)
    scene.emotalk.intensity = 0.2
    assert values(shot) != before
    assert all_keys(bystander) == {}


def test_edits_are_there_after_a_slider_was_dragged(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    curve = curve_of(shot, "browInnerUp")
    curve.keyframe_points[2].co_ui.y += 0.3
    curve.update()
    frame, value = curve.keyframe_points[2].co
    at_rest = curve.evaluate(frame) - 0.3
    for intensity in np.linspace(1, 0, 20):
        scene.emotalk.intensity = intensity
    scene.emotalk.intensity = 1.0
    assert curve_of(shot, "browInnerUp").evaluate(frame) == pytest.approx(value, abs=1e-5)
    assert value == pytest.approx(at_rest + 0.3, abs=1e-5)


def test_a_new_emotion_is_one_press_away_once_the_sound_is_forgotten(
    shot: bpy.types.Object, scene: bpy.types.Scene
) -> None:
    before = values(shot)
    shared_network().forget()
    scene.emotalk.intensity = 0.2
    assert values(shot) == before
    assert "Generate" in jobs.state.message
    bpy.ops.emotalk.generate()
    assert values(shot) != before


def test_what_the_network_cannot_perform_is_told_and_changes_nothing(
    shot: bpy.types.Object, scene: bpy.types.Scene
) -> None:
    before = values(shot)
    scene.emotalk.person = 99
    assert values(shot) == before
    assert jobs.state.failed
    assert "cannot perform" in jobs.state.message
    scene.emotalk.person = 0
    assert not jobs.state.failed


def test_a_strip_that_is_gone_changes_nothing(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    before = values(shot)
    scene.sequence_editor_clear()
    scene.emotalk.intensity = 0.2
    assert values(shot) == before


def test_one_undo_takes_a_change_and_its_keys_back(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="Generate")
    before = values(shot)
    for intensity in (0.8, 0.6, 0.4):
        scene.emotalk.intensity = intensity
    bpy.ops.ed.undo_push(message="Intensity")  # as the interface does at the end of a drag
    bpy.ops.ed.undo()
    assert bpy.context.scene.emotalk.intensity == 1.0
    assert values(bpy.data.objects["Face"]) == before


def test_keyed_intensity_is_heard_frame_by_frame(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    scene.emotalk.tolerance, scene.emotalk.smoothing = 0, 0
    performed = {}
    for intensity in (0.0, 1.0):
        scene.emotalk.intensity = intensity
        performed[intensity] = tracks(shot)
    for frame, intensity in ((11, 0.0), (202, 1.0)):
        scene.emotalk.intensity = intensity
        scene.keyframe_insert("emotalk.intensity", frame=frame)
    bpy.ops.emotalk.generate()
    ramp = tracks(shot)
    whole = np.abs(performed[1.0] - performed[0.0]).mean()
    assert np.abs(ramp - performed[0.0])[:, :12].mean() < 0.3 * whole
    assert np.abs(ramp - performed[1.0])[:, -12:].mean() < 0.3 * whole
    assert np.abs(ramp - performed[1.0])[:, :12].mean() > 0.5 * whole


def test_a_keyed_mix_changes_the_mood_over_the_strip(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    scene.emotalk.tolerance, scene.emotalk.emotion = 0, "mix"
    for frame, happy, sad in ((11, 1.0, 0.0), (202, 0.0, 1.0)):
        scene.emotalk.weight_happy, scene.emotalk.weight_sad = happy, sad
        scene.keyframe_insert("emotalk.weight_happy", frame=frame)
        scene.keyframe_insert("emotalk.weight_sad", frame=frame)
    bpy.ops.emotalk.generate()
    mixed = tracks(shot)
    pure = {}
    for emotion in ("happy", "sad"):
        scene.emotalk.emotion = emotion
        pure[emotion] = tracks(shot)
    begins, ends = np.abs(mixed - pure["happy"]).mean(axis=0), np.abs(mixed - pure["sad"]).mean(axis=0)
    assert begins[0] < ends[0]
    assert ends[-1] < begins[-1]


def test_a_mood_is_borrowed_from_another_strip(shot: bpy.types.Object, scene: bpy.types.Scene, tmp_path: Path) -> None:
    own = values(shot)
    add_strip(scene, make_sound(tmp_path / "scratch.wav", 3.0, seed=7), 200, "Scratch")
    scene.emotalk.emotion, scene.emotalk.borrowed_strip = "strip", "Scratch"
    bpy.ops.emotalk.generate()
    borrowed = values(shot)
    assert borrowed != own
    scene.emotalk.borrowed_strength = 0.0
    without = values(shot)
    scene.emotalk.emotion = "voice"
    assert values(shot) == without != borrowed


def test_an_error_that_nobody_foresaw_is_told_in_the_panel(
    shot: bpy.types.Object, scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("CUDA out of memory")

    before = values(shot)
    monkeypatch.setattr(KeptNetwork, "perform_now", fail)
    assert bpy.ops.emotalk.key_mood() == {"FINISHED"}
    assert jobs.state.failed
    assert "not enough memory" in jobs.state.message
    assert values(shot) == before


def test_a_script_without_a_window_is_followed_too(shot: bpy.types.Object, scene: bpy.types.Scene) -> None:
    """As in a timer or a handler, where Blender tells of no selected objects."""
    before = values(shot)
    with bpy.context.temp_override(window=None):
        scene.emotalk.intensity = 0.3
    assert values(shot) != before
