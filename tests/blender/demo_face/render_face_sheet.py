# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders the demo face with each of its shape keys into one labelled picture, for people to look at.

python tests/blender/demo_face/render_face_sheet.py OUT.png [--what keys|half|combinations|views]
    [--turn DEGREES] [--engine ...]
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from emotalk_blender.blender.demo_face.build import build_face
from emotalk_blender.curves import ARKIT_NAMES

Pose = dict[str, float]


def both(name: str, value: float) -> Pose:
    return {f"{name}Left": value, f"{name}Right": value}


COMBINATIONS: dict[str, Pose] = {
    "rest": {},
    "ah": {"jawOpen": 0.6, **both("mouthLowerDown", 0.2)},
    "ee": {"jawOpen": 0.2, **both("mouthSmile", 0.4), **both("mouthStretch", 0.5), **both("mouthLowerDown", 0.4)},
    "oh": {"jawOpen": 0.6, "mouthFunnel": 0.6},
    "oo": {"jawOpen": 0.25, "mouthPucker": 0.8, "mouthFunnel": 0.2},
    "f v": {"jawOpen": 0.15, "mouthRollLower": 0.7, **both("mouthUpperUp", 0.35)},
    "m b p": {"jawOpen": 0.12, "mouthClose": 0.12, **both("mouthPress", 0.5)},
    "m, rolled": {"mouthRollLower": 0.4, "mouthRollUpper": 0.4, **both("mouthPress", 0.4)},
    "l th": {"jawOpen": 0.3, "tongueOut": 0.4, **both("mouthLowerDown", 0.2)},
    "sh": {"jawOpen": 0.12, "mouthFunnel": 0.7, **both("mouthLowerDown", 0.2), **both("mouthUpperUp", 0.2)},
    "eh": {"jawOpen": 0.4, **both("mouthLowerDown", 0.5), **both("mouthUpperUp", 0.4)},
    "smile, open": {"jawOpen": 0.3, **both("mouthSmile", 0.7)},
    "closed, jaw down": {"jawOpen": 1.0, "mouthClose": 1.0},
    "half closed": {"jawOpen": 0.5, "mouthClose": 0.5},
    "shout": {"jawOpen": 1.0, **both("mouthStretch", 0.6), **both("mouthUpperUp", 0.5), **both("browDown", 0.8)},
    "tongue out": {"jawOpen": 0.6, "tongueOut": 1.0},
    "happy": {**both("mouthSmile", 0.9), **both("cheekSquint", 0.7), **both("eyeSquint", 0.3), "browInnerUp": 0.2},
    "laugh": {"jawOpen": 0.55, **both("mouthSmile", 1.0), **both("cheekSquint", 0.9), **both("mouthUpperUp", 0.4)},
    "sad": {"browInnerUp": 1.0, **both("mouthFrown", 0.8), **both("eyeLookDown", 0.3), "mouthShrugLower": 0.3},
    "angry": {**both("browDown", 1.0), **both("noseSneer", 0.6), **both("mouthFrown", 0.4), **both("eyeSquint", 0.5)},
    "fear": {"browInnerUp": 0.9, **both("eyeWide", 0.9), **both("mouthStretch", 0.8), "jawOpen": 0.2},
    "disgust": {
        **both("noseSneer", 1.0),
        **both("browDown", 0.5),
        **both("mouthUpperUp", 0.5),
        **both("eyeSquint", 0.5),
    },
    "surprise": {"jawOpen": 0.5, "browInnerUp": 0.9, **both("browOuterUp", 0.9), **both("eyeWide", 0.8)},
    "wink": {"eyeBlinkLeft": 1.0, "mouthSmileLeft": 0.8, "cheekSquintLeft": 0.6},
    "half blink": both("eyeBlink", 0.5),
    "blink": both("eyeBlink", 1.0),
    "blink, looking down": {**both("eyeBlink", 1.0), **both("eyeLookDown", 1.0)},
    "blink, squint": {**both("eyeBlink", 1.0), **both("eyeSquint", 1.0)},
    "looking left and up": {"eyeLookOutLeft": 1, "eyeLookInRight": 1, **both("eyeLookUp", 1.0)},
    "looking right and down": {"eyeLookInLeft": 1, "eyeLookOutRight": 1, **both("eyeLookDown", 1.0)},
}


def poses(what: str) -> list[tuple[str, Pose, float]]:
    """Label, key values and turn of the head of every picture in a sheet."""
    if what == "combinations":
        return [(label, pose, 0.0) for label, pose in COMBINATIONS.items()]
    if what == "views":
        turns = (0, 35, 90, -35, 150)
        shown = ("rest", "ah", "happy", "m b p")
        return [(f"{label} {turn}", COMBINATIONS[label], turn) for label in shown for turn in turns]
    value = 0.5 if what == "half" else 1.0
    extra = [("jawOpen + mouthClose", {"jawOpen": value, "mouthClose": value}, 0.0)]
    return [(name, {name: value}, 0.0) for name in ARKIT_NAMES] + extra


