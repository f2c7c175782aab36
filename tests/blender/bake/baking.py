# SPDX-License-Identifier: GPL-3.0-or-later
"""A bake onto faces, as Generate does it once it has curves."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
import numpy.typing as npt

from emotalk_blender.blender.bake.actions import AnimatedSlot
from emotalk_blender.blender.bake.bake import bake
from emotalk_blender.blender.bake.bake_options import BakeOptions
from emotalk_blender.blender.bake.baked_strip import BakedStrip
from emotalk_blender.blender.bake.find_previous_bake import find_bake_targets
from emotalk_blender.blender.face.targets import find_targets
from emotalk_blender.curves import Curves


def bake_onto(
    faces: Sequence[bpy.types.Object], curves: Curves, strip: BakedStrip, **options: float
) -> npt.NDArray[np.int64]:
    """The frames that were baked. options: of BakeOptions."""
    return bake(curves, strip, find_bake_targets(find_targets(faces), strip), BakeOptions(**options))


def place_of(face: bpy.types.Object) -> AnimatedSlot:
    """Where the f-curves of its shape keys are."""
    animation = face.data.shape_keys.animation_data
    return AnimatedSlot(animation.action, animation.action_slot)
