# SPDX-License-Identifier: GPL-3.0-or-later
"""Which controls of objects can be driven, and the sentence for an object that has none."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from emotalk_blender.blender.face import targets
from emotalk_blender.blender.face.targets import Target, find_targets, named_targets, why_no_target
from emotalk_blender.blender.face.track import Track
from emotalk_blender.blender.ui.face_rows import set_rows
from emotalk_blender.curves import ARKIT_NAMES, CHANNEL
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.rig import mapping
from emotalk_blender.rig.mapping import Row

from ...curve_builders import random_curves
from ..builders import make_face

VISEMES = [f"viseme_{name}" for name in "sil PP FF TH DD kk CH SS nn RR aa E I O U".split()]


def make_rig(name: str = "Rig", bones: int = 2) -> bpy.types.Object:
    """An armature with bones that are named bone0, bone1, ..., linked to the scene and selected."""
    armature = bpy.data.armatures.new(name)
    rig = bpy.data.objects.new(name, armature)
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    rig.select_set(True)
    bpy.ops.object.mode_set(mode="EDIT")
    for index in range(bones):
        armature.edit_bones.new(f"bone{index}").tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig


def only_track(target: Target) -> Track:
    (track,) = target.tracks
    return track


def test_each_mesh_tells_how_many_of_the_52_it_has() -> None:
    faces = [make_face("Head"), make_face("Teeth", ["jawOpen", "JawLeft", "other"]), make_face("Hat", ["other"])]
    targets = find_targets(faces)
    assert [(target.object.name, target.mapping.report) for target in targets] == [
        ("Head", "52 of 52"),
        ("Teeth", "2 of 52"),
    ]


def test_a_mesh_used_by_two_objects_counts_once() -> None:
    face = make_face()
    twin = bpy.data.objects.new("Twin", face.data)
    assert [target.object for target in find_targets([face, twin])] == [face]


def test_the_reference_key_is_never_driven() -> None:
    face = make_face(keys=["jawOpen", "mouthClose"])
    face.data.shape_keys.reference_key.name = "tongueOut"
    assert set(find_targets([face])[0].mapping.targets) == {"jawOpen", "mouthClose"}


def test_shape_keys_with_drivers_are_left_to_them() -> None:
    face = make_face(keys=["jawOpen", "mouthClose"])
    face.data.shape_keys.key_blocks["jawOpen"].driver_add("value")
    face.data.shape_keys.key_blocks["mouthClose"].driver_add("slider_max")
    assert find_targets([face])[0].mapping.targets == ("mouthClose",)


def test_why_an_object_is_no_target() -> None:
    bare = bpy.data.objects.new("Bare", bpy.data.meshes.new("Bare"))
    assert "not a mesh" in why_no_target(bpy.data.objects.new("Empty", None))
    assert "no shape keys" in why_no_target(bare)
    assert "a name that EmoTalk knows" in why_no_target(make_face("Hat", ["other"]))
    assert "add rows for its bones" in why_no_target(make_rig())
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
    assert target.mapping.targets == ARKIT_NAMES


def test_tracks_follow_the_sliders_of_the_shape_keys() -> None:
    face = make_face(keys=["mouthClose", "jawOpen"])
    face.data.shape_keys.key_blocks["jawOpen"].slider_max = 0.5
    (target,) = find_targets([face])
    assert (target.owner, target.id_type) == (face.data.shape_keys, "KEY")
    close, jaw = target.tracks
    assert close == Track("mouthClose", 'key_blocks["mouthClose"].value', -1, 0.0, 1.0)
    assert (jaw.low, jaw.high) == (0.0, 0.5)
    values = random_curves(1.0).values
    assert np.array_equal(target.drive(values), values[:, [CHANNEL["mouthClose"], CHANNEL["jawOpen"]]])


def test_properties_of_an_object_are_driven_by_their_names() -> None:
    rig = make_rig()
    rig["jawOpen"] = 0.25
    rig.id_properties_ui("jawOpen").update(min=-1.0, max=2.0)
    rig["mouthClose"] = 1  # a whole number cannot follow a curve
    rig["note"] = "jawLeft"
    rig["eyeBlinkLeft"] = True
    (target,) = find_targets([rig])
    assert (target.owner, target.id_type) == (rig, "OBJECT")
    assert only_track(target) == Track("jawOpen", '["jawOpen"]', -1, -1.0, 2.0)


def test_properties_of_bones_are_driven_by_their_names() -> None:
    rig = make_rig()
    rig.pose.bones["bone0"]["jawOpen"] = 0.0
    rig.pose.bones["bone1"]["jawOpen"] = 0.0
    rig.pose.bones["bone1"]["tongueOut"] = 0.0
    (target,) = find_targets([rig])
    assert [(track.name, track.path) for track in target.tracks] == [
        ("jawOpen", 'pose.bones["bone0"]["jawOpen"]'),
        ("tongueOut", 'pose.bones["bone1"]["tongueOut"]'),
    ]


def test_properties_with_drivers_are_left_to_them() -> None:
    rig = make_rig()
    rig["jawOpen"] = rig["tongueOut"] = 0.0
    rig.driver_add('["jawOpen"]')
    assert only_track(find_targets([rig])[0]).name == "tongueOut"


def test_properties_that_drive_a_mesh_are_driven_in_place_of_its_keys() -> None:
    face = make_face(keys=["jawOpen", "mouthClose", "tongueOut"])
    for name in ("jawOpen", "mouthClose"):
        face[name] = 0.0
        face.data.shape_keys.key_blocks[name].driver_add("value")
    (target,) = find_targets([face])
    assert (target.id_type, target.mapping.targets) == ("OBJECT", ("jawOpen", "mouthClose"))


def test_awkward_names_are_found_where_they_are() -> None:
    rig = make_rig()
    rig.pose.bones["bone0"].name = 'jaw "bone"\\'
    bone = rig.pose.bones['jaw "bone"\\']
    bone['jaw "x'] = 0.5
    set_rows(rig, [Row('jaw "x', "jawOpen")])
    track = only_track(find_targets([rig])[0])
    assert rig.path_resolve(track.path) == 0.5


@pytest.mark.parametrize(
    ("path", "rest"),
    [
        ('pose.bones["bone0"].location[1]', 0.0),
        ('pose.bones["bone0"].rotation_euler[0]', 0.0),
        ('pose.bones["bone0"].scale[2]', 1.0),
        ("scale[0]", 1.0),
        ('pose.bones["bone1"]["lift"]', 0.5),
        ('["many"][2]', 3.0),
        ('["plain"][1]', 0.0),
    ],
)
def test_a_row_drives_a_number_by_its_path(path: str, rest: float) -> None:
    rig = make_rig()
    bone = rig.pose.bones["bone1"]
    bone["lift"] = 0.0
    bone.id_properties_ui("lift").update(default=0.5)
    rig["many"] = rig["plain"] = [0.0, 0.0, 0.0]
    rig.id_properties_ui("many").update(default=[1.0, 2.0, 3.0])
    set_rows(rig, [Row(path, "jawOpen", 0.1)])
    (target,) = find_targets([rig])
    values = random_curves(0.5).values
    np.testing.assert_allclose(target.drive(values)[:, 0], rest + 0.1 * values[:, CHANNEL["jawOpen"]], rtol=1e-5)
    track = only_track(target)
    action = bpy.data.actions.new("Take")
    animation = rig.animation_data_create()
    animation.action = action
    animation.action_slot = action.slots.new(id_type=target.id_type, name="Rig")
    curve = action.fcurve_ensure_for_datablock(rig, track.path, index=max(track.index, 0))
    curve.keyframe_points.insert(1, 0.75)
    bpy.context.scene.frame_set(2)
    bpy.context.scene.frame_set(1)
    assert rig.path_resolve(path) == 0.75


@pytest.mark.parametrize(
    "path",
    [
        "location",
        "location[7]",
        'pose.bones["nobody"].location[0]',
        "data.display_type",
        'pose.bones["bone0"].bone.bbone_easein',
        "jaw + 1",
        "hide_render",
        "",
        "__import__('os')",
        "location.x",
    ],
)
def test_what_is_no_number_of_the_object_is_missing(path: str) -> None:
    rig = make_rig()
    rig["jawOpen"] = 0.0
    set_rows(rig, [Row("jawOpen", "jawOpen"), Row(path, "mouthClose")])
    mapping = find_targets([rig])[0].mapping
    assert mapping.targets == ("jawOpen",)
    assert mapping.missing == (path,)


def test_two_sources_share_one_axis_of_a_bone() -> None:
    rig = make_rig()
    path = 'pose.bones["bone0"].rotation_euler[0]'
    set_rows(rig, [Row(path, "eyeLookUpLeft", -0.5), Row(path, "eyeLookDownLeft", 0.5)])
    (target,) = find_targets([rig])
    values = random_curves(0.5).values
    expected = 0.5 * (values[:, CHANNEL["eyeLookDownLeft"]] - values[:, CHANNEL["eyeLookUpLeft"]])
    np.testing.assert_allclose(target.drive(values)[:, 0], expected, atol=1e-6)
    assert only_track(target).index == 0


def test_the_meshes_of_one_face_are_fitted_together() -> None:
    head, teeth = find_targets([make_face("Head", VISEMES), make_face("Teeth", ["viseme_aa", "viseme_O"])])
    values = random_curves(1.0).values
    moved = dict(zip(head.mapping.targets, head.drive(values).T, strict=True))
    assert np.array_equal(teeth.drive(values), np.stack([moved["viseme_aa"], moved["viseme_O"]], axis=1))


def test_a_chosen_preset_is_the_only_one() -> None:
    face = make_face(keys=[*ARKIT_NAMES, *VISEMES])
    assert find_targets([face])[0].mapping.preset == "ARKit"
    face.emotalk_preset = "OCULUS"
    assert find_targets([face])[0].mapping.preset == "Ready Player Me, Oculus"
    face.emotalk_preset = "VROID"
    assert find_targets([face]) == []
    assert "choose Automatic" in why_no_target(face)


def test_what_every_redraw_finds_again_is_neither_matched_nor_fitted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = make_rig(bones=400)
    for bone in rig.pose.bones:
        bone["influence"] = 0.0
    objects = [make_face("Head"), make_face("Teeth", VISEMES), make_face("Tongue"), rig]
    first = find_targets(objects)
    for module, name in ((targets, "detect"), (mapping, "fit")):
        monkeypatch.setattr(module, name, lambda *_arguments: pytest.fail("found anew"))
    assert [target.mapping for target in find_targets(objects)] == [target.mapping for target in first]


class TestOfAnotherFile:
    """A character in a library: a head with shape keys, and a rig with a property."""

    @pytest.fixture
    def library(self, tmp_path: Path) -> Path:
        character = bpy.data.collections.new("Character")
        bpy.context.scene.collection.children.link(character)
        rig = make_rig()
        rig["jawOpen"] = 0.0
        head = make_face("Head", ["jawOpen", "mouthClose"])
        head.parent = rig
        for part in (rig, head):
            bpy.context.scene.collection.objects.unlink(part)
            character.objects.link(part)
        path = tmp_path / "library.blend"
        bpy.ops.wm.save_as_mainfile(filepath=str(path))
        bpy.ops.wm.read_homefile(use_empty=True)
        return path

    def link(self, library: Path) -> bpy.types.Collection:
        with bpy.data.libraries.load(str(library), link=True) as (_, into):
            into.collections = ["Character"]
        return into.collections[0]

    def overridden(self, library: Path) -> tuple[bpy.types.Object, bpy.types.Object]:
        """Head and rig, as Object > Library Override > Make leaves them."""
        made = self.link(library).override_hierarchy_create(bpy.context.scene, bpy.context.view_layer)
        return made.all_objects["Head"], made.all_objects["Rig"]

    def test_linked_objects_say_what_to_do(self, library: Path) -> None:
        character = self.link(library)
        for part in character.all_objects:
            assert find_targets([part]) == []
            assert "linked from another file" in why_no_target(part)
            assert "Library Override > Make" in why_no_target(part)

    def test_an_instance_says_what_to_do(self, library: Path) -> None:
        instance = bpy.data.objects.new("Instance", None)
        instance.instance_type, instance.instance_collection = "COLLECTION", self.link(library)
        assert "Library Override > Make" in why_no_target(instance)

    def test_an_overridden_rig_keeps_its_animation(self, library: Path, tmp_path: Path) -> None:
        _, rig = self.overridden(library)
        (target,) = find_targets([rig])
        animate(target)
        rig = saved_and_opened(tmp_path, "Rig")
        assert shown(rig) == 1.0
        assert find_targets([rig])[0].tracks == target.tracks

    def test_an_overridden_head_needs_its_mesh_overridden_too(self, library: Path, tmp_path: Path) -> None:
        head, _ = self.overridden(library)
        assert find_targets([head]) == []
        assert "press Make Face Editable" in why_no_target(head)
        select(head)
        assert bpy.ops.emotalk.make_face_editable() == {"FINISHED"}
        (target,) = find_targets([head])
        assert target.mapping.targets == ("jawOpen", "mouthClose")
        animate(target)
        head = saved_and_opened(tmp_path, "Head")
        assert shown(head.data.shape_keys) == 1.0
        assert not bpy.ops.emotalk.make_face_editable.poll()

    def test_a_linked_mesh_on_an_object_of_this_file_can_be_animated(self, library: Path, tmp_path: Path) -> None:
        self.link(library)
        head = bpy.data.objects.new("Own", bpy.data.meshes["Head"])
        bpy.context.scene.collection.objects.link(head)
        assert "press Make Face Editable" in why_no_target(head)
        select(head)
        bpy.ops.emotalk.make_face_editable()
        animate(find_targets([head])[0])
        assert shown(saved_and_opened(tmp_path, "Own").data.shape_keys) == 1.0

    def test_rows_on_an_override_are_kept(self, library: Path, tmp_path: Path) -> None:
        _, rig = self.overridden(library)
        set_rows(rig, [Row('pose.bones["bone0"].location[2]', "jawOpen", 0.25), Row("jawOpen", "jawOpen")])
        rig = saved_and_opened(tmp_path, "Rig")
        assert rig.emotalk_preset == "OWN"
        assert [(row.source, row.strength) for row in rig.emotalk_rows] == [("jawOpen", 0.25), ("jawOpen", 1.0)]
        assert len(find_targets([rig])[0].tracks) == 2


def select(face: bpy.types.Object) -> None:
    face.select_set(True)
    bpy.context.view_layer.objects.active = face


def animate(target: Target) -> None:
    """The first track of a target goes from 0 to 1 in ten frames."""
    animation = target.owner.animation_data_create()
    animation.action = bpy.data.actions.new("Take")
    animation.action_slot = animation.action.slots.new(id_type=target.id_type, name="Slot")
    curve = animation.action.fcurve_ensure_for_datablock(target.owner, target.tracks[0].path)
    curve.keyframe_points.insert(1, 0.0)
    curve.keyframe_points.insert(10, 1.0)


def saved_and_opened(folder: Path, name: str) -> bpy.types.Object:
    """The object of this name that is no linked one, in the file after it was saved and opened again."""
    path = str(folder / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    return bpy.data.objects[name, None]


def shown(owner: bpy.types.ID) -> float:
    """Where jawOpen is at frame 10."""
    bpy.context.scene.frame_set(5)
    bpy.context.scene.frame_set(10)
    return owner.key_blocks["jawOpen"].value if isinstance(owner, bpy.types.Key) else owner["jawOpen"]
