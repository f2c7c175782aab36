# SPDX-License-Identifier: GPL-3.0-or-later
"""Enabling imports nothing heavy, and disabling leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import bpy

import emotalk_blender
from emotalk_blender.blender.generate import jobs

ROOT = Path(__file__).resolve().parents[2]


def traces() -> set[str]:
    """What of EmoTalk Blender knows."""
    found = {name for name in dir(bpy.types) if name.startswith("EMOTALK")}
    found |= {f"ops.{name}" for name in dir(bpy.ops.emotalk)}
    found |= {"Scene.emotalk"} if hasattr(bpy.types.Scene, "emotalk") else set()
    for name in ("load_pre", "save_pre"):
        found |= {name for handler in getattr(bpy.app.handlers, name) if "emotalk" in handler.__module__}
    found |= {"menu" for draw in bpy.types.VIEW3D_MT_mesh_add._dyn_ui_initialize() if "emotalk" in draw.__module__}
    found |= {"timer"} if bpy.app.timers.is_registered(jobs.tick) else set()
    return found


def test_disabling_leaves_nothing_and_enabling_again_works() -> None:
    before = traces()
    assert {
        "ops.generate",
        "ops.cancel",
        "ops.open_audio",
        "ops.add_face",
        "Scene.emotalk",
        "menu",
        "load_pre",
        "save_pre",
    } <= before
    for _ in range(3):
        emotalk_blender.unregister()
        assert traces() == set()
        emotalk_blender.register()
        assert traces() == before


def test_every_button_and_setting_explains_itself() -> None:
    for name in ("generate", "cancel", "open_audio", "add_face"):
        operator = getattr(bpy.ops.emotalk, name).get_rna_type()
        assert len(operator.description) > 10
        for setting in operator.properties:
            assert setting.is_hidden or setting.identifier == "rna_type" or len(setting.description) > 10, setting
    for item in bpy.types.Scene.emotalk.keywords["type"].bl_rna.properties:
        assert item.identifier in {"rna_type", "name"} or len(item.description) > 10, item.identifier


def test_enabling_and_disabling_imports_nothing_heavy() -> None:
    # Blender waits for it at each start. NumPy is not imported by then; Blender's own module has it already.
    code = """
import sys
import bpy
for name in ("numpy", "torch", "transformers", "soundfile"):
    sys.modules[name] = None  # so that importing it fails
import emotalk_blender
emotalk_blender.register()
emotalk_blender.unregister()
assert not any(name.startswith("emotalk_blender.network") for name in sys.modules)
animation = {name for name in sys.modules if name.startswith("emotalk_blender.animation.")}
assert animation <= {"emotalk_blender.animation.settings"}, animation
for name in (
    "generate.request",
    "generate.worker",
    "bake.bake",
    "bake.bake_records",
    "face.targets",
    "demo_face.build",
    "ui.diagnostics",
):
    assert f"emotalk_blender.blender.{name}" not in sys.modules, name
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
