# SPDX-License-Identifier: GPL-3.0-or-later
"""What has become of a bake since: keys that the artist edited, a strip that was moved. Asked at every redraw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy
from bpy.app.handlers import persistent

from ...errors import EmoTalkError
from .. import compat
from ..redraw import redraw_sidebars

if TYPE_CHECKING:
    from ..face.targets import Target
    from ..sequencer.stretch import AudibleStretch
    from .baked_strip import BakedStrip
    from .find_previous_bake import BakeTarget
    from .previous_bake import PreviousBake

_SAME_TIME = 1e-6
"""Seconds under which two places in a sound are one."""


@dataclass(frozen=True)
class StripBakes:
    """A strip, and what it was baked onto. Holds bpy data: never kept longer than a click."""

    strip: BakedStrip
    onto: list[BakeTarget]

    @property
    def bakes(self) -> list[tuple[Target, PreviousBake]]:
        """Each target, and the last bake of the strip onto it."""
        return [(baked.target, baked.previous) for baked in self.onto if baked.previous is not None]


def bakes_to_follow(context: bpy.types.Context) -> StripBakes | None:
    """The last bake of the chosen strip onto each of the selected objects; of the scene's objects where that is none.

    None where the strip cannot be heard, or was baked onto none of them.
    """
    from .baked_strip import baked_strip

    try:
        strip = baked_strip(compat.sequencer_scene(context), context.scene.emotalk.strip)
    except EmoTalkError:
        return None
    # Not context.selected_objects, which timers and handlers have not.
    for objects in (context.view_layer.objects.selected, context.scene.objects):
        onto = _baked_onto(objects, strip)
        if onto:
            return StripBakes(strip, onto)
    return None


def _baked_onto(objects: Iterable[bpy.types.Object], strip: BakedStrip) -> list[BakeTarget]:
    """Those of the objects that the strip was baked onto."""
    from ..face.targets import find_targets, fitted_together
    from .find_previous_bake import BakeTarget, find_bake_targets

    onto = [baked for baked in find_bake_targets(find_targets(objects), strip) if baked.previous is not None]
    targets = fitted_together([baked.target for baked in onto])
    return [BakeTarget(target, baked.previous) for target, baked in zip(targets, onto, strict=True)]


def edited_keys(context: bpy.types.Context) -> int:
    """How many edits of the artist's the next Generate of the chosen strip will carry over."""
    return _status(context).edits


def moved_since_bake(context: bpy.types.Context) -> str:
    """One sentence on how the chosen strip has moved since it was baked; empty where the keys are where it is."""
    return _status(context).moved


def can_move(context: bpy.types.Context) -> bool:
    """Whether moving the keys is enough to bring them back to the strip, without generating again."""
    return _status(context).movable


def is_baked(context: bpy.types.Context) -> bool:
    """Whether the chosen strip was baked onto the selected objects, or onto any where none is selected."""
    return _status(context).baked


def plays_more(now: AudibleStretch, before: AudibleStretch) -> bool:
    """Whether a strip plays what it did not before, at either end."""
    later = now.file_start + now.duration - before.file_start - before.duration
    return before.file_start - now.file_start > _SAME_TIME or later > _SAME_TIME


@dataclass(frozen=True)
class _Status:
    """What the panel shows of a strip. asked: the names of the window's scene, the sequencer's scene and the strip."""

    asked: tuple[str, ...]
    baked: bool
    edits: int
    moved: str
    movable: bool


def _status(context: bpy.types.Context) -> _Status:
    """What the panel shows of the chosen strip; cached until something changes, since a panel asks at every redraw."""
    global _seen
    scene = context.scene
    asked = (scene.name_full, compat.sequencer_scene(context).name_full, scene.emotalk.strip)
    if _seen is None or _seen.asked != asked:
        found = bakes_to_follow(context)
        bakes = [bake for _, bake in found.bakes] if found else []
        edits = sum(map(_edits_of, bakes))
        moved = next(filter(None, map(_how_moved, bakes)), "")
        _seen = _Status(asked, bool(bakes), edits, moved, any(map(_is_movable, bakes)))
    return _seen


def _edits_of(bake: PreviousBake) -> int:
    from ...animation.edits import count

    return sum(count(bake.edits(track)) for track in bake.record.tracks if track in bake.curves)


def _how_moved(bake: PreviousBake) -> str:
    before = bake.record.stretch
    if bake.scale != 1:
        return "The frame rate has changed since the last Generate. Generate again."
    frames = round(bake.shift) - bake.moved
    if frames:
        return f"The strip has moved by {frames} {'frame' if abs(frames) == 1 else 'frames'} since the last Generate."
    if plays_more(before, bake.stretch):
        return "The strip was trimmed since the last Generate."
    if plays_more(bake.stretch, before):
        return "The strip plays more of its sound than at the last Generate. Generate again."
    return ""


def _is_movable(bake: PreviousBake) -> bool:
    """Whether keys do not lie where their sound is, at the frame rate of the bake."""
    astray = round(bake.shift) != bake.moved or plays_more(bake.record.stretch, bake.stretch)
    return bake.scale == 1 and astray


_seen: _Status | None = None


@persistent
def _changed(*_: object) -> None:
    global _seen
    if _seen is not None:  # A panel shows it. A strip that is moved makes Blender draw the sequencer, not the 3D View.
        _seen = None
        redraw_sidebars()


_HANDLERS = ("depsgraph_update_post", "undo_post", "redo_post", "load_post")


def register() -> None:
    """Notice every change of the file."""
    for name in _HANDLERS:
        getattr(bpy.app.handlers, name).append(_changed)


def unregister() -> None:
    """Leave no handler behind."""
    for name in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(_changed)
