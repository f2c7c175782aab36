# SPDX-License-Identifier: GPL-3.0-or-later
"""One press of Generate: what is asked for is read from the file, and the curves are brought back to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import bpy

from ...curves import Curves
from ...errors import EmoTalkError
from ...inference.performance import FROM_STRIP
from ...inference.work import NetworkChoice, Work
from .. import compat
from ..bake.artist_blinks import artist_blinks
from ..bake.bake import bake
from ..bake.bake_options import BakeOptions
from ..bake.baked_strip import BakedStrip, baked_strip
from ..bake.find_previous_bake import BakeTarget, find_bake_targets
from ..face.targets import Target, find_targets
from ..sequencer.sound import SoundPart
from ..sequencer.stretch import AudibleStretch
from ..sequencer.strips import audible_stretch, find_strip, sound_source, sound_strips
from .choices import Choices, Given, read_choices


@dataclass(frozen=True)
class DataBlockRef:
    """A data-block as plain data: it is known again under a new name, and never taken for another of its old name."""

    name: str
    uid: int

    def find(self, blocks: Iterable[bpy.types.ID]) -> bpy.types.ID | None:
        """This data-block, out of all of its kind; None where it is gone."""
        return next((block for block in blocks if block.session_uid == self.uid), None)


@dataclass(frozen=True)
class GenerateRequest:
    """Plain data about one performance to make; no bpy data, because any of it may be gone when it is done."""

    scene: DataBlockRef
    strip: BakedStrip
    objects: tuple[DataBlockRef, ...]
    work: Work
    options: BakeOptions


def prepare(scene: bpy.types.Scene, strip: BakedStrip, onto: Sequence[BakeTarget], choices: Choices) -> GenerateRequest:
    """The request for a strip and its targets; all else that it needs is read from the file.

    scene: the one whose sequencer has the strip. Raises EmoTalkError where a sound is missing, or the strip to borrow
    the mood from.
    """
    borrowed = None
    if choices.performance.emotion == FROM_STRIP:
        if not choices.borrowed_strip:
            raise EmoTalkError("Pick the strip to borrow the mood from, or choose another emotion.")
        other = find_strip(scene, choices.borrowed_strip)
        borrowed = _sound_part(other, audible_stretch(scene, other))
    origin = replace(strip.origin, model=str(choices.model or ""), settings=choices.to_json())
    work = Work(
        _sound_part(find_strip(scene, strip.origin.strip), strip.stretch),
        choices.performance,
        choices.animation,
        borrowed,
        NetworkChoice(choices.model, choices.device, choices.threads),
        artist_blinks(onto) if choices.bake.keep_edits else (),
    )
    objects = tuple(_named(baked.target.object) for baked in onto)
    return GenerateRequest(_named(scene), replace(strip, origin=origin), objects, work, choices.bake)


def request_of(
    context: bpy.types.Context, strip: str, targets: Sequence[Target], given: Given | None = None
) -> GenerateRequest:
    """The request that the settings of the window's scene make, of a strip of the sequencer's scene.

    given: in place of settings, as read_choices has it. Raises EmoTalkError where the strip is missing, and as prepare
    does.
    """
    found = baked_strip(compat.sequencer_scene(context), strip)
    return request_for(context, found, find_bake_targets(targets, found), given)


def request_for(
    context: bpy.types.Context, strip: BakedStrip, onto: Sequence[BakeTarget], given: Given | None = None
) -> GenerateRequest:
    """As request_of(), where the strip and its last bakes are found already."""
    return prepare(compat.sequencer_scene(context), strip, onto, read_choices(context.scene, strip.stretch, given))


def deliver(request: GenerateRequest, curves: Curves) -> str:
    """Bake the curves; returns in a sentence what was done.

    What has a new name is found again. A strip that was moved meanwhile takes its keys along; one that was trimmed, and
    anything that is gone, raises EmoTalkError, and then nothing is changed.
    """
    scene = request.scene.find(bpy.data.scenes)
    if scene is None:
        raise EmoTalkError(
            f'Nothing was baked, because the scene "{request.scene.name}" is no longer there. Generate in another one.'
        )
    strip = baked_strip(scene, _name_now(scene, request))
    name, before, now = strip.origin.strip, request.strip.stretch, strip.stretch
    if (now.file_start, now.duration) != (before.file_start, before.duration):
        raise EmoTalkError(f'Nothing was baked, because the strip "{name}" was trimmed meanwhile. Generate again.')
    objects = [block.find(bpy.data.objects) for block in request.objects]
    targets = find_targets(found for found in objects if found is not None and found.users_scene)
    left = {target.object.session_uid for target in targets}
    lost = [block.name for block in request.objects if block.uid not in left]
    if not targets:
        raise EmoTalkError(f"Nothing was baked, because {_gone(lost)}. Select a face and generate again.")
    strip = replace(strip, origin=replace(request.strip.origin, strip=name))
    frames = bake(curves, strip, find_bake_targets(targets, strip), request.options)
    done = f"Frames {frames[0]} to {frames[-1]} baked on {_listed([target.object.name for target in targets])}"
    return f"{done}, but {_gone(lost)}" if lost else done


def _sound_part(strip: bpy.types.SoundStrip, stretch: AudibleStretch) -> SoundPart:
    return SoundPart(sound_source(strip), stretch.file_start, stretch.duration)


def _named(block: bpy.types.ID) -> DataBlockRef:
    return DataBlockRef(block.name, block.session_uid)


def _name_now(scene: bpy.types.Scene, request: GenerateRequest) -> str:
    """The name of the request's strip; where it is gone, that of the only new strip with this part of this sound."""
    strips = {strip.name: strip for strip in sound_strips(scene)}
    name = request.strip.origin.strip
    if name in strips:
        return name
    part = (request.strip.origin.sound, request.strip.stretch)
    same = [other for other in strips.keys() - request.strip.names if _part(scene, strips[other]) == part]
    return same[0] if len(same) == 1 else name


def _part(scene: bpy.types.Scene, strip: bpy.types.SoundStrip) -> tuple[str, AudibleStretch] | None:
    """The file that a strip plays and the stretch of it; None where nothing of it can be heard."""
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
