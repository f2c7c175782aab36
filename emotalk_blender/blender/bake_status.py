# SPDX-License-Identifier: GPL-3.0-or-later
"""What has become of a bake since: keys that the artist edited, a strip that was moved. Asked at every redraw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import bpy
from bpy.app.handlers import persistent

from ..animation.edits import count
from ..errors import EmoTalkError
from . import compat
from .actions import slot_of
from .earlier_bake import EarlierBake, find_earlier
from .memory import Origin
from .strips import Stretch, audible_stretch, find_strip
from .targets import Target, find_targets


@dataclass(frozen=True)
class Bake:
    """A bake that is in the file. Holds bpy data: never kept longer than a click.

    stretch: of its strip, as it is now.
    """

    target: Target
    action: bpy.types.Action
    slot: bpy.types.ActionSlot
    earlier: EarlierBake
    stretch: Stretch


def bakes_to_follow(context: bpy.types.Context) -> list[Bake]:
    """The bakes of the chosen strip onto the selected objects; onto any object of the scene where none is selected."""
    return _bakes(context, context.selected_objects) or bakes_in_scene(context)


def bakes_in_scene(context: bpy.types.Context) -> list[Bake]:
    """The bakes of the chosen strip onto any object of the scene."""
    return _bakes(context, context.scene.objects)


def _bakes(context: bpy.types.Context, objects: Iterable[bpy.types.Object]) -> list[Bake]:
    """None where the strip cannot be heard."""
    scene, strip = compat.sequencer_scene(context), context.scene.emotalk.strip
    try:
        stretch = audible_stretch(scene, find_strip(scene, strip))
    except EmoTalkError:
        return []
    found = []
    for target in find_targets(objects):
        place = slot_of(target)
        earlier = find_earlier(*place, Origin(strip), stretch) if place else None
        if place and earlier:
            found.append(Bake(target, *place, earlier, stretch))
    return found


def edited_keys(context: bpy.types.Context) -> int:
    """How many edits of the artist's the next Generate of the chosen strip will carry over."""
    return _status(context).edits


def moved_since_bake(context: bpy.types.Context) -> str:
    """One sentence on how the chosen strip has moved since it was baked; empty where the keys are where it is."""
    return _status(context).moved


@dataclass(frozen=True)
class _Status:
    """What the panel shows of a strip."""

    strip: str
    edits: int
    moved: str


def _status(context: bpy.types.Context) -> _Status:
    """Kept until something changes: reading all keys takes milliseconds, and a panel asks at every redraw."""
    global _seen
    strip = context.scene.emotalk.strip
    if _seen is None or _seen.strip != strip:
        bakes = bakes_to_follow(context)
        edits = sum(_edits_of(bake.earlier) for bake in bakes)
        _seen = _Status(strip, edits, next(filter(None, map(_how_moved, bakes)), ""))
    return _seen


def _edits_of(earlier: EarlierBake) -> int:
    return sum(count(earlier.edits(track)) for track in earlier.record.tracks if track in earlier.curves)


def _how_moved(bake: Bake) -> str:
    before = bake.earlier.record.stretch
    if bake.earlier.scale != 1:
        return "The frame rate has changed since the last Generate. Generate again."
    frames = round(bake.earlier.shift) - bake.earlier.moved
    if frames:
        return f"The strip has moved by {frames} {'frame' if abs(frames) == 1 else 'frames'} since the last Generate."
    if (bake.stretch.file_start, bake.stretch.duration) != (before.file_start, before.duration):
        return "The strip was trimmed since the last Generate."
    return ""


_seen: _Status | None = None


@persistent
def _changed(*_: object) -> None:
    global _seen
    _seen = None


_HANDLERS = ("depsgraph_update_post", "undo_post", "redo_post", "load_post")


def register() -> None:
    """Notice every change of the file."""
    for name in _HANDLERS:
        getattr(bpy.app.handlers, name).append(_changed)


def unregister() -> None:
    """Leave no handler behind."""
    for name in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(_changed)
