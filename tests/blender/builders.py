# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces, sounds, strips and keys for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt
import soundfile

from emotalk_blender.animation.keys import KEY
from emotalk_blender.blender.bake.keyframes import read_keys
from emotalk_blender.blender.face.targets import value_path
from emotalk_blender.blender.sequencer.stretch import AudibleStretch
from emotalk_blender.curves import ARKIT_NAMES


def make_face(name: str = "Face", keys: Sequence[str] = ARKIT_NAMES) -> bpy.types.Object:
    """A triangle with these shape keys, linked to the scene and selected."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    face = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(face)
    for key in ("Basis", *keys):
        face.shape_key_add(name=key)
    face.select_set(True)
    bpy.context.view_layer.objects.active = face
    return face


def make_sound(path: Path, seconds: float = 2.0, rate: int = 16000, seed: int = 0) -> Path:
    """A file of dull noise, nothing much above 500 Hz."""
    steps = np.random.default_rng(seed).normal(0, 0.2, round(seconds * 1000) + 1)
    samples = np.interp(np.arange(round(seconds * rate)) / rate, np.arange(len(steps)) / 1000, steps)
    soundfile.write(path, samples, rate)
    return path


def add_strip(scene: bpy.types.Scene, path: Path, frame: int = 1, name: str = "Speech") -> bpy.types.SoundStrip:
    """A sound strip on channel 1."""
    return scene.sequence_editor_create().strips.new_sound(name, str(path), 1, frame)


def make_movie(sound: Path, path: Path, frames: int) -> Path:
    """A movie at 24 fps with this sound, as a camera writes them: 32 x 32 pixels, H.264 and AAC; empties the file."""
    bpy.ops.wm.read_homefile(use_empty=True)
    scene = bpy.context.scene
    add_strip(scene, sound)
    scene.frame_start, scene.frame_end = 1, frames
    scene.render.fps = 24
    scene.render.resolution_x = scene.render.resolution_y = 32
    scene.render.engine = "BLENDER_WORKBENCH"
    if hasattr(scene.render.image_settings, "media_type"):  # Blender 5
        scene.render.image_settings.media_type = "VIDEO"
    scene.render.image_settings.file_format = "FFMPEG"
    scene.render.ffmpeg.format = "MPEG4"
    scene.render.ffmpeg.codec = "H264"
    scene.render.ffmpeg.audio_codec = "AAC"
    scene.render.use_file_extension = False
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.render.filepath = str(path)
    bpy.ops.render.render(animation=True)
    return path


def stretch_at(frame: float, seconds: float, fps: float = 24.0) -> AudibleStretch:
    """A stretch that begins at this frame, which may be a fraction."""
    return AudibleStretch(start=frame / fps, duration=seconds, file_start=0.0, fps=fps)


def curve_of(face: bpy.types.Object, key: str) -> bpy.types.FCurve | None:
    """The f-curve that moves a shape key, in the slot of its mesh."""
    animation = face.data.shape_keys.animation_data
    if animation is None or animation.action is None:
        return None
    path = value_path(face.data.shape_keys.key_blocks[key])
    for layer in animation.action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(animation.action_slot)
            if bag is not None and bag.fcurves.find(path) is not None:
                return bag.fcurves.find(path)
    return None


def keys_of(face: bpy.types.Object, key: str) -> dict[str, npt.NDArray[Any]]:
    """All that is stored of the keys of a shape key: attribute -> [keys] or [keys, 2]."""
    curve = curve_of(face, key)
    assert curve is not None, f"{key} is not animated"
    keys = read_keys(curve)
    selected = {}
    for name in ("select_control_point", "select_left_handle", "select_right_handle"):
        selected[name] = np.array([getattr(point, name) for point in curve.keyframe_points], bool)
    return {name: np.ascontiguousarray(keys[name]) for name in KEY.names} | selected


def all_keys(face: bpy.types.Object) -> dict[str, dict[str, npt.NDArray[Any]]]:
    """All animation of a face."""
    shape_keys = face.data.shape_keys
    names = [block.name for block in shape_keys.key_blocks] if shape_keys else []
    return {name: keys_of(face, name) for name in names if curve_of(face, name) is not None}


def insert_keys(face: bpy.types.Object, key: str, points: Sequence[tuple[float, float]]) -> None:
    """Keys as an animator would set them."""
    block = face.data.shape_keys.key_blocks[key]
    for frame, value in points:
        block.value = value
        block.keyframe_insert("value", frame=frame)


def moved_to_library(action: bpy.types.Action, folder: Path) -> bpy.types.Action:
    """Write an Action into another .blend in a folder, and remove it here. Returns it linked from there."""
    name, library = action.name, str(folder / "library.blend")
    bpy.data.libraries.write(library, {action})
    bpy.data.actions.remove(action)
    with bpy.data.libraries.load(library, link=True) as (_, wanted):
        wanted.actions = [name]
    return wanted.actions[0]
