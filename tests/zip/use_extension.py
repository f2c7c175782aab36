# SPDX-License-Identifier: GPL-3.0-or-later
"""Run in a Python of its own with bpy: install the zip, use it as an artist would, and remove it again.

Arguments: ZIP SOUND OUT. OUT is written as JSON, with what was found at each step and how many seconds it took.
BLENDER_USER_RESOURCES says where the extension goes.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

MODULE = "bl_ext.user_default.emotalk_blender"


def use(zip_file: str, sound: str) -> dict[str, Any]:
    """Install, enable, generate, disable, uninstall; returns what could be seen."""
    seen: dict[str, Any] = {"seconds": {}}
    with timed(seen["seconds"], "install"):
        bpy.ops.extensions.package_install_files(repo="user_default", filepath=zip_file, enable_on_install=True)
    seen["enabled"] = MODULE in bpy.context.preferences.addons
    seen["torch loaded by enabling"] = "torch" in sys.modules
    seen["registered"] = registered()
    seen["installed files"] = len(list(installed_folder().iterdir()))
    with timed(seen["seconds"], "first Generate"):
        seen["curves"] = generate(sound)
    seen["torch"] = sys.modules["torch"].__file__
    bpy.ops.preferences.addon_disable(module=MODULE)
    seen["registered after disabling"] = registered()
    with timed(seen["seconds"], "uninstall"):
        bpy.ops.extensions.package_uninstall(repo_index=user_repository(), pkg_id="emotalk_blender")
    seen["enabled after uninstalling"] = MODULE in bpy.context.preferences.addons
    seen["installed after uninstalling"] = installed_folder().exists()
    return seen


@contextmanager
def timed(seconds: dict[str, tuple[float, float]], step: str) -> Iterator[None]:
    """Note how many seconds a step takes by the clock, and how many of a processor with all that it starts."""
    before = os.times()
    yield
    after = os.times()
    seconds[step] = after.elapsed - before.elapsed, sum(after[:4]) - sum(before[:4])


def registered() -> list[str]:
    """Which of the names that EmoTalk promises are there."""
    there = {
        "operator": "generate" in dir(bpy.ops.emotalk),
        "panel": hasattr(bpy.types, "EMOTALK_PT_main"),
        "scene": hasattr(bpy.types.Scene, "emotalk"),
    }
    return [name for name, found in there.items() if found]


def generate(sound: str) -> dict[str, list[float]]:
    """Let the EmoTalk face say the sound: shape key, the values of its keys."""
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.emotalk.add_face()
    face = bpy.context.object
    strip = importlib.import_module(f"{MODULE}.api").add_strip(sound, 1)
    bpy.ops.emotalk.generate(strip=strip.name)
    animation = face.data.shape_keys.animation_data
    bag = animation.action.layers[0].strips[0].channelbag(animation.action_slot)
    return {
        curve.data_path.split('"')[1]: [round(point.co[1], 4) for point in curve.keyframe_points]
        for curve in bag.fcurves
    }


def user_repository() -> int:
    """Index of the repository for extensions installed from a file."""
    return [repository.module for repository in bpy.context.preferences.extensions.repos].index("user_default")


def installed_folder() -> Path:
    """Where Blender unpacks the extension."""
    return Path(bpy.utils.user_resource("EXTENSIONS")) / "user_default/emotalk_blender"


if __name__ == "__main__":
    zip_argument, sound_argument, out = sys.argv[-3:]
    Path(out).write_text(json.dumps(use(zip_argument, sound_argument)), encoding="utf-8")
