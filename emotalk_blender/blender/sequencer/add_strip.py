# SPDX-License-Identifier: GPL-3.0-or-later
"""A sound file becomes a strip of the sequencer."""

from __future__ import annotations

from pathlib import Path

import bpy

from ...errors import EmoTalkError
from ...files.paths import is_file
from .. import compat
from .sound import check_readable


def add_sound_strip(scene: bpy.types.Scene, path: Path, frame: int) -> bpy.types.SoundStrip:
    """Add a sound file as a strip that begins at `frame`, on the lowest channel that is free there.

    The sequence editor is made where there is none. Raises EmoTalkError for a file that is missing or no sound; then
    nothing is left behind.
    """
    if not is_file(path):
        raise EmoTalkError(f"There is no file {path}. Choose a sound file.")
    check_readable(path)
    editor = scene.sequence_editor_create()
    # Above all others at first: only the finished strip tells how long it is.
    above = max((strip.channel for strip in editor.strips), default=0) + 1
    strip = editor.strips.new_sound(path.stem, str(path), above, frame)
    strip.channel = _free_channel(editor, strip)
    return strip


def _free_channel(editor: bpy.types.SequenceEditor, new: bpy.types.Strip) -> int:
    taken = {strip.channel for strip in editor.strips if strip != new and _overlap(strip, new)}
    return next(channel for channel in range(1, new.channel + 1) if channel not in taken)


def _overlap(one: bpy.types.Strip, other: bpy.types.Strip) -> bool:
    return compat.left_handle(one) < compat.right_handle(other) and compat.left_handle(other) < compat.right_handle(one)
