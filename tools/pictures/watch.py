# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch a face speak: a film with sound, and sheets of successive mouths and faces for the eye to go through.

In the project's environment: .venv/bin/python -m tools.pictures.watch SOUND [--emotion happy] [--model FILE | --rules]

The network performs SOUND, or with --rules the rules that taught it; these need to know its phones, from SOUND.json
([name, start, end] in seconds), SOUND.TextGrid or, aligned here, SOUND.txt beside it. Writes to out/watch/.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
import soundfile

import emotalk_blender
from emotalk_blender.animation.finish import finish
from emotalk_blender.animation.settings import AnimationSettings
from emotalk_blender.blender.bake.bake import bake
from emotalk_blender.blender.bake.bake_options import BakeOptions
from emotalk_blender.blender.bake.baked_strip import baked_strip
from emotalk_blender.blender.bake.find_previous_bake import find_bake_targets
from emotalk_blender.blender.face.targets import find_targets
from emotalk_blender.curves import FPS, SAMPLE_RATE, Curves, FloatArray
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference.audio import Samples, read_sound, to_network_samples
from emotalk_blender.inference.kept_network import KeptNetwork
from emotalk_blender.inference.over_time import OverTime
from emotalk_blender.inference.performance import EMOTIONS, FROM_VOICE, Performance
from emotalk_blender.inference.setting_options import add_animation_settings, add_setting, animation_settings
from emotalk_blender.inference.work import NetworkChoice, Work
from emotalk_blender.settings import settings_of
from emotalk_blender.training.rules.articulation import articulate
from emotalk_blender.training.rules.expression import perform
from emotalk_blender.training.rules.loudness import loudness
from emotalk_blender.training.rules.phones import Phone, stretch
from emotalk_blender.training.speech.phone_files import read_phones
from tools.environment import ROOT
from tools.pictures.close_up import add_mouth_camera, labelled_still, render_quickly
from tools.pictures.contact_sheet import save_sheet
from tools.pictures.demo import build_scene, choose_film
from tools.pictures.quiet import quiet_blender

OUT = ROOT / "out" / "watch"
"""The network's own rate: every frame that it makes can be seen."""

FILM_SIZE = 384
FACE_SIZE = 192
MOUTH_SIZE = (128, 104)
FACES_EVERY = 10
"""Frames between two whole faces of the sheet."""


@dataclass(frozen=True)
class Clip:
    """What is watched: float32 [samples] at 16 kHz, and its phones where they are known."""

    samples: FloatArray
    phones: list[Phone] | None


def read_clip(sound: Path, start: float, seconds: float | None) -> Clip:
    """A stretch of a sound file (start and length in seconds, None: to the end). Raises EmoTalkError."""
    samples = to_network_samples(read_sound(sound))
    noted = read_phones(sound, samples)
    phones = noted.phones if noted else None
    end = len(samples) / SAMPLE_RATE if seconds is None else start + seconds
    cut = samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
    if len(cut) < SAMPLE_RATE // 10:
        raise EmoTalkError(f"{sound.name} has no sound there. Choose an earlier --start or more --seconds.")
    if phones is not None:
        phones = stretch(phones, start, end)
    return Clip(cut, phones)


def rules_curves(clip: Clip, performance: Performance, animation: AnimationSettings) -> Curves:
    """What the rules make of a clip, finished as the network's curves are. Raises EmoTalkError without phones."""
    if clip.phones is None:
        raise EmoTalkError("The rules need the phones. Put a .json, .TextGrid or .txt beside the sound.")
    speech = articulate(clip.phones, loudness(clip.samples, clip.phones))
    emotion = "neutral" if performance.emotion == FROM_VOICE else performance.emotion
    assert not isinstance(performance.intensity, OverTime), "the rules keep one intensity for the clip"
    face = perform(speech, emotion, performance.intensity, performance.person)
    return finish(Curves(face, FPS), animation)


def stage(clip: Clip, curves: Curves, folder: Path) -> bpy.types.Scene:
    """A scene with the EmoTalk face, on which these curves are baked, and the sound of the clip."""
    sound = folder / "speech.wav"
    soundfile.write(sound, clip.samples, SAMPLE_RATE, subtype="PCM_16")
    scene = build_scene(sound, FPS)
    strip = baked_strip(scene, scene.emotalk.strip)
    onto = find_bake_targets(find_targets(bpy.context.selected_objects), strip)
    bake(curves, strip, onto, BakeOptions(tolerance=0))
    render_quickly(scene)
    return scene


