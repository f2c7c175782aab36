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
    from .previous_bake import PreviousBake

_SAME_TIME = 1e-6
"""Seconds under which two places in a sound are one."""


@dataclass(frozen=True)
class Bake:
    """A bake that is in the file. Holds bpy data: never kept longer than a click.

    stretch: of its strip, as it is now.
    """

    target: Target
    action: bpy.types.Action
    slot: bpy.types.ActionSlot
    earlier: PreviousBake
    stretch: AudibleStretch


def bakes_to_follow(context: bpy.types.Context) -> list[Bake]:
    """The bakes of the chosen strip onto the selected objects; onto any object of the scene where none is selected."""
    # Not context.selected_objects, which timers and handlers have not.
    return _bakes(context, context.view_layer.objects.selected) or _bakes(context, context.scene.objects)


def _bakes(context: bpy.types.Context, objects: Iterable[bpy.types.Object]) -> list[Bake]:
    """None where the strip cannot be heard."""
    from ..sequencer.strips import audible_stretch, find_strip, sound_strips

    scene, name = compat.sequencer_scene(context), context.scene.emotalk.strip
    try:
        strip = find_strip(scene, name)
        stretch = audible_stretch(scene, strip)
    except EmoTalkError:
        return []
    from ..face.targets import find_targets
    from .actions import slot_of
    from .bake_record import Origin
    from .previous_bake import find_previous_bake

    origin, strips = Origin(name, strip.sound.filepath if strip.sound else ""), {it.name for it in sound_strips(scene)}
    found = []
    for target in find_targets(objects):
        place = slot_of(target)
        earlier = find_previous_bake(*place, origin, stretch, strips) if place else None
        if place and earlier:
            found.append(Bake(target, *place, earlier, stretch))
    return found


def edited_keys(context: bpy.types.Context) -> int:
    """How many edits of the artist's the next Generate of the chosen strip will carry over."""
    return _status(context).edits


def moved_since_bake(context: bpy.types.Context) -> str:
    """One sentence on how the chosen strip has moved since it was baked; empty where the keys are where it is."""
    return _status(context).moved


def can_move(context: bpy.types.Context) -> bool:
    """Whether it is enough to move the keys along, without generating again."""
    return _status(context).movable


def is_baked(context: bpy.types.Context) -> bool:
    """Whether there is a bake of the chosen strip to go on with."""
    return _status(context).baked


def plays_more(now: AudibleStretch, before: AudibleStretch) -> bool:
    """Whether a strip plays what it did not before, at either end."""
    later = now.file_start + now.duration - before.file_start - before.duration
    return before.file_start - now.file_start > _SAME_TIME or later > _SAME_TIME


@dataclass(frozen=True)
class _Status:
    """What the panel shows of a strip; asked: the scenes and the strip that it is of."""

    asked: tuple[str, ...]
    baked: bool
    edits: int
    moved: str
    movable: bool


def _status(context: bpy.types.Context) -> _Status:
    """Kept until something changes: reading all keys takes milliseconds, and a panel asks at every redraw."""
    global _seen
    scene = context.scene
    asked = (scene.name_full, compat.sequencer_scene(context).name_full, scene.emotalk.strip)
    if _seen is None or _seen.asked != asked:
        bakes = bakes_to_follow(context)
        edits = sum(_edits_of(bake.earlier) for bake in bakes)
        moved = next(filter(None, map(_how_moved, bakes)), "")
        _seen = _Status(asked, bool(bakes), edits, moved, any(map(_is_movable, bakes)))
    return _seen


def _edits_of(earlier: PreviousBake) -> int:
    from ...animation.edits import count

    return sum(count(earlier.edits(track)) for track in earlier.record.tracks if track in earlier.curves)


def _how_moved(bake: Bake) -> str:
    before = bake.earlier.record.stretch
    if bake.earlier.scale != 1:
        return "The frame rate has changed since the last Generate. Generate again."
    frames = round(bake.earlier.shift) - bake.earlier.moved
    if frames:
        return f"The strip has moved by {frames} {'frame' if abs(frames) == 1 else 'frames'} since the last Generate."
    if plays_more(before, bake.stretch):
        return "The strip was trimmed since the last Generate."
    if plays_more(bake.stretch, before):
        return "The strip plays more of its sound than at the last Generate. Generate again."
    return ""


def _is_movable(bake: Bake) -> bool:
    """Whether keys lie elsewhere than their sound, or where no sound is any more."""
    astray = round(bake.earlier.shift) != bake.earlier.moved or plays_more(bake.earlier.record.stretch, bake.stretch)
    return bake.earlier.scale == 1 and astray


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
