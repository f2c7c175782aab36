# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: from nothing to a film of the EmoTalk face speaking, by the same operators that an artist presses.

Started by build.py in a Python with bpy: python -m tools.pictures.demo AUDIO EMOTION.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import bpy

import emotalk_blender
from tools.environment import ROOT
from tools.pictures.contact_sheet import render_still, save_sheet
from tools.pictures.quiet import quiet_blender
from tools.pictures.stage import set_stage

OUT = ROOT / "out"
SIZE = 640
SHEET_STILLS = 12
SHEET_COLUMNS = 4

Progress = Callable[[str], None]


def make_demo(audio: Path, emotion: str, progress: Progress) -> list[Path]:
    """Let the face say the sound; write the scene, a film and a contact sheet to out/ and return their paths.

    emotion: as the operator takes it, "voice" or "happy" and so on. Raises RuntimeError with a sentence for the artist
    where the sound or the emotion can't be used.
    """
    blend, film, sheet = (OUT / f"emotalk_demo{ending}" for ending in (".blend", ".mp4", ".png"))
    progress("Building the scene")
    scene = build_scene(audio)
    progress(f"Generating from {audio.name}")
    scene.emotalk.emotion = emotion
    bpy.ops.emotalk.generate()
    choose_film(scene, film)
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), compress=True)
    render_film(scene, progress)
    progress("Rendering the contact sheet")
    scene.render.resolution_percentage = 50
    save_sheet([render_still(scene, frame) for frame in sheet_frames(scene)], SHEET_COLUMNS, sheet)
    return [blend, film, sheet]


def build_scene(audio: Path, fps: int = 24) -> bpy.types.Scene:
    """A scene: the EmoTalk face, selected, in a studio, and the sound on a strip, picked in the panel."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps = fps
    bpy.ops.emotalk.add_face()
    set_stage(scene, bpy.context.selected_objects, SIZE)
    strip = scene.sequence_editor_create().strips.new_sound("Speech", str(audio), channel=1, frame_start=1)
    strip.sound.pack()
    scene.emotalk.strip = strip.name
    scene.frame_end = int(strip.frame_final_end)
    return scene


def choose_film(scene: bpy.types.Scene, path: Path) -> None:
    """Set the scene up to render into an MP4 with sound."""
    scene.render.filepath = str(path)
    scene.render.image_settings.file_format = "FFMPEG"
    film = scene.render.ffmpeg
    film.format = "MPEG4"
    film.codec = "H264"
    film.constant_rate_factor = "HIGH"
    film.audio_codec = "AAC"


def render_film(scene: bpy.types.Scene, progress: Progress) -> None:
    """Render the scene's frames into its film; reports about every tenth part."""
    every = max(1, scene.frame_end // 10)

    def report(rendered: bpy.types.Scene, _depsgraph: object = None) -> None:
        if rendered.frame_current % every == 0:
            progress(f"Rendering the film: frame {rendered.frame_current} of {rendered.frame_end}")

    progress(f"Rendering the film: {scene.frame_end} frames")
    bpy.app.handlers.render_write.append(report)
    try:
        bpy.ops.render.render(animation=True, scene=scene.name)
    finally:
        bpy.app.handlers.render_write.remove(report)


def sheet_frames(scene: bpy.types.Scene) -> list[int]:
    """The middle frame of each of the equal parts that the clip is divided into."""
    length = scene.frame_end - scene.frame_start + 1
    return [scene.frame_start + int((part + 0.5) * length / SHEET_STILLS) for part in range(SHEET_STILLS)]


def main(audio: Path, emotion: str) -> int:
    """Make the demo and say where it is. Returns the exit code."""
    OUT.mkdir(exist_ok=True)
    started = time.monotonic()
    with quiet_blender(OUT / "emotalk_demo.log") as terminal:

        def progress(text: str) -> None:
            terminal.write(f"{time.monotonic() - started:4.0f} s  {text}\n")
            terminal.flush()

        emotalk_blender.register()
        try:
            paths = make_demo(audio, emotion, progress)
        except RuntimeError as error:
            terminal.write(f"{str(error).removeprefix('Error: ').strip()}\n")
            return 1
        finally:
            emotalk_blender.unregister()
        terminal.write("Done:\n" + "".join(f"    {path}\n" for path in paths))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
