# SPDX-License-Identifier: GPL-3.0-or-later
"""Which meshes can be driven, and what is said of those that cannot."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from emotalk_blender.blender.targets import find_targets, named_targets, why_no_target
from emotalk_blender.curves import ARKIT_NAMES, CHANNEL
from emotalk_blender.errors import EmoTalkError

from .things import make_face, random_curves


def test_each_mesh_tells_how_many_of_the_52_it_has() -> None:
    faces = [make_face("Head"), make_face("Teeth", ["jawOpen", "JawLeft", "other"]), make_face("Hat", ["other"])]
    targets = find_targets(faces)
    assert [(target.object.name, target.mapping.count) for target in targets] == [("Head", 52), ("Teeth", 2)]


def test_a_mesh_used_by_two_objects_counts_once() -> None:
    face = make_face()
    twin = bpy.data.objects.new("Twin", face.data)
    assert [target.object for target in find_targets([face, twin])] == [face]


def test_the_reference_key_is_never_driven() -> None:
    face = make_face(keys=["jawOpen", "mouthClose"])
    face.data.shape_keys.reference_key.name = "tongueOut"
    assert set(find_targets([face])[0].mapping.channels) == {"jawOpen", "mouthClose"}


def test_shape_keys_with_drivers_are_left_to_them() -> None:
    face = make_face(keys=["jawOpen", "mouthClose"])
    face.data.shape_keys.key_blocks["jawOpen"].driver_add("value")
    face.data.shape_keys.key_blocks["mouthClose"].driver_add("slider_max")
    assert set(find_targets([face])[0].mapping.channels) == {"mouthClose"}


def test_why_an_object_is_no_target() -> None:
    bare = bpy.data.objects.new("Bare", bpy.data.meshes.new("Bare"))
    assert "not a mesh" in why_no_target(bpy.data.objects.new("Empty", None))
    assert "no shape keys" in why_no_target(bare)
    assert "ARKit name" in why_no_target(make_face("Hat", ["other"]))
    assert why_no_target(make_face()) == ""


def test_names_that_are_wrong_are_told(scene: bpy.types.Scene) -> None:
    make_face("Hat", ["other"])
    with pytest.raises(EmoTalkError, match='no object "Nobody"'):
        named_targets(scene, ["Nobody"])
    with pytest.raises(EmoTalkError, match='"Hat"'):
        named_targets(scene, ["Hat"])


def test_names_are_found_whether_selected_or_not(scene: bpy.types.Scene) -> None:
    make_face("Head").select_set(False)
    (target,) = named_targets(scene, ["Head"])
    assert list(target.mapping.channels) == list(ARKIT_NAMES)


def test_linked_meshes_are_left_out_with_a_reason(tmp_path: Path) -> None:
    make_face("Head")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"))
    bpy.ops.wm.read_homefile(use_empty=True)
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (_, into):
        into.objects = ["Head"]
    (head,) = into.objects
    assert find_targets([head]) == []
    assert "linked from another file" in why_no_target(head)


def test_tracks_follow_the_sliders_of_the_shape_keys() -> None:
    face = make_face(keys=["mouthClose", "jawOpen"])
    face.data.shape_keys.key_blocks["jawOpen"].slider_max = 0.5
    (target,) = find_targets([face])
    assert (target.owner, target.id_type) == (face.data.shape_keys, "KEY")
    close, jaw = target.tracks
    assert (close.name, close.path, close.index) == ("mouthClose", 'key_blocks["mouthClose"].value', -1)
    assert (jaw.low, jaw.high) == (0.0, 0.5)
    values = random_curves(1.0).values
    assert np.array_equal(target.drive(values), values[:, [CHANNEL["mouthClose"], CHANNEL["jawOpen"]]])