def set_pose(objects: list[bpy.types.Object], pose: Pose) -> None:
    for part in objects:
        if part.data.shape_keys:
            for key in part.data.shape_keys.key_blocks[1:]:
                key.value = pose.get(key.name, 0.0)


def add_light(name: str, location: tuple[float, float, float], watts: float, size: float) -> None:
    light = bpy.data.lights.new(name, "AREA")
    light.energy, light.size = watts, size
    lamp = bpy.data.objects.new(name, light)
    lamp.location = location
    lamp.rotation_euler = (Vector((0.0, 0.0, -0.2)) - lamp.location).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(lamp)


def make_scene(engine: str, size: tuple[int, int], zoom: float) -> tuple[bpy.types.Object, bpy.types.Object]:
    """The camera, and the label that hangs in front of it."""
    scene = bpy.context.scene
    scene.render.engine = engine
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.image_settings.file_format = "PNG"
    scene.view_settings.view_transform = "Standard"
    scene.display.render_aa = "8"
    scene.display.shading.color_type = "MATERIAL"
    scene.display.shading.studio_light = "paint.sl"
    scene.display.shading.show_cavity = True
    scene.display.shading.cavity_type = "WORLD"
    scene.eevee.taa_render_samples = 8
    if engine == "CYCLES":
        scene.cycles.samples = 24
        scene.cycles.use_denoising = False
    scene.world = bpy.data.worlds.new("Sheet")
    scene.world.color = (0.33, 0.37, 0.42)
    scene.world.use_nodes = True
    background = scene.world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (0.33, 0.37, 0.42, 1.0)
    add_light("Key", (-3.0, -4.5, 3.5), 210.0, 3.0)
    add_light("Fill", (4.0, -4.0, 0.5), 60.0, 4.0)
    add_light("Rim", (2.0, 4.0, 3.0), 200.0, 2.0)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.lens = 80.0 * zoom
    scene.collection.objects.link(camera)
    scene.camera = camera
    text = bpy.data.curves.new("Label", "FONT")
    text.align_x = "CENTER"
    label = bpy.data.objects.new("Label", text)
    material = bpy.data.materials.new("Label")
    material.diffuse_color = (0.0, 0.0, 0.0, 1.0)
    text.materials.append(material)
    label.parent = camera
    label.location = (0.0, -0.198 / zoom, -1.0)
    label.scale = (0.028 / zoom,) * 3
    scene.collection.objects.link(label)
    return camera, label


def aim(camera: bpy.types.Object, turn: float, height: float) -> None:
    angle = math.radians(turn)
    away = Vector((math.sin(angle), -math.cos(angle), 0.03)) * 6.6
    camera.location = Vector((0.0, 0.0, height)) + away
    camera.rotation_euler = (-away).to_track_quat("-Z", "Y").to_euler()


def read_picture(path: Path) -> np.ndarray:
    image = bpy.data.images.load(str(path))
    pixels = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(image.size[1], image.size[0], 4)[::-1]


def write_sheet(pictures: list[np.ndarray], columns: int, path: Path) -> None:
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    sheet = np.ones((rows * height, columns * width, 4), np.float32)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, columns)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = picture
    image = bpy.data.images.new("Sheet", columns * width, rows * height)
    image.pixels.foreach_set(sheet[::-1].ravel())
    image.filepath_raw = str(path)
    image.file_format = "PNG"
    image.save()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--what", choices=("keys", "half", "combinations", "views"), default="keys")
    parser.add_argument("--only", nargs="*", help="only the pictures whose label holds one of these")
    parser.add_argument("--turn", type=float, default=0.0, help="degrees around the head, to the character's left")
    parser.add_argument("--engine", default="BLENDER_WORKBENCH")
    parser.add_argument("--zoom", type=float, default=1.0)
    parser.add_argument("--height", type=float, default=-0.2, help="what the camera looks at")
    parser.add_argument("--size", type=int, nargs=2, default=(250, 290))
    parser.add_argument("--columns", type=int, default=9)
    options = parser.parse_args()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    camera, label = make_scene(options.engine, tuple(options.size), options.zoom)
    objects = build_face(bpy.context)
    pictures = []
    with tempfile.TemporaryDirectory() as folder:
        for name, pose, turn in poses(options.what):
            if options.only and not any(part in name for part in options.only):
                continue
            set_pose(objects, pose)
            aim(camera, turn + options.turn, options.height)
            label.data.body = name
            bpy.context.scene.render.filepath = str(Path(folder) / "picture.png")
            bpy.ops.render.render(write_still=True)
            pictures.append(read_picture(Path(folder) / "picture.png"))
            bpy.data.images.remove(bpy.data.images[-1])
    write_sheet(pictures, min(options.columns, len(pictures)), options.out.resolve())


if __name__ == "__main__":
    main()
