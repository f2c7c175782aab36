# SPDX-License-Identifier: GPL-3.0-or-later
"""An animator's session in Blender's own window, with a real mouse and keyboard, and what must be true after each step.

Generate, drag the intensity with Live on, undo it, key a change of mood, move three keys by hand, generate angrier: the
three edits are still there. Prints a line for each step and ends with exit code 0 only if all of it was true.

Run it in a Blender that has EmoTalk installed, on an X screen of its own, with xdotool and ImageMagick; arguments after
--: the folder for the screenshots.

    xvfb-run -s "-screen 0 1600x900x24" \\
        blender --gpu-backend opengl --python tests/real_blender/window_session.py -- out

The places to click are those of a window of 1600 x 900 pixels at a resolution scale of 1.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.real_blender.in_window import FAILED, OUT, SAMPLE, addon, check, picture, user
from tools.window import (
    add_face_and_sound,
    area_of,
    look_at_face,
    mouse_over,
    region_of,
    show_panel,
    take_steps,
    window,
)

PAUSE = 0.8
"""Seconds between two steps."""

EMOTION, INTENSITY = (1150, 408), (1140, 431)
GENERATE = (1125, 497)
HAPPY, ANGRY, KEY_MOOD = (1140, 471), (1140, 514), (1165, 601)
GENERATE_IN_MIX = (1125, 666)
SLIDER_LEFT, SLIDER_RIGHT = 1050, 1240


def click(place: tuple[int, int], button: int = 1) -> Iterator[None]:
    """Click somewhere."""
    yield from user("mousemove", *place, "sleep", 0.5, "click", button)


def set_slider(place: tuple[int, int], value: float) -> Iterator[None]:
    """Type a number into a slider."""
    yield from user("mousemove", *place, "sleep", 0.5, "click", 1, "sleep", 0.05, "click", 1, "sleep", 0.2)
    yield from user("key", "ctrl+a", "sleep", 0.1)
    yield from user("type", value)
    yield from user("key", "Return")


def scroll_emotion(wanted: str, button: int) -> Iterator[None]:
    """Ctrl and the mouse wheel (button 5 down, 4 up) over the list of emotions, until it shows the wanted one."""
    yield from user("mousemove", EMOTION[0] + 5, EMOTION[1], "sleep", 0.3, "mousemove", *EMOTION, "sleep", 0.3)
    for _ in range(10):
        if window().scene.emotalk.emotion == wanted:
            break
        yield from user("keydown", "ctrl", "click", button, "keyup", "ctrl")


def jaw_curve() -> bpy.types.FCurve:
    """The f-curve that opens the jaw of the head."""
    keys = bpy.data.objects["EmoTalk Face"].data.shape_keys
    bag = keys.animation_data.action.layers[0].strips[0].channelbag(keys.animation_data.action_slot)
    return bag.fcurves.find('key_blocks["jawOpen"].value')


def shown() -> list[float]:
    """The jaw on every frame."""
    return [jaw_curve().evaluate(frame) for frame in range(1, 189)]


def edited() -> dict[int, float]:
    """By how much the jaw is further open than performed, at the frames where an edit is."""
    face = bpy.data.objects["EmoTalk Face"]
    animation = face.data.shape_keys.animation_data
    place = addon("blender.bake.actions").AnimatedSlot(animation.action, animation.action_slot)
    record = addon("blender.bake.bake_records").find_record(place, "spoken_sample")
    performed = record.tracks['key_blocks["jawOpen"].value', 0].performed
    evaluate = addon("animation.keys").evaluate
    frames = list(range(1, 189))
    offsets = {f: round(float(s - p), 3) for f, s, p in zip(frames, shown(), evaluate(performed, frames), strict=True)}
    return {frame: offset for frame, offset in offsets.items() if abs(offset) > 0.05}


def idle() -> Iterator[None]:
    """Until nothing is generated any more."""
    yield
    while addon("blender.generate.jobs").state.job is not None:
        yield
    yield


def stage() -> Iterator[None]:
    """The EmoTalk face, a sound strip, a Graph Editor on the left and the 3D View with the panel on the right."""
    add_face_and_sound(SAMPLE)
    window().scene.emotalk.emotion = "happy"
    window().scene.frame_end = 190
    with mouse_over(area_of("VIEW_3D")):
        bpy.ops.screen.area_split(direction="VERTICAL", factor=0.45)
    yield
    graph, view = sorted((area for area in window().screen.areas if area.type == "VIEW_3D"), key=lambda area: area.x)
    graph.type = "GRAPH_EDITOR"
    yield
    graph.spaces.active.show_region_ui = False
    view.spaces.active.show_region_toolbar = False
    show_panel(view)
    look_at_face(view)
    yield


def steps() -> Iterator[None]:
    """The session."""
    yield from stage()
    settings = window().scene.emotalk
    scene = window().scene

    yield from click(GENERATE)
    yield from idle()
    check("Generate keyed the jaw", len(jaw_curve().keyframe_points) > 20)
    picture("1_generated")

    followed = watch_live()
    before = shown()
    drag = ("mousemove", SLIDER_RIGHT - 30, INTENSITY[1], "sleep", 0.2, "mousedown", 1)
    yield from user(*drag)
    for x in range(SLIDER_RIGHT - 30, SLIDER_LEFT, -8):
        yield from user("mousemove", x, INTENSITY[1])
    yield from user("mouseup", 1)
    check(f"the intensity was dragged to {settings.intensity:.2f}", settings.intensity < 0.6)
    check(f"Live followed {len(followed)} times", len(followed) > 3 and shown() != before)
    picture("2_dragged")
    dragged = shown()
    yield from user("mousemove", 800, 500, "sleep", 0.2, "key", "ctrl+z")
    settings, scene = again()
    check("one undo took the drag and its keys back", abs(settings.intensity - 1) < 1e-5 and shown() == before)
    yield from user("key", "ctrl+shift+z")
    settings, scene = again()
    check("redo brought them again", shown() == dragged)
    yield from user("key", "ctrl+z")
    settings, scene = again()

    yield from scroll_emotion("mix", 5)
    check("the emotion is Mix", settings.emotion == "mix")
    scene.frame_set(60)
    yield from set_slider(HAPPY, 1.0)
    yield from click(KEY_MOOD)
    scene.frame_set(84)
    yield from set_slider(HAPPY, 0.0)
    yield from set_slider(ANGRY, 1.0)
    yield from click(KEY_MOOD)
    keyed = [curve.data_path for bag in scene_bags() for curve in bag.fcurves]
    check("the mood was keyed twice", "emotalk.weight_angry" in keyed and len(keyed) == 8)
    yield from click(GENERATE_IN_MIX)
    yield from idle()
    check("the change of mood shows in the brows", brow(40) < 0.25 < brow(120))
    scene.frame_set(130)
    yield
    picture("3_mood_keyed")

    yield from show_jaw()
    frames = keys_to_move()
    for frame, pixels in zip(frames, (170, -120, 150), strict=True):
        yield from move_key(frame, pixels)
    picture("4_keys_moved")
    by_hand = edited()
    check(f"three keys were moved by hand: {by_hand}", all(frame in by_hand for frame in frames))

    yield from scroll_emotion("angry", 4)
    check("the emotion is Angry", settings.emotion == "angry")
    yield from click(GENERATE)
    yield from idle()
    kept = edited()
    picture("5_angrier_with_edits")
    check(f"the three edits are still there: {kept}", all(abs(kept[f] - by_hand[f]) < 0.03 for f in frames))
    types = {round(point.co.x): point.type for point in jaw_curve().keyframe_points}
    check("and marked as the artist's", all(types[frame] == "KEYFRAME" for frame in frames))
    bpy.ops.wm.save_as_mainfile(filepath=str(OUT / "session.blend"))
    os._exit(0)


def again() -> tuple[bpy.types.PropertyGroup, bpy.types.Scene]:
    """Settings and scene, which an undo replaces."""
    scene = window().scene
    return scene.emotalk, scene


def watch_live() -> list[float]:
    """From now on, the intensity at each change that Live follows."""
    live, followed = addon("blender.generate.live"), []
    follow: Callable[[bpy.types.Context], None] = live.settings_changed

    def noted(context: bpy.types.Context) -> None:
        follow(context)
        followed.append(context.scene.emotalk.intensity)

    live.settings_changed = noted
    return followed


def scene_bags() -> list[bpy.types.ActionChannelbag]:
    """Where the f-curves of the settings are."""
    return list(window().scene.animation_data.action.layers[0].strips[0].channelbags)


def brow(frame: int) -> float:
    """How far the brows are drawn down."""
    keys = bpy.data.objects["EmoTalk Face"].data.shape_keys
    bag = keys.animation_data.action.layers[0].strips[0].channelbag(keys.animation_data.action_slot)
    return bag.fcurves.find('key_blocks["browDownLeft"].value').evaluate(frame)


def show_jaw() -> Iterator[None]:
    """Only the f-curve of the jaw in the Graph Editor, as large as fits."""
    jaw = jaw_curve()
    action = bpy.data.objects["EmoTalk Face"].data.shape_keys.animation_data.action
    bags = [*action.layers[0].strips[0].channelbags, *scene_bags()]
    for curve in (curve for bag in bags for curve in bag.fcurves):
        curve.hide = curve != jaw
        curve.select = curve == jaw
    area = area_of("GRAPH_EDITOR")
    with mouse_over(area):
        bpy.ops.graph.select_all(action="DESELECT")
        bpy.ops.graph.view_all()
    yield


def keys_to_move() -> list[int]:
    """Three frames with a key, away from each other and from the ends of the range."""
    points = [point.co for point in jaw_curve().keyframe_points]
    middle = [round(x) for x, y in points if 0.1 < y < 0.4]
    return [min(middle, key=lambda frame: abs(frame - wanted)) for wanted in (30, 80, 140)]


def move_key(frame: int, pixels: int) -> Iterator[None]:
    """Click a key in the Graph Editor, press G, move it up by so many pixels, and click."""
    area = area_of("GRAPH_EDITOR")
    plot = region_of(area)
    point = next(point for point in jaw_curve().keyframe_points if round(point.co.x) == frame)
    x, y = plot.view2d.view_to_region(point.co.x, point.co.y, clip=False)
    height = window().height
    place = (plot.x + x, height - (plot.y + y))
    yield from user("mousemove", *place, "sleep", 0.2, "click", 1, "sleep", 0.3)
    yield from user("key", "g", "sleep", 0.2, "mousemove", place[0], place[1] - pixels // 2, "sleep", 0.1)
    yield from user("key", "y", "sleep", 0.1, "mousemove", place[0], place[1] - pixels, "sleep", 0.2, "click", 1)


OUT.mkdir(parents=True, exist_ok=True)
bpy.context.preferences.inputs.use_mouse_continuous = False  # xdotool moves the mouse to places, not by steps
take_steps(steps(), PAUSE, FAILED)
