# SPDX-License-Identifier: GPL-3.0-or-later
"""Add > Mesh > EmoTalk Face leaves a face that can speak at once."""

from __future__ import annotations

import bpy
import pytest

from emotalk_blender.blender.face.targets import find_targets

from ..builders import make_face


def test_the_new_face_is_selected_and_ready() -> None:
    old = make_face("Old")
    assert bpy.ops.emotalk.add_face() == {"FINISHED"}
    assert not old.select_get()
    head = bpy.context.active_object
    targets = find_targets(bpy.context.selected_objects)
    assert {target.object: target.mapping.count for target in targets}[head] == 52
    assert len(targets) > 3


def test_not_in_edit_mode() -> None:
    make_face()
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match="Object Mode"):
        bpy.ops.emotalk.add_face()
    bpy.ops.object.mode_set(mode="OBJECT")
