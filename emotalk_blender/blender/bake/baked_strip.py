# SPDX-License-Identifier: GPL-3.0-or-later
"""The strip that is baked, as it is now: what a bake of it is found again by."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ..sequencer.stretch import AudibleStretch
from ..sequencer.strips import audible_stretch, find_strip, sound_strips
from .bake_record import Origin


@dataclass(frozen=True)
class BakedStrip:
    """A strip that is baked, as it is now; plain data.

    origin: what the performance is made of. Previous bakes are known by its strip and its sound alone.
    stretch: what can be heard of the strip, and where it plays.
    names: of all sound strips that there are, so that a bake of a strip is known again under a new name; none where
    no strip can have a new one.
    """

    origin: Origin
    stretch: AudibleStretch
    names: frozenset[str] = frozenset()


def baked_strip(scene: bpy.types.Scene, name: str) -> BakedStrip:
    """The strip of this name, its origin without model and settings.

    scene: the one whose sequencer has the strip. Raises EmoTalkError where there is none, or nothing of it can be
    heard.
    """
    strip = find_strip(scene, name)
    origin = Origin(name, strip.sound.filepath if strip.sound else "")
    return BakedStrip(origin, audible_stretch(scene, strip), frozenset(other.name for other in sound_strips(scene)))
