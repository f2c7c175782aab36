# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place outside the .blend that the extension itself writes to."""

from __future__ import annotations

from pathlib import Path

import bpy

from .addon_settings import ROOT_PACKAGE


def user_folder(name: str) -> Path:
    """A folder for what the user keeps, not made yet, in the one that Blender gives each extension.

    Registered by a script, it is no extension and has none: then beside other data of the user's.
    """
    try:
        return Path(bpy.utils.extension_path_user(ROOT_PACKAGE, path=name))
    except ValueError:
        return Path(bpy.utils.user_resource("DATAFILES", path="emotalk")) / name
