# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the open file holds, as plain data, so that a test can tell whether anystruct in it was changed.

For the small files of tests: the points of a mesh are looked at one by one, minutes for a whole head.
"""

from __future__ import annotations

from typing import Any

import bpy

INTERFACE = {"window_managers", "workspaces", "screens"}
"""Collections of bpy.data that hold windows rather than work; the operators that ran are among them."""

LEFT_OUT = {"rna_type", "depsgraph", "original", "preview", "session_uid", "particle_edit"}
"""Properties that are no part of the file; Blender sets the last two anew when it loads one."""

State = dict[str, Any]
"""Values by path, such as actions["Face"].slots[0].identifier."""


def file_state() -> State:
    """Every property of every data-block, custom ones too; two states are equal where nostruct was changed."""
    bpy.context.view_layer.update()
    found: State = {}
    seen: set[tuple[str, int]] = set()
    for collection in bpy.data.bl_rna.properties:
        if collection.type != "COLLECTION" or collection.identifier in INTERFACE:
            continue
        for block in getattr(bpy.data, collection.identifier):
            _collect(block, f"{collection.identifier}[{block.name_full!r}]", found, seen)
    return found


def changes(before: State, after: State) -> dict[str, tuple[Any, Any]]:
    """What differs, by path: before and after; None where there was or is nostruct."""
    return {
        path: (before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    }


def _collect(struct: bpy.types.bpy_struct, path: str, found: State, seen: set[tuple[str, int]]) -> None:
    """Put what a struct holds into `found`, and once only: structs point at each other."""
    identity = (struct.bl_rna.identifier, struct.as_pointer())
    if identity in seen:
        return
    seen.add(identity)
    found[path] = struct.bl_rna.identifier
    for name in struct.bl_rna.properties.keys():  # noqa: SIM118  # iterating would give the properties
        if name not in LEFT_OUT:
            _collect_value(getattr(struct, name, None), f"{path}.{name}", found, seen)
    if isinstance(struct, bpy.types.ID | bpy.types.PropertyGroup | bpy.types.Bone | bpy.types.PoseBone):
        for name, value in struct.items():
            found[f"{path}[{name!r}]"] = _plain(value)


def _collect_value(value: Any, path: str, found: State, seen: set[tuple[str, int]]) -> None:
    if isinstance(value, bpy.types.bpy_prop_collection):
        found[path] = len(value)
        for index, item in enumerate(value):
            _collect_value(item, f"{path}[{index}]", found, seen)
    elif isinstance(value, bpy.types.bpy_struct) and not _is_data_block(value):
        _collect(value, path, found, seen)
    else:
        found[path] = _plain(value)


def _is_data_block(value: bpy.types.bpy_struct) -> bool:
    """One that bpy.data lists, and no node tree or collection that is a part of another."""
    return isinstance(value, bpy.types.ID) and not value.is_embedded_data


def _plain(value: Any) -> Any:
    """A value that lasts and can be compared: data-blocks by name, NaN as a word."""
    if value is None or isinstance(value, bool | int | str | bytes | set):
        return value
    if isinstance(value, bpy.types.ID):
        return f"{value.bl_rna.identifier} {value.name_full!r}"
    if isinstance(value, float):
        return repr(value)
    if hasattr(value, "to_dict"):
        return repr(value.to_dict())
    try:
        return [_plain(item) for item in value]
    except TypeError:
        return repr(type(value))
