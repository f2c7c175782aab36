# SPDX-License-Identifier: GPL-3.0-or-later
"""Run in a Python of its own with bpy: use the installed extension, and watch what that writes, starts and connects.

Arguments: MODULE SOUND NAME OUT. NAME: of the presets that are kept. OUT is written as JSON: what was seen, and all
that Python's audit hook was told of meanwhile. What Blender itself writes in C is for the caller to see.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {"os.mkdir": 1, "os.rename": 2, "os.remove": 1, "os.rmdir": 1, "os.link": 2, "os.symlink": 2, "os.chmod": 1}
"""Event -> how many of its arguments are paths."""

RELATIVE = {"os.remove", "os.rmdir"}
"""Events whose second argument is the open folder that the path is meant from, -1 for none."""

PROCESSES = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile", "pty.")
NETWORK = ("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.")
HARMLESS = {"socket.__new__"}
"""A socket that is made and not connected: asyncio's event loops do that when they are imported."""

events: dict[str, list[str]] = {"written": [], "started": [], "connected": [], "unpickled": []}
watching = False


def watch(event: str, given: tuple[Any, ...]) -> None:
    """The audit hook: once added, it stays for the life of the process."""
    if not watching:
        return
    if event == "open":
        path, mode, flags = given
        writing = bool(set(mode) & set("wax+")) if mode else isinstance(flags, int) and flags & WRITING
        if writing and not isinstance(path, int):
            events["written"].append(str(Path(os.fsdecode(path)).absolute()))
    elif event in CHANGES:
        if event not in RELATIVE or given[1] == -1:  # else it lies in a folder of which we were told
            events["written"] += [str(Path(os.fsdecode(path)).absolute()) for path in given[: CHANGES[event]]]
    elif event.startswith(PROCESSES):
        events["started"].append(f"{event} {given}")
    elif event.startswith(NETWORK) and event not in HARMLESS:
        events["connected"].append(f"{event} {given}")
    elif event == "pickle.find_class":
        events["unpickled"].append(f"{given}")


sys.addaudithook(watch)

import bpy  # noqa: E402  # after the hook, which shall see all of it


def use(module: str, sound: str, name: str) -> dict[str, Any]:
    """Enable, generate from a file and from a packed sound, keep presets, look for devices, disable."""
    global watching
    bpy.ops.wm.read_homefile(use_empty=True)
    watching = True
    enabled = bpy.ops.preferences.addon_enable(module=module)
    bpy.ops.emotalk.add_face()
    face = bpy.context.object
    strips = bpy.context.scene.sequence_editor_create().strips
    strips.new_sound("Speech", sound, 1, 1)
    bpy.ops.emotalk.generate(strip="Speech", emotion="happy")
    strips["Speech"].sound.pack()
    bpy.ops.emotalk.generate(strip="Speech", emotion="sad")
    bpy.ops.emotalk.save_face_preset(preset=name)
    bpy.ops.emotalk.performance_preset_add(name=name)
    bpy.context.scene.emotalk.intensity = 0.25
    bpy.ops.emotalk.performance_preset_load(name=name)
    bpy.ops.emotalk.find_devices()
    bpy.ops.emotalk.copy_diagnostics()
    action = face.data.shape_keys.animation_data.action
    bag = action.layers[0].strips[0].channelbag(face.data.shape_keys.animation_data.action_slot)
    seen = {
        "enabled": sorted(enabled),
        "keys": sum(len(curve.keyframe_points) for curve in bag.fcurves),
        "intensity": bpy.context.scene.emotalk.intensity,
        "diagnostics": sys.modules[f"{module}.blender.ui.diagnostics"].diagnostics(),
        "presets": sorted(presets(module)),
        "could write beside the code": can_write(Path(sys.modules[module].__file__ or "").parent),
    }
    bpy.ops.preferences.addon_disable(module=module)
    watching = False
    return seen | {"events": events}


def presets(module: str) -> list[str]:
    """Names of all presets that can be loaded, of both kinds."""
    faces = sys.modules[f"{module}.blender.face.user_presets"].own_presets()
    performances = sys.modules[f"{module}.blender.ui.performance_presets"].kept_performances()
    return [*faces, *performances]


def can_write(folder: Path) -> bool:
    """Whether this process can write there. The attempt is not among the events."""
    global watching
    watching = False
    try:
        (folder / "tried").touch()
        (folder / "tried").unlink()
    except OSError:
        return False
    finally:
        watching = True
    return True


if __name__ == "__main__":
    module_argument, sound_argument, name_argument, out = sys.argv[-4:]
    Path(out).write_text(json.dumps(use(module_argument, sound_argument, name_argument)), encoding="utf-8")