def render_film(scene: bpy.types.Scene, path: Path) -> None:
    """Render the whole clip as an MP4 with sound."""
    scene.render.resolution_x = scene.render.resolution_y = FILM_SIZE
    choose_film(scene, path)
    bpy.ops.render.render(animation=True, scene=scene.name)


def render_sheets(scene: bpy.types.Scene, phones: Sequence[Phone] | None, every: int, stem: Path) -> list[Path]:
    """Render a sheet of successive mouths and one of whole faces, labelled with time and phone; returns their paths."""
    portrait = scene.camera
    face = next(part for part in bpy.context.selected_objects if len(part.data.shape_keys.key_blocks) > 50)
    paths = []
    for name, camera, size, step, columns in (
        ("mouths", add_mouth_camera(scene, face), MOUTH_SIZE, every, 15),
        ("faces", portrait, (FACE_SIZE, FACE_SIZE), FACES_EVERY, 8),
    ):
        scene.camera = camera
        scene.render.resolution_x, scene.render.resolution_y = size
        frames = range(0, scene.frame_end, step)
        stills = [labelled_still(scene, frame + 1, caption(frame / FPS, phones)) for frame in frames]
        paths.append(stem.with_name(f"{stem.name}_{name}.png"))
        save_sheet(stills, min(columns, len(stills)), paths[-1])
    scene.camera = portrait
    return paths


def caption(time: float, phones: Sequence[Phone] | None) -> str:
    """Seconds, and the phone that is spoken then."""
    spoken = next((phone.name for phone in phones or () if phone.start <= time < phone.end), "")
    return f"{time:.2f} {spoken}".rstrip()


def made_into(animation: AnimationSettings) -> str:
    """The animation settings that differ from their defaults, as a part of a file name; empty where none does."""
    usual = AnimationSettings()
    asked = {**vars(animation), **vars(animation.strengths)}
    plain = {**vars(usual), **vars(usual.strengths)}
    del asked["strengths"], plain["strengths"]
    return "".join(f"_{name}{value:g}" for name, value in asked.items() if value != plain[name])


def watch(arguments: argparse.Namespace) -> list[Path]:
    """Render what is asked for; returns the files. Raises EmoTalkError."""
    sound: Path = arguments.sound.resolve()
    clip = read_clip(sound, arguments.start, arguments.seconds)
    performance = Performance(arguments.emotion, arguments.intensity, arguments.person)
    animation = animation_settings(arguments)
    if arguments.rules:
        curves = rules_curves(clip, performance, animation)
    else:
        model = arguments.model.resolve() if arguments.model else None
        work = Work(Samples(clip.samples), performance, animation, network=NetworkChoice(model, "cpu"))
        curves = KeptNetwork().generate(work)
    made_by = "rules" if arguments.rules else arguments.model.stem if arguments.model else "default"
    said = f"{arguments.emotion}_{arguments.intensity:g}_{arguments.person}"
    stem = OUT / f"{sound.stem}_{made_by}_{said}{made_into(animation)}"
    np.save(stem.with_name(f"{stem.name}.npy"), curves.values)
    with tempfile.TemporaryDirectory() as folder:
        scene = stage(clip, curves, Path(folder))
        paths = render_sheets(scene, clip.phones, arguments.every, stem)
        if not arguments.no_film:
            paths.append(stem.with_name(f"{stem.name}.mp4"))
            render_film(scene, paths[-1])
    return paths


def main() -> int:
    """Run the command line. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sound", type=Path)
    parser.add_argument("--emotion", choices=(FROM_VOICE, *EMOTIONS), default=FROM_VOICE)
    for name in ("intensity", "person"):
        setting = settings_of(Performance)[name]
        add_setting(parser, name, setting, setting.default)
    parser.add_argument("--model", type=Path, help="a checkpoint (default: the weights that come along)")
    parser.add_argument("--rules", action="store_true", help="watch the rules instead of the network")
    add_animation_settings(parser)
    parser.add_argument("--start", type=float, default=0.0, help="seconds to leave out at the beginning")
    parser.add_argument("--seconds", type=float, help="how much to watch (default: all)")
    parser.add_argument("--every", type=int, default=2, help="frames between two mouths of the sheet (default: 2)")
    parser.add_argument("--no-film", action="store_true", help="sheets only")
    arguments = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    with quiet_blender(OUT / "watch.log") as terminal:
        emotalk_blender.register()
        try:
            paths = watch(arguments)
        except EmoTalkError as error:
            terminal.write(f"{error}\n")
            return 1
        finally:
            emotalk_blender.unregister()
        terminal.write("".join(f"{path}\n" for path in paths))
    return 0


if __name__ == "__main__":
    sys.exit(main())
