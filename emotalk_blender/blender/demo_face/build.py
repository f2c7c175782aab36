# SPDX-License-Identifier: GPL-3.0-or-later
"""EmoTalk Face: a stylised head with all 52 ARKit shape keys, built from code."""

from __future__ import annotations

from functools import cache

import bpy
import numpy as np

from ...curves import ARKIT_NAMES, DoubleArray
from .ears import left_ear
from .eyes import eyeball, lashes
from .fields import Region, bump, smooth
from .hair import brows, hair
from .jumper import jumper
from .keys import skin_keys
from .materials import BLUSH, make_material
from .mouth import lower_teeth, tongue, upper_teeth
from .outline import LIP_BORDER, LIP_CONTACT
from .part import Part, mirrored
from .topology import build_skin

FACE_NAME = "EmoTalk Face"


def build_face(context: bpy.types.Context, collection: bpy.types.Collection | None = None) -> list[bpy.types.Object]:
    """Add the face at the 3D cursor and return its objects, the head first; the others are its children.

    collection: where the objects go, by default the context's own. Every call makes meshes, materials and shape keys of
    its own. Only data is touched, no operator runs, so it works from any context and in background mode.
    """
    collection = collection or context.collection
    materials: dict[str, bpy.types.Material] = {}
    objects = [_make_object(part, materials) for part in face_parts()]
    head = objects[0]
    head.location = context.scene.cursor.location
    for mesh_object in objects:
        collection.objects.link(mesh_object)
        if mesh_object is not head:
            mesh_object.parent = head
    return objects


@cache
def face_parts() -> tuple[Part, ...]:
    """All meshes of the face as plain arrays, the head first; worked out once, about a second."""
    return (
        _head(),
        eyeball("Left"),
        eyeball("Right"),
        lashes(),
        brows(),
        upper_teeth(),
        lower_teeth(),
        tongue(),
        hair(),
        jumper(),
    )


def _head() -> Part:
    skin = build_skin()
    ear, ear_faces = left_ear()
    count, added = len(skin.vertices), len(ear)
    vertices = np.vstack([skin.vertices, ear, mirrored(ear)])
    faces = list(skin.faces)
    faces += [tuple(count + i for i in face) for face in ear_faces]
    faces += [tuple(count + added + i for i in face[::-1]) for face in ear_faces]
    mirror = np.concatenate([skin.mirror, np.arange(count + added, count + 2 * added), np.arange(count, count + added)])

    def padded(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, np.full(2 * added, np.nan)])

    ring = padded(skin.mouth_ring)
    region = Region(vertices, mirror, padded(skin.lip), ring, padded(skin.lid_ring), np.sin(padded(skin.lid_angle)))
    materials = []
    for face in faces:
        loops = ring[list(face)]
        if np.isnan(loops).any() or loops.min() < LIP_BORDER:
            materials.append("skin")
        else:
            materials.append("lips" if loops.min() <= LIP_CONTACT else "mouth")
    return Part(FACE_NAME, vertices, faces, materials, skin_keys(region), _blush(vertices))


def _blush(vertices: DoubleArray) -> DoubleArray:
    """Rosy cheeks, nose and ears: [n], 0 to 1."""
    side = np.abs(vertices) * (1.0, 0.0, 0.0) + vertices * (0.0, 1.0, 1.0)
    cheeks = bump(side, (0.44, -0.55, -0.32), (0.20, 0.4, 0.14))
    nose = bump(side, (0.0, -0.95, -0.26), (0.13, 0.12, 0.10))
    ears = smooth(0.74, 0.84, side[:, 0]) * smooth(0.0, 0.1, side[:, 1])
    return np.clip(0.42 * cheeks + 0.40 * nose + 0.35 * ears, 0.0, 1.0)


def _make_object(part: Part, materials: dict[str, bpy.types.Material]) -> bpy.types.Object:
    name = part.name if part.name == FACE_NAME else f"{FACE_NAME} {part.name}"
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(part.vertices.tolist(), [], part.faces)
    slots = list(dict.fromkeys(part.materials))
    for slot in slots:
        if slot not in materials:
            materials[slot] = make_material(slot)
        mesh.materials.append(materials[slot])
    indices = {slot: index for index, slot in enumerate(slots)}
    mesh.polygons.foreach_set("material_index", [indices[slot] for slot in part.materials])
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    mesh.update()
    if part.blush is not None:
        rosy = mesh.attributes.new(BLUSH, "FLOAT", "POINT")
        rosy.data.foreach_set("value", part.blush.astype(np.float32))
    mesh_object = bpy.data.objects.new(name, mesh)
    if part.keys:
        _add_shape_keys(mesh_object, part)
    smoother = mesh_object.modifiers.new("Subdivision", "SUBSURF")
    smoother.levels = smoother.render_levels = 1
    return mesh_object


def _add_shape_keys(mesh_object: bpy.types.Object, part: Part) -> None:
    mesh_object.shape_key_add(name="Basis", from_mix=False)
    mesh_object.data.shape_keys.name = mesh_object.name
    for name in ARKIT_NAMES:
        if name in part.keys:
            key = mesh_object.shape_key_add(name=name, from_mix=False)
            key.points.foreach_set("co", (part.vertices + part.keys[name]).astype(np.float32).ravel())
            key.value = 0.0
