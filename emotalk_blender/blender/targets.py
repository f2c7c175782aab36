# SPDX-License-Identifier: GPL-3.0-or-later
"""The meshes that a performance is baked onto."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import bpy

from ..curves import FloatArray
from ..errors import EmoTalkError
from ..rig.mapping import Mapping
from ..rig.shape_keys import match_shape_keys


@dataclass(frozen=True)
class Track:
    """One number that is animated: the value of a shape key, a property, one axis of a bone.

    name: what the artist calls it.
    path, index: where an f-curve on the target's owner finds it; index -1 where it is no array.
    low, high: the range of its slider.
    """

    name: str
    path: str
    index: int
    low: float
    high: float


@dataclass(frozen=True)
class Target:
    """What the network drives of one object. Holds bpy data: never kept longer than a click.

    object: what the artist selects.
    owner: the data-block whose Action has the keys, the shape keys of the mesh or the object itself.
    id_type: which of the two, "KEY" or "OBJECT", as slots of Actions call it.
    tracks: in the order of the rows of the mapping.
    """

    object: bpy.types.Object
    owner: bpy.types.ID
    id_type: str
    mapping: Mapping
    tracks: tuple[Track, ...]

    def drive(self, values: FloatArray) -> FloatArray:
        """The value of each track over time, not yet held within its range: [frames, tracks].

        values: weights of the 52 blendshapes, [frames, 52].
        """
        return self.mapping.drive(values)

    @property
    def shape_keys(self) -> bpy.types.Key:
        """The owner, where that is shape keys."""
        return self.owner


def find_targets(objects: Iterable[bpy.types.Object]) -> list[Target]:
    """The objects among these that can be driven, in their order; two with the same mesh count once.

    Left out are linked meshes, and shape keys that a driver of their own moves.
    """
    found: dict[bpy.types.Key, Target] = {}
    for candidate in objects:
        shape_keys = candidate.data.shape_keys if candidate.type == "MESH" else None
        if shape_keys is None or shape_keys in found or not shape_keys.is_editable:
            continue
        mapping = _mapping(tuple(_free_keys(shape_keys)))
        if mapping.channels:
            tracks = tuple(_track(shape_keys.key_blocks[name]) for name in mapping.channels)
            found[shape_keys] = Target(candidate, shape_keys, "KEY", mapping, tracks)
    return list(found.values())


def named_targets(scene: bpy.types.Scene, names: Sequence[str]) -> list[Target]:
    """The targets with these object names. Raises EmoTalkError for a name that is no object, or none to drive."""
    objects = []
    for name in names:
        candidate = scene.objects.get(name)
        if candidate is None:
            raise EmoTalkError(f'The scene "{scene.name}" has no object "{name}". Give the name of a mesh in it.')
        reason = why_no_target(candidate)
        if reason:
            raise EmoTalkError(reason)
        objects.append(candidate)
    return find_targets(objects)


def why_no_target(candidate: bpy.types.Object) -> str:
    """One sentence that tells why an object cannot be driven; empty where it can."""
    if candidate.type != "MESH":
        return f'"{candidate.name}" is not a mesh. Select the face mesh.'
    if candidate.data.shape_keys is None:
        return f'"{candidate.name}" has no shape keys. Select a face with ARKit shape keys, or add the EmoTalk Face.'
    if not candidate.data.shape_keys.is_editable:
        return f'"{candidate.name}" is linked from another file. Make its mesh local first.'
    if not find_targets([candidate]):
        return f'None of the shape keys of "{candidate.name}" has an ARKit name that is free of drivers.'
    return ""


@lru_cache(maxsize=64)
def _mapping(names: tuple[str, ...]) -> Mapping:
    """Kept, because the panel asks at every redraw."""
    return match_shape_keys(names)


def _free_keys(shape_keys: bpy.types.Key) -> list[str]:
    """Names of the keys that an f-curve can move: not the reference key, and none with a driver."""
    animation = shape_keys.animation_data
    driven = {driver.data_path for driver in animation.drivers} if animation else set()
    return [
        block.name
        for block in shape_keys.key_blocks
        if block != shape_keys.reference_key and value_path(block) not in driven
    ]


def _track(block: bpy.types.ShapeKey) -> Track:
    return Track(block.name, value_path(block), -1, block.slider_min, block.slider_max)


def value_path(block: bpy.types.ShapeKey) -> str:
    """Where an f-curve on the Key finds the value of a shape key."""
    return f"{block.path_from_id()}.value"
