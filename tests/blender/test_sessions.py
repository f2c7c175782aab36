# SPDX-License-Identifier: GPL-3.0-or-later
"""Long random sessions: no step fails but in a sentence, no key outside a bake is lost, every file loads as it was."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from emotalk_blender.blender.face.targets import find_targets
from emotalk_blender.blender.generate import jobs
from emotalk_blender.blender.generate.request import request_of
from emotalk_blender.errors import EmoTalkError

from .builders import curve_of, insert_keys, keys_of, make_face, make_sound
from .file_state import changes, file_state
from .running import tick_to_the_end

SESSIONS = int(os.environ.get("EMOTALK_SESSIONS", "3"))
"""How many sessions are tried."""

STEPS = int(os.environ.get("EMOTALK_STEPS", "15"))
"""How many steps a session has."""

KEYS = ["jawOpen", "mouthClose", "eyeBlinkLeft"]
OWN_KEYS = [(-3000.0, 0.25), (-2900.5, 0.75)]
"""Keys of the artist where no strip ever is."""

KINDS = ("value", "move", "delete")
"""What is done to a key."""

FRAMES = st.integers(-200, 400)


class Session(RuleBasedStateMachine):
    """An artist at work on two faces and some strips; the sounds are short, the network is tiny."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="emotalk-session-"))
        self.made = 0

    @property
    def scene(self) -> bpy.types.Scene:
        return bpy.context.scene

    @property
    def strips(self) -> list[bpy.types.SoundStrip]:
        return sorted(self.scene.sequence_editor.strips, key=lambda strip: strip.name)

    @property
    def faces(self) -> list[bpy.types.Object]:
        return [face for face in self.scene.objects if face.data and face.data.shape_keys]

    @initialize()
    def begin(self) -> None:
        bpy.ops.wm.read_homefile(use_empty=True)
        self.scene.render.fps = 24
        self.sounds = [make_sound(self.folder / f"{seed}.wav", 0.5 + 0.4 * seed, seed=seed) for seed in range(3)]
        self.scene.sequence_editor_create()
        self.add_face()
        self.add_strip(0, 11)
        self.scene.emotalk.strip = self.strips[0].name
        self.push()

    def push(self) -> None:
        bpy.ops.ed.undo_push(message="Step")

    def call(self, operator: Callable[..., set[str]], **given: Any) -> None:
        """An operator; where it cannot do it, it says so in a sentence and changes nothing."""
        before = file_state()
        try:
            operator(**given)
        except RuntimeError as error:
            said = str(error).strip()
            assert "Traceback" not in said, said
            assert "\n" not in said, said
            assert said.endswith("."), said
            assert changes(before, file_state()) == {}, said
        self.push()

    # Blender's own steps.

    @rule(sound=st.integers(0, 2), frame=FRAMES)
    def add_strip(self, sound: int, frame: int) -> None:
        if len(self.scene.sequence_editor.strips) < 3:
            editor = self.scene.sequence_editor
            channel = max((strip.channel for strip in editor.strips), default=0) + 1
            editor.strips.new_sound(f"Line {sound}", str(self.sounds[sound]), channel, frame)
            self.push()

    @precondition(lambda self: self.strips)
    @rule(data=st.data(), frame=FRAMES)
    def move_strip(self, data: st.DataObject, frame: int) -> None:
        data.draw(st.sampled_from(self.strips)).frame_start = frame
        self.push()

    @precondition(lambda self: self.strips)
    @rule(data=st.data(), start=st.integers(0, 14), end=st.integers(0, 14))
    def trim_strip(self, data: st.DataObject, start: int, end: int) -> None:
        strip = data.draw(st.sampled_from(self.strips))
        strip.frame_offset_start, strip.frame_offset_end = start, end
        self.push()

    @precondition(lambda self: self.strips)
    @rule(data=st.data())
    def delete_strip(self, data: st.DataObject) -> None:
        self.scene.sequence_editor.strips.remove(data.draw(st.sampled_from(self.strips)))
        self.push()

    @precondition(lambda self: self.strips)
    @rule(data=st.data(), name=st.sampled_from(["Take", "Speech 🙂", "x" * 63]))
    def rename_strip(self, data: st.DataObject, name: str) -> None:
        data.draw(st.sampled_from(self.strips)).name = name
        self.push()

    @rule()
    def add_face(self) -> None:
        if len(self.faces) < 2:
            self.made += 1
            face = make_face(f"Face {self.made}", KEYS)
            insert_keys(face, "jawOpen", OWN_KEYS)
            curve_of(face, "jawOpen").update()
            self.push()

    @precondition(lambda self: self.faces)
    @rule(data=st.data())
    def delete_face(self, data: st.DataObject) -> None:
        bpy.data.objects.remove(data.draw(st.sampled_from(self.faces)))
        self.push()

    @precondition(lambda self: self.faces)
    @rule(data=st.data())
    def select(self, data: st.DataObject) -> None:
        for face in self.faces:
            face.select_set(data.draw(st.booleans()))
        self.push()

    @precondition(lambda self: self.faces)
    @rule(
        data=st.data(),
        key=st.sampled_from(KEYS),
        by=st.floats(-0.5, 0.5),
        kind=st.sampled_from("value move del".split()),
    )
    def edit_key(self, data: st.DataObject, key: str, by: float, kind: str) -> None:
        curve = curve_of(data.draw(st.sampled_from(self.faces)), key)
        points = [point for point in curve.keyframe_points if point.co.x > -2000] if curve else []
        if points:
            point = data.draw(st.sampled_from(points))
            if kind == "value":
                point.co_ui.y += by
            elif kind == "move":
                point.co_ui.x += 4 * by
            else:
                curve.keyframe_points.remove(point)
            curve.update()
            self.push()

    @rule(rate=st.sampled_from([(24, 1.0), (30, 1.001), (12, 1.0)]))
    def change_rate(self, rate: tuple[int, float]) -> None:
        self.scene.render.fps, self.scene.render.fps_base = rate
        self.push()

    @rule()
    def undo(self) -> None:
        if bpy.ops.ed.undo.poll():
            bpy.ops.ed.undo()

    @rule()
    def redo(self) -> None:
        if bpy.ops.ed.redo.poll():
            bpy.ops.ed.redo()

    @rule()
    def save_and_load(self) -> None:
        bpy.data.orphans_purge(do_recursive=True)  # Blender itself forgets them, some only at the second time.
        # A keyed setting that was dragged returns to its keys on load.
        self.scene.frame_set(self.scene.frame_current)
        path = str(self.folder / "session.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        before = file_state()
        bpy.ops.wm.open_mainfile(filepath=path)
        assert changes(before, file_state()) == {}
        self.push()

    # The add-on's.

    @precondition(lambda self: self.strips)
    @rule(data=st.data())
    def pick_strip(self, data: st.DataObject) -> None:
        self.scene.emotalk.strip = data.draw(st.sampled_from(self.strips)).name
        self.push()

    @rule(emotion=st.sampled_from(["voice", "happy", "angry", "mix", "strip"]))
    def set_emotion(self, emotion: str) -> None:
        self.scene.emotalk.emotion = emotion
        self.push()

    @rule(
        name=st.sampled_from(["intensity", "weight_happy", "smoothing", "offset", "closure", "strength_jaw", "gaze"]),
        part=st.floats(0, 1),
    )
    def drag_slider(self, name: str, part: float) -> None:
        prop = self.scene.emotalk.bl_rna.properties[name]
        setattr(self.scene.emotalk, name, prop.hard_min + part * (prop.hard_max - prop.hard_min))
        self.push()

    @rule(live=st.booleans(), keep=st.booleans(), tolerance=st.sampled_from([0.0, 0.01, 0.05]))
    def set_keys(self, live: bool, keep: bool, tolerance: float) -> None:
        chosen = self.scene.emotalk
        chosen.live, chosen.edits, chosen.tolerance = live, "KEEP" if keep else "REPLACE", tolerance
        self.push()

    @rule()
    def generate(self) -> None:
        self.call(bpy.ops.emotalk.generate)

    @rule(cancel=st.booleans())
    def generate_beside_the_interface(self, cancel: bool) -> None:
        before = file_state()
        targets = find_targets(bpy.context.selected_objects)
        try:
            request = request_of(bpy.context, self.scene.emotalk.strip, targets)
        except EmoTalkError:
            return
        jobs.start(request)
        if cancel:
            bpy.ops.emotalk.cancel()
            assert changes(before, file_state()) == {}
        else:
            tick_to_the_end()
            if jobs.state.failed:
                assert jobs.state.message.endswith("."), jobs.state.message
                assert changes(before, file_state()) == {}

    @rule(frame=FRAMES)
    def key_mood(self, frame: int) -> None:
        self.scene.frame_set(frame)
        self.call(bpy.ops.emotalk.key_mood)

    @rule()
    def move_keys(self) -> None:
        if bpy.ops.emotalk.move_keys.poll():
            self.call(bpy.ops.emotalk.move_keys)

    @rule()
    def new_take(self) -> None:
        if bpy.ops.emotalk.new_take.poll():
            self.call(bpy.ops.emotalk.new_take)

    @invariant()
    def what_is_the_artists_is_there(self) -> None:
        for face in self.faces:
            keys = keys_of(face, "jawOpen")
            own = keys["co"][:, 0] < -2000
            assert [tuple(point) for point in keys["co"][own].tolist()] == OWN_KEYS

    @invariant()
    def no_live_error(self) -> None:
        assert "unforeseen" not in jobs.state.message, jobs.state.message

    @invariant()
    def all_keys_are_numbers(self) -> None:
        for face in self.faces:
            for key in KEYS:
                if curve_of(face, key) is not None:
                    frames = keys_of(face, key)["co"]
                    assert np.isfinite(frames).all()
                    assert (np.diff(frames[:, 0]) > 0).all()

    def teardown(self) -> None:
        jobs.cancel("")
        for thread in jobs.state.stopping:
            thread.join(10)
        if bpy.app.timers.is_registered(jobs.tick):
            bpy.app.timers.unregister(jobs.tick)


@pytest.mark.fault("Hundreds of random steps of the add-on and of Blender", before="the same")
def test_random_sessions(model: Path, record_property: Callable[[str, object], None]) -> None:
    run_state_machine_as_test(
        Session,
        settings=settings(
            max_examples=SESSIONS, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    record_property("after", f"{SESSIONS} sessions of {STEPS} steps: all steps done, or refused in a sentence")
