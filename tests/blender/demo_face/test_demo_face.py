# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face: 52 shape keys that do what they are named after, on the side they are named after."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np
import pytest
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from emotalk_blender.blender.demo_face import surface as surface
from emotalk_blender.blender.demo_face.build import FACE_NAME, build_face, face_parts
from emotalk_blender.blender.demo_face.outline import LIP_CONTACT
from emotalk_blender.blender.demo_face.part import Part
from emotalk_blender.blender.demo_face.topology import FIRST_LIP, LID_EDGE, Skin, build_skin
from emotalk_blender.curves import ARKIT_NAMES

TWINS = [name.removesuffix("Left") for name in ARKIT_NAMES if name.endswith("Left")]
SIDEWAYS = ("jaw", "mouth")
OPENING = ("jaw", "mouthFunnel", "mouthLowerDown", "mouthUpperUp", "noseSneer", "tongueOut", "mouthClose")
"""Keys that part the lips, or are made for lips already parted."""


@cache
def parts() -> dict[str, Part]:
    return {part.name: part for part in face_parts()}


@cache
def skin() -> Skin:
    return build_skin()


def posed(name: str, **pose: float) -> np.ndarray:
    part = parts()[name]
    return part.vertices + sum(
        (value * part.keys[key] for key, value in pose.items() if key in part.keys), np.zeros_like(part.vertices)
    )


def head(**pose: float) -> np.ndarray:
    return posed(FACE_NAME, **pose)


def lips(**pose: float) -> tuple[np.ndarray, np.ndarray]:
    """The touching edges of upper and lower lip from the left corner to the right one, [n, 3] each."""
    loop = skin().rings["mouth", FIRST_LIP + LIP_CONTACT]
    assert (skin().mouth_ring[loop] == LIP_CONTACT).all()
    edge = head(**pose)[loop]
    half = len(loop) // 2
    return edge[: half + 1], edge[np.r_[0, -1 : -half - 1 : -1]]


def lid_edges(name: str = "eye_left", **pose: float) -> tuple[np.ndarray, np.ndarray]:
    """The edges of upper and lower lid from the outer corner to the inner one, [n, 3] each."""
    loop = skin().rings[name, LID_EDGE]
    assert (skin().lid_ring[loop] == 0).all()
    edge = head(**pose)[loop]
    half = len(loop) // 2
    return edge[: half + 1], edge[np.r_[0, -1 : -half - 1 : -1]]


def pupil(side: str, **pose: float) -> np.ndarray:
    part = parts()[f"Eye {side}"]
    index = sorted(
        {i for face, material in zip(part.faces, part.materials, strict=True) if material == "pupil" for i in face}
    )
    return posed(f"Eye {side}", **pose)[index].mean(axis=0)


def test_objects_and_shape_keys() -> None:
    objects = build_face(bpy.context)
    assert objects[0].name == FACE_NAME
    assert [part.parent for part in objects] == [None] + [objects[0]] * (len(objects) - 1)
    assert {"Eye Left", "Eye Right", "Teeth Upper", "Teeth Lower", "Tongue", "Brows"} <= {
        part.name.removeprefix(f"{FACE_NAME} ") for part in objects
    }
    keys = objects[0].data.shape_keys.key_blocks
    assert [key.name for key in keys] == ["Basis", *ARKIT_NAMES]
    for part in objects:
        blocks = part.data.shape_keys.key_blocks[1:] if part.data.shape_keys else []
        assert {block.name for block in blocks} <= set(ARKIT_NAMES)
        assert all((block.value, block.slider_min, block.slider_max) == (0.0, 0.0, 1.0) for block in blocks)


def test_blender_holds_what_was_drawn() -> None:
    """The keys in the file, seen through Blender's own evaluation, are the displacements of the parts."""
    objects = build_face(bpy.context)
    for part in objects:
        part.modifiers.clear()
        if part.data.shape_keys and "jawOpen" in part.data.shape_keys.key_blocks:
            part.data.shape_keys.key_blocks["jawOpen"].value = 0.5
    graph = bpy.context.evaluated_depsgraph_get()
    for part in (objects[0], *(part for part in objects if part.name.endswith(("Tongue", "Lower")))):
        mesh = part.evaluated_get(graph).to_mesh()
        seen = np.empty(len(mesh.vertices) * 3, np.float32)
        mesh.vertices.foreach_get("co", seen)
        expected = posed(part.name.removeprefix(f"{FACE_NAME} "), jawOpen=0.5)
        np.testing.assert_allclose(seen.reshape(-1, 3), expected, atol=1e-5)


def test_meshes_are_sound() -> None:
    for part in build_face(bpy.context):
        assert not part.data.validate(), f"{part.name} had faults"
        assert all(polygon.use_smooth for polygon in part.data.polygons)
        assert all(len(polygon.vertices) >= 3 for polygon in part.data.polygons)


