# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist does to Blender's own window while Generate runs, and what must be true afterwards.

Undo, another workspace, deleting it, playing, rendering, a second Generate, a second window closed, another file,
disabling the add-on, Reload Scripts, and in the end quitting. Prints a line for each and ends with exit code 0 only if
all of it was true and Blender itself quit without a crash.

Run it in a Blender that has EmoTalk installed, on an X screen of its own, with xdotool and ImageMagick; arguments after
--: the folder for the screenshots.

    xvfb-run -s "-screen 0 1600x900x24" \\
        blender --gpu-backend opengl --python tests/real_blender/window_faults.py -- out
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.real_blender.in_window import FAILED, NAME, OUT, SAMPLE, addon, check, picture, user
from tools.window import add_face_and_sound, area_of, mouse_over, show_panel, take_steps, window

PAUSE = 0.3
"""Seconds between two steps."""


def in_view() -> Any:
    """The 3D View of the window as the context, or any editor where there is none."""
    areas = window().screen.areas
    return mouse_over(next((area for area in areas if area.type == "VIEW_3D"), areas[0]))


class Hold:
    """Keeps the worker thread in the middle of its work until it is let go."""

    def __init__(self) -> None:
        kept = addon("inference.kept_network").KeptNetwork
        generate, self.let_go, self.reached = kept.generate, threading.Event(), threading.Event()

        def waiting(network: object, work: object, report: Any) -> object:
            def report_and_wait(stage: str, part: float) -> None:
                report(stage, part)
                if stage == "Listening" and part > 0.3:
                    self.reached.set()
                    while not self.let_go.wait(0.05):
                        report(stage, part)

            return generate(network, work, report_and_wait)

        kept.generate = waiting

        def restore() -> None:
            kept.generate = generate

        self.restore = restore


def begin() -> Generator[None, None, Hold]:
    """Generate, up to the middle of hearing the sound, which is forgotten before."""
    addon("inference.kept_network").shared_network().forget()
    hold = Hold()
    with in_view():
        bpy.ops.emotalk.generate()
    end = time.monotonic() + 120
    while not hold.reached.is_set() and addon("blender.generate.jobs").state.job is not None and time.monotonic() < end:
        yield
    check(f"it is listening ({addon('blender.generate.jobs').state.message or 'no message'})", hold.reached.is_set())
    yield
    return hold


def finish(hold: Hold) -> Iterator[None]:
    """Let it go, until nothing is generated any more."""
    hold.let_go.set()
    end = time.monotonic() + 120
    while addon("blender.generate.jobs").state.job is not None and time.monotonic() < end:
        yield
    hold.restore()
    yield


def is_baked() -> bool:
    """Whether the head has keys."""
    animation = bpy.data.objects["EmoTalk Face"].data.shape_keys.animation_data
    return animation is not None and animation.action is not None


def forget_keys() -> None:
    """The face without animation."""
    for block in bpy.data.shape_keys:
        block.animation_data_clear()
    for action in list(bpy.data.actions):
        bpy.data.actions.remove(action)


def stage() -> Iterator[None]:
    """The EmoTalk face and a sound strip, saved, with the panel open."""
    add_face_and_sound(SAMPLE)
    scene = window().scene
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.camera.location, scene.camera.rotation_euler = (0, -3, 0.2), (1.57, 0, 0)
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.resolution_percentage = 50
    with in_view():
        bpy.ops.ed.undo_push(message="Ready")
    yield
    show_panel(area_of("VIEW_3D"))
    bpy.ops.wm.save_as_mainfile(filepath=str(OUT / "faults.blend"))
    yield


