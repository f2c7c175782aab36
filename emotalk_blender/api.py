# SPDX-License-Identifier: GPL-3.0-or-later
"""EmoTalk for scripts: what the buttons and the command line do, as functions. To be imported inside Blender.

    from bl_ext.user_default.emotalk_blender import api

    strip = api.find_strip("/shots/anna_03.wav") or api.add_strip("/shots/anna_03.wav", frame=1)
    line = api.make_line(strip, ["Anna Head", "Anna Teeth"], emotion="happy", intensity=0.8)
    print(api.bake(line, api.generate(line)))

All of it acts on the scene of bpy.context. What a script does not give is as Scene.emotalk and the preferences say.
What cannot be done raises EmoTalkError, whose text is a sentence for the artist; then nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from .blender import compat
from .blender.face.targets import find_targets, named_targets
from .blender.generate import jobs, request
from .blender.generate.choices import Given
from .blender.generate.readiness import why_no_face
from .blender.sequencer import add_strip as adding
from .blender.sequencer.strips import sound_path, sound_strips
from .curves import Curves
from .errors import EmoTalkError
from .inference.kept_network import shared_network
from .inference.progress import Report, quiet

if TYPE_CHECKING:
    import bpy

__all__ = ["EmoTalkError", "Line", "add_strip", "bake", "find_strip", "generate", "make_line", "start"]

Line = request.GenerateRequest
"""A sound strip with the faces that speak it and the performance that they give: plain data, and no bpy data."""


def find_strip(sound: str | Path) -> bpy.types.SoundStrip | None:
    """The first sound strip of the sequencer that plays this file; None where there is none."""
    import bpy

    path = Path(bpy.path.abspath(str(sound))).resolve()
    strips = sound_strips(compat.sequencer_scene(bpy.context))
    return next((strip for strip in strips if strip.sound and sound_path(strip.sound).resolve() == path), None)


def add_strip(sound: str | Path, frame: int) -> bpy.types.SoundStrip:
    """Add a sound file as a strip that begins at `frame`, on the lowest channel that is free there.

    Raises EmoTalkError for a file that is missing or no sound.
    """
    import bpy

    return adding.add_sound_strip(compat.sequencer_scene(bpy.context), Path(bpy.path.abspath(str(sound))), frame)


def make_line(
    strip: bpy.types.SoundStrip | str, faces: Iterable[bpy.types.Object | str], **choices: Unpack[Given]
) -> Line:
    """Read from the file all that is needed to let these faces speak a strip; nothing is computed yet.

    strip: one of the sequencer, or its name.
    faces: objects of the scene, or their names: meshes and rigs that can be driven. Others are left out as long as
    they are given as objects.
    choices: see Given.

    Raises EmoTalkError for a strip that is missing or cannot be heard, for a name that is no face, where no face is
    left, and for a choice out of its range; TypeError for a choice that there is not.
    """
    import bpy

    unknown = choices.keys() - Given.__annotations__.keys()
    if unknown:
        raise TypeError(f"{', '.join(sorted(unknown))} cannot be chosen, only {', '.join(Given.__annotations__)}")
    given = list(faces)
    named = named_targets(bpy.context.scene, [face for face in given if isinstance(face, str)])
    objects = [target.object for target in named] + [face for face in given if not isinstance(face, str)]
    targets = find_targets(objects)
    if not targets:
        raise EmoTalkError(why_no_face(objects))
    name = strip if isinstance(strip, str) else strip.name
    return request.request_of(bpy.context, name, targets, choices)


def generate(line: Line, report: Report = quiet) -> Curves:
    """The curves of a line: the 52 blendshapes at 30 fps, finished as the settings say. Blender waits for it.

    report: is called with what is being done and the part done, 0 to 1. Raises EmoTalkError for sound that cannot be
    read, a network that cannot be loaded, and a performance that it cannot give; also what `report` raises.
    """
    return shared_network().generate(line.work, report)


def bake(line: Line, curves: Curves) -> str:
    """Write curves as keys onto the faces of a line; returns in a sentence what was done.

    The artist's edits of the last bake are carried over, unless the line says otherwise. Nothing outside the strip, and
    no other f-curve, is touched. Raises EmoTalkError where the strip was trimmed since, or no face is left.
    """
    return request.deliver(line, curves)


def start(line: Line) -> None:
    """Generate and bake a line beside Blender's window, as the button does. Raises EmoTalkError while another one runs.

    Not for background mode, where no timer of Blender runs.
    """
    jobs.start(line)
