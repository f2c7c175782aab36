# SPDX-License-Identifier: GPL-3.0-or-later
"""One press of Generate: what is asked for is read from the file, and the curves are brought back to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import bpy

from ...curves import Curves
from ...errors import EmoTalkError
from ...inference.performance import FROM_STRIP, Report
from .. import compat
from ..bake.artist_blinks import own_blinks
from ..bake.bake import BakeOptions, bake
from ..bake.bake_record import Origin
from ..face.targets import Target, find_targets
from ..sequencer.stretch import AudibleStretch
from ..sequencer.strips import audible_stretch, find_strip, sound_source, sound_strips
from .choices import Choices, read_choices
from .worker import SoundPart, Work, perform


@dataclass(frozen=True)
class DataBlockRef:
    """A data-block as plain data: it is known again under a new name, and never taken for another of its old name."""

    name: str
    uid: int

    def find(self, blocks: Iterable[bpy.types.ID]) -> bpy.types.ID | None:
        """It among these, or None where it is gone."""
        return next((block for block in blocks if block.session_uid == self.uid), None)


@dataclass(frozen=True)
class GenerateRequest:
    """Plain data about one performance to make; no bpy data, because any of it may be gone when it is done.

    strips: the names of all sound strips of the scene.
    """

    scene: DataBlockRef
    origin: Origin
    strips: frozenset[str]
    objects: tuple[DataBlockRef, ...]
    stretch: AudibleStretch
    work: Work
    options: BakeOptions


def prepare(scene: bpy.types.Scene, strip_name: str, targets: Sequence[Target], choices: Choices) -> GenerateRequest:
    """Read all that is needed from the file. Raises EmoTalkError where a strip or its sound is missing.

    scene: the one whose sequencer has the strip.
    """
    strip = find_strip(scene, strip_name)
    stretch = audible_stretch(scene, strip)
    borrowed = None
    if choices.performance.emotion == FROM_STRIP:
        if not choices.borrowed_strip:
            raise EmoTalkError("Pick the strip to borrow the mood from, or choose another emotion.")
        borrowed = _sound_part(scene, choices.borrowed_strip)
    origin = Origin(strip_name, strip.sound.filepath, str(choices.model or ""), choices.in_words())
    strips = frozenset(it.name for it in sound_strips(scene))
    work = Work(
        _sound_part(scene, strip_name),
        choices.performance,
        choices.animation,
        borrowed,
        choices.model,
        choices.device,
        own_blinks(targets, origin, stretch, strips) if choices.bake.keep_edits else (),
        choices.threads,
    )
    objects = tuple(_named(target.object) for target in targets)
    return GenerateRequest(_named(scene), origin, strips, objects, stretch, work, choices.bake)


def request_of(
    context: bpy.types.Context, strip: str, targets: Sequence[Target], given: dict[str, Any] | None = None
) -> GenerateRequest:
    """The take that the settings of the window's scene ask for, of a strip of the sequencer's scene.

    given: in place of settings, as read_choices has it. Raises EmoTalkError as prepare does.
    """
    scene = compat.sequencer_scene(context)
    stretch = audible_stretch(scene, find_strip(scene, strip))
    return prepare(scene, strip, targets, read_choices(context.scene, stretch, given))


def deliver(take: GenerateRequest, curves: Curves) -> str:
    """Bake the curves and tell in a sentence what was done.

    What has a new name is found again. A strip that was moved meanwhile takes its keys along; one that was trimmed, and
    anything that is gone, raises EmoTalkError, and then nothing is changed.
    """
    scene = take.scene.find(bpy.data.scenes)
    if scene is None:
        raise EmoTalkError(
            f'Nothing was baked, because the scene "{take.scene.name}" is no longer there. Generate in another one.'
        )
    name = _name_now(scene, take)
    stretch = audible_stretch(scene, find_strip(scene, name))
    if (stretch.file_start, stretch.duration) != (take.stretch.file_start, take.stretch.duration):
        raise EmoTalkError(f'Nothing was baked, because the strip "{name}" was trimmed meanwhile. Generate again.')
    objects = [it.find(bpy.data.objects) for it in take.objects]
    targets = find_targets(found for found in objects if found is not None and found.users_scene)
    there = {target.object.session_uid for target in targets}
    lost = [it.name for it in take.objects if it.uid not in there]
    if not targets:
        raise EmoTalkError(f"Nothing was baked, because {_gone(lost)}. Select a face and generate again.")
    strips = {strip.name for strip in sound_strips(scene)}
    frames = bake(curves, stretch, targets, replace(take.origin, strip=name), take.options, strips)
    done = f"Frames {frames[0]} to {frames[-1]} baked on {_listed([target.object.name for target in targets])}"
    return f"{done}, but {_gone(lost)}" if lost else done


def run(take: GenerateRequest, report: Report) -> str:
    """The whole way at once, for background mode. Raises EmoTalkError, and then nothing is changed."""
    return deliver(take, perform(take.work, report))


def _sound_part(scene: bpy.types.Scene, name: str) -> SoundPart:
    strip = find_strip(scene, name)
    stretch = audible_stretch(scene, strip)
    return SoundPart(sound_source(strip), stretch.file_start, stretch.duration)


def _named(block: bpy.types.ID) -> DataBlockRef:
    return DataBlockRef(block.name, block.session_uid)


def _name_now(scene: bpy.types.Scene, take: GenerateRequest) -> str:
    """The name of the take's strip, or its new one: that of the only new strip which plays this part of this sound."""
    strips = {strip.name: strip for strip in sound_strips(scene)}
    if take.origin.strip in strips:
        return take.origin.strip
    part = (take.origin.sound, take.stretch)
    same = [name for name in strips.keys() - take.strips if _part(scene, strips[name]) == part]
    return same[0] if len(same) == 1 else take.origin.strip


def _part(scene: bpy.types.Scene, strip: bpy.types.SoundStrip) -> tuple[str, AudibleStretch] | None:
    """What a strip plays, and when; None where nothing of it can be heard."""
    try:
        return (strip.sound.filepath if strip.sound else ""), audible_stretch(scene, strip)
    except EmoTalkError:
        return None


def _gone(names: Sequence[str]) -> str:
    return f"{_listed(names)} {'is' if len(names) == 1 else 'are'} no longer there"


def _listed(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{len(names)} meshes"
    return ", ".join(f'"{name}"' for name in names)
