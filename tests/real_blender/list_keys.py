# SPDX-License-Identifier: GPL-3.0-or-later
"""Run inside Blender on a .blend: write its shape key animation as JSON. Arguments after --: OUT.

{mesh object: {shape key: [[frame, value], ...]}}
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import bpy

(out,) = sys.argv[sys.argv.index("--") + 1 :]
found = {}
for scene_object in bpy.data.objects:
    keys = getattr(scene_object.data, "shape_keys", None)
    animation = keys.animation_data if keys else None
    if animation is None or animation.action is None:
        continue
    bags = (strip.channelbag(animation.action_slot) for layer in animation.action.layers for strip in layer.strips)
    found[scene_object.name] = {
        curve.data_path.split('"')[1]: [list(point.co) for point in curve.keyframe_points]
        for bag in bags
        if bag
        for curve in bag.fcurves
    }
Path(out).write_text(json.dumps(found), encoding="utf-8")
