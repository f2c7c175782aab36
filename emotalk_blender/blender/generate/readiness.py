# SPDX-License-Identifier: GPL-3.0-or-later
"""Why Generate cannot be pressed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import bpy

from ...errors import EmoTalkError
from ...inference.session import missing_packages
from .. import compat
from ..face.targets import find_targets, why_no_target
from ..sequencer.strips import audible_stretch, check_sound, find_strip, sound_strips
from .jobs import state


def disabled_reason(context: bpy.types.Context) -> str:
    """One sentence that tells the artist what to do before Generate works; empty where it does."""
    if _missing_packages():
        return f"The Python packages {_missing_packages()} are missing. Install the full EmoTalk zip."
    if state.job is not None:
        return "EmoTalk is generating. Wait for it, or cancel it."
    return strip_reason(context) or face_reason(context) or mode_reason(context)


def strip_reason(context: bpy.types.Context) -> str:
    """One sentence on what is wrong with the chosen strip; empty where it can be heard."""
    scene = compat.sequencer_scene(context)
    name = context.scene.emotalk.strip
    if not name:
        return "Pick a sound strip." if any(sound_strips(scene)) else "Open a sound file to speak."
    try:
        strip = find_strip(scene, name)
        audible_stretch(scene, strip)
        check_sound(strip)
    except EmoTalkError as error:
        return str(error)
    return ""


def face_reason(context: bpy.types.Context) -> str:
    """One sentence on what is wrong with the selection; empty where there is a face in it."""
    selected = context.selected_objects
    return "" if find_targets(selected) else why_no_face(selected)


def why_no_face(objects: Sequence[bpy.types.Object]) -> str:
    """One sentence on what to do where none of these objects can be driven."""
    if len(objects) == 1:
        return why_no_target(objects[0])
    return "Select the meshes of a face, or the rig whose properties move it."


def mode_reason(context: bpy.types.Context) -> str:
    """One sentence on what is wrong with the mode; empty where new keys can be undone."""
    # In Edit Mode and its like an undo step holds the mesh alone, so the keys could not be taken back.
    return "" if context.mode in {"OBJECT", "POSE"} else "Switch to Object Mode."


@cache
def _missing_packages() -> str:
    return ", ".join(missing_packages())
