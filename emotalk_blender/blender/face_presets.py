# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an artist's own presets of faces are kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import bpy

from ..rig.mapping import Row
from ..rig.preset_files import read_presets, remove_preset, write_preset
from .preferences import ROOT_PACKAGE


@cache
def own_presets() -> dict[str, tuple[Row, ...]]:
    """Name -> rows of each, by name. Read once, because the panel asks at every redraw."""
    return read_presets(_folder())


def save_own_preset(name: str, rows: Sequence[Row]) -> None:
    """Keep rows under a name. Raises EmoTalkError where that is not possible."""
    write_preset(_folder(), name, rows)
    own_presets.cache_clear()


def delete_own_preset(name: str) -> None:
    """Forget the preset of this name."""
    remove_preset(_folder(), name)
    own_presets.cache_clear()


def _folder() -> Path:
    """The extension's own place for what the user makes; registered by a script, it is no extension and has none."""
    try:
        return Path(bpy.utils.extension_path_user(ROOT_PACKAGE, path="faces"))
    except ValueError:
        return Path(bpy.utils.user_resource("DATAFILES", path="emotalk_faces"))