@pytest.mark.parametrize("name", ARKIT_NAMES)
def test_every_key_moves_the_head(name: str) -> None:
    assert np.linalg.norm(parts()[FACE_NAME].keys[name], axis=1).max() > 0.01


def test_the_head_is_symmetric() -> None:
    vertices = skin().vertices
    np.testing.assert_array_equal(vertices, vertices[skin().mirror] * (-1, 1, 1))


@pytest.mark.parametrize("name", TWINS)
def test_twins_are_mirror_images_on_their_own_side(name: str) -> None:
    mirror = skin().mirror
    count = len(mirror)
    left = parts()[FACE_NAME].keys[f"{name}Left"][:count]
    right = parts()[FACE_NAME].keys[f"{name}Right"][:count]
    np.testing.assert_allclose(right, left[mirror] * (-1, 1, 1), atol=1e-9)
    amount = np.linalg.norm(left, axis=1)
    if name in SIDEWAYS:
        assert left[amount > 0.5 * amount.max(), 0].min() > 0
    else:
        assert (skin().vertices[:, 0] * amount).sum() / amount.sum() > 0.1


def test_lips_touch_at_rest_without_crossing() -> None:
    upper, lower = lips()
    assert np.abs(upper - lower).max() < 0.01
    upper, lower = lips(jawOpen=0.2)
    assert (upper[1:-1, 2] - lower[1:-1, 2]).min() > 0


@pytest.mark.parametrize("value", [0.25, 0.5, 1.0])
def test_mouth_close_brings_the_lips_together_while_the_jaw_is_down(value: float) -> None:
    upper, lower = lips(jawOpen=value)
    assert np.linalg.norm(upper - lower, axis=1).max() > 0.2 * value
    upper, lower = lips(jawOpen=value, mouthClose=value)
    assert np.linalg.norm(upper - lower, axis=1).max() < 0.02
    chin = np.flatnonzero((np.abs(skin().vertices[:, 0]) < 0.05) & (skin().vertices[:, 1] < -0.5))
    chin = chin[np.argmin(skin().vertices[chin, 2])]
    assert head(jawOpen=value, mouthClose=value)[chin, 2] < head()[chin, 2] - 0.12 * value


def test_jaw_open_lowers_chin_teeth_and_tongue_but_not_the_upper_lip() -> None:
    upper, lower = lips(jawOpen=1)
    rest_upper, rest_lower = lips()
    middle = len(upper) // 2
    assert upper[middle, 2] >= rest_upper[middle, 2]
    assert lower[middle, 2] < rest_lower[middle, 2] - 0.2
    for name in ("Teeth Lower", "Tongue"):
        assert posed(name, jawOpen=1)[:, 2].mean() < posed(name)[:, 2].mean() - 0.1
    np.testing.assert_array_equal(posed("Teeth Upper", jawOpen=1), posed("Teeth Upper"))


