# SPDX-License-Identifier: GPL-3.0-or-later
"""What a performance is baked onto: the controls of the selected objects that the network can drive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import bpy
import numpy as np

from ...curves import FloatArray
from ...errors import EmoTalkError
from ...rig.detect import detect
from ...rig.mapping import Mapping, Row, own_mapping, sharing_poses
from ...rig.presets import PRESETS
from .controls import Controls, controls_of, shape_keys_of, value_path
from .naming import AUTOMATIC, OWN
from .track import Track
from .user_presets import own_presets

__all__ = ["Target", "find_targets", "named_targets", "value_path", "why_no_target"]

_BY_KEY = {preset.key: preset for preset in PRESETS}


@dataclass(frozen=True)
class Target:
    """What the network drives of one object. Holds bpy data: never kept longer than a click.

    object: what the artist selects.
    owner: the data-block whose Action has the keys, the shape keys of the mesh or the object itself.
    id_type: which of the two, "KEY" or "OBJECT", as slots of Actions call it.
    tracks: one for each of the mapping's targets, in their order.
    """

    object: bpy.types.Object
    owner: bpy.types.ID
    id_type: str
    mapping: Mapping
    tracks: tuple[Track, ...]

    def drive(self, values: FloatArray) -> FloatArray:
        """The value of each track over time, not yet held within its range: float32 [frames, tracks].

        values: weights of the 52 blendshapes, [frames, 52].
        """
        driven = self.mapping.drive(values)
        rests = np.array([track.rest for track in self.tracks], np.float32)
        return driven + rests if rests.any() else driven


def find_targets(objects: Iterable[bpy.types.Object]) -> list[Target]:
    """The objects among these that can be driven, in their order; two with the same mesh count once.

    An object has its own choice of a preset, or of rows, in its settings. Left out is what is linked from another file
    without an override, and what a driver moves already. Meshes of one convention of names are fitted together.
    """
    found: dict[bpy.types.ID, Target] = {}
    for candidate in objects:
        target = _target(candidate)
        if target is not None:
            found.setdefault(target.owner, target)
    return fitted_together(list(found.values()))


def fitted_together(targets: Sequence[Target]) -> list[Target]:
    """The targets of one performance, each with the poses of all that are of the same convention of names."""
    mappings = sharing_poses([target.mapping for target in targets])
    return [replace(target, mapping=mapping) for target, mapping in zip(targets, mappings, strict=True)]


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
    """One sentence or two that tell why an object cannot be driven, and what to do; empty where it can."""
    name = f'"{candidate.name}"'
    if _target(candidate) is not None:
        return ""
    if candidate.instance_type == "COLLECTION" and candidate.instance_collection is not None:
        return f"{name} is an instance of a character. Choose Object > Library Override > Make, then select its face."
    if not candidate.is_editable:
        return f"{name} is linked from another file. Choose Object > Library Override > Make."
    if face_is_linked(candidate):
        return f"The face of {name} is linked from another file. Open the panel Face and press Make Face Editable."
    if _choice(candidate)[0] != AUTOMATIC:
        return f"Nothing of {name} is named as its settings say. Open the panel Face and choose Automatic."
    if candidate.type == "ARMATURE":
        return (
            f"{name} has no custom properties named like blendshapes. Open the panel Face and add rows for its bones."
        )
    if candidate.type != "MESH":
        return f"{name} is not a mesh. Select the face mesh."
    if shape_keys_of(candidate) is None:
        return f"{name} has no shape keys. Select a face with ARKit shape keys, or add the EmoTalk Face."
    return (
        f"None of the shape keys of {name} that are free of drivers has a name that EmoTalk knows. "
        "Open the panel Face and add rows for them."
    )


def face_is_linked(candidate: bpy.types.Object) -> bool:
    """Whether an object of this file, or an override, shows shape keys that are still in another file."""
    shape_keys = shape_keys_of(candidate)
    return candidate.is_editable and shape_keys is not None and not shape_keys.is_editable


def mapping_of(candidate: bpy.types.Object) -> Mapping | None:
    """What drives the controls of an object; None where it has none that can be animated."""
    best = _best(candidate)
    return best[1] if best else None


def _target(candidate: bpy.types.Object) -> Target | None:
    best = _best(candidate)
    if best is None or not best[1].rows:
        return None
    controls, mapping = best
    tracks = tuple(controls.track(target) for target in mapping.targets)
    return Target(candidate, controls.owner, controls.id_type, mapping, tracks)


def _best(candidate: bpy.types.Object) -> tuple[Controls, Mapping] | None:
    """The data-block of the object that most rows drive, and its mapping."""
    choice, rows = _choice(candidate)
    found = [(controls, _mapping(controls, choice, rows)) for controls in controls_of(candidate)]
    return max(found, key=lambda pair: len(pair[1].rows), default=None)


def _choice(candidate: bpy.types.Object) -> tuple[str, tuple[Row, ...]]:
    """The preset that the artist has chosen for an object, or OWN and the rows."""
    preset = getattr(candidate, "emotalk_preset", AUTOMATIC)  # not there where no script has registered the extension
    if preset != OWN:
        return preset, ()
    return OWN, tuple(Row(row.name, row.source, row.strength) for row in candidate.emotalk_rows)


def _mapping(controls: Controls, choice: str, rows: tuple[Row, ...]) -> Mapping:
    if choice == OWN:
        return own_mapping(rows, [row.target for row in rows if controls.has(row.target)])
    mapping = _detected(tuple(controls.paths), choice)
    if choice == AUTOMATIC:
        for name, saved in own_presets().items():
            if len(saved) >= len(mapping.rows) and all(controls.has(row.target) for row in saved):
                mapping = replace(own_mapping(saved, [row.target for row in saved]), preset=name)
    return mapping


@lru_cache(maxsize=256)
def _detected(names: tuple[str, ...], choice: str) -> Mapping:
    """The mapping of controls of these names; cached, because the panel asks at every redraw."""
    return detect(names, _BY_KEY.get(choice))
