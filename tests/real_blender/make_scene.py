# SPDX-License-Identifier: GPL-3.0-or-later
"""Run inside Blender: save a scene with the EmoTalk face and a sound strip. Arguments after --: SOUND BLEND."""

from __future__ import annotations

import sys

import bpy

sound, blend = sys.argv[sys.argv.index("--") + 1 :]
bpy.ops.wm.read_homefile(use_empty=True)
bpy.ops.emotalk.add_face()
scene = bpy.context.scene
scene.render.fps = 24
strip = scene.sequence_editor_create().strips.new_sound("Speech", sound, 1, 11)
scene.frame_end = int(strip.frame_final_end)
bpy.ops.wm.save_as_mainfile(filepath=blend)