def test_mouth_shapes() -> None:
    (rest, _), middle = lips(), len(lips()[0]) // 2
    left = rest[0]
    assert left[0] > 0
    smile, frown, stretch = (lips(**{f"mouth{name}Left": 1})[0][0] for name in ("Smile", "Frown", "Stretch"))
    assert smile[2] > left[2] + 0.05 and smile[0] > left[0]
    assert frown[2] < left[2] - 0.05
    assert stretch[0] > left[0] + 0.05
    pucker = lips(mouthPucker=1)[0]
    assert pucker[0, 0] < 0.7 * left[0] and pucker[middle, 1] < rest[middle, 1] - 0.05
    upper, lower = lips(mouthFunnel=1)
    assert upper[middle, 2] > lower[middle, 2] + 0.08 and upper[0, 0] < 0.8 * left[0]
    assert lips(mouthRollUpper=1)[0][middle, 1] > rest[middle, 1]
    assert lips(mouthUpperUpLeft=1)[0][middle // 2, 2] > rest[middle // 2, 2] + 0.04
    assert lips(mouthLowerDownLeft=1)[1][middle // 2, 2] < rest[middle // 2, 2] - 0.04


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("value", [0.25, 0.4, 0.5, 0.75, 1.0])
def test_lids_never_cut_into_the_eyeball(side: str, value: float) -> None:
    centre = surface.EYE_CENTRE * ((1 if side == "left" else -1), 1, 1)
    lids = np.concatenate(
        [loop for (name, number), loop in skin().rings.items() if name == f"eye_{side}" and number > 2]
    )
    for key in ("eyeBlink", "eyeSquint", "eyeWide", "eyeLookDown", "eyeLookUp", "cheekSquint", "mouthSmile"):
        distance = np.linalg.norm(head(**{f"{key}{side.capitalize()}": value})[lids] - centre, axis=1)
        assert distance.min() > surface.EYE_RADIUS, key


def test_blink_closes_the_lids() -> None:
    upper, lower = lid_edges()
    opening = np.linalg.norm(upper - lower, axis=1).max()
    assert opening > 0.2
    upper, lower = lid_edges(eyeBlinkLeft=1)
    assert np.linalg.norm(upper - lower, axis=1).max() < 0.015
    assert (upper[:, 2] - lower[:, 2]).max() < 1e-9
    upper, lower = lid_edges("eye_right", eyeBlinkLeft=1)
    assert np.linalg.norm(upper - lower, axis=1).max() == pytest.approx(opening)
    for key, grows in (("eyeSquint", False), ("eyeWide", True), ("eyeLookDown", False), ("eyeLookUp", True)):
        upper, lower = lid_edges(**{f"{key}Left": 1})
        assert (np.linalg.norm(upper - lower, axis=1).max() > opening) == grows, key


def test_eyes_look_where_they_should() -> None:
    rest = pupil("Left")
    assert rest[0] == pytest.approx(surface.EYE_CENTRE[0], abs=1e-6)
    assert pupil("Left", eyeLookInLeft=1)[0] < rest[0] - 0.05
    assert pupil("Left", eyeLookOutLeft=1)[0] > rest[0] + 0.05
    assert pupil("Left", eyeLookUpLeft=1)[2] > rest[2] + 0.05
    assert pupil("Left", eyeLookDownLeft=1)[2] < rest[2] - 0.05
    assert pupil("Right", eyeLookInRight=1)[0] > pupil("Right")[0] + 0.05
    np.testing.assert_array_equal(pupil("Right", eyeLookInLeft=1), pupil("Right"))
    ball = posed("Eye Left", eyeLookOutLeft=0.5)
    radius = np.linalg.norm(ball - surface.EYE_CENTRE, axis=1)
    assert radius.min() > 0.97 * surface.EYE_RADIUS


def test_brows_move() -> None:
    brows = parts()["Brows"].vertices
    inner = np.abs(brows[:, 0]) < 0.2
    left = brows[:, 0] > 0
    assert posed("Brows", browInnerUp=1)[inner, 2].mean() > brows[inner, 2].mean() + 0.05
    assert posed("Brows", browDownLeft=1)[inner & left, 2].mean() < brows[inner & left, 2].mean() - 0.05
    outer = left & (brows[:, 0] > 0.4)
    assert posed("Brows", browOuterUpLeft=1)[outer, 2].mean() > brows[outer, 2].mean() + 0.05


@pytest.mark.parametrize("name", ["rest", *(name for name in ARKIT_NAMES if not name.startswith(OPENING))])
def test_teeth_and_tongue_stay_behind_closed_lips(name: str) -> None:
    pose = {} if name == "rest" else {name: 1.0}
    tree = BVHTree.FromPolygons(head(**pose).tolist(), parts()[FACE_NAME].faces)
    ahead = Vector((0.0, -1.0, 0.0))
    for part in ("Teeth Upper", "Teeth Lower", "Tongue"):
        for point in posed(part, **pose)[::4]:
            assert tree.ray_cast(Vector(point), ahead)[0] is not None, f"{part} shows at {point}"


@pytest.mark.parametrize("name", [name for name in ARKIT_NAMES if name not in ("tongueOut", "mouthClose")])
def test_teeth_stay_behind_the_edge_of_the_lips(name: str) -> None:
    for part, edge in zip(("Teeth Upper", "Teeth Lower"), lips(**{name: 1.0}), strict=True):
        order = np.argsort(edge[:, 0])
        teeth = posed(part, **{name: 1.0})
        teeth = teeth[(teeth[:, 0] > edge[:, 0].min()) & (teeth[:, 0] < edge[:, 0].max())]
        assert (teeth[:, 1] > np.interp(teeth[:, 0], edge[order, 0], edge[order, 1])).all()


def test_materials_look_alike_in_viewport_and_render() -> None:
    for part in build_face(bpy.context):
        assert part.data.materials
        for material in part.data.materials:
            shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
            colour = shader.inputs["Base Color"]
            if not colour.is_linked:
                np.testing.assert_allclose(material.diffuse_color[:3], colour.default_value[:3], atol=1e-6)


def test_two_faces_share_nothing() -> None:
    first, second = build_face(bpy.context), build_face(bpy.context)
    assert not {part.data.name for part in first} & {part.data.name for part in second}
    materials = [{slot.name for part in face for slot in part.data.materials} for face in (first, second)]
    assert not materials[0] & materials[1]
    first[0].data.shape_keys.key_blocks["jawOpen"].value = 1.0
    assert second[0].data.shape_keys.key_blocks["jawOpen"].value == 0.0


def test_it_goes_where_it_was_asked_to() -> None:
    place = bpy.data.collections.new("Cast")
    bpy.context.scene.collection.children.link(place)
    bpy.context.scene.cursor.location = (1.0, 2.0, 3.0)
    objects = build_face(bpy.context, place)
    assert set(place.objects) == set(objects)
    assert tuple(objects[0].location) == (1.0, 2.0, 3.0)
