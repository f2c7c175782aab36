# SPDX-License-Identifier: GPL-3.0-or-later
"""Which shape key of a mesh is which of the 52 ARKit blendshapes, by its name."""

from __future__ import annotations

from collections.abc import Sequence

from .detect import detect
from .mapping import Mapping
from .presets import ARKIT


def match_shape_keys(names: Sequence[str]) -> Mapping:
    """The blendshape of each shape key, as `detect` understands names; keys that are none of the 52 are left out."""
    return detect(names, ARKIT)
