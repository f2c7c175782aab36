# SPDX-License-Identifier: GPL-3.0-or-later
"""One press of Generate: what is asked for is read from the file, and the curves are brought back to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy

from ..curves import Curves
from ..errors import EmoTalkError
from ..inference.performance import Performance, Report
from .bake import bake
from .strips import Stretch, audible_stretch, find_strip, sound_source
from .targets import Target, find_targets
from .worker import SoundPart, Work, perform


@dataclass(frozen=True)
class Take:
    """Plain data about one performance to make; bpy data is named, because any of it may be gone when it is done."""

    scene: str
    strip: str
    objects: tuple[str, ...]
    stretch: Stretch
    work: Work


def prepare(
    scene: bpy.types.Scene,
    strip_name: str,
    targets: Sequence[Target],
    performance: Performance,
    model: Path | None = None,
    device: str = "auto",
) -> Take:
    """Read all that is needed from the file. Raises EmoTalkError where the strip or its sound is missing.

    scene: the one whose sequencer has the strip.
    """
    strip = find_strip(scene, strip_name)
    stretch = audible_stretch(scene, strip)
    sound = SoundPart(sound_source(strip), stretch.file_start, stretch.duration)
    work = Work(sound, performance, model=model, device=device)
    return Take(scene.name, strip_name, tuple(target.object.name for target in targets), stretch, work)


def deliver(take: Take, curves: Curves) -> str:
    """Bake the curves and tell in a sentence what was done.

    Everything is found again by its name. A strip that was moved meanwhile takes its keys along; one that was trimmed,
    and anything that is gone, raises EmoTalkError, and then nothing is changed.
    """
    scene = bpy.data.scenes.get(take.scene)
    if scene is None:
        raise EmoTalkError(f'Nothing was baked, because the scene "{take.scene}" is no longer there.')
    stretch = audible_stretch(scene, find_strip(scene, take.strip))
    if (stretch.file_start, stretch.duration) != (take.stretch.file_start, take.stretch.duration):
        raise EmoTalkError(
            f'Nothing was baked, because the strip "{take.strip}" was trimmed meanwhile. Generate again.'
        )
    objects = [bpy.data.objects.get((name, None)) for name in take.objects]
    targets = find_targets(found for found in objects if found is not None and found.users_scene)
    lost = [name for name in take.objects if name not in {target.object.name for target in targets}]
    if not targets:
        raise EmoTalkError(f"Nothing was baked, because {_gone(lost)}. Select a face and generate again.")
    frames = bake(curves, stretch, targets, take.strip)
    done = f"Frames {frames[0]} to {frames[-1]} baked on {_listed([target.object.name for target in targets])}"
    return f"{done}, but {_gone(lost)}" if lost else done


def run(take: Take, report: Report) -> str:
    """The whole way at once, for background mode. Raises EmoTalkError, and then nothing is changed."""
    return deliver(take, perform(take.work, report))


def _gone(names: Sequence[str]) -> str:
    return f"{_listed(names)} {'is' if len(names) == 1 else 'are'} no longer there"


def _listed(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{len(names)} meshes"
    return ", ".join(f'"{name}"' for name in names)
