# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version of EmoTalk's settings a file holds, so that a later EmoTalk can tell what it reads.

A file keeps only settings that differ from their defaults, and none of before there was a version: that is version 0.
"""

from __future__ import annotations

import bpy
from bpy.app.handlers import persistent

VERSION = 1
"""Version of the settings that this EmoTalk writes. Higher by one wherever a stored value changes its meaning."""


def newer_note(settings: bpy.types.PropertyGroup) -> str:
    """One sentence where a later EmoTalk has written these settings; empty where nothing in them can be unknown."""
    if settings.settings_version <= VERSION:
        return ""
    return "A newer EmoTalk has saved this file. What only that one knows is kept, and not performed: update EmoTalk."


@persistent
def _stamp(*_: object) -> None:
    """Write the version into the settings before a file is saved. A later version stays, and what it alone knows."""
    for scene in bpy.data.scenes:
        if scene.is_editable and _has_any(scene.emotalk):
            scene.emotalk.settings_version = max(scene.emotalk.settings_version, VERSION)


def _has_any(settings: bpy.types.PropertyGroup) -> bool:
    """Whether an artist has set anything: other scenes are left as they are."""
    return any(settings.is_property_set(prop.identifier) for prop in settings.bl_rna.properties if not prop.is_readonly)


def register() -> None:
    """Called when the extension is enabled."""
    bpy.app.handlers.save_pre.append(_stamp)


def unregister() -> None:
    """Called when the extension is disabled."""
    bpy.app.handlers.save_pre.remove(_stamp)
