# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist can choose of the keys. Blender needs it as it starts."""

from __future__ import annotations

from dataclasses import dataclass

from ...settings import setting


@dataclass(frozen=True)
class BakeOptions:
    """How curves become keys.

    tolerance: how far the keys' curve may be from the performance on any frame; 0 puts a key on every frame.
    keep_edits: whether the artist's changes since the last bake of this strip are carried over.
    """

    tolerance: float = setting(
        "Tolerance",
        "How far the curve may be from the performance, so that fewer keys are enough. 0 puts a key on every frame",
        0.01,
        0.0,
        0.2,
    )
    keep_edits: bool = True