def steps() -> Iterator[None]:
    """The session."""
    jobs = addon("blender.generate.jobs")
    yield from stage()

    hold = yield from begin()
    bpy.data.objects["EmoTalk Face"].location.x = 1
    with in_view():
        bpy.ops.ed.undo_push(message="Move")
    yield from user("mousemove", 500, 400, "sleep", 0.2, "key", "ctrl+z")
    check("undo while it runs", bpy.data.objects["EmoTalk Face"].location.x == 0 and jobs.state.job is not None)
    picture("1_undone_while_it_runs")
    yield from finish(hold)
    check(f"after an undo: {jobs.state.message}", not jobs.state.failed and is_baked())
    forget_keys()

    hold = yield from begin()
    with in_view():
        try:
            bpy.ops.emotalk.generate()
            said = ""
        except RuntimeError as error:
            said = str(error).strip()
    check(f"a second Generate: {said}", "is generating" in said)
    with in_view():
        bpy.ops.screen.animation_play()
    yield
    workspace = window().workspace
    window().workspace = next(other for other in bpy.data.workspaces if other != workspace)
    yield
    with bpy.context.temp_override(window=window(), workspace=workspace):
        bpy.ops.workspace.delete()
    yield
    window().workspace = (
        next(other for other in bpy.data.workspaces if other.name == "Layout")
        if "Layout" in bpy.data.workspaces
        else window().workspace
    )
    yield from finish(hold)
    check(
        f"after its workspace was deleted, while it played: {jobs.state.message}", not jobs.state.failed and is_baked()
    )
    if window().screen.is_animation_playing:
        with bpy.context.temp_override(window=window()):
            bpy.ops.screen.animation_cancel(restore_frame=True)
    forget_keys()

    hold = yield from begin()
    with bpy.context.temp_override(window=window()):
        window().scene.frame_start, window().scene.frame_end = 1, 4
        window().scene.render.filepath = str(OUT / "frames/")
        bpy.ops.render.render("INVOKE_DEFAULT", animation=True)
    yield
    check("a render goes on beside it", bpy.app.is_job_running("RENDER"))
    hold.let_go.set()
    baked_meanwhile = False
    while bpy.app.is_job_running("RENDER"):
        baked_meanwhile = is_baked()
        yield
    picture("2_rendered_while_it_runs")
    yield from finish(hold)
    check("nothing was baked while it rendered", not baked_meanwhile)
    check(f"after a render: {jobs.state.message}", not jobs.state.failed and is_baked())
    forget_keys()
    for more in list(bpy.context.window_manager.windows)[1:]:
        with bpy.context.temp_override(window=more):
            bpy.ops.wm.window_close()
    yield

    hold = yield from begin()
    with bpy.context.temp_override(window=window()):
        bpy.ops.wm.window_new_main()
    yield
    several = len(bpy.context.window_manager.windows)
    with bpy.context.temp_override(window=window()):
        bpy.ops.wm.window_close()
    yield
    left = len(bpy.context.window_manager.windows)
    check(f"of {several} windows {left} are left", left < several)
    yield from finish(hold)
    check(f"after the window was closed: {jobs.state.message}", not jobs.state.failed and is_baked())
    forget_keys()

    hold = yield from begin()
    hold.restore()
    thread = jobs.state.job.thread
    bpy.ops.preferences.addon_disable(module=NAME)
    check("disabling the add-on ends the thread", not thread.is_alive() and not hasattr(bpy.types.Scene, "emotalk"))
    yield
    bpy.ops.preferences.addon_enable(module=NAME)
    yield
    jobs = addon("blender.generate.jobs")
    check("nothing was baked, and nothing runs", not is_baked() and jobs.state.job is None)

    hold = yield from begin()
    hold.restore()
    thread = jobs.state.job.thread
    bpy.ops.script.reload()  # Blender does it a moment later.
    end = time.monotonic() + 20
    while thread.is_alive() and time.monotonic() < end:
        yield
    yield
    jobs = addon("blender.generate.jobs")
    check("Reload Scripts ends the thread", not thread.is_alive())
    check("nothing was baked by then, and nothing runs", not is_baked() and jobs.state.job is None)
    hold = yield from begin()
    yield from finish(hold)
    check(f"after Reload Scripts: {jobs.state.message}", not jobs.state.failed and is_baked())
    picture("3_after_reload_scripts")

    hold = yield from begin()
    bpy.ops.wm.open_mainfile(filepath=str(OUT / "faults.blend"))
    yield
    jobs = addon("blender.generate.jobs")
    hold.restore()
    check(
        f"after another file: {jobs.state.message}", "another file was opened" in jobs.state.message and not is_baked()
    )
    picture("4_another_file")

    hold = yield from begin()
    sys.stdout.write("now it quits while it generates\n")
    sys.stdout.flush()
    bpy.ops.wm.quit_blender()


OUT.mkdir(parents=True, exist_ok=True)
take_steps(steps(), PAUSE, FAILED)
