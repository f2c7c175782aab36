# SPDX-License-Identifier: GPL-3.0-or-later
"""The sound strips of the sequencer, and what can be heard of one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bpy

from ...errors import EmoTalkError
from ...files.paths import is_file, is_folder
from .. import compat
from .sound import SoundSource
from .stretch import AudibleStretch


def sound_strips(scene: bpy.types.Scene) -> Iterator[bpy.types.SoundStrip]:
    """All sound strips of a scene, those inside meta strips too."""
    editor = scene.sequence_editor
    if editor is not None:
        yield from (strip for strip in editor.strips_all if strip.type == "SOUND")


def find_strip(scene: bpy.types.Scene, name: str) -> bpy.types.SoundStrip:
    """The sound strip of this name; names are unique within a scene. Raises EmoTalkError where there is none."""
    for strip in sound_strips(scene):
        if strip.name == name:
            return strip
    raise EmoTalkError(f'The scene "{scene.name}" has no sound strip "{name}". Pick another one.')


def scene_fps(scene: bpy.types.Scene) -> float:
    """Frames per second as played, such as 23.976."""
    return scene.render.fps / scene.render.fps_base


def audible_stretch(scene: bpy.types.Scene, strip: bpy.types.SoundStrip) -> AudibleStretch:
    """What can be heard of a strip: trimmed by its handles and by the metas around it, moved by its sound offset.

    Blender itself moves a sound by whole frames and by sound_offset seconds; checked against its mixdown. Raises
    EmoTalkError for a strip whose speed was changed, and for one that is out of sight inside its meta.
    """
    if len(strip.retiming_keys) > 0:
        raise EmoTalkError(f'The strip "{strip.name}" is retimed. Render its audio and use the new file instead.')
    fps = scene_fps(scene)
    left, right = compat.left_handle(strip), compat.right_handle(strip)
    meta = strip.parent_meta()
    while meta is not None:
        left, right = max(left, compat.left_handle(meta)), min(right, compat.right_handle(meta))
        meta = meta.parent_meta()
    frames_cut = left - round(compat.content_start(strip)) + compat.trimmed_before_content(strip)
    position = frames_cut / fps - strip.sound_offset
    silence = max(0.0, -position)
    duration = (right - left) / fps - silence
    if duration <= 0:
        raise EmoTalkError(
            f'Nothing of the strip "{strip.name}" can be heard. Check its handles, offset and meta strip.'
        )
    return AudibleStretch(left / fps + silence, duration, position + silence, fps)


def check_sound(strip: bpy.types.SoundStrip) -> None:
    """Raise EmoTalkError for a strip whose sound is missing; reads nothing, so that a panel may ask at every redraw."""
    sound = strip.sound
    if sound is None:
        raise EmoTalkError(f'The strip "{strip.name}" has no sound. Pick another one.')
    if sound.packed_file is not None:
        return
    path = sound_path(sound)
    if is_folder(path):
        raise EmoTalkError(f'The sound of the strip "{strip.name}" is a folder, {path}. Choose a sound file in it.')
    if not is_file(path):
        raise EmoTalkError(
            f'The sound file of the strip "{strip.name}" is missing: {path}. Find it or replace the strip.'
        )


def sound_source(strip: bpy.types.SoundStrip) -> SoundSource:
    """Where the bytes of a strip's sound lie. Raises EmoTalkError as check_sound does."""
    check_sound(strip)
    packed = strip.sound.packed_file
    return SoundSource(sound_path(strip.sound), None if packed is None else bytes(packed.data))


def sound_path(sound: bpy.types.Sound) -> Path:
    """The absolute path of a sound's file, which is only a name where the sound is packed."""
    return Path(bpy.path.abspath(sound.filepath, library=sound.library))
