# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be animated of a face: the values of its shape keys, and the numbers of an object and its bones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import bpy

from .track import Track

_INDEX = re.compile(r"(.+)\[(\d+)\]", re.DOTALL)
"""A data path that ends in one number of an array."""


@dataclass(frozen=True)
class Controls:
    """All that can be animated in one data-block: what is named here, and any number that a data path leads to.

    owner: shape keys or an object. id_type: which of the two, "KEY" or "OBJECT", as slots of Actions call it.
    paths: name -> data path on the owner.
    driven: data path and index of what a driver moves, and an f-curve therefore cannot.
    """

    owner: bpy.types.ID
    id_type: str
    paths: dict[str, str]
    driven: frozenset[tuple[str, int]]

    def has(self, target: str) -> bool:
        """Whether a row can drive this: a name, or on an object a data path as well."""
        return target in self.paths or (self.id_type == "OBJECT" and _number(self, target) is not None)

    def track(self, target: str) -> Track:
        """The control of a name or data path. Raises KeyError where there is no such number, or a driver moves it."""
        if self.id_type == "KEY":
            return _shape_key_track(self.owner.key_blocks[target])
        track = _number(self, target)
        if track is None:
            raise KeyError(target)
        return track


def controls_of(candidate: bpy.types.Object) -> list[Controls]:
    """The data-blocks of an object that can be animated, with their controls: its shape keys first, then itself.

    Left out is what is linked from another file without an override, because a file keeps no animation of it.
    """
    found = []
    shape_keys = shape_keys_of(candidate)
    if shape_keys is not None and shape_keys.is_editable:
        found.append(_shape_key_controls(shape_keys))
    if candidate.is_editable:
        found.append(_object_controls(candidate))
    return found


def shape_keys_of(candidate: bpy.types.Object) -> bpy.types.Key | None:
    """The shape keys of a mesh object that has any."""
    return candidate.data.shape_keys if candidate.type == "MESH" else None


def value_path(block: bpy.types.ShapeKey) -> str:
    """Where an f-curve on the Key finds the value of a shape key."""
    return f"{block.path_from_id()}.value"


def _shape_key_controls(shape_keys: bpy.types.Key) -> Controls:
    driven = _driven(shape_keys)
    paths = {block.name: value_path(block) for block in shape_keys.key_blocks if block != shape_keys.reference_key}
    return Controls(
        shape_keys, "KEY", {name: path for name, path in paths.items() if (path, 0) not in driven}, frozenset(driven)
    )


def _object_controls(candidate: bpy.types.Object) -> Controls:
    """Its own properties and those of its bones; of several bones with the same property the first counts."""
    driven = _driven(candidate)
    paths: dict[str, str] = {}
    for name, path in _properties(candidate, candidate.pose.bones if candidate.pose else ()):
        if (path, 0) not in driven:
            paths.setdefault(name, path)
    return Controls(candidate, "OBJECT", paths, frozenset(driven))


def _properties(candidate: bpy.types.Object, bones: Iterable[bpy.types.PoseBone]) -> Iterator[tuple[str, str]]:
    """Name and data path of each custom property that is a number with fractions."""
    for name in candidate.keys():  # noqa: SIM118 - a data-block is no dictionary
        if isinstance(candidate[name], float):
            yield name, f'["{bpy.utils.escape_identifier(name)}"]'
    for bone in bones:
        for name in bone.keys():  # noqa: SIM118
            if isinstance(bone[name], float):
                yield name, f'{bone.path_from_id()}["{bpy.utils.escape_identifier(name)}"]'


def _driven(owner: bpy.types.ID) -> set[tuple[str, int]]:
    animation = owner.animation_data
    return {(driver.data_path, driver.array_index) for driver in animation.drivers} if animation else set()


def _shape_key_track(block: bpy.types.ShapeKey) -> Track:
    return Track(block.name, value_path(block), -1, block.slider_min, block.slider_max)


def _number(controls: Controls, name: str) -> Track | None:
    """The number on an object that a name means, or a data path leads to, such as pose.bones["jaw"].location[1]."""
    path = controls.paths.get(name, name)
    owner, array = controls.owner, _INDEX.fullmatch(path)
    start, index = (array[1], int(array[2])) if array else (path, -1)
    try:
        number, prop = owner.path_resolve(path), owner.path_resolve(start, False)
        if not isinstance(number, float) or prop.id_data != owner or (start, max(index, 0)) in controls.driven:
            return None
        return Track(name, start, index, *_range(prop.data, start, index))
    except (ValueError, TypeError, IndexError, KeyError, AttributeError):  # no such path, or it leads elsewhere
        return None


def _range(data: bpy.types.bpy_struct, path: str, index: int) -> tuple[float, float, float]:
    """Lowest and highest value, and the value at rest, of the property of `data` that ends the path."""
    if path.endswith("]"):
        name = bpy.utils.unescape_identifier(path.rpartition('["')[2].removesuffix('"]'))
        limits = data.id_properties_ui(name).as_dict()
        default = limits["default"]  # of an array a single number, until somebody has edited it
        return limits["min"], limits["max"], default[index] if isinstance(default, list) else default
    prop = data.bl_rna.properties[path.rpartition(".")[2]]
    return prop.hard_min, prop.hard_max, prop.default_array[index] if index >= 0 else prop.default
